"""Answers in parts over shards: each comes when its own shard has answered, whatever the others do."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Delivered, Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.engine.incremental import Unpunctual, delivered, failed, in_parts, merged, unordered
from tests.engine.sharding.parcels import SDL, Parcel
from tests.engine.sharding.strategies import DEPOTS as ALL_DEPOTS
from tests.engine.sharding.strategies import parcels
from tests.engine.sharding.test_differential import operations
from tests.engine.sharding.world import Nodes, facts, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", "1.5", "ann") for depot in DEPOTS for n in range(2)]
BILLING = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
type Query { bill: Bill! }
type Bill { parcels: [Parcel!]! }
type Parcel @key(fields: "id") { id: ID! label: String @external insured: String @requires(fields: "label") }
"""
SUPERGRAPH = read_supergraph(compose([Subgraph("parcels", "", SDL), Subgraph("billing", "", BILLING)]).sdl())
SILENT = TransportFailure("SHARD_TIMEOUT", "It did not answer in time.")


class World(Nodes):
    """The parcels' nodes, each of which answers once it is opened, and billing beside them."""

    def __init__(self, *opened: str) -> None:
        super().__init__(split(ROWS, DEPOTS).nodes)
        self.gates = {name: asyncio.Event() for name in DEPOTS}
        for name in opened:
            self.gates[name].set()

    async def send(self, request: ShardRequest) -> Reply:
        if request.subgraph == "parcels":
            await self.gates[request.shard].wait()
            return await super().send(request)
        self.sent.append(request)
        if "_entities" in request.query:
            asked = request.variables["representations"]
            return Reply({"_entities": [{"insured": f"insured {one['label']}"} for one in asked]})
        return Reply({"bill": {"parcels": [{"__typename": "Parcel", "id": row.id} for row in ROWS]}})

    async def begin(self, query: str) -> tuple[dict[str, Any], Delivered]:
        engine = Engine(SUPERGRAPH, Dispatcher(self, read_facts(SUPERGRAPH), self))
        answer = await engine.stream(Request(query), RequestContext())
        assert isinstance(answer, Delivered), answer
        return answer.first.formatted(), answer

    async def open(self, shard: str, answer: Delivered) -> dict[str, Any]:
        """What is delivered when the shard answers."""
        self.gates[shard].set()
        return (await anext(answer.rest)).formatted()


def paths(first: dict[str, Any], payload: dict[str, Any]) -> list[Any]:
    """The places that a payload completes."""
    known = {one["id"]: one["path"] for one in first["pending"]}
    return [known[one["id"]] for one in payload["completed"]]


async def test_each_entity_comes_when_its_own_shard_has_answered() -> None:
    world = World()
    first, answer = await world.begin("{ bill { parcels { id ... @defer { label } } } }")
    assert first["data"] == {"bill": {"parcels": [{"id": row.id} for row in ROWS]}}
    south = await world.open("south", answer)
    assert [one["data"] for one in south["incremental"]] == [{"label": "south0"}, {"label": "south1"}]
    assert paths(first, south) == [["bill", "parcels", 4], ["bill", "parcels", 5]]
    assert "extensions" not in south
    east = await world.open("east", answer)
    assert paths(first, east) == [["bill", "parcels", 0], ["bill", "parcels", 1]]
    north = await world.open("north", answer)
    assert north["extensions"] == {"coverage": {"asked": 3, "answered": 3, "missing": []}}
    assert merged([first, south, east, north]) == {
        "bill": {"parcels": [{"id": row.id, "label": row.label} for row in ROWS]}
    }


