"""A subgraph that sends no server-sent events is subscribed to over a WebSocket (graphql-transport-ws)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.clients.settings import EventSettings
from tests.gateway.test_subscriptions import World, codes, named, on_servers, subscribed
from tests.serving import Servers

NO_STREAM = {"errors": [{"message": "No subscriptions here.", "extensions": {"code": "NO_STREAM"}}]}


class OnSocket:
    """Speaks graphql-transport-ws; `ending` says what follows the events that it was asked for."""

    def __init__(self) -> None:
        self.ending = "complete"
        self.subprotocol = "graphql-transport-ws"
        self.redirected_to: str | None = None
        self.posts = 0
        self.headers: list[dict[str, str]] = []
        self.begun: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
            self.posts += 1
            await JSONResponse(NO_STREAM, 400)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._serve(WebSocket(scope, receive, send))

    async def _serve(self, socket: WebSocket) -> None:
        self.headers.append(dict(socket.headers))
        if self.redirected_to is not None:
            await socket.send_denial_response(RedirectResponse(self.redirected_to))
            return
        await socket.accept(self.subprotocol)
        try:
            self.begun.append(await socket.receive_json())
            await socket.send_json({"type": "ping"})
            assert await socket.receive_json() == {"type": "pong"}
            await socket.send_json({"type": "connection_ack"})
            subscribe = await socket.receive_json()
            for number in range(subscribe["payload"]["variables"]["to"]):
                payload = {"data": {"ticked": {"__typename": "Item", "id": str(number)}}}
                await socket.send_json({"id": subscribe["id"], "type": "next", "payload": payload})
            await self._end(socket, subscribe["id"])
        except WebSocketDisconnect:
            self.gone.set()

    async def _end(self, socket: WebSocket, operation: str) -> None:
        match self.ending:
            case "complete":
                await socket.send_json({"id": operation, "type": "complete"})
                await socket.receive()
            case "error":
                await socket.send_json({"id": operation, "type": "error", "payload": NO_STREAM["errors"]})
                await socket.receive()
            case "open":
                await socket.receive_json()
            case "broken":
                await socket.close()
            case "unauthorised":
                await socket.close(4401)
            case "garbled":
                await socket.send_text("{")
            case "large":
                await socket.send_text("x" * EventSettings().event_limit_bytes + "x")


class SocketWorld(World):
    def __init__(self, servers: Servers) -> None:
        self.socket = OnSocket()
        super().__init__(servers, over_socket=self.socket)


@pytest.fixture
def world() -> Iterator[SocketWorld]:
    with Servers() as servers:
        yield SocketWorld(servers)


async def test_its_events_are_completed_like_any_and_carry_the_callers_token(world: SocketWorld) -> None:
    async with subscribed(world, 2, authorization="Bearer x") as client:
        assert await client.all() == [named(0), named(1)]
    assert world.socket.headers[0]["authorization"] == "Bearer x"
    assert world.socket.begun == [{"type": "connection_init", "payload": {"authorization": "Bearer x"}}]


async def test_what_it_speaks_is_found_out_once(world: SocketWorld) -> None:
    for _ in range(2):
        async with subscribed(world, 1) as client:
            assert await client.all() == [named(0)]
    assert world.socket.posts == 1


async def test_a_client_that_leaves_ends_the_subscription_at_the_subgraph(world: SocketWorld) -> None:
    world.socket.ending = "open"
    async with subscribed(world, 1) as client:
        assert await client.payload() == named(0)
        assert not world.socket.gone.is_set()
    await on_servers(world, world.socket.gone)


async def test_an_error_of_the_operation_is_quoted_and_ends_it(world: SocketWorld) -> None:
    world.socket.ending = "error"
    async with subscribed(world, 0) as client:
        [only] = await client.all()
    assert only["data"] == {"ticked": None}
    assert codes(only) == ["NO_STREAM"]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("broken", "SHARD_INVALID_REPLY"),
        ("unauthorised", "SHARD_REJECTED"),
        ("garbled", "SHARD_INVALID_REPLY"),
        ("large", "SHARD_INVALID_REPLY"),
    ],
)
async def test_a_stream_that_breaks_ends_with_its_error(world: SocketWorld, ending: str, code: str) -> None:
    world.socket.ending = ending
    async with subscribed(world, 1) as client:
        first, last = await client.all()
    assert first == named(0)
    assert codes(last) == [code]


async def test_another_protocol_on_its_socket_leaves_what_it_answered_first(world: SocketWorld) -> None:
    world.socket.subprotocol = "graphql-ws"
    async with subscribed(world, 1) as client:
        [only] = await client.all()
    assert codes(only) == ["NO_STREAM"]
    assert world.socket.begun == []


async def test_a_redirect_is_not_followed(world: SocketWorld) -> None:
    elsewhere = OnSocket()
    world.socket.redirected_to = world.servers.start(elsewhere).url.replace("http", "ws", 1)
    async with subscribed(world, 1) as client:
        [only] = await client.all()
    assert codes(only) == ["NO_STREAM"]
    assert elsewhere.headers == []
