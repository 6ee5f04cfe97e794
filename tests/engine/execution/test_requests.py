"""What is sent to subgraphs, and what is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.federation.engine import Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest
from tests.engine.federation import World, by_key, supergraph, world

SHOP = """
    type Query { goods: [Item] best: Item }
    type Mutation { add(name: String!): Item }
    type Item @key(fields: "id") { id: ID! name(upper: Boolean = false): String kind: Kind related: [Item] }
    scalar Kind
"""
STOCK = """
    type Mutation { restock(id: ID!): Item }
    type Item @key(fields: "id") { id: ID! count: Int }
"""


def shops() -> World:
    items: list[dict[str, Any]] = [
        {"__typename": "Item", "id": str(i), "name": lambda upper, i=i: f"N{i}" if upper else f"n{i}"}
        for i in (1, 2, 3)
    ]
    items[0] |= {"kind": {"any": ["json", 1]}, "related": [items[1], items[1], None]}
    counts = [{"__typename": "Item", "id": str(i), "count": i * 10} for i in (1, 2, 3)]
    return world(
        {
            "shop": (
                SHOP,
                {"goods": [*items, items[0], None], "best": items[0], "add": lambda name: items[int(name)]},
                by_key(items, "id"),
            ),
            "stock": (STOCK, {"restock": lambda id: counts[int(id)]}, by_key(counts, "id")),  # noqa: A006 # the field's own argument
        }
    )


async def test_an_entity_is_asked_for_once_however_often_it_stands() -> None:
    shop = shops()
    response = await shop.ask("{ goods { count related { count } } }")
    assert (response.data or {})["goods"][0] == {"count": 10, "related": [{"count": 20}, {"count": 20}, None]}
    assert (response.data or {})["goods"][3:] == [(response.data or {})["goods"][0], None]
    assert shop.subgraphs.asked == ["shop", "stock"]
    identities = [one["id"] for one in shop.subgraphs.sent[1].variables["representations"]]
    assert sorted(identities) == ["1", "2", "3"]


async def test_places_that_ask_different_things_share_one_request() -> None:
    shop = shops()
    response = await shop.ask("{ goods { count } best { related { n: count } } }")
    assert (response.data or {})["best"] == {"related": [{"n": 20}, {"n": 20}, None]}
    assert shop.subgraphs.asked == ["shop", "stock"]


async def test_nothing_is_asked_for_nobody() -> None:
    shop = shops()
    shop.subgraphs.faults["shop"] = Reply({"goods": [], "best": None})
    assert (await shop.ask("{ goods { count } best { count } }")).data == {"goods": [], "best": None}
    assert shop.subgraphs.asked == ["shop"]


@pytest.mark.parametrize(("full", "asked"), [(True, ["shop", "stock"]), (False, ["shop"])])
async def test_what_is_skipped_is_not_fetched(full: bool, asked: list[str]) -> None:
    shop = shops()
    text = "query ($full: Boolean!) { best { id count @include(if: $full) } }"
    response = await shop.ask(text, {"full": full})
    assert response.data == {"best": {"id": "1", "count": 10} if full else {"id": "1"}}
    assert shop.subgraphs.asked == asked


async def test_variables_have_defaults_and_only_those_used_are_sent() -> None:
    shop = shops()
    text = """
        query ($up: Boolean = true, $full: Boolean = false) {
            best { name(upper: $up) count @include(if: $full) }
        }
    """
    assert (await shop.ask(text)).data == {"best": {"name": "N1"}}
    assert shop.subgraphs.sent[0].variables == {"up": True, "full": False}
    assert (await shop.ask(text, {"up": False, "full": True})).data == {"best": {"name": "n1", "count": 10}}
    assert shop.subgraphs.sent[2].variables.keys() == {"representations"}


async def test_a_scalar_of_the_subgraphs_own_passes_as_it_is() -> None:
    assert (await shops().ask("{ best { kind } }")).data == {"best": {"kind": {"any": ["json", 1]}}}


async def test_mutations_run_in_their_order_and_once() -> None:
    shop = shops()
    text = 'mutation { a: add(name: "0") { count } b: restock(id: "1") { name } c: add(name: "2") { name } }'
    response = await shop.ask(text)
    assert response.data == {"a": {"count": 10}, "b": {"name": "n2"}, "c": {"name": "n3"}}
    assert list(response.data or {}) == ["a", "b", "c"]
    assert [(one.subgraph, one.kind) for one in shop.subgraphs.sent] == [
        ("shop", "mutation"),
        ("stock", "query"),
        ("stock", "mutation"),
        ("shop", "query"),
        ("shop", "mutation"),
    ]


async def test_the_schema_is_told_without_asking_anybody() -> None:
    shop = shops()
    text = """
        query ($name: String!) {
            __typename s: __schema { queryType { ...T } } __type(name: $name) { ...T kind }
        }
        fragment T on __Type { name }
    """
    response = await shop.ask(text, {"name": "Item"})
    assert response.data == {
        "__typename": "Query",
        "s": {"queryType": {"name": "Query"}},
        "__type": {"name": "Item", "kind": "OBJECT"},
    }
    assert (await shop.ask('{ __type(name: "_Any") { name } }')).data == {"__type": None}
    assert shop.subgraphs.sent == []


class Slow:
    """A transport whose answers never come."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def send(self, _request: ShardRequest) -> Reply:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError("unreachable")


async def test_when_time_is_up_what_there_is_is_answered() -> None:
    slow = Slow()
    engine = Engine(supergraph(shop=SHOP, stock=STOCK), Dispatcher(slow))
    deadline = asyncio.get_running_loop().time()
    response = await engine.run(Request("{ best { id } }"), RequestContext(deadline_s=deadline))
    assert response.data == {"best": None}
    assert [error["extensions"]["code"] for error in response.errors]


async def test_when_the_client_leaves_nothing_is_left_running() -> None:
    slow = Slow()
    other = 'type Query { worst: Item } type Item @key(fields: "id") { id: ID! }'
    engine = Engine(supergraph(shop=SHOP, other=other), Dispatcher(slow))
    running = asyncio.create_task(engine.run(Request("{ best { id } worst { id } }"), RequestContext()))
    await slow.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert slow.left.is_set()
    assert asyncio.all_tasks() == {asyncio.current_task()}