async def test_a_silent_shard_costs_its_own_part_and_says_so_there() -> None:
    world = World("east", "south")
    world.faults["north"] = SILENT
    first, answer = await world.begin("{ bill { parcels { id ... @defer { label } } } }")
    others = (await anext(answer.rest)).formatted()
    assert paths(first, others) == [["bill", "parcels", i] for i in (0, 1, 4, 5)]
    assert all("errors" not in one for one in others["incremental"])
    north = await world.open("north", answer)
    assert [one["data"] for one in north["incremental"]] == [{"label": None}, {"label": None}]
    (error,) = north["incremental"][0]["errors"]
    assert (error["path"], error["extensions"]["shard"]) == (["bill", "parcels", 2], "north")
    coverage = north["extensions"]["coverage"]
    assert (coverage["asked"], coverage["answered"]) == (3, 2)
    assert coverage["missing"] == [
        {"shard": "north", "reason": "SHARD_TIMEOUT", "path": ["bill", "parcels", 2]}
    ]


async def test_what_depends_on_a_shard_is_asked_when_that_shard_has_answered() -> None:
    world = World("south")
    first, answer = await world.begin("{ bill { parcels { id ... @defer { insured } } } }")
    south = (await anext(answer.rest)).formatted()
    assert [one["data"] for one in south["incremental"]] == [
        {"insured": "insured south0"},
        {"insured": "insured south1"},
    ]
    world.gates["east"].set()
    east = (await anext(answer.rest)).formatted()
    north = await world.open("north", answer)
    assert [paths(first, one)[0] for one in (east, north)] == [["bill", "parcels", 0], ["bill", "parcels", 2]]
    asked = [one.variables["representations"] for one in world.sent if "insured" in one.query]
    assert [one["id"] for each in asked for one in each] == [
        "south-0",
        "south-1",
        "east-0",
        "east-1",
        "north-0",
        "north-1",
    ]


async def test_a_root_field_of_one_shard_does_not_wait_for_those_of_all() -> None:
    world = World("east")
    first, answer = await world.begin(
        '{ parcel(id: "east-1") { label } ... @defer { statistics { parcels } } }'
    )
    assert first["data"] == {"parcel": {"label": "east1"}}
    world.gates["north"].set()
    last = await world.open("south", answer)
    assert last["incremental"] == [{"id": "0", "data": {"statistics": {"parcels": 6}}}]
    assert last["extensions"]["coverage"]["answered"] == 3


async def test_no_shard_is_asked_twice() -> None:
    world = World(*DEPOTS)
    _, answer = await world.begin("{ bill { parcels { id ... @defer { label ... @defer { size } } } } }")
    assert [one async for one in answer.rest]
    assert sorted(one.shard for one in world.sent if one.subgraph == "parcels") == list(DEPOTS)


async def test_rows_of_a_streamed_list_come_with_their_shard() -> None:
    world = World("south")
    first, answer = await world.begin('{ depots @stream(label: "depots") { id } }')
    assert first == {
        "data": {"depots": []},
        "pending": [{"id": "0", "path": ["depots"], "label": "depots"}],
        "hasNext": True,
    }
    south = (await anext(answer.rest)).formatted()
    assert south == {"incremental": [{"id": "0", "items": [{"id": "south"}]}], "hasNext": True}
    east = await world.open("east", answer)
    assert east["incremental"] == [{"id": "0", "items": [{"id": "east"}]}]
    north = await world.open("north", answer)
    assert north == {
        "incremental": [{"id": "0", "items": [{"id": "north"}]}],
        "completed": [{"id": "0"}],
        "hasNext": False,
        "extensions": {"coverage": {"asked": 3, "answered": 3, "missing": []}},
    }


async def test_the_first_items_come_with_the_list() -> None:
    world = World("north")
    query = '{ customer(id: "ann") { id parcels @stream(initialCount: 3) { id } } }'
    beginning = asyncio.create_task(world.begin(query))
    world.gates["east"].set()
    first, answer = await beginning
    ids = [one["id"] for one in first["data"]["customer"]["parcels"]]
    assert (first["data"]["customer"]["id"], len(ids)) == ("ann", 3)
    payloads = [first, (await anext(answer.rest)).formatted(), await world.open("south", answer)]
    found = merged(payloads)["customer"]["parcels"]
    assert sorted(one["id"] for one in found) == sorted(row.id for row in ROWS)
    assert [one["id"] for one in found[-2:]] == ["south-0", "south-1"]


