"""A subscription is passed through to its subgraph, and each of its events completed by the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.clients.settings import EventSettings
from gateway.federation.composition.compose import Subgraph, compose
from gateway.foreign import SupergraphSettings, supergraph_app
from gateway.settings import ClientsGroup, ForeignSubgraph
from tests.gateway.country import country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Served, Servers

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
EVENTS_SDL = (
    LINK
    + """
type Query { ticks: Int }
type Subscription { ticked(to: Int!): Item }
type Item @key(fields: "id") { id: ID! }
"""
)
NAMES_SDL = (
    LINK
    + """
type Query { names: [String!] }
type Item @key(fields: "id") { id: ID! name: String }
"""
)
TICKED = "subscription($to: Int!) { ticked(to: $to) { name id } }"
EVENTS_WAITING = 3
COMPLETE = b"event: complete\ndata:\n\n"


class Events:
    """A subgraph that sends as many events as it is asked for, and then does as its `ending` says."""

    def __init__(self) -> None:
        self.ending = "complete"
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.gone = asyncio.Event()
        self.event: Callable[[int], dict[str, Any]] = _ticked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await Request(scope, receive).json()
        self.asked.append(body)
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if self.ending == "refused":
            refusal = {"errors": [{"message": "Not today.", "extensions": {"code": "CLOSED"}}]}
            await JSONResponse(refusal)(scope, receive, send)
            return
        head = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await self._say(send, b":\n\n")
        for number in range(body["variables"]["to"]):
            event = json.dumps({"data": self.event(number)})
            await self._say(send, f"event: next\r\ndata: {event}\r\n\r\n".encode())
        if self.ending == "open":
            while (await receive())["type"] != "http.disconnect":
                pass
            self.gone.set()
            return
        await self._say(send, COMPLETE if self.ending == "complete" else b"", more=False)

    async def _say(self, send: Send, text: bytes, *, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": text, "more_body": more})


def _ticked(number: int) -> dict[str, Any]:
    return {"ticked": {"__typename": "Item", "id": str(number)}}


class Names:
    """A subgraph that names items, once it is `open`; `known` says whether it does at all."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.is_broken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await Request(scope, receive).json()
        await self.open.wait()
        asked = body["variables"]["representations"]
        entities = [{"__typename": "Item", "name": f"item {one['id']}"} for one in asked]
        answer = JSONResponse({"data": {"_entities": entities}}, 500 if self.is_broken else 200)
        await answer(scope, receive, send)


class World:
    def __init__(self, servers: Servers, over_socket: ASGIApp | None = None) -> None:
        """The events come from `events`, or from `over_socket`."""
        self.servers = servers
        self.events, self.names = Events(), Names()
        served = (over_socket or self.events, self.names)
        sources: tuple[Served, ...] = tuple(servers.start(app) for app in served)
        self.events_url = sources[0].url
        supergraph = compose(
            [
                Subgraph("events", sources[0].url, EVENTS_SDL),
                Subgraph("names", sources[1].url, NAMES_SDL),
            ]
        )
        limits = EventSettings(open_streams=1, events_waiting=EVENTS_WAITING)
        settings = SupergraphSettings(clients=ClientsGroup(events=limits))
        self.url = f"{servers.start(supergraph_app(supergraph.sdl(), settings)).url}/graphql"


@pytest.fixture
def world() -> Iterator[World]:
    with Servers() as servers:
        yield World(servers)


class Client:
    """One client that subscribes and reads what it is sent."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def payload(self) -> dict[str, Any] | None:
        """The next payload; None when the stream is complete."""
        async for line in self._lines:
            if line == "event: complete":
                return None
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found
        raise AssertionError("the stream broke")

    async def all(self) -> list[dict[str, Any]]:
        found = []
        while (payload := await self.payload()) is not None:
            found.append(payload)
        return found


@asynccontextmanager
async def subscribed(
    world: World, to: int, query: str = TICKED, url: str | None = None, **headers: str
) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        body = {"query": query, "variables": {"to": to}}
        headers = {"accept": "text/event-stream", **headers}
        async with client.stream("POST", url or world.url, json=body, headers=headers) as response:
            assert response.status_code == 200
            yield Client(response)


def named(number: int) -> dict[str, Any]:
    return {"data": {"ticked": {"name": f"item {number}", "id": str(number)}}}


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in payload["errors"]]


async def on_servers(world: World, event: asyncio.Event) -> None:
    """Wait for what happens on the servers' thread."""
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(event.wait(), world.servers.loop))


