"""Directives that could not work are refused before any request (docs/SHARDING.md, 2)."""

from __future__ import annotations

import re

import pytest

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.errors import CompositionFailedError
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.sharding.read_facts import read_facts
from tests.engine.sharding.parcels import SDL


def refusals(sdl: str) -> list[tuple[str, str]]:
    supergraph = read_supergraph(compose([Subgraph("parcels", "", sdl)]).sdl())
    try:
        read_facts(supergraph)
    except CompositionFailedError as failed:
        return [(error.code, error.coordinate) for error in failed.errors]
    return []


def test_the_contract_of_these_tests_is_sound() -> None:
    assert refusals(SDL) == []


def test_a_supergraph_without_the_directives_is_not_sharded() -> None:
    sdl = "type Query { depots: [String!]! }"
    assert read_facts(read_supergraph(compose([Subgraph("plain", "", sdl)]).sdl())) == {}


@pytest.mark.parametrize(
    ("imported", "written"),
    [('{name: "@route", as: "@via"}, ', "@via("), ("", "@sharding__route(")],
    ids=["renamed", "prefixed"],
)
def test_a_directive_means_the_same_by_another_name(imported: str, written: str) -> None:
    sdl = SDL.replace('"@route", ', imported).replace("@route(", written)
    facts = read_facts(read_supergraph(compose([Subgraph("parcels", "", sdl)]).sdl()))["parcels"]
    assert facts.routes["Query", "depot"] == ("id",)


def test_the_first_version_is_the_second_without_members() -> None:
    sdl = re.sub(r' @member\([^)]*\)|, "@member"', "", SDL).replace("sharding/v1.1", "sharding/v1.0")
    assert refusals(sdl) == []


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("sharding/v1.1", "sharding/v1.9", "UNKNOWN_LINK_VERSION"),
        ("sharding/v1.1", "sharding/v1.0", "INVALID_GRAPHQL"),
        ("gather: MERGE", "gather: MEAN", "INVALID_GRAPHQL"),
    ],
)
def test_what_the_specification_does_not_have_is_not_taken(was: str, becomes: str, code: str) -> None:
    assert was in SDL
    with pytest.raises(CompositionFailedError) as failed:
        refusals(SDL.replace(was, becomes))
    assert code in {error.code for error in failed.value.errors}


