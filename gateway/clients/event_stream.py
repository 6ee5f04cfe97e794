"""A subgraph's events as server-sent events, by the graphql-sse protocol (distinct connections)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Final

from gateway.clients.connection import Answered
from gateway.clients.event_source import EventProtocol, NotSpoken
from gateway.clients.exchange import Headers, Opened, PooledExchange
from gateway.clients.failures import NodeFailure, invalid, timed_out
from gateway.clients.replies import GRAPHQL_JSON, parse_reply, read_reply
from gateway.clients.settings import EventSettings
from gateway.federation.transport import Reply, Unparsed

EVENT_STREAM: Final = "text/event-stream"
ASKED: Final = (("content-type", "application/json"), ("accept", f"{EVENT_STREAM}, {GRAPHQL_JSON}"))


class EventStream(EventProtocol):
    """One request of which the answer is the events."""

    def __init__(self, sockets: PooledExchange, settings: EventSettings) -> None:
        self._sockets = sockets
        self._settings = settings

    @asynccontextmanager
    async def open(
        self, url: str, headers: Headers, body: bytes, wait_s: float
    ) -> AsyncIterator[AsyncGenerator[Reply, None]]:
        async with self._sockets.open(url, [*ASKED, *headers], body, wait_s) as opened:
            media = opened.content_type.partition(";")[0].strip().lower()
            if opened.status != 200 or media != EVENT_STREAM:
                raise NotSpoken(await self._refusal(opened))
            async with aclosing(self._events(opened)) as events:
                yield events

    async def _events(self, opened: Opened) -> AsyncGenerator[Reply, None]:
        async with aclosing(self._messages(opened)) as messages:
            async for name, text in messages:
                if name == "complete":
                    return
                if name == "next":
                    yield parse_reply(text)
        raise invalid("Its stream ended without saying that it was complete.")

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

    async def _refusal(self, opened: Opened) -> Reply | NodeFailure:
        """What it answered in place of a stream. Raises where that says nothing about streams: status 5xx."""
        body = b""
        async for chunk in self._chunks(opened):
            body += chunk
            if len(body) > self._settings.event_limit_bytes:
                raise invalid("Its answer is too large.")
        try:
            answer = read_reply(Answered(opened.status, opened.content_type, body))
            return answer.read() if isinstance(answer, Unparsed) else answer
        except NodeFailure as failure:
            if failure.is_sick:
                raise
            return failure

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
