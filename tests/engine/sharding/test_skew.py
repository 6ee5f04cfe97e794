"""A shard with another contract is asked what it has; what it lacks is told (docs/SHARDING.md, 7)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLError, build_schema, parse, validate

from gateway.federation.sharding.coverage import Missing
from gateway.federation.sharding.skew import lacks
from tests.engine.sharding.parcels import SDL, SERVED, Parcel
from tests.engine.sharding.world import Context, Nodes, facts, split

DEPOTS = ("east", "north", "south")
ROWS = [Parcel(f"{depot}-{n}", n, f"{depot}{n}", "1.5", "ann") for depot in DEPOTS for n in range(2)]
OLDER = {
    "  tariff(code: ID!): Tariff @scatter(gather: FIRST)\n": "",
    "  weight: Decimal\n  sender": "  sender",
    "  longestLabel: String @aggregate(op: MAX)\n": "",
    "    order: ParcelOrder = BY_SIZE\n": "",
    "code: ID }": "}",
    "BY_LABEL_DOWN ": "",
    "BY_LABEL_DOWN }": "}",
}


def older(text: str) -> str:
    for now, then in OLDER.items():
        text = text.replace(now, then)
    return text


OLD_SCHEMA = build_schema(older(SERVED), assume_valid_sdl=True)


@pytest.fixture
def nodes() -> Nodes:
    world = split(ROWS, DEPOTS, tariffs={"standard": "2.50"})
    world.older["north"] = lacks(facts()["parcels"], older(SDL))
    return world


def sent_to_the_old_one(nodes: Nodes) -> list[str]:
    """What the old shard was asked, each text valid by its own schema."""
    texts = [request.query for request in nodes.sent if request.shard == "north"]
    for text in texts:
        assert validate(OLD_SCHEMA, parse(text)) == []
    return texts


def unsupported(errors: Any) -> list[tuple[str, list[str], list[str]]]:
    assert {error["extensions"]["code"] for error in errors} <= {"UNSUPPORTED_BY_SHARD"}
    return [(e["extensions"]["shard"], e["extensions"]["coordinates"], e["path"]) for e in errors]


def test_what_an_older_contract_lacks_is_named_by_coordinates() -> None:
    assert lacks(facts()["parcels"], older(SDL)) == {
        "Query.tariff",
        "Parcel.weight",
        "Customer.longestLabel",
        "Query.parcels(order:)",
        "PriceInput.code",
        "ParcelOrder.BY_LABEL_DOWN",
    }


def test_a_newer_contract_lacks_nothing() -> None:
    assert lacks(facts()["parcels"], SDL.replace("type Tariff {", "type Tariff { more: Int ")) == frozenset()


def test_text_that_is_no_schema_is_refused() -> None:
    with pytest.raises(GraphQLError):
        lacks(facts()["parcels"], "<html>")


async def test_a_field_it_lacks_is_not_asked_of_it_and_is_null_there(nodes: Nodes) -> None:
    context = Context()
    reply = await nodes.ask('{ customer(id: "ann") { longestLabel parcels { id weight } } }', context=context)
    assert reply.data is not None
    assert reply.data["customer"]["longestLabel"] == "south1"
    assert [(p["id"], p.get("weight")) for p in reply.data["customer"]["parcels"]] == [
        (row.id, None if row.id.startswith("north") else "1.5") for row in ROWS
    ]
    assert unsupported(reply.errors) == [("north", ["Customer.longestLabel", "Parcel.weight"], ["customer"])]
    assert reply.missing == ()
    assert len(sent_to_the_old_one(nodes)) == 1


async def test_a_root_field_it_lacks_is_not_sent_to_it(nodes: Nodes) -> None:
    context = Context()
    reply = await nodes.ask('{ tariff(code: "standard") { price } }', context=context)
    assert reply.data == {"tariff": {"price": "2.50"}}
    assert unsupported(reply.errors) == [("north", ["Query.tariff"], ["tariff"])]
    assert nodes.asked == ["east", "south"]
    assert reply.missing == (Missing("north", "UNSUPPORTED_BY_SHARD", ("tariff",)),)
    assert list(context.coverage.asked) == ["east", "north", "south"]
    both = await nodes.ask('{ depots { id } tariff(code: "standard") { price } }')
    assert unsupported(both.errors) == [("north", ["Query.tariff"], ["tariff"])]
    assert both.data == {"depots": [{"id": d} for d in DEPOTS], "tariff": {"price": "2.50"}}
    assert "tariff" not in sent_to_the_old_one(nodes)[0]


@pytest.mark.parametrize(
    ("text", "variables", "left_out"),
    [
        ("{ parcels(order: BY_SIZE) { totalCount } }", {}, "Query.parcels(order:)"),
        ('{ pricedBy(input: {place: {depot: "north"}, code: "x"}) { price } }', {}, "PriceInput.code"),
        (
            "query($i: PriceInput!) { pricedBy(input: $i) { price } }",
            {"i": {"place": {"depot": "north"}, "code": "standard"}},
            "PriceInput.code",
        ),
    ],
)
async def test_an_argument_it_lacks_makes_the_field_unsupported_there(
    nodes: Nodes, text: str, variables: dict[str, Any], left_out: str
) -> None:
    reply = await nodes.ask(text, variables)
    assert [(shard, names) for shard, names, _ in unsupported(reply.errors)] == [("north", [left_out])]
    assert "north" not in nodes.asked


PRICED = "query($i: PriceInput!) { pricedBy(input: $i) { price } }"


@pytest.mark.parametrize("rest", [{}, {"code": None}])
async def test_an_input_field_that_says_nothing_is_not_sent_to_a_shard_that_lacks_it(
    nodes: Nodes, rest: dict[str, Any]
) -> None:
    given = {"place": {"depot": "north"}}
    reply = await nodes.ask(PRICED, {"i": given | rest})
    assert (reply.errors, [request.variables for request in nodes.sent]) == ((), [{"i": given}])


@pytest.mark.parametrize(("given", "is_asked"), [({}, True), ({"n": None}, True), ({"n": 2}, False)])
async def test_an_argument_whose_variable_says_nothing_is_not_sent_to_a_shard_that_lacks_it(
    nodes: Nodes, given: dict[str, Any], is_asked: bool
) -> None:
    nodes.older["north"] = lacking = frozenset({"Query.parcels(first:)"})
    reply = await nodes.ask("query($n: Int) { parcels(first: $n) { totalCount } }", given)
    assert unsupported(reply.errors) == ([] if is_asked else [("north", [*lacking], ["parcels"])])
    gives_it = {request.shard: "first: $n" in request.query for request in nodes.sent}
    assert gives_it == {"east": True, "south": True} | ({"north": False} if is_asked else {})


@pytest.mark.parametrize(
    ("order", "left_out"), [("BY_SIZE", []), ("BY_LABEL_DOWN", ["ParcelOrder.BY_LABEL_DOWN"])]
)
async def test_of_a_variable_its_value_counts(nodes: Nodes, order: str, left_out: list[str]) -> None:
    nodes.older["north"] = frozenset({"ParcelOrder.BY_LABEL_DOWN"})
    text = "query($o: ParcelOrder!) { parcels(order: $o) { totalCount } }"
    reply = await nodes.ask(text, {"o": order})
    assert [coordinates for _, coordinates, _ in unsupported(reply.errors)] == [left_out] * bool(left_out)
    assert ("north" in nodes.asked, {"east", "south"} <= set(nodes.asked)) == (not left_out, True)


async def test_what_is_left_is_still_asked(nodes: Nodes) -> None:
    reply = await nodes.ask('{ parcel(id: "north-1") { weight } same: parcel(id: "north-1") { id } }')
    assert reply.data == {"parcel": {"__typename": "Parcel"}, "same": {"id": "north-1"}}
    assert unsupported(reply.errors) == [("north", ["Parcel.weight"], ["parcel"])]
    assert len(sent_to_the_old_one(nodes)) == 1


async def test_entities_are_asked_what_their_shard_has(nodes: Nodes) -> None:
    parcels = [{"__typename": "Parcel", "id": f"{depot}-1"} for depot in DEPOTS]
    reply = await nodes.entities("... on Parcel { id weight }", parcels)
    assert reply.data == {
        "_entities": [
            {"id": "east-1", "weight": "1.5"},
            {"id": "north-1"},
            {"id": "south-1", "weight": "1.5"},
        ]
    }
    assert unsupported(reply.errors) == [("north", ["Parcel.weight"], ["_entities", 1])]
    assert "weight" not in sent_to_the_old_one(nodes)[0]


async def test_a_page_is_merged_whatever_each_shard_lacks(nodes: Nodes) -> None:
    reply = await nodes.ask("{ parcels(first: 4) { edges { node { id weight } } pageInfo { hasNextPage } } }")
    assert reply.data is not None
    assert [edge["node"]["id"] for edge in reply.data["parcels"]["edges"]] == [
        "east-0",
        "north-0",
        "south-0",
        "east-1",
    ]
    assert unsupported(reply.errors) == [("north", ["Parcel.weight"], ["parcels"])]


async def test_each_field_says_what_it_lacks_itself(nodes: Nodes) -> None:
    text = '{ customer(id: "ann") { longestLabel } parcels(first: 1) { edges { node { weight } } } }'
    reply = await nodes.ask(text)
    assert unsupported(reply.errors) == [
        ("north", ["Customer.longestLabel"], ["customer"]),
        ("north", ["Parcel.weight"], ["parcels"]),
    ]


DEMANDS = SDL.replace("order: ParcelOrder = BY_SIZE", "order: ParcelOrder!").replace(
    "input PriceInput { place: PlaceInput code: ID }",
    "input PriceInput { place: PlaceInput code: ID! since: Int! }",
)


@pytest.fixture
def demanding() -> Nodes:
    world = split(ROWS, DEPOTS, tariffs={"standard": "2.50"})
    world.older["north"] = lacks(facts()["parcels"], DEMANDS.replace("since: Int!", ""))
    return world


def test_what_a_shard_demands_and_the_supergraph_does_not_is_named() -> None:
    assert lacks(facts()["parcels"], DEMANDS) == {
        "Query.parcels(order:)!",
        "PriceInput.code!",
        "PriceInput.since!",
    }


@pytest.mark.parametrize(
    ("text", "variables", "left_out"),
    [
        ("{ parcels { totalCount } }", {}, "Query.parcels(order:)!"),
        (
            "query($o: ParcelOrder) { parcels(order: $o) { totalCount } }",
            {"o": "BY_SIZE"},
            "Query.parcels(order:)!",
        ),
        ('{ pricedBy(input: {place: {depot: "north"}}) { price } }', {}, "PriceInput.code!"),
        (
            "query($i: PriceInput!) { pricedBy(input: $i) { price } }",
            {"i": {"place": {"depot": "north"}, "code": None}},
            "PriceInput.code!",
        ),
    ],
)
async def test_a_field_without_what_a_shard_demands_is_not_sent_to_it(
    demanding: Nodes, text: str, variables: dict[str, Any], left_out: str
) -> None:
    reply = await demanding.ask(text, variables)
    assert [(shard, names) for shard, names, _ in unsupported(reply.errors)] == [("north", [left_out])]
    assert "north" not in demanding.asked


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ parcels(order: BY_SIZE) { totalCount } }", {}),
        ("query($o: ParcelOrder!) { parcels(order: $o) { totalCount } }", {"o": "BY_SIZE"}),
        ('{ pricedBy(input: {place: {depot: "north"}, code: "standard"}) { price } }', {}),
        (
            "query($i: PriceInput!) { pricedBy(input: $i) { price } }",
            {"i": {"place": {"depot": "north"}, "code": "standard"}},
        ),
    ],
)
async def test_a_field_that_gives_it_is(demanding: Nodes, text: str, variables: dict[str, Any]) -> None:
    reply = await demanding.ask(text, variables)
    assert (reply.errors, "north" in demanding.asked) == ((), True)
