"""Rounds of requests: contenders take turns, so that a busy machine is unfair to none of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

Ask = Callable[[], Awaitable[Any]]
CpuClock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who answers, and the clock of the CPU that it uses (seconds)."""

    name: str
    ask: Ask
    cpu_s: CpuClock = time.process_time


@dataclass(frozen=True, slots=True)
class Load:
    """`requests` in each of `rounds`, `concurrent` at a time; the first round only warms up."""

    rounds: int
    requests: int
    concurrent: int


@dataclass(frozen=True, slots=True)
class Round:
    cpu_us: float
    wall_us: float
    latencies_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over the rounds, for one request."""

    cpu_us: float
    wall_us: float
    p50_ms: float
    p99_ms: float

    def plain(self) -> dict[str, float]:
        return {
            "cpu_us": round(self.cpu_us, 1),
            "wall_us": round(self.wall_us, 1),
            "p50_ms": round(self.p50_ms, 3),
            "p99_ms": round(self.p99_ms, 3),
        }


async def take_turns(contenders: Sequence[Contender], load: Load) -> dict[str, Measured]:
    """Measure each contender once in every round; return the medians by name."""
    rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
    for number in range(load.rounds + 1):
        turn = number % len(contenders)
        for contender in (*contenders[turn:], *contenders[:turn]):
            measured = await _round(contender, load)
            if number:
                rounds[contender.name].append(measured)
    return {name: _medians(found) for name, found in rounds.items()}


def ratios(measured: Mapping[str, Measured], name: str, baseline: str) -> float:
    """CPU of one contender in multiples of another's."""
    return round(measured[name].cpu_us / measured[baseline].cpu_us, 2)


async def _round(contender: Contender, load: Load) -> Round:
    latencies: list[float] = []
    left = iter(range(load.requests))

    async def client() -> None:
        for _ in left:
            asked = time.perf_counter()
            await contender.ask()
            latencies.append((time.perf_counter() - asked) * 1e3)

    cpu_s, wall_s = contender.cpu_s(), time.perf_counter()
    await asyncio.gather(*(client() for _ in range(load.concurrent)))
    wall_us = (time.perf_counter() - wall_s) * 1e6
    cpu_us = (contender.cpu_s() - cpu_s) * 1e6
    return Round(cpu_us / load.requests, wall_us / load.requests, tuple(latencies))


def _medians(rounds: Sequence[Round]) -> Measured:
    latencies = sorted(latency for each in rounds for latency in each.latencies_ms)
    return Measured(
        median(each.cpu_us for each in rounds),
        median(each.wall_us for each in rounds),
        median(latencies),
        quantiles(latencies, n=100)[98] if len(latencies) > 1 else latencies[0],
    )
