"""Queries alike that are on their way at the same time are sent once: who comes later waits with the first.

Alike are the same text and variables, to the same shard, for the same caller: all that a node may learn of
the client's request is compared, but for the trace, which no answer depends on. The first sends as if it
were alone, so that a query without company pays for one look-up and nothing else. When it gives up before
there is an answer, those who wait ask anew, one of them for all.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from gateway.clients.body import Bodies
from gateway.clients.guarded import CLOCK_GRAIN_S
from gateway.clients.http import FORWARDED
from gateway.clients.settings import DEFAULTS, DeduplicationSettings
from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure, Unparsed

Sent = Reply | Unparsed
Identity = tuple[tuple[str, str], ...]
Key = tuple[str, str, bytes, Identity]
Outcome = Sent | TransportFailure | None
"""What a flight brought; None: nothing, since who led it has gone."""

WITHOUT_EFFECT: Final = frozenset({"traceparent", "tracestate", "x-correlation-id"})
"""Headers that are sent on and that no answer depends on."""


class Observer(Protocol):
    """Hears of every query that was not sent, since one like it was on its way."""

    def joined(self, subgraph: str, shard: str) -> None: ...


@dataclass(slots=True, eq=False)
class _Flight:
    """A query on its way, and those who wait for its answer."""

    deadline_s: float
    waiting: list[asyncio.Future[Outcome]] = field(default_factory=list)

    def land(self, outcome: Outcome) -> None:
        for one in self.waiting:
            if not one.done():
                one.set_result(outcome)


class DeduplicatedTransport:
    """A `Transport` that sends through `inner`; mutations always, each of them."""

    def __init__(
        self,
        inner: Transport,
        settings: DeduplicationSettings = DEFAULTS.deduplication,
        *,
        forwarded: frozenset[str] = FORWARDED,
        bodies: Bodies | None = None,
        clock: Callable[[], float] = time.monotonic,
        observer: Observer | None = None,
    ) -> None:
        """`forwarded` are the headers that `inner` sends on; with its `bodies`, none is encoded twice."""
        self._inner = inner
        self._settings = settings
        self._compared = forwarded - WITHOUT_EFFECT
        self._bodies = bodies or Bodies()
        self._clock = clock
        self._observer = observer
        self._flights: dict[Key, _Flight] = {}
        self._headers: Mapping[str, str] = {}
        self._identity: Identity = ()

    async def send(self, request: ShardRequest) -> Sent:
        """The answer. Raises `TransportFailure`; a cancelled caller's leaving is nobody else's loss."""
        if request.kind != "query":
            return await self._inner.send(request)
        key = (request.subgraph, request.shard, self._bodies.of(request), self._identity_in(request.headers))
        while True:
            flight = self._flights.get(key)
            if flight is None and len(self._flights) < self._settings.flights:
                return await self._lead(key, request)
            if flight is None or len(flight.waiting) >= self._settings.waiting:
                return await self._inner.send(request)
            sent = await self._join(flight, request)
            if sent is not None:
                return sent

    async def _lead(self, key: Key, request: ShardRequest) -> Sent:
        flight = self._flights[key] = _Flight(request.deadline_s)
        outcome: Outcome = None
        try:
            outcome = await self._inner.send(request)
        except TransportFailure as failure:
            outcome = failure
            raise
        finally:
            del self._flights[key]
            flight.land(outcome)
        return outcome

    async def _join(self, flight: _Flight, request: ShardRequest) -> Sent | None:
        """What the flight brought; None where it says nothing about a caller who has more time."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        flight.waiting.append(answer)
        try:
            outcome = await answer
        except asyncio.CancelledError:
            flight.waiting.remove(answer)
            raise
        if isinstance(outcome, TransportFailure):
            had_its_time = self._clock() + CLOCK_GRAIN_S >= flight.deadline_s
            if outcome.code == "SHARD_TIMEOUT" and had_its_time and request.deadline_s > flight.deadline_s:
                return None
            raise outcome.with_traceback(None)
        if outcome is not None and self._observer is not None:
            self._observer.joined(request.subgraph, request.shard)
        # An answer is added to while it becomes a part of a response: bytes are parsed by each for itself.
        return copy.deepcopy(outcome) if isinstance(outcome, Reply) else outcome

    def _identity_in(self, headers: Mapping[str, str]) -> Identity:
        if headers is not self._headers:  # a wave's requests share theirs
            compared = ((name.lower(), value) for name, value in headers.items())
            self._identity = tuple(sorted(each for each in compared if each[0] in self._compared))
            self._headers = headers
        return self._identity
