"""A subgraph's events, by whichever protocol it speaks.

    subgraph ──socket──▶ reading task ──at most `events_waiting`──▶ whoever asked

The reading task takes events as they come, so that no subgraph waits for one slow client; a client for
whom too many wait is told so, and its subscription ends. Closing the generator closes the connection.

A protocol that a subgraph turns out not to speak costs one attempt; the one it speaks is remembered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager

from gateway.clients.body import body_of
from gateway.clients.event_socket import EventSocket
from gateway.clients.event_source import EventProtocol, NotSpoken
from gateway.clients.event_stream import EventStream
from gateway.clients.exchange import PooledExchange
from gateway.clients.failures import NodeFailure, rejected
from gateway.clients.http import FORWARDED, Addresses, sent_on
from gateway.clients.settings import EventSettings
from gateway.federation.transport import Reply, ShardRequest

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
        self._protocols: Sequence[EventProtocol] = (
            EventStream(sockets, settings),
            EventSocket(sockets, settings),
        )
        self._spoken: dict[str, EventProtocol] = {}
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
            async with aclosing(self._events(url, request)) as events:
                async for event in events:
                    if waiting.qsize() >= limit:
                        message = f"More than {limit} events wait. Read faster, or subscribe again."
                        raise NodeFailure("SUBSCRIBER_TOO_SLOW", message)
                    waiting.put_nowait(event)
        except NodeFailure as failure:
            waiting.put_nowait(failure)
        else:
            waiting.put_nowait(None)

    async def _events(self, url: str, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        headers = sent_on(request.headers, self._forwarded(request.subgraph))
        refusals = list[Reply | NodeFailure]()
        for protocol in self._likeliest_first(url):
            try:
                async with protocol.open(url, headers, body_of(request), self._wait_s(request)) as events:
                    self._spoken[url] = protocol
                    async for event in events:
                        yield event
                    return
            except NotSpoken as answered:
                refusals.append(answered.said)
        said = next((one for one in refusals if isinstance(one, Reply)), refusals[0])
        if isinstance(said, NodeFailure):
            raise said
        yield said

    def _likeliest_first(self, url: str) -> list[EventProtocol]:
        spoken = self._spoken.get(url)
        return sorted(self._protocols, key=lambda protocol: protocol is not spoken)

    def _wait_s(self, request: ShardRequest) -> float:
        return min(request.deadline_s - time.monotonic(), self._settings.open_ms / 1000)