async def test_what_all_must_be_asked_for_can_be_deferred_beside_the_stream() -> None:
    world = World("east")
    query = '{ customer(id: "ann") { parcels @stream { id label } ... @defer { totalWeight } } }'
    first, answer = await world.begin(query)
    assert first["data"] == {"customer": {"parcels": []}}
    east = (await anext(answer.rest)).formatted()
    (entry,) = east["incremental"]
    assert entry["items"] == [{"id": "east-0", "label": "east0"}, {"id": "east-1", "label": "east1"}]
    payloads = [first, east, await world.open("north", answer), await world.open("south", answer)]
    assert merged(payloads)["customer"]["totalWeight"] == "9.0"


async def test_a_silent_shard_ends_the_list_with_its_error() -> None:
    world = World("east", "south")
    world.faults["north"] = SILENT
    first, answer = await world.begin("{ depots @stream { id } }")
    rows = (await anext(answer.rest)).formatted()
    assert merged([first, rows, {"completed": [{"id": "0"}], "hasNext": False}]) == {
        "depots": [{"id": "east"}, {"id": "south"}]
    }
    last = await world.open("north", answer)
    (completed,) = last["completed"]
    (error,) = completed["errors"]
    assert (error["path"], error["extensions"]["shard"]) == (["depots"], "north")
    assert last["extensions"]["coverage"]["missing"] == [
        {"shard": "north", "reason": "SHARD_TIMEOUT", "path": ["depots"]}
    ]


async def test_a_list_that_ends_early_claims_no_shard_that_has_not_answered() -> None:
    world = World("east")
    world.faults["east"] = Reply({"depots": [None]})
    first, answer = await world.begin("{ depots @stream { id } }")
    (last,) = [one.formatted() async for one in answer.rest]
    assert first["data"] == {"depots": []}
    assert [error["path"] for error in last["completed"][0]["errors"]] == [["depots", 0]]
    assert last["extensions"]["coverage"] == {"asked": 3, "answered": 1, "missing": []}


async def test_an_error_in_a_row_comes_with_the_row() -> None:
    world = World("south")
    world.nodes["east"].broken.add("east-1")
    first, answer = await world.begin('{ customer(id: "ann") { parcels @stream { label } } }')
    south = (await anext(answer.rest)).formatted()
    east = await world.open("east", answer)
    (entry,) = east["incremental"]
    assert entry["items"] == [{"label": "east0"}, {"label": None}]
    (error,) = entry["errors"]
    assert error["path"] == ["customer", "parcels", 3, "label"]
    assert (error["extensions"]["code"], error["extensions"]["shard"]) == ("TORN", "east")
    north = await world.open("north", answer)
    assert "errors" not in north["completed"][0]
    assert len(merged([first, south, east, north])["customer"]["parcels"]) == 6


SOCKET = Nodes({})
RANDOM = Random()  # noqa: S311 # a test's choice
ENGINE = Engine(facts()["parcels"].supergraph, Dispatcher(Unpunctual(SOCKET, RANDOM), facts(), SOCKET))


@settings(max_examples=60)
@given(parcels(), operations(), st.integers(0, 1_000_000), st.sets(st.sampled_from(ALL_DEPOTS), max_size=1))
async def test_the_parts_together_are_the_whole(
    rows: list[Parcel], operation: tuple[str, dict[str, Any]], seed: int, silent: set[str]
) -> None:
    text, variables = operation
    RANDOM.seed(seed)
    SOCKET.nodes = split(sorted(rows, key=lambda row: row.id.partition("-")[0]), ALL_DEPOTS).nodes
    SOCKET.faults = dict.fromkeys(silent, SILENT)
    whole = await ENGINE.run(Request(text, variables), RequestContext())
    payloads = await delivered(ENGINE, Request(in_parts(ENGINE.schema, text, RANDOM), variables))
    if not failed(payloads):
        assert unordered(merged(payloads)) == unordered(whole.data)
    assert payloads[-1].get("extensions", {}) == whole.extensions
