"""Subscriptions: events of one subgraph, completed from others like any query."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from gateway.federation.engine import Engine, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.engine.federation import LocalSubgraph, Subgraphs, by_key, supergraph

SHOP = """
    type Query { best: Item }
    type Subscription { sold(shelf: Int): Item }
    type Item @key(fields: "id") { id: ID! name: String }
"""
STOCK = 'type Item @key(fields: "id") { id: ID! count: Int! }'
COUNTS = [{"__typename": "Item", "id": str(i), "count": i * 10} for i in (1, 2)]
SOLD = "subscription ($shelf: Int = 3) { last: sold(shelf: $shelf) { name count } }"


class Sales:
    """An event source that sends these replies, then fails or ends. `closed` once it was left."""

    def __init__(self, *replies: Reply | TransportFailure) -> None:
        self._replies = replies
        self.asked: list[ShardRequest] = []
        self.closed = False

    async def events(self, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        self.asked.append(request)
        try:
            for reply in self._replies:
                if isinstance(reply, TransportFailure):
                    raise reply
                yield reply
        finally:
            self.closed = True


def engine(sales: Sales | None) -> Engine:
    stock = LocalSubgraph(STOCK, {}, by_key(COUNTS, "id"))
    dispatcher = Dispatcher(Subgraphs({"stock": stock}))
    return Engine(supergraph(shop=SHOP, stock=STOCK), dispatcher, events=sales)


async def opened(sales: Sales) -> AsyncGenerator[Response, None]:
    stream = await engine(sales).subscribe(Request(SOLD), RequestContext())
    assert not isinstance(stream, Response), stream.errors
    return stream


def sale(identity: str, **more: Any) -> Reply:
    return Reply({"last": {"id": identity, "name": f"n{identity}", **more}})


async def test_each_event_is_completed_from_other_subgraphs() -> None:
    sales = Sales(sale("1"), sale("2"))
    responses = [response.formatted() async for response in await opened(sales)]
    assert responses == [
        {"data": {"last": {"name": "n1", "count": 10}}},
        {"data": {"last": {"name": "n2", "count": 20}}},
    ]
    (asked,) = sales.asked
    assert (asked.subgraph, asked.kind, asked.variables) == ("shop", "subscription", {"shelf": 3})
    assert sales.closed


async def test_a_faulty_event_does_not_end_the_stream() -> None:
    sales = Sales(Reply(None, ({"message": "lost", "path": ["last"]},)), sale("unknown"), sale("2"))
    first, second, third = [response async for response in await opened(sales)]
    assert (first.data, first.errors[0]["path"]) == ({"last": None}, ["last"])
    assert second.data == {"last": None}
    assert third.data == {"last": {"name": "n2", "count": 20}}


async def test_a_stream_that_breaks_says_so_and_ends() -> None:
    sales = Sales(sale("1"), TransportFailure("SHARD_UNREACHABLE", "The line is dead."))
    responses = [response async for response in await opened(sales)]
    assert [bool(response.errors) for response in responses] == [False, True]
    assert responses[1].errors[0]["extensions"] == {"code": "SHARD_UNREACHABLE", "service": "shop"}


async def test_leaving_ends_the_stream_at_the_subgraph() -> None:
    sales = Sales(sale("1"), sale("2"))
    stream = await opened(sales)
    assert (await anext(stream)).data == {"last": {"name": "n1", "count": 10}}
    await stream.aclose()
    assert sales.closed


async def test_a_subscription_is_refused_where_it_cannot_be_streamed() -> None:
    for response in (
        await engine(Sales()).run(Request(SOLD), RequestContext()),
        await engine(None).subscribe(Request(SOLD), RequestContext()),
    ):
        assert isinstance(response, Response)
        assert response.refused
        assert response.errors[0]["extensions"]["code"] == "SUBSCRIPTION_NOT_STREAMED"


async def test_other_operations_are_run() -> None:
    response = await engine(Sales()).subscribe(Request("{ __typename }"), RequestContext())
    assert isinstance(response, Response)
    assert response.data == {"__typename": "Query"}
