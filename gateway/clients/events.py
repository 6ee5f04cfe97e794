"""A subgraph's events over HTTP: server-sent events by the graphql-sse protocol (distinct connections).

    subgraph ──socket──▶ reading task ──at most `events_waiting`──▶ whoever asked

The reading task takes events as they come, so that no subgraph waits for one slow client; a client for
whom too many wait is told so, and its subscription ends. Closing the generator closes the connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Final

from gateway.clients.body import body_of
from gateway.clients.exchange import Opened, PooledExchange
from gateway.clients.failures import NodeFailure, invalid, rejected, timed_out
from gateway.clients.http import FORWARDED, Addresses, sent_on
from gateway.clients.replies import GRAPHQL_JSON, parse_reply, read_reply
from gateway.clients.settings import EventSettings
from gateway.federation.transport import Reply, ShardRequest, Unparsed

EVENT_STREAM: Final = "text/event-stream"
HEADERS: Final = (("content-type", "application/json"), ("accept", f"{EVENT_STREAM}, {GRAPHQL_JSON}"))
Item = Reply | NodeFailure | None
"""What the reading task hands over; None when the stream has ended as it should."""


class Places:
    """How many streams are open at once, over all subgraphs and supergraphs of one gateway."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises `SHARD_BUSY` when all are taken."""
        if self.taken >= self._limit:
            raise NodeFailure("SHARD_BUSY", "Too many subscriptions are open; try again later.")
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class EventStreams:
    """Opens subscriptions at subgraphs (`execution.subscribe.EventSource`). Raises `NodeFailure`.

    `forwarded` names the headers of the caller's request that a subgraph is told.
    """

    def __init__(
        self,
        addresses: Addresses,
        sockets: PooledExchange,
        places: Places,
        settings: EventSettings,
        forwarded: Callable[[str], frozenset[str]] = lambda subgraph: FORWARDED,
    ) -> None:
        self._addresses = addresses
        self._sockets = sockets
        self._places = places
        self._settings = settings
        self._forwarded = forwarded

    async def events(self, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        url = self._addresses.url(request.subgraph, request.shard)
        if url is None:
            raise rejected("It has no address.")
        waiting: asyncio.Queue[Item] = asyncio.Queue()
        with self._places.one():
            reading = asyncio.create_task(self._read(url, request, waiting))
            try:
                while (item := await waiting.get()) is not None:
                    if isinstance(item, NodeFailure):
                        raise item
                    yield item
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, url: str, request: ShardRequest, waiting: asyncio.Queue[Item]) -> None:
        limit = self._settings.events_waiting
        try:
            async with aclosing(self._opened(url, request)) as events:
                async for event in events:
                    if waiting.qsize() >= limit:
                        message = f"More than {limit} events wait. Read faster, or subscribe again."
                        raise NodeFailure("SUBSCRIBER_TOO_SLOW", message)
                    waiting.put_nowait(event)
        except NodeFailure as failure:
            waiting.put_nowait(failure)
        else:
            waiting.put_nowait(None)

    async def _opened(self, url: str, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        wait_s = min(request.deadline_s - time.monotonic(), self._settings.open_ms / 1000)
        headers = [*HEADERS, *sent_on(request.headers, self._forwarded(request.subgraph))]
        async with self._sockets.open(url, headers, body_of(request), wait_s) as opened:
            media = opened.content_type.partition(";")[0].strip().lower()
            if opened.status == 200 and media == EVENT_STREAM:
                async with aclosing(self._messages(opened)) as messages:
                    async for name, text in messages:
                        if name == "complete":
                            return
                        if name == "next":
                            yield parse_reply(text)
                raise invalid("Its stream ended without saying that it was complete.")
            yield await self._refusal(opened)

    async def _messages(self, opened: Opened) -> AsyncGenerator[tuple[str, bytes], None]:
        """The stream's messages: event and data (HTML, section 9.2.6)."""
        rest = b""
        name, data = "message", list[bytes]()
        async for chunk in self._chunks(opened):
            *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
            if len(rest) + sum(map(len, data)) + sum(map(len, lines)) > self._settings.event_limit_bytes:
                raise invalid("An event of its stream is too large.")
            for line in lines:
                field, _, value = line.partition(b":")
                value = value.removeprefix(b" ")
                if field == b"event":
                    name = value.decode(errors="replace")
                elif field == b"data":
                    data.append(value)
                elif not line:
                    if data or name != "message":
                        yield name, b"\n".join(data)
                    name, data = "message", []

    async def _refusal(self, opened: Opened) -> Reply:
        """What it answered in place of a stream."""
        body = b""
        async for chunk in self._chunks(opened):
            body += chunk
            if len(body) > self._settings.event_limit_bytes:
                raise invalid("Its answer is too large.")
        answer = read_reply(opened.status, opened.content_type, body)
        return answer.read() if isinstance(answer, Unparsed) else answer

    async def _chunks(self, opened: Opened) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._settings.silence_ms / 1000):
                    chunk = await opened.read()
            except TimeoutError:
                raise timed_out() from None
            if chunk is None:
                return
            yield chunk
