"""An answer in parts over real sockets: multipart, server-sent events and a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gateway.federation.composition.compose import Subgraph, compose
from gateway.foreign import supergraph_app
from tests.serving import Servers

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
ITEMS_SDL = LINK + 'type Query { item: Item } type Item @key(fields: "id") { id: ID! }'
NAMES_SDL = LINK + 'type Item @key(fields: "id") { id: ID! name: String }'
DEFERRED = {"query": '{ item { id ... @defer(label: "name") { name } } }'}
FIRST = {
    "data": {"item": {"id": "1"}},
    "pending": [{"id": "0", "path": ["item"], "label": "name"}],
    "hasNext": True,
}
LAST = {
    "incremental": [{"id": "0", "data": {"name": "one"}}],
    "completed": [{"id": "0"}],
    "hasNext": False,
}


class Answering:
    """A subgraph that answers the same to everything, once it is `open`; `left` when nobody waits for it."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.open, self.left = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await Request(scope, receive).json()
        waiting = asyncio.ensure_future(self.open.wait())
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, leaving):
            task.cancel()
        await asyncio.gather(waiting, leaving, return_exceptions=True)
        if not self.open.is_set():
            self.left.set()
        await JSONResponse({"data": self._data})(scope, receive, send)


class World:
    def __init__(self, servers: Servers) -> None:
        items = Answering({"item": {"id": "1", "__typename": "Item"}})
        self.names = Answering({"_entities": [{"name": "one"}]})
        items.open.set()
        urls = [servers.start(app).url for app in (items, self.names)]
        supergraph = compose([Subgraph("items", urls[0], ITEMS_SDL), Subgraph("names", urls[1], NAMES_SDL)])
        self.url = f"{servers.start(supergraph_app(supergraph.sdl())).url}/graphql"
        self.open_names: Callable[[], object] = lambda: servers.loop.call_soon_threadsafe(self.names.open.set)
        self.servers = servers


@pytest.fixture
def world() -> Iterator[World]:
    with Servers() as servers:
        yield World(servers)


async def parts(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The parts of a multipart response, each as soon as the boundary after it has come."""
    text, read = "", 0
    async for chunk in response.aiter_text():
        text += chunk
        found = text.split("\r\n---")
        for part in found[read + 1 : -1]:
            read += 1
            yield json.loads(part.partition("\r\n\r\n")[2])


async def events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The payloads of a stream of server-sent events."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize(("accept", "read"), [("multipart/mixed", parts), ("text/event-stream", events)])
async def test_what_is_there_is_sent_before_the_rest_is(
    world: World, accept: str, read: Callable[[httpx.Response], AsyncIterator[dict[str, Any]]]
) -> None:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        client.stream("POST", world.url, json=DEFERRED, headers={"accept": accept}) as response,
    ):
        assert response.headers["content-type"].startswith(accept)
        payloads = read(response)
        assert await anext(payloads) == FIRST
        world.open_names()
        assert [payload async for payload in payloads] == [LAST]


async def test_a_client_that_takes_one_response_gets_the_whole(world: World) -> None:
    world.open_names()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        for accept in ("application/json", "multipart/mixed;deferSpec=20220824, application/json"):
            answer = await client.post(world.url, json=DEFERRED, headers={"accept": accept})
            assert answer.json() == {"data": {"item": {"id": "1", "name": "one"}}}


async def test_it_comes_on_a_websocket(world: World) -> None:
    protocol = Subprotocol("graphql-transport-ws")
    url = world.url.replace("http", "ws")
    async with connect(url, subprotocols=[protocol], proxy=None, open_timeout=30) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": DEFERRED}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        assert json.loads(await socket.recv()) == {"id": "1", "type": "next", "payload": FIRST}
        world.open_names()
        assert json.loads(await socket.recv()) == {"id": "1", "type": "next", "payload": LAST}
        assert json.loads(await socket.recv()) == {"id": "1", "type": "complete"}


async def test_a_client_that_leaves_ends_what_it_asked_for(world: World) -> None:
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        client.stream("POST", world.url, json=DEFERRED, headers={"accept": "text/event-stream"}) as response,
    ):
        assert await anext(events(response)) == FIRST
        assert not world.names.left.is_set()
    left = asyncio.run_coroutine_threadsafe(world.names.left.wait(), world.servers.loop)
    assert await asyncio.wrap_future(left)
