"""Clients of the gateway: as many as answer each other (closed), or as fast as the clock says (open)."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

import orjson

from benchmarks.served_gateway import ServedGateway
from gateway.clients.exchange import PooledExchange
from gateway.clients.failures import NodeFailure
from gateway.clients.settings import HttpSettings

WAIT_S: Final = 15.0
OUTSTANDING_LIMIT: Final = 1_000
"""An open load stops sending beyond this, which would only measure the client."""

Ask = Callable[[], Coroutine[Any, Any, "Seen"]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client saw of one request. `status` is 0 where there was no answer at all."""

    status: int
    took_ms: float
    body: bytes = b""

    @property
    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = orjson.loads(self.body)
        return answer

    @property
    def is_good(self) -> bool:
        """Answered with data."""
        return self.status == 200 and b'"data":{' in self.body

    @property
    def is_whole(self) -> bool:
        """Answered with data and without an error."""
        return self.is_good and b'"errors":' not in self.body[:200]


@dataclass(slots=True)
class Tally:
    """What came of many requests."""

    seen: list[Seen] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def add(self, other: Tally) -> None:
        self.seen += other.seen
        self.wall_s += other.wall_s
        self.cpu_s += other.cpu_s

    def statuses(self) -> dict[int, int]:
        return dict(sorted(Counter(each.status for each in self.seen).items()))

    def count(self, is_counted: Callable[[Seen], bool]) -> int:
        return sum(map(is_counted, self.seen))

    def percentile_ms(self, percent: int, is_counted: Callable[[Seen], bool] = lambda _: True) -> float:
        took = [each.took_ms for each in self.seen if is_counted(each)]
        return quantiles(took, n=100)[percent - 1] if len(took) > 1 else took[0]


class Client:
    """Asks gateways over sockets of its own."""

    def __init__(self) -> None:
        self._exchange = PooledExchange(
            HttpSettings(idle_connections_per_shard=OUTSTANDING_LIMIT, connect_timeout_ms=5_000)
        )

    async def aclose(self) -> None:
        await self._exchange.aclose()

    def asking(
        self,
        gateway: ServedGateway,
        query: str,
        variables: dict[str, Any],
        time_ms: int | None = None,
        url: str | None = None,
    ) -> Ask:
        """`url`: asks there what the gateway would be asked."""
        body = orjson.dumps({"query": query, "variables": variables})
        deadline = () if time_ms is None else (("x-deadline-ms", str(time_ms)),)
        headers = (*gateway.headers, *deadline)
        place = url or gateway.url

        async def ask() -> Seen:
            begun_s = time.perf_counter()
            try:
                answered = await self._exchange.post(place, headers, body, WAIT_S)
            except NodeFailure:
                return Seen(0, (time.perf_counter() - begun_s) * 1e3)
            return Seen(answered.status, (time.perf_counter() - begun_s) * 1e3, answered.body)

        return ask


async def closed(
    asks: Sequence[Ask], seconds: float, cpu_s: Callable[[], float] = time.process_time
) -> Tally:
    """Each of `asks` again and again, one at a time, for so long."""
    tally = Tally()
    begun_s, begun_cpu_s = time.perf_counter(), cpu_s()

    async def client(ask: Ask) -> None:
        while time.perf_counter() - begun_s < seconds:
            tally.seen.append(await ask())

    await asyncio.gather(*map(client, asks))
    tally.wall_s, tally.cpu_s = time.perf_counter() - begun_s, cpu_s() - begun_cpu_s
    return tally


async def opened(
    ask: Ask, rate: float, seconds: float, cpu_s: Callable[[], float] = time.process_time, seed: int = 1
) -> Tally:
    """`rate` requests a second at random moments (Poisson), whatever becomes of those before.

    Its time and CPU end with the last answer, so that none is counted whose cost is not.
    """
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    loop, tally = asyncio.get_running_loop(), Tally()
    begun_s, begun_cpu_s = loop.time(), cpu_s()
    due_s, asking = begun_s, set[asyncio.Task[Seen]]()

    def note(task: asyncio.Task[Seen]) -> None:
        asking.discard(task)
        tally.seen.append(task.result())

    while due_s < begun_s + seconds:
        due_s += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        if len(asking) < OUTSTANDING_LIMIT:
            task = loop.create_task(ask())
            asking.add(task)
            task.add_done_callback(note)
    if asking:
        await asyncio.wait(asking)
    tally.wall_s, tally.cpu_s = loop.time() - begun_s, cpu_s() - begun_cpu_s
    return tally
