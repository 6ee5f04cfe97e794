"""Five times as many requests as can be answered: what is left for those who are let in.

A core is slower while the other is busy, and clients that ask five times as much are. So peak and flood
see the same machine: at the peak the same clients send what is too much as well, to a door that says no to
everybody; in the flood the gateway itself says it. What the figures compare is thus who refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from statistics import mean, median
from typing import Final

from benchmarks.processes import running
from benchmarks.resilience.load import Ask, Seen, closed, opened
from benchmarks.resilience.stage import ROWS, Measured, Stage, change_moods, stage

TIMES: Final = 5
ANSWERED_AT_ONCE: Final = 24
"""As many clients as find the peak: what waits for regions is made up for, and nobody is refused."""
GOOD_WITHIN_MS: Final = 2_000
SETTLING_S: Final = 0.3
SLICES: Final = 4
"""Of each round: a machine's speed changes within seconds, and short neighbours share it."""
QUESTIONS: Final = ((31, "transcript of 31 regions"), (1, "transcript of 1 region"))


@dataclass(frozen=True, slots=True)
class Goodput:
    """Answers in time: for a second by the clock, and for a second of the gateway's CPU."""

    by_wall: float
    by_cpu: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Clients of a gateway, and of a door that refuses."""

    on: Stage
    ask: Ask
    ask_door: Ask
    seconds: float

    async def peak(self, too_many: float) -> Goodput:
        """As much as can be answered, while the door refuses `too_many` a second."""
        answered = closed([self.ask] * ANSWERED_AT_ONCE, self.seconds, self.on.gateway.cpu_s)
        tally, _ = await asyncio.gather(answered, opened(self.ask_door, too_many, self.seconds))
        good = tally.count(_in_time)
        return Goodput(good / tally.wall_s, good / tally.cpu_s)

    async def flood(self, rate: float) -> Goodput:
        tally = await opened(self.ask, rate, self.seconds, self.on.gateway.cpu_s)
        good = tally.count(_in_time)
        await asyncio.sleep(SETTLING_S)
        return Goodput(good / tally.wall_s, good / tally.cpu_s)


def _in_time(seen: Seen) -> bool:
    return seen.is_whole and seen.took_ms <= GOOD_WITHIN_MS


async def overload(rounds: int, seconds: float) -> AsyncGenerator[Measured, None]:
    """Five times as many requests as can be answered; each flood is held against the peaks beside it."""
    for regions, question in QUESTIONS:
        found = await _shares(regions, rounds, seconds)
        name = f"{TIMES} × overload, {question}"
        by_wall, by_cpu = (median(each.by_wall for each in found), median(each.by_cpu for each in found))
        yield Measured(name, "goodput, share of peak", by_wall, 0.9, at_least=True)
        yield Measured(name, "goodput for a second of CPU, share", by_cpu, 0.9, at_least=True)


async def _shares(regions: int, rounds: int, seconds: float) -> list[Goodput]:
    """Of the first flood, which opens the clients' connections, nothing is counted."""
    with running("benchmarks.resilience.shards", 1, ROWS, 0) as door:
        change_moods(door.told, {code: {"failing_share": 1.0} for code in door.told["regions"]})
        (port,) = door.told["regions"].values()
        async with stage(regions) as on:
            refused = on.transcript(GOOD_WITHIN_MS, f"http://127.0.0.1:{port}/graphql")
            crowd = Crowd(on, on.transcript(GOOD_WITHIN_MS), refused, 2 * seconds / SLICES)
            peak = await crowd.peak(1.0)
            await crowd.flood(peak.by_wall * TIMES)
            before, shares = await crowd.peak(peak.by_wall * (TIMES - 1)), []
            for _ in range(rounds * SLICES):
                flood = await crowd.flood(before.by_wall * TIMES)
                after = await crowd.peak(before.by_wall * (TIMES - 1))
                by_wall = flood.by_wall / mean((before.by_wall, after.by_wall))
                by_cpu = flood.by_cpu / mean((before.by_cpu, after.by_cpu))
                shares.append(Goodput(by_wall, by_cpu))
                before = after
    return shares
