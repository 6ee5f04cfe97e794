"""Entities: split by shard, merged when they span, put back in order (docs/SHARDING.md, 3.3 and 3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.planning.plan import Batch
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, TransportFailure
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.strategies import DEPOTS, FEW, parcels
from tests.engine.sharding.test_routing import codes
from tests.engine.sharding.world import Context, facts, fetch_of, oracle, split

ENTITIES = "query($representations: [_Any!]!) { _entities(representations: $representations) { %s } }"
BOTH = "... on Parcel { id label } ... on Customer { id totalWeight parcels { id } }"


def parcel(key: str) -> dict[str, Any]:
    return {"__typename": "Parcel", "id": key}


def customer(key: str) -> dict[str, Any]:
    return {"__typename": "Customer", "id": key}


@FEW
@given(parcels(), st.data())
async def test_entities_of_all_kinds_come_back_in_their_order(
    rows: list[Parcel], data: st.DataObject
) -> None:
    known = [parcel(row.id) for row in rows] + [customer("ann"), customer("bo"), parcel("east-none")]
    asked = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=12))
    nodes = split(rows, DEPOTS)
    reply = await nodes.entities(BOTH, asked)
    one = oracle(sorted(rows, key=lambda row: row.id.partition("-")[0]), DEPOTS)
    expected = one.answer(ENTITIES % BOTH, {"representations": asked})["data"]
    assert reply.data == expected
    assert reply.errors == ()
    assert len(nodes.asked) == len(set(nodes.asked))


async def test_each_shard_gets_its_own_representations_in_one_request() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, None, "ann") for depot in DEPOTS for n in range(3)]
    nodes = split(rows, DEPOTS)
    keys = ["north-1", "east-0", "north-0", "east-2", "north-1"]
    reply = await nodes.entities("... on Parcel { id }", [parcel(key) for key in keys])
    assert reply.data == {"_entities": [{"id": key} for key in keys]}
    sent = {request.shard: [r["id"] for r in request.variables["representations"]] for request in nodes.sent}
    assert sent == {"east": ["east-0", "east-2"], "north": ["north-1", "north-0", "north-1"]}


async def test_five_hundred_entities_are_one_request_a_shard() -> None:
    keys = [f"{DEPOTS[n % 4]}-{n}" for n in range(500)]
    nodes = split([Parcel(key, 1, None, None, "ann") for key in keys], DEPOTS)
    reply = await nodes.entities("... on Parcel { id }", [parcel(key) for key in keys])
    assert reply.data == {"_entities": [{"id": key} for key in keys]}
    assert nodes.asked == list(DEPOTS)


async def test_an_entity_of_no_shard_is_null_with_its_own_error() -> None:
    nodes = split([Parcel("east-1", 1, None, None, "ann")], DEPOTS)
    reply = await nodes.entities("... on Parcel { id }", [parcel("mars-1"), parcel("east-1")])
    assert reply.data == {"_entities": [None, {"id": "east-1"}]}
    assert codes(reply.errors) == [("UNKNOWN_SHARD", "mars", ("_entities", 0))]
    assert nodes.asked == ["east"]


async def test_an_entity_without_the_field_that_names_its_shard_is_of_none() -> None:
    nodes = split([], ("None",))
    reply = await nodes.entities("... on Depot { id }", [{"__typename": "Depot"}])
    assert (reply.data, nodes.asked) == ({"_entities": [None]}, [])
    assert codes(reply.errors) == [("UNKNOWN_SHARD", "", ("_entities", 0))]


async def test_a_shard_down_is_one_error_at_its_first_entity() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, None, "ann") for depot in DEPOTS for n in range(2)]
    nodes = split(rows, DEPOTS)
    nodes.faults["north"] = TransportFailure("SHARD_TIMEOUT", "Late.")
    asked = [parcel("east-0"), parcel("north-0"), customer("ann"), parcel("north-1")]
    reply = await nodes.entities("... on Parcel { id } ... on Customer { parcels { id } }", asked)
    assert reply.data is not None
    assert reply.data["_entities"][:2] == [{"id": "east-0"}, None]
    assert len(reply.data["_entities"][2]["parcels"]) == 6
    assert codes(reply.errors) == [("SHARD_TIMEOUT", "north", ("_entities", 1))]
    assert [(each.shard, each.path) for each in reply.missing] == [("north", ("_entities", 1))]


@pytest.mark.parametrize("entities", [None, [], [{"id": "x"}] * 2, ["text"], {}])
async def test_entities_of_another_number_or_kind_are_no_answer(entities: Any) -> None:
    nodes = split([Parcel("east-1", 1, None, None, "ann")], DEPOTS)
    nodes.faults["north"] = Reply({"_entities": entities})
    reply = await nodes.entities("... on Parcel { id }", [parcel("north-1"), parcel("east-1")])
    assert reply.data == {"_entities": [None, {"id": "east-1"}]}
    assert codes(reply.errors) == [("SHARD_INVALID_REPLY", "north", ("_entities", 0))]


async def test_errors_inside_entities_keep_their_entity_and_row() -> None:
    rows = [Parcel(f"{depot}-{n}", n, "x", None, "ann") for depot in DEPOTS for n in range(2)]
    nodes = split(rows, DEPOTS)
    nodes.nodes["south"].broken = {"south-1"}
    asked = [parcel("east-0"), customer("ann"), parcel("south-1")]
    reply = await nodes.entities("... on Parcel { label } ... on Customer { parcels { label } }", asked)
    assert codes(reply.errors) == [
        ("TORN", "south", ("_entities", 1, "parcels", 5, "label")),
        ("TORN", "south", ("_entities", 2, "label")),
    ]


async def test_the_fetches_of_a_batch_share_one_request_a_shard() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, "1.5", "ann") for depot in DEPOTS for n in range(2)]
    nodes = split(rows, DEPOTS)
    text = """
    query($representations_0: [_Any!]!, $representations_1: [_Any!]!) {
      _entities_0: _entities(representations: $representations_0) { ... on Parcel { id } }
      _entities_1: _entities(representations: $representations_1) { ... on Customer { totalWeight } }
    }
    """
    fetches = (
        fetch_of(ENTITIES % "... on Parcel { id }"),
        fetch_of(ENTITIES % "... on Customer { totalWeight }"),
    )
    batch = Batch(0, "parcels", "query", text, fetches)
    given_ = [[parcel("south-1"), parcel("east-0")], [customer("ann"), customer("nobody")]]
    reply = await Dispatcher(nodes, facts(), nodes).fetch(batch, {}, given_, Context())
    assert reply.data == {
        "_entities_0": [{"id": "south-1"}, {"id": "east-0"}],
        "_entities_1": [{"totalWeight": "12.0"}, None],
    }
    assert nodes.asked == list(DEPOTS)


@FEW
@given(parcels(largest=10))
async def test_a_spanning_entity_inside_a_row_is_asked_of_every_shard(rows: list[Parcel]) -> None:
    text = """
    { largestFirst { id sender { name parcelCount parcels { id sender { lightest } } } } }
    """
    nodes = split(sorted(rows, key=lambda row: row.id.partition("-")[0]), DEPOTS, names={"ann": "Ann"})
    one = oracle(sorted(rows, key=lambda row: row.id.partition("-")[0]), DEPOTS, names={"ann": "Ann"})
    reply = await nodes.ask(text)
    assert reply.errors == ()
    left, right = reply.data, one.answer(text, {})["data"]
    assert left == right
    assert len(nodes.asked) == (len(DEPOTS) * 3 if rows else len(DEPOTS))


async def test_a_spanning_entity_below_one_routed_row() -> None:
    rows = [Parcel(f"{depot}-{n}", n, None, "1.5", "ann") for depot in DEPOTS for n in range(2)]
    nodes = split(rows, DEPOTS)
    reply = await nodes.ask('{ parcel(id: "north-1") { id sender { id totalWeight } } }')
    assert reply.data == {"parcel": {"id": "north-1", "sender": {"id": "ann", "totalWeight": "12.0"}}}
    assert nodes.asked == ["north", *DEPOTS]
    nodes.faults["west"] = TransportFailure("SHARD_TIMEOUT", "Late.")
    late = await nodes.ask('{ parcel(id: "north-1") { sender { totalWeight } } }')
    assert late.data == {"parcel": {"sender": {"totalWeight": "9.0"}}}
    assert codes(late.errors) == [("SHARD_TIMEOUT", "west", ("parcel", "sender"))]
    assert [(each.shard, each.path) for each in late.missing] == [("west", ("parcel", "sender"))]


@pytest.mark.parametrize(
    "sender",
    [
        "... on Customer { parcelCount } parcels { id }",
        "parcels { id } ... on Customer { parcelCount }",
        "... on Customer @include(if: $no) { totalWeight } parcelCount parcels { id }",
    ],
)
async def test_all_that_a_row_cannot_say_is_asked_in_whatever_fragments_it_stands(sender: str) -> None:
    rows = [Parcel(f"{depot}-1", 1, None, "1.5", "ann") for depot in DEPOTS]
    nodes = split(rows, DEPOTS)
    reply = await nodes.ask(
        f'query($no: Boolean!) {{ parcel(id: "north-1") {{ sender {{ {sender} }} }} }}', {"no": False}
    )
    assert reply.data is not None
    found = reply.data["parcel"]["sender"]
    assert found["parcels"] == [{"id": row.id} for row in rows]
    assert found["parcelCount"] == len(rows)
    assert nodes.asked == ["north", *DEPOTS]


async def test_a_row_that_is_asked_only_its_own_shards_slice_costs_no_second_request() -> None:
    nodes = split([Parcel("north-1", 1, None, "1.5", "ann")], DEPOTS, names={"ann": "Ann"})
    await nodes.ask('{ parcel(id: "north-1") { sender { id name } } }')
    assert nodes.asked == ["north"]
