"""What an operation costs before anything is fetched, and what becomes of one that costs too much."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.federation.engine import Claims, Engine, EngineLimits, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest
from tests.engine.federation import supergraph

# The books of Apollo Router's documentation, and further what it does not show.
BOOKS = """
    type Query {
      book(id: ID): Book
      bestsellers: [Book] @listSize(assumedSize: 5)
      newest(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
      latest(limit: Int = 4): [Book] @listSize(slicingArguments: ["limit"])
      page(first: Int, last: Int): Page
        @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"], assumedSize: 7)
      free(first: Int, last: Int): [Book]
        @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false, assumedSize: 3)
      all: [Book!]!
      things: [Thing]
      either: Either
      find(by: Filter, words: [String] @cost(weight: 2)): Book
      rare: Int @cost(weight: 9)
      counted: Heavy
      many: [Heavy]
      dear: Book @cost(weight: 20)
      hidden: Book @authenticated
    }
    type Mutation { add(name: String): Book }
    type Book { title: String author: Author publisher: Publisher }
    type Author { name: String }
    type Publisher { name: String address: Address }
    type Address @cost(weight: 5) { zipCode: Int! }
    type Page { total: Int edges: [Edge] others: [Edge] }
    type Edge { node: Book }
    interface Thing { size: Int below: Author }
    type Small implements Thing { size: Int below: Author }
    type Large implements Thing @cost(weight: 6) {
      size: Int below: Author more: [Author] @listSize(assumedSize: 2)
    }
    union Either = Small | Large
    scalar Heavy @cost(weight: 3)
    input Filter { word: String exact: Boolean @cost(weight: 4) inner: [Filter] }
"""
WORLD = supergraph(books=BOOKS)
BOOK = "{ title author { name } publisher { name address { zipCode } } }"


class Silent:
    """Answers nothing but null, and keeps count."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, _: ShardRequest) -> Reply:
        self.sent += 1
        return Reply({}, ())


async def run(
    text: str, budget: int | None = None, silent: Silent | None = None, **variables: Any
) -> Response:
    engine = Engine(WORLD, Dispatcher(silent or Silent()), limits=EngineLimits(assumed_list_size=10))
    request = Request(text, variables, extensions={"cost": True})
    return await engine.run(request, RequestContext(cost_budget=budget))


async def cost(text: str, **variables: Any) -> int:
    response = await run(text, **variables)
    assert not response.refused, response.errors
    estimated: int = response.extensions["cost"]["estimated"]
    return estimated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{{ book {BOOK} }}", 1 + 1 + 1 + 5),
        (f"{{ bestsellers {BOOK} }}", 5 * 8),
        (f"{{ newest(limit: 3) {BOOK} }}", 3 * 8),
        (f"{{ newest(limit: 7) {BOOK} }}", 7 * 8),
        (f"{{ newest(limit: -7) {BOOK} }}", 0),
        ("{ latest { title } }", 4),
        ("{ latest(limit: 2) { title } }", 2),
        ("{ all { title } }", 10),
        ("{ page(first: 3) { total edges { node { title } } } }", 1 + 3 * (1 + 1)),
        ("{ page(last: 3) { others { node { title } } } }", 1 + 10 * (1 + 1)),
        ("{ free { title } }", 3),
        ("{ free(first: 2, last: 4) { title } }", 4),
        ("{ rare counted many }", 9 + 3 + 10 * 3),
        ("{ dear { author { name } } }", 20 + 1),
        ("{ a: book { title } b: book { title } }", 2),
        ("{ book { title } ... { book { title } } }", 1),
        ("{ book { __typename } __typename __schema { types { name } } }", 1),
        ('mutation { add(name: "x") { title } }', 10 + 1),
    ],
)
async def test_objects_count_and_lists_count_for_each_of_their_items(text: str, expected: int) -> None:
    assert await cost(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ things { size } }", 10 * 6),
        ("{ things { ... on Small { below { name } } } }", 10 * 6),
        ("{ either { ... on Small { size } ... on Large { more { name } } } }", 6 + 2),
        ("{ either { ... on Small { below { name } } ... on Large { size } } }", 6),
    ],
)
async def test_of_an_abstract_type_the_dearest_object_counts(text: str, expected: int) -> None:
    # A Small costs 1, with the Author below 2; a Large costs 6.
    assert await cost(text) == expected


