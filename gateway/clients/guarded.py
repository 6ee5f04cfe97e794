"""Guards around any transport: for each shard a breaker, a bulkhead and patience; retries within a budget.

They know no HTTP, and take time and chance from outside, so that a simulated network on a virtual
clock runs the very same code.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.clients.breaker import Breaker, State
from gateway.clients.bulkhead import Bulkhead
from gateway.clients.failures import NodeFailure
from gateway.clients.hedge import Hedge, Replicas
from gateway.clients.patience import Patience
from gateway.clients.settings import DEFAULTS, ClientSettings
from gateway.federation.transport import Reply, ShardRequest, Transport, Unparsed

CLOCK_GRAIN_S = 0.005  # an event loop's timers may be early by its clock's resolution

Key = tuple[str, str]
"""A subgraph's name and a shard's."""


class Observer(Protocol):
    """Hears of every attempt: `code` is "OK" or the failure's. `seconds` is 0.0 when nothing was sent."""

    def attempted(self, subgraph: str, shard: str, code: str, seconds: float) -> None: ...

    def retried(self, subgraph: str, shard: str) -> None: ...


class _Silent:
    def attempted(self, subgraph: str, shard: str, code: str, seconds: float) -> None: ...

    def retried(self, subgraph: str, shard: str) -> None: ...


@dataclass(slots=True)
class _Guard:
    breaker: Breaker
    bulkhead: Bulkhead
    patience: Patience
    spared_until_s: float | None = None
    """What was begun before then tells of a node that has too much to do; None: it has all its places."""


class GuardedTransport:
    """A `Transport` that sends through `inner`, and never sends a mutation twice."""

    def __init__(
        self,
        inner: Transport,
        settings: ClientSettings = DEFAULTS,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observer: Observer | None = None,
        replicas: Replicas | None = None,
    ) -> None:
        """`replicas`, where given, are asked as well when a shard takes longer than usual."""
        self._inner = inner
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._sleep = sleep
        self._observer = observer or _Silent()
        self._guards: dict[Key, _Guard] = {}
        self._retries = 0.0
        self._hedge = Hedge(replicas, settings.hedge) if replicas is not None else None

    def states(self) -> dict[Key, State]:
        """Each shard's breaker, for health reports and metrics."""
        return {key: guard.breaker.state for key, guard in self._guards.items()}

    def forget(self, subgraph: str, shard: str) -> None:
        """Hold nothing against a shard that has moved: what failed was its old address."""
        self._guards.pop((subgraph, shard), None)

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        guard = self._guard((request.subgraph, request.shard))
        retry = self._settings.retry
        attempts = retry.attempts if request.kind == "query" else 1
        while True:
            attempts -= 1
            try:
                return await self._attempt(guard, request)
            except NodeFailure as failure:
                pause_s = retry.backoff_ms / 1000 * self._chance()
                in_time = self._clock() + pause_s < request.deadline_s
                if not (failure.is_transient and attempts and in_time and self._retries >= 1.0):
                    raise
            self._retries -= 1.0 + retry.budget_share  # it is sent too, and earns nothing
            self._observer.retried(request.subgraph, request.shard)
            await self._sleep(pause_s)

    async def _attempt(self, guard: _Guard, request: ShardRequest) -> Reply | Unparsed:
        if not guard.breaker.allows():
            self._observer.attempted(request.subgraph, request.shard, "SHARD_BREAKER_OPEN", 0.0)
            raise NodeFailure("SHARD_BREAKER_OPEN", "It failed too often just now and is left alone.")
        begun = self._clock()
        code = "CANCELLED"
        try:
            if not guard.bulkhead.enter():
                await guard.bulkhead.wait()
                begun = self._clock()
            try:
                reply = await self._sent(guard.patience, request, begun)
            except NodeFailure as failure:
                if failure.again_after_s is not None:
                    self._spare(guard, failure.again_after_s)
                raise
            finally:
                guard.bulkhead.leave()
            code = "OK"
            guard.breaker.succeeded()
            guard.patience.answered(self._clock() - begun)
            if self._hedge is not None:
                self._hedge.answered()
            if guard.spared_until_s is not None and begun >= guard.spared_until_s:
                self._try_more(guard)
            return reply
        except NodeFailure as failure:
            code = failure.code
            self._judge(guard, failure, self._clock() - begun)
            raise
        except asyncio.CancelledError:
            if self._clock() + CLOCK_GRAIN_S >= request.deadline_s:
                code = "SHARD_TIMEOUT"
            self._judge_silence(guard, code == "SHARD_TIMEOUT", self._clock() - begun)
            raise
        except BaseException:
            guard.breaker.abandoned()
            raise
        finally:
            self._observer.attempted(request.subgraph, request.shard, code, self._clock() - begun)

    def _sent(self, patience: Patience, request: ShardRequest, now: float) -> Awaitable[Reply | Unparsed]:
        """Send it, waiting no longer than the shard's history supports; for a mutation, to its end.

        What is sent earns retries; what a breaker or a bulkhead keeps back is no traffic.
        """
        retry = self._settings.retry
        self._retries = min(self._retries + retry.budget_share, retry.budget_reserve)
        if request.kind != "query":
            return self._inner.send(request)
        allowance_s = patience.allowance_s()
        if allowance_s is not None and now + allowance_s < request.deadline_s:
            request = request.until(now + allowance_s)
        if self._hedge is None:
            return self._inner.send(request)
        return self._hedge.send(self._inner, request, patience.usual_s())

    def _spare(self, guard: _Guard, seconds: float) -> None:
        """Open no more than it works at now, for as long as it asks: new requests wait their turn."""
        seconds = min(seconds, self._settings.bulkhead.spared_limit_ms / 1000)
        guard.spared_until_s = max(guard.spared_until_s or 0.0, self._clock() + seconds)
        guard.bulkhead.narrow()

    def _try_more(self, guard: _Guard) -> None:
        """When the time is over, open one place more for each round of answers: all at once would be
        refused at once."""
        guard.spared_until_s = self._clock() if guard.bulkhead.widen() else None

    def _judge(self, guard: _Guard, failure: NodeFailure, waited_s: float) -> None:
        if failure.code == "SHARD_TIMEOUT":
            self._judge_silence(guard, True, waited_s)
        elif failure.is_sick:
            guard.breaker.failed()
        elif failure.code == "SHARD_BUSY" and failure.again_after_s is None:
            guard.breaker.abandoned()
        else:
            guard.breaker.succeeded()

    def _judge_silence(self, guard: _Guard, is_late: bool, waited_s: float) -> None:
        if is_late and waited_s * 1000 >= self._settings.breaker.fair_wait_ms:
            guard.breaker.failed()
        else:
            guard.breaker.abandoned()
        allowance_s = guard.patience.allowance_s()
        if is_late and allowance_s is not None and waited_s + CLOCK_GRAIN_S >= allowance_s:
            guard.patience.waited_in_vain()

    def _guard(self, key: Key) -> _Guard:
        guard = self._guards.get(key)
        if guard is None:
            breaker = Breaker(self._settings.breaker, self._clock, self._chance)
            bulkhead, patience = Bulkhead(self._settings.bulkhead), Patience(self._settings.patience)
            guard = self._guards[key] = _Guard(breaker, bulkhead, patience)
        return guard
