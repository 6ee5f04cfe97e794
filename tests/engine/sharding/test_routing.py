"""Which shards a field is sent to, and with what (docs/SHARDING.md, 3)."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.federation.transport import TransportFailure
from tests.engine.sharding.parcels import Parcel
from tests.engine.sharding.world import Context, Nodes, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", f"{n}.5", "ann") for depot in DEPOTS for n in range(2)]


@pytest.fixture
def nodes() -> Nodes:
    return split(ROWS, DEPOTS, tariffs={"standard": "2.50"})


def codes(errors: Any) -> list[tuple[Any, ...]]:
    return [(e["extensions"]["code"], e["extensions"].get("shard"), tuple(e["path"])) for e in errors]


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ('{ parcel(id: "north-1") { id } }', {}),
        ("query($id: ID!) { parcel(id: $id) { id } }", {"id": "north-1"}),
        ('query($unused: ID) { parcel(id: "north-1") { id } }', {"unused": "south-1"}),
    ],
)
async def test_an_id_goes_to_the_shard_it_begins_with(
    nodes: Nodes, text: str, variables: dict[str, Any]
) -> None:
    reply = await nodes.ask(text, variables)
    assert (nodes.asked, reply.data) == (["north"], {"parcel": {"id": "north-1"}})
    assert nodes.sent[0].variables == ({"id": "north-1"} if "id" in variables else {})


async def test_a_shards_name_alone_names_it(nodes: Nodes) -> None:
    reply = await nodes.ask('{ depot(id: "south") { name } }')
    assert (nodes.asked, reply.data) == (["south"], {"depot": {"name": "South"}})


@pytest.mark.parametrize(
    ("argument", "variables", "shard"),
    [
        ('{place: {depot: "south"}}', {}, "south"),
        ("{place: {depot: $d}}", {"d": "east"}, "east"),
        ("{place: $p}", {"p": {"depot": "south-77"}}, "south"),
        ("{place: $p}", {"p": {}}, "north"),
        ("{place: {}}", {}, "north"),
    ],
)
async def test_a_dotted_path_leads_into_input_objects_and_their_defaults(
    nodes: Nodes, argument: str, variables: dict[str, Any], shard: str
) -> None:
    head = {"d": "($d: ID)", "p": "($p: PlaceInput)", "": ""}[next(iter(variables), "")]
    await nodes.ask(f"query{head} {{ pricedBy(input: {argument}) {{ price }} }}", variables)
    assert nodes.asked == [shard]


@pytest.mark.parametrize("value", ["west-1", "west", "-north", "", "northern-1"])
async def test_a_value_that_names_no_shard_is_a_typed_error_and_no_request(nodes: Nodes, value: str) -> None:
    reply = await nodes.ask("query($id: ID!) { parcel(id: $id) { id } }", {"id": value})
    assert reply.data == {"parcel": None}
    assert codes(reply.errors) == [("UNKNOWN_SHARD", value.partition("-")[0], ("parcel",))]
    assert nodes.asked == []


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ pricedBy(input: {place: null}) { price } }", {}),
        ("query($p: PriceInput!) { pricedBy(input: $p) { price } }", {"p": {"place": {"depot": None}}}),
        ("{ parcelsById(ids: []) { id } }", {}),
        ("query($ids: [ID!]!) { parcelsById(ids: $ids) { id } }", {"ids": []}),
        ("query($ids: [ID]!) { parcelsById(ids: $ids) { id } }", {"ids": [None]}),
    ],
)
async def test_no_value_or_an_empty_list_is_never_all(
    nodes: Nodes, text: str, variables: dict[str, Any]
) -> None:
    reply = await nodes.ask(text, variables)
    assert [code for code, _, _ in codes(reply.errors)] == ["ROUTE_ARGUMENT_MISSING"]
    assert nodes.asked == []


async def test_a_list_goes_whole_to_each_shard_it_names(nodes: Nodes) -> None:
    reply = await nodes.ask(
        "query($ids: [ID!]!) { parcelsById(ids: $ids) { id } }",
        {"ids": ["south-1", "east-0", "mars-9", "south-0"]},
    )
    assert reply.data == {"parcelsById": [{"id": "east-0"}, {"id": "south-0"}, {"id": "south-1"}]}
    assert nodes.asked == ["east", "south"]
    assert codes(reply.errors) == [("UNKNOWN_SHARD", "mars", ("parcelsById",))]


@pytest.mark.parametrize(("depot", "asked"), [(None, list(DEPOTS)), ("south", ["south"])])
async def test_a_scattered_field_with_a_route_asks_all_or_the_one_named(
    nodes: Nodes, depot: str | None, asked: list[str]
) -> None:
    text = "query($depot: ID) { parcels(depot: $depot) { edges { node { id } } } }"
    reply = await nodes.ask(text, {} if depot is None else {"depot": depot})
    assert nodes.asked == asked
    assert reply.data is not None
    assert len(reply.data["parcels"]["edges"]) == 2 * len(asked)


async def test_one_shard_alone_is_asked_for_nothing_more_than_the_client_asked(nodes: Nodes) -> None:
    await nodes.ask('{ parcels(depot: "south", first: 1) { edges { node { id } } pageInfo { endCursor } } }')
    assert nodes.sent[0].query == (
        'query { parcels(depot: "south", first: 1) { edges { node { id } } pageInfo { endCursor } } }'
    )


async def test_fields_for_one_shard_travel_together_and_alone(nodes: Nodes) -> None:
    reply = await nodes.ask(
        "query($a: ID!, $b: ID!) { one: parcel(id: $a) { id } two: parcel(id: $b) { id } "
        'three: parcel(id: "east-0") { id } depots { id } }',
        {"a": "north-0", "b": "east-1"},
    )
    assert reply.data is not None
    assert [reply.data[key] for key in ("one", "two", "three")] == [
        {"id": "north-0"},
        {"id": "east-1"},
        {"id": "east-0"},
    ]
    assert nodes.asked == ["east", "north", "south"]
    assert [dict(request.variables) for request in nodes.sent] == [{"b": "east-1"}, {"a": "north-0"}, {}]


async def test_a_field_left_out_by_the_client_is_not_routed(nodes: Nodes) -> None:
    text = """
    query($yes: Boolean!) {
      parcel(id: "north-1") @include(if: $yes) { id }
      wrong: parcel(id: "mars-1") @include(if: $yes) { id }
      depot(id: "east") @skip(if: $yes) { id }
    }
    """
    reply = await nodes.ask(text, {"yes": False})
    assert (reply.data, reply.errors, nodes.asked) == ({"depot": {"id": "east"}}, (), ["east"])


async def test_a_field_asked_under_either_of_two_conditions_is_routed_once(nodes: Nodes) -> None:
    text = """
    query($a: Boolean!, $b: Boolean!) {
      depots @include(if: $a) { id }
      depots @include(if: $b) { id }
      statistics { parcels @include(if: $a) parcels @include(if: $b) }
    }
    """
    reply = await nodes.ask(text, {"a": False, "b": True})
    assert reply.data == {"depots": [{"id": d} for d in DEPOTS], "statistics": {"parcels": 6}}
    assert nodes.asked == list(DEPOTS)


async def test_mutations_keep_their_order_and_share_requests_only_with_their_neighbours(nodes: Nodes) -> None:
    text = """
    mutation {
      a: relabel(id: "north-0", label: "x") { label }
      b: relabel(id: "north-1", label: "y") { label }
      c: relabel(id: "east-0", label: "z") { label }
      d: relabel(id: "north-0", label: "w") { label }
    }
    """
    reply = await nodes.ask(text)
    assert reply.data == {key: {"label": label} for key, label in zip("abcd", "xyzw", strict=True)}
    assert nodes.asked == ["north", "east", "north"]


async def test_a_failed_mutation_is_not_sent_again_and_the_next_one_still_is(nodes: Nodes) -> None:
    nodes.faults["north"] = TransportFailure("SHARD_UNREACHABLE", "It is down.")
    reply = await nodes.ask(
        'mutation { a: relabel(id: "north-0", label: "x") { label } '
        'b: relabel(id: "east-0", label: "z") { label } }'
    )
    assert reply.data == {"a": None, "b": {"label": "z"}}
    assert codes(reply.errors) == [("SHARD_UNREACHABLE", "north", ("a",))]
    assert nodes.asked == ["north", "east"]


async def test_a_draining_shard_answers_queries_and_takes_no_mutations(nodes: Nodes) -> None:
    nodes.standings["north"] = "DRAINING"
    assert (await nodes.ask('{ parcel(id: "north-1") { id } }')).data == {"parcel": {"id": "north-1"}}
    reply = await nodes.ask('mutation { relabel(id: "north-0", label: "x") { label } }')
    assert codes(reply.errors) == [("SHARD_DRAINING", "north", ("relabel",))]
    assert nodes.asked == ["north"]


async def test_a_suspended_shard_is_missing_without_being_asked(nodes: Nodes) -> None:
    nodes.standings["north"] = "SUSPENDED"
    context = Context()
    reply = await nodes.ask('{ depots { id } parcel(id: "north-1") { id } }', context=context)
    assert reply.data == {"depots": [{"id": "east"}, {"id": "south"}], "parcel": None}
    assert codes(reply.errors) == [
        ("SHARD_SUSPENDED", "north", ("depots",)),
        ("SHARD_SUSPENDED", "north", ("parcel",)),
    ]
    assert nodes.asked == ["east", "south"]
    assert list(context.coverage.asked) == ["north", "east", "south"]


async def test_a_shard_added_to_the_registry_is_asked_by_a_plan_already_compiled(nodes: Nodes) -> None:
    grown = split(ROWS, (*DEPOTS, "west"))
    assert (await nodes.ask("{ depots { id } }")).data == {"depots": [{"id": name} for name in DEPOTS]}
    nodes.nodes = grown.nodes
    assert (await nodes.ask("{ depots { id } }")).data == {
        "depots": [{"id": name} for name in (*DEPOTS, "west")]
    }
