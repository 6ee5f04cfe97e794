"""Hedged reads: a query that takes longer than usual is also asked of the replica; the first answer wins.

Within a budget, which only answers earn: an outage must not double the load on what is left, and what never
left this process (no address, no time, a client that has gone) is no traffic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

from gateway.clients.settings import HedgeSettings
from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure, Unparsed

Sent = Reply | Unparsed


class Replicas(Transport, Protocol):
    """A transport to replicas, for those shards that have one."""

    def holds(self, subgraph: str, shard: str) -> bool:
        """Whether the shard has a replica now."""
        ...


class Hedge:
    """Sends through a transport, and through `replicas` when that takes long."""

    def __init__(self, replicas: Replicas, settings: HedgeSettings) -> None:
        self._replicas = replicas
        self._settings = settings
        self._budget = 0.0
        self.hedged = 0

    def answered(self) -> None:
        """A request was sent and answered, which earns its part of a hedge."""
        self._budget = min(self._budget + self._settings.budget_share, self._settings.budget_reserve)

    def send(self, primary: Transport, request: ShardRequest, usual_s: float | None) -> Awaitable[Sent]:
        """The first answer to a query. When both fail, the primary's failure."""
        if usual_s is None or not self._replicas.holds(request.subgraph, request.shard):
            return primary.send(request)
        return self._hedged(primary, request, usual_s)

    async def _hedged(self, primary: Transport, request: ShardRequest, usual_s: float) -> Sent:
        pause_s = max(usual_s * self._settings.factor, self._settings.floor_ms / 1000)
        first = asyncio.ensure_future(primary.send(request))
        tasks = [first]
        try:
            await asyncio.wait(tasks, timeout=pause_s)
            if first.done() or self._budget < 1.0:
                return await first
            self._budget -= 1.0
            self.hedged += 1
            tasks.append(asyncio.ensure_future(self._replicas.send(request)))
            return await _first_good(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _first_good(tasks: Sequence[asyncio.Future[Sent]]) -> Sent:
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done and not isinstance(task.exception(), TransportFailure):
                return task.result()
    return tasks[0].result()