async def test_each_event_is_completed_by_the_other_subgraphs_in_order(world: World) -> None:
    async with subscribed(world, 3, authorization="Bearer x") as client:
        assert await client.all() == [named(0), named(1), named(2)]
    [asked] = world.events.asked
    assert "name" not in asked["query"]
    assert asked["variables"] == {"to": 3}
    assert world.events.headers[0]["authorization"] == "Bearer x"


async def test_a_client_that_leaves_ends_the_subscription_at_the_subgraph(world: World) -> None:
    world.events.ending = "open"
    async with subscribed(world, 1) as client:
        assert await client.payload() == named(0)
        assert not world.events.gone.is_set()
    await on_servers(world, world.events.gone)


async def test_a_stream_that_breaks_ends_with_its_error(world: World) -> None:
    world.events.ending = "broken"
    async with subscribed(world, 1) as client:
        first, last = await client.all()
    assert first == named(0)
    assert codes(last) == ["SHARD_INVALID_REPLY"]
    assert last["data"] is None


async def test_a_subgraph_that_refuses_is_quoted(world: World) -> None:
    world.events.ending = "refused"
    async with subscribed(world, 1) as client:
        [only] = await client.all()
    assert only["data"] == {"ticked": None}
    assert codes(only) == ["CLOSED"]


async def test_a_subgraph_that_is_silent_costs_its_field_of_the_event(world: World) -> None:
    world.names.is_broken = True
    async with subscribed(world, 1) as client:
        [only] = await client.all()
    assert only["data"] == {"ticked": {"name": None, "id": "0"}}
    assert codes(only) == ["SHARD_REJECTED"]


async def test_one_for_whom_too_many_events_wait_is_told_so(world: World) -> None:
    world.events.ending = "open"
    world.names.open.clear()
    async with subscribed(world, 50) as client:
        await on_servers(world, world.events.gone)  # it was cut off before it had read anything
        world.servers.loop.call_soon_threadsafe(world.names.open.set)
        *before, last = await client.all()
    assert codes(last) == ["SUBSCRIBER_TOO_SLOW"]
    assert before == [named(number) for number in range(len(before))]
    assert len(before) <= EVENTS_WAITING + 1


async def test_a_subscription_beyond_the_limit_is_refused_until_one_ends(world: World) -> None:
    world.events.ending = "open"
    async with subscribed(world, 1) as first:
        assert await first.payload() == named(0)
        async with subscribed(world, 1) as second:
            [only] = await second.all()
            assert codes(only) == ["SHARD_BUSY"]
    await on_servers(world, world.events.gone)
    world.events.ending = "complete"
    async with subscribed(world, 1) as third:
        assert await third.all() == [named(0)]


async def test_a_client_that_takes_no_stream_is_told_to_ask_for_one(world: World) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        body = {"query": TICKED, "variables": {"to": 1}}
        answer = (await client.post(world.url, json=body)).json()
    assert "data" not in answer
    assert len(answer["errors"]) == 1
    assert world.events.asked == []


CERTIFIED_SDL = (
    LINK
    + """
type Query { ticks: Int }
type Subscription { listed(to: Int!): Certificate }
type Certificate @key(fields: "code") { code: ID! }
"""
)


async def test_events_about_the_banks_types_are_completed_by_the_gateways_own_subgraph(
    world: World, tmp_path: Path
) -> None:
    sdl = tmp_path / "listed.graphql"
    sdl.write_text(CERTIFIED_SDL, encoding="utf-8")
    world.events.event = lambda _: {"listed": {"__typename": "Certificate", "code": CERTIFICATE.code}}
    listed = ForeignSubgraph(name="listed", url=world.events_url, sdl=sdl)
    with country(world.servers, tmp_path, {}, subgraphs=(listed,)) as built:
        query = "subscription($to: Int!) { listed(to: $to) { name } }"
        async with subscribed(world, 2, query, f"{built.gateway.url}/graphql") as client:
            assert await client.all() == [{"data": {"listed": {"name": "网店运营推广"}}}] * 2
    assert "authorization" not in world.events.headers[0]