async def test_variables_say_how_long_lists_are() -> None:
    text = f"query ($n: Int!) {{ newest(limit: $n) {BOOK} }}"
    assert [await cost(text, n=n) for n in (0, 1, 100)] == [0, 8, 800]
    defaulted = "query ($n: Int = 6) { latest(limit: $n) { title } }"
    assert [await cost(defaulted), await cost(defaulted, n=2)] == [6, 2]
    absent = "query ($n: Int) { latest(limit: $n) { title } }"
    assert await cost(absent) == 4
    nested = "query ($n: Int!) { page(first: $n) { edges { node { title } } } }"
    assert await cost(nested, n=5) == 1 + 5 * 2


async def test_what_is_skipped_costs_nothing() -> None:
    text = "query ($with: Boolean!) { book { title author @include(if: $with) { name } } }"
    assert [await cost(text, **{"with": value}) for value in (True, False)] == [2, 1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{ word: 1 }", 1),
        ("{ exact: true }", 1 + 4),
        ("{ exact: true, inner: [{ exact: false }, {}] }", 5 + 5 + 1),
        ("null", 0),
    ],
)
async def test_input_objects_cost_alike_as_literals_and_as_variables(value: str, expected: int) -> None:
    written = {"1": '"a"'}
    literal = value.replace("1", written["1"])
    assert await cost(f"{{ find(by: {literal}) {{ title }} }}") == 1 + expected
    plain = {
        "{ word: 1 }": {"word": "a"},
        "{ exact: true }": {"exact": True},
        "{ exact: true, inner: [{ exact: false }, {}] }": {"exact": True, "inner": [{"exact": False}, {}]},
        "null": None,
    }[value]
    assert await cost("query ($by: Filter) { find(by: $by) { title } }", by=plain) == 1 + expected


async def test_each_item_of_a_list_of_arguments_costs() -> None:
    assert await cost('{ find(words: ["a", "b"]) { title } }') == 1 + 2 * 2
    assert await cost("query ($w: [String]) { find(words: $w) { title } }", w=["a", "b", "c"]) == 1 + 3 * 2
    mixed = "query ($w: String) { find(words: [$w, $w]) { title } }"
    assert await cost(mixed, w="a") == 1 + 2 * 2


@pytest.mark.parametrize("arguments", ["", "(first: 1, last: 1)"])
async def test_a_list_that_must_be_sized_once_is_refused_otherwise(arguments: str) -> None:
    silent = Silent()
    response = await run(f"{{ page{arguments} {{ edges {{ node {{ title }} }} }} }}", 1_000, silent)
    assert response.refused
    assert [error["extensions"]["code"] for error in response.errors] == ["COST_QUERY_PARSE_FAILURE"]
    assert "first or last" in response.errors[0]["message"]
    assert silent.sent == 0


async def test_an_operation_over_its_budget_is_refused_before_anything_is_sent() -> None:
    silent = Silent()
    text = f"query ($n: Int!) {{ newest(limit: $n) {BOOK} }}"
    within = await run(text, 80, silent, n=10)
    assert (within.refused, silent.sent) == (False, 1)
    assert within.extensions["cost"] == {"estimated": 80, "budget": 80}
    over = await run(text, 80, silent, n=11)
    assert (over.refused, silent.sent) == (True, 1)
    [error] = over.errors
    assert error["extensions"] == {"code": "COST_ESTIMATED_TOO_EXPENSIVE", "estimated": 88, "budget": 80}
    assert "shorter lists" in error["message"]


async def test_the_cost_is_told_only_on_demand() -> None:
    engine = Engine(WORLD, Dispatcher(Silent()))
    for asked in ({}, {"cost": False}, {"cost": "yes"}):
        response = await engine.run(Request("{ rare }", extensions=asked), RequestContext(cost_budget=50))
        assert response.extensions == {}


async def test_what_is_withheld_costs_nothing() -> None:
    engine = Engine(WORLD, Dispatcher(Silent()))
    request = Request("{ rare hidden { author { name } } }", extensions={"cost": True})
    costs = [
        (await engine.run(request, RequestContext(claims=Claims(authenticated=known)))).extensions["cost"]
        for known in (True, False)
    ]
    assert [one["estimated"] for one in costs] == [9 + 2, 9]
