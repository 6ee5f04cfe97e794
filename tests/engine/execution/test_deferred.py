"""Deferred fragments: what comes when, under which id, and what becomes of errors and nulls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from gateway.federation.engine import (
    DEFAULT_LIMITS,
    Claims,
    Delivered,
    Engine,
    EngineLimits,
    Request,
    RequestContext,
    Response,
)
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.engine.federation import LocalSubgraph, Subgraphs, by_key, supergraph
from tests.engine.incremental import merged
from tests.simulation.virtual_clock import run

SHOP = """
    type Query { items: [Item!]! best: Item }
    type Mutation { sell(id: ID!): Item }
    type Item @key(fields: "id") { id: ID! name: String maker: Maker }
    type Maker @key(fields: "id") { id: ID! }
"""
STOCK = """
    type Item @key(fields: "id") { id: ID! count: Int! shelf: Shelf }
    type Shelf { row: Int! place: Int }
"""
MAKERS = 'type Maker @key(fields: "id") { id: ID! city: String! secret: String! @authenticated }'
ITEMS: list[dict[str, Any]] = [
    {"__typename": "Item", "id": str(i), "name": f"n{i}", "maker": {"__typename": "Maker", "id": f"m{i}"}}
    for i in (1, 2)
]
COUNTS: list[dict[str, Any]] = [
    {"__typename": "Item", "id": str(i), "count": i * 10, "shelf": {"row": i, "place": None}} for i in (1, 2)
]
CITIES: list[dict[str, Any]] = [
    {"__typename": "Maker", "id": "m1", "city": "Ulm", "secret": "x"},
    {"__typename": "Maker", "id": "m2", "city": None, "secret": "x"},
]


class Shop:
    """An engine on three subgraphs; those in `closed` answer once they are opened."""

    def __init__(
        self,
        *closed: str,
        faults: Mapping[str, TransportFailure | Reply] | None = None,
        limits: EngineLimits = DEFAULT_LIMITS,
    ) -> None:
        roots = {"items": ITEMS, "best": ITEMS[0], "sell": ITEMS[1]}
        self.subgraphs = Subgraphs(
            {
                "shop": LocalSubgraph(SHOP, roots, by_key(ITEMS, "id")),
                "stock": LocalSubgraph(STOCK, {}, by_key(COUNTS, "id")),
                "makers": LocalSubgraph(MAKERS, {}, by_key(CITIES, "id")),
            },
            dict(faults or {}),
        )
        self.gates = {name: asyncio.Event() for name in closed}
        self.left: list[str] = []
        world = supergraph(shop=SHOP, stock=STOCK, makers=MAKERS)
        self.engine = Engine(world, Dispatcher(self), limits=limits)

    async def send(self, request: ShardRequest) -> Reply:
        if request.subgraph in self.gates:
            try:
                await self.gates[request.subgraph].wait()
            except asyncio.CancelledError:
                self.left.append(request.subgraph)
                raise
        return await self.subgraphs.send(request)

    async def begin(
        self, text: str, variables: Mapping[str, Any] | None = None, context: RequestContext | None = None
    ) -> Delivered:
        answer = await self.engine.stream(Request(text, variables or {}), context or RequestContext())
        assert isinstance(answer, Delivered), answer
        return answer

    async def all(self, text: str, variables: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """All payloads as they are written."""
        answer = await self.begin(text, variables)
        return [answer.first.formatted(), *[one.formatted() async for one in answer.rest]]


async def following(answer: Delivered) -> dict[str, Any]:
    return (await anext(answer.rest)).formatted()


async def test_what_is_deferred_comes_when_its_own_subgraph_has_answered() -> None:
    shop = Shop("stock", "makers")
    text = """{ best { name
        ... @defer(label: "count") { count }
        ... @defer(label: "city") { maker { city } }
    } }"""
    answer = await shop.begin(text)
    assert answer.first.formatted() == {
        "data": {"best": {"name": "n1"}},
        "pending": [
            {"id": "0", "path": ["best"], "label": "count"},
            {"id": "1", "path": ["best"], "label": "city"},
        ],
        "hasNext": True,
    }
    shop.gates["makers"].set()
    assert await following(answer) == {
        "incremental": [{"id": "1", "data": {"maker": {"city": "Ulm"}}}],
        "completed": [{"id": "1"}],
        "hasNext": True,
    }
    shop.gates["stock"].set()
    assert await following(answer) == {
        "incremental": [{"id": "0", "data": {"count": 10}}],
        "completed": [{"id": "0"}],
        "hasNext": False,
    }
    assert [one async for one in answer.rest] == []


async def test_what_is_wanted_at_once_as_well_is_not_deferred() -> None:
    text = "{ best { ... @defer { count shelf { row place } } shelf { row } } }"
    assert await Shop().all(text) == [
        {
            "data": {"best": {"shelf": {"row": 1}}},
            "pending": [{"id": "0", "path": ["best"]}],
            "hasNext": True,
        },
        {
            "incremental": [
                {"id": "0", "subPath": ["shelf"], "data": {"place": None}},
                {"id": "0", "data": {"count": 10}},
            ],
            "completed": [{"id": "0"}],
            "hasNext": False,
        },
    ]


async def test_what_two_fragments_share_comes_with_the_first() -> None:
    shop = Shop("makers")
    text = """{ best {
        ... @defer(label: "a") { count maker { city } }
        ... @defer(label: "b") { count name }
    } }"""
    answer = await shop.begin(text)
    second = await following(answer)
    assert second["incremental"] == [{"id": "1", "data": {"count": 10}}, {"id": "1", "data": {"name": "n1"}}]
    shop.gates["makers"].set()
    third = await following(answer)
    assert third["incremental"] == [{"id": "0", "data": {"maker": {"city": "Ulm"}}}]


async def test_a_fragment_in_another_is_pending_when_that_one_is_there() -> None:
    shop = Shop("makers")
    text = (
        """{ best { name ... @defer(label: "out") { count ... @defer(label: "in") { maker { city } } } } }"""
    )
    answer = await shop.begin(text)
    assert [one["label"] for one in answer.first.pending] == ["out"]
    second = await following(answer)
    assert second["pending"] == [{"id": "1", "path": ["best"], "label": "in"}]
    assert second["completed"] == [{"id": "0"}]
    shop.gates["makers"].set()
    assert (await following(answer))["completed"] == [{"id": "1"}]


async def test_a_variable_decides_for_each_request() -> None:
    text = "query ($later: Boolean) { best { name ... @defer(if: $later) { count } } }"
    shop = Shop()
    assert len(await shop.all(text, {"later": True})) == len(await shop.all(text)) == 2
    answer = await shop.engine.stream(Request(text, {"later": False}), RequestContext())
    assert isinstance(answer, Response)
    assert answer.formatted() == {"data": {"best": {"name": "n1", "count": 10}}}


async def test_a_client_that_takes_no_parts_gets_one_response() -> None:
    text = "{ best { name ... @defer { count } } }"
    shop = Shop()
    whole = await shop.engine.run(Request(text), RequestContext())
    streamed = await shop.engine.stream(Request(text), RequestContext(), in_parts=False)
    assert isinstance(streamed, Response)
    assert whole.formatted() == streamed.formatted() == {"data": {"best": {"name": "n1", "count": 10}}}


async def test_each_object_of_a_list_has_its_own() -> None:
    payloads = await Shop().all("{ items { ... @defer { name } } }")
    assert [one["path"] for one in payloads[0]["pending"]] == [["items", 0], ["items", 1]]
    assert merged(payloads) == {"items": [{"name": "n1"}, {"name": "n2"}]}


async def test_a_null_that_reaches_the_top_takes_that_fragment_alone() -> None:
    text = "{ items { name ... @defer { maker { id } ... @defer { maker { city } } } } }"
    payloads = await Shop().all(text)
    assert merged(payloads) == {
        "items": [
            {"name": "n1", "maker": {"id": "m1", "city": "Ulm"}},
            {"name": "n2", "maker": {"id": "m2"}},
        ]
    }
    (failure,) = [one for each in payloads[1:] for one in each["completed"] if "errors" in one]
    (error,) = failure["errors"]
    assert error["path"] == ["items", 1, "maker", "city"]
    assert error["extensions"]["service"] == "makers"


async def test_a_subgraph_that_fails_is_told_with_what_it_leaves_out() -> None:
    shop = Shop(faults={"stock": TransportFailure("SHARD_UNREACHABLE", "The line is dead.")})
    payloads = await shop.all("{ best { name ... @defer { shelf { place } } } }")
    assert "errors" not in payloads[0]
    (entry,) = payloads[1]["incremental"]
    assert entry["data"] == {"shelf": None}
    assert [(error["path"], error["extensions"]["code"]) for error in entry["errors"]] == [
        (["best"], "SHARD_UNREACHABLE")
    ]


async def test_nothing_is_pending_below_what_is_null() -> None:
    shop = Shop(faults={"shop": Reply({"best": None}, ({"message": "lost", "path": ["best"]},))})
    answer = await shop.engine.stream(Request("{ best { ... @defer { name } } }"), RequestContext())
    assert isinstance(answer, Response)
    assert answer.data == {"best": None}
    assert [error["path"] for error in answer.errors] == [["best"]]


async def test_what_is_withheld_is_told_where_it_would_have_come() -> None:
    payloads = await Shop().all("{ best { name ... @defer { maker { city ... @defer { secret } } } } }")
    assert merged(payloads) == {"best": {"name": "n1", "maker": {"city": "Ulm"}}}
    failures = [one for each in payloads[1:] for one in each["completed"] if "errors" in one]
    assert [(e["extensions"]["code"], e["path"]) for one in failures for e in one["errors"]] == [
        ("UNAUTHORIZED_FIELD_OR_TYPE", ["best", "maker", "secret"])
    ]
    allowed = await Shop().begin(
        "{ best { ... @defer { maker { secret } } } }", context=RequestContext(claims=Claims(True))
    )
    assert (await following(allowed))["incremental"][0]["data"] == {"maker": {"secret": "x"}}


async def test_a_mutation_defers_below_its_root_fields() -> None:
    payloads = await Shop().all('mutation { sell(id: "2") { id ... @defer { count } } }')
    assert payloads[0]["data"] == {"sell": {"id": "2"}}
    assert merged(payloads) == {"sell": {"id": "2", "count": 20}}


def test_when_the_time_is_up_the_rest_says_so() -> None:
    async def main() -> dict[str, Any]:
        context = RequestContext(deadline_s=10.0)
        answer = await Shop("stock").begin("{ best { name ... @defer { shelf { row } } } }", context=context)
        return await following(answer)

    last = run(main())
    (entry,) = last["incremental"]
    assert entry["data"] == {"shelf": None}
    assert [error["extensions"]["code"] for error in entry["errors"]] == ["SHARD_TIMEOUT"]
    assert last["hasNext"] is False


async def test_no_more_is_pending_at_a_time_than_the_limit() -> None:
    shop = Shop(limits=EngineLimits(pending=1))
    payloads = await shop.all("{ items { ... @defer { name } } }")
    assert [len(each.get("pending", ())) for each in payloads] == [1, 1]
    assert merged(payloads) == {"items": [{"name": "n1"}, {"name": "n2"}]}


async def test_closing_ends_what_still_runs() -> None:
    shop = Shop("stock")
    answer = await shop.begin("{ best { name ... @defer { count } } }")
    await answer.rest.aclose()
    assert shop.left == ["stock"]
    assert [one async for one in answer.rest] == []


async def test_misuse_is_refused() -> None:
    shop = Shop()
    for text, said in (
        ('mutation { ... @defer { sell(id: "1") { id } } }', "root mutation"),
        ('{ best { ... @defer(label: "a") { id } ... @defer(label: "a") { name } } }', "must be unique"),
        ("query ($l: String) { best { ... @defer(label: $l) { id } } }", "must be a static string"),
    ):
        answer = await shop.engine.stream(Request(text), RequestContext())
        assert isinstance(answer, Response)
        assert answer.refused
        assert said in answer.errors[0]["message"]