@pytest.mark.parametrize(
    ("was", "becomes", "refused"),
    [
        ("size: Int!\n", 'size: Int! @route(argument: "id")\n', ("ROUTE_MISPLACED", "Parcel.size")),
        (
            'Depot @route(argument: "id")',
            'Depot @route(argument: "no")',
            ("ROUTE_ARGUMENT_UNKNOWN", "Query.depot"),
        ),
        ("input.place.depot", "input.place.no", ("ROUTE_ARGUMENT_UNKNOWN", "Query.pricedBy")),
        ("input.place.depot", "input.place", ("ROUTE_ARGUMENT_TYPE", "Query.pricedBy")),
        ("input.place.depot", "input.code.depot", ("ROUTE_ARGUMENT_TYPE", "Query.pricedBy")),
        ("place: PlaceInput", "place: [PlaceInput]", ("ROUTE_ARGUMENT_TYPE", "Query.pricedBy")),
        ("ids: [ID!]!", "ids: [[ID!]!]!", ("ROUTE_ARGUMENT_TYPE", "Query.parcelsById")),
        (
            '@route(argument: "ids") @scatter(gather: CONCAT)',
            '@route(argument: "ids")',
            ("ROUTE_LIST_WITHOUT_SCATTER", "Query.parcelsById"),
        ),
        (
            "depots: [Depot!]! @scatter(gather: CONCAT)",
            "depots: [Depot!]!",
            ("ROOT_FIELD_UNPLACED", "Query.depots"),
        ),
        (
            "name: String! }",
            'name: String! @member(of: "Customer", argument: "id") }',
            ("MEMBER_MISPLACED", "Depot.name"),
        ),
        (
            "tariff(code: ID!): Tariff @scatter(gather: FIRST)",
            'tariff(code: ID!): Tariff @route(argument: "code") @member(of: "Customer", argument: "code")',
            ("MEMBER_MISPLACED", "Query.tariff"),
        ),
        ('of: "Customer", argument: "id"', 'of: "Depot", argument: "id"', ("MEMBER_TYPE", "Query.customer")),
        ('of: "Customer", argument: "id"', 'of: "Nobody", argument: "id"', ("MEMBER_TYPE", "Query.customer")),
        (
            'Customer @key(fields: "id")',
            'Customer @key(fields: "id address { city }")',
            ("MEMBER_TYPE", "Query.customer"),
        ),
        ('"input.customers"', '"input.no"', ("MEMBER_ARGUMENT_UNKNOWN", "Query.sentBy")),
        ('"input.customers"', '"input"', ("MEMBER_ARGUMENT_TYPE", "Query.sentBy")),
        (
            'label: String): Parcel @route(argument: "id")',
            "label: String): Parcel @scatter(gather: FIRST)",
            ("SCATTER_ON_WRITE", "Mutation.relabel"),
        ),
        ("name: String! }", "name: String! @scatter(gather: FIRST) }", ("SCATTER_MISPLACED", "Depot.name")),
        (
            "tariff(code: ID!): Tariff @scatter(gather: FIRST)",
            "tariff(code: ID!): Tariff @scatter(gather: CONCAT)",
            ("GATHER_TYPE", "Query.tariff"),
        ),
        (
            "depots: [Depot!]! @scatter(gather: CONCAT)",
            "depots: [Depot!]! @scatter(gather: CONNECTION)",
            ("GATHER_TYPE", "Query.depots"),
        ),
        ("cursor: String! node", "node", ("GATHER_TYPE", "Query.parcels")),
        ("hasPreviousPage: Boolean! start", "start", ("GATHER_TYPE", "Query.parcels")),
        ("endCursor: String }", "endCursor: String pages: Int }", ("GATHER_TYPE", "Query.parcels")),
        ("totalCount: Int!", "totalCount: String!", ("GATHER_TYPE", "Query.parcels")),
        (
            "edges: [ParcelEdge!]!",
            "edges: [ParcelEdge!]! @scatter(gather: CONCAT)",
            ("SCATTER_MISPLACED", "ParcelConnection.edges"),
        ),
        (
            "depots: [Depot!]! @scatter(gather: CONCAT)",
            "depots: [String!]! @scatter(gather: MERGE)",
            ("GATHER_TYPE", "Query.depots"),
        ),
        (
            "Statistics! @scatter(gather: SUM)",
            "[Statistics!] @scatter(gather: SUM)",
            ("GATHER_TYPE", "Query.statistics"),
        ),
        ('"-size", "id"', '"-no", "id"', ("ORDER_BY_UNKNOWN", "Query.largestFirst")),
        ('"-size", "id"', '"sender"', ("ORDER_BY_UNKNOWN", "Query.largestFirst")),
        (
            "tariff(code: ID!): Tariff @scatter(gather: FIRST)",
            'tariff(code: ID!): Tariff @scatter(gather: FIRST, orderBy: ["code"])',
            ("ORDER_BY_UNKNOWN", "Query.tariff"),
        ),
        ("address: Address\n", "address: Address tags: [String!]\n", ("GATHER_UNSPECIFIED", "Customer.tags")),
        ("smallest: Int @aggregate(op: MIN)", "smallest: Int", ("GATHER_UNSPECIFIED", "Statistics.smallest")),
        ('@key(fields: "label", resolvable: false)', "", ("GATHER_UNSPECIFIED", "Customer.labels")),
        (
            "ParcelConnection! @scatter(gather: CONNECTION)\n",
            "ParcelConnection!\n",
            ("GATHER_UNSPECIFIED", "ParcelConnection.edges"),
        ),
        (
            "totalCount: Int! }",
            "totalCount: Int! labels: Labels }\ntype Labels { edges: [String!] }",
            ("GATHER_UNSPECIFIED", "Labels.edges"),
        ),
        (
            "  asOf: String\n}",
            "  asOf: String busiest: Customer\n  }\nextend type Customer { rank: Int }",
            ("GATHER_UNSPECIFIED", "Customer.rank"),
        ),
        (
            "longestLabel: String @aggregate(op: MAX)",
            "longestLabel: String @aggregate(op: SUM)",
            ("AGGREGATE_TYPE", "Customer.longestLabel"),
        ),
        ("meanSize: Float", "meanSize: Int", ("AGGREGATE_TYPE", "Customer.meanSize")),
        ('(op: MEAN, weight: "parcelCount")', "(op: MEAN)", ("AGGREGATE_WEIGHT", "Customer.meanSize")),
        ('weight: "parcelCount"', 'weight: "name"', ("AGGREGATE_WEIGHT", "Customer.meanSize")),
        (
            "lightest: Decimal @aggregate(op: MIN)",
            'lightest: Decimal @aggregate(op: MIN, weight: "parcelCount")',
            ("AGGREGATE_WEIGHT", "Customer.lightest"),
        ),
        ("price: Decimal!", "price: Decimal! @aggregate(op: SUM)", ("AGGREGATE_MISPLACED", "Tariff.price")),
        (
            "parcels: [Parcel!] @scatter(gather: CONCAT)",
            "parcels: [Parcel!] @scatter(gather: CONCAT) @aggregate(op: MAX)",
            ("AGGREGATE_MISPLACED", "Customer.parcels"),
        ),
        (
            "pageInfo: PageInfo!",
            "pageInfo: PageInfo! @aggregate(op: MAX)",
            ("AGGREGATE_MISPLACED", "ParcelConnection.pageInfo"),
        ),
        (
            'Depot @key(fields: "id") @shardKey(field: "id")',
            'Depot @key(fields: "id") @shardKey(field: "name")',
            ("SHARD_KEY_UNKNOWN", "Depot"),
        ),
        (
            'Depot @key(fields: "id") @shardKey(field: "id") { id: ID!',
            'Depot @key(fields: "at { city }") @shardKey(field: "at") { id: ID! at: Address!',
            ("SHARD_KEY_UNKNOWN", "Depot"),
        ),
        (
            'Depot @key(fields: "id") @shardKey(field: "id")',
            'Depot @shardKey(field: "id")',
            ("SHARD_KEY_UNKNOWN", "Depot"),
        ),
        (
            'Depot @key(fields: "id") @shardKey(field: "id")',
            'Depot @key(fields: "id")',
            ("ENTITY_UNPLACED", "Depot"),
        ),
        (
            'Depot @key(fields: "id") @shardKey(field: "id")',
            'Depot @key(fields: "id") @shardKey(field: "id") @spanning',
            ("ENTITY_PLACED_TWICE", "Depot"),
        ),
        ('Customer @key(fields: "id")', "Customer", ("SPANNING_WITHOUT_KEY", "Customer")),
        (
            'Customer @key(fields: "id")',
            'Customer @key(fields: "id", resolvable: false)',
            ("SPANNING_WITHOUT_KEY", "Customer"),
        ),
    ],
)
def test_each_misuse_has_its_code_and_its_place(was: str, becomes: str, refused: tuple[str, str]) -> None:
    assert was in SDL
    assert refused in refusals(SDL.replace(was, becomes))


def test_every_fault_is_told_at_once() -> None:
    broken = SDL.replace("smallest: Int @aggregate(op: MIN)", "smallest: Int").replace(
        "input.place.depot", "no"
    )
    assert refusals(broken) == [
        ("ROUTE_ARGUMENT_UNKNOWN", "Query.pricedBy"),
        ("GATHER_UNSPECIFIED", "Statistics.smallest"),
    ]
