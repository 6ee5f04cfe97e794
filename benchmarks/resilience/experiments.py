"""The experiments, each on a stage of its own. What is compared takes turns within one run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from statistics import median
from typing import Final

from benchmarks.resilience.cost import cost, filters
from benchmarks.resilience.fleet import fleet
from benchmarks.resilience.load import Seen, Tally, closed, opened
from benchmarks.resilience.overload import overload
from benchmarks.resilience.stage import Measured, Stage, entries, stage
from gateway.clients.settings import DEFAULTS

VICTIM: Final = "310000"
DEAD: Final = 10
DEADLINE_MS: Final = 1_000
WAIT_LIMIT_S: Final = 30.0
LEAVERS: Final = 5
POLL_S: Final = 0.02

Figures = AsyncGenerator[Measured, None]


async def black_hole(rounds: int, seconds: float) -> Figures:
    """One of 31 regions takes requests and never answers."""
    name = "1 of 31 regions silent"
    found, late, whole = [], 0.0, 1.0
    async with stage() as on:
        for number in range(rounds + 1):
            baseline, _ = await _daily_load(on, seconds)
            on.moods({VICTIM: {"is_silent": True}})
            silent, scattered = await _daily_load(on, seconds)
            on.moods({VICTIM: {}})
            await _until_answered(on)
            if number:
                found.append(silent.percentile_ms(99) / baseline.percentile_ms(99))
                late = max(late, *(seen.took_ms for seen in scattered.seen))
                whole = min(whole, scattered.count(_has_thirty) / len(scattered.seen))
    yield Measured(name, "p99 of unaffected fields, ratio", median(found), 1.1)
    yield Measured(name, "share of scatters with 30 of 31 answers or more", whole, 1.0, at_least=True)
    yield Measured(name, "slowest scatter, share of its deadline", late / DEADLINE_MS, 1.0)


def _has_thirty(seen: Seen) -> bool:
    return seen.status == 200 and seen.answer["extensions"]["coverage"]["answered"] >= 30


async def _daily_load(on: Stage, seconds: float) -> tuple[Tally, Tally]:
    """A load that leaves room: unaffected fields (single regions, national), and scatters beside them."""
    others = [region for region in on.regions if region != VICTIM]
    loads = [
        opened(on.account(others[3]), 40, seconds, seed=1),
        opened(on.account(others[17]), 40, seconds, seed=2),
        opened(on.national(), 20, seconds, seed=3),
        opened(on.transcript(DEADLINE_MS), 8, seconds, seed=4),
    ]
    *unaffected, scattered = await asyncio.gather(*loads)
    together = Tally()
    for tally in unaffected:
        together.add(tally)
    return together, scattered


async def ten_dead(rounds: int, seconds: float) -> Figures:
    """Ten of 31 regions refuse connections."""
    name = "10 of 31 regions dead"
    async with stage() as on:
        for _ in range(rounds):
            await opened(on.transcript(DEADLINE_MS), 10, seconds)
        before = on.gateway.memory_bytes()
        on.moods({region: {"is_dead": True} for region in on.regions[:DEAD]})
        tally = Tally()
        for _ in range(rounds):
            tally.add(await opened(on.transcript(DEADLINE_MS), 10, seconds))
        after = on.gateway.memory_bytes()
    yield Measured(name, "answers with a 5xx status, or none", tally.count(lambda s: s.status != 200), 0)
    yield Measured(name, "memory of the gateway, ratio", after / before, 1.2)


async def slow(rounds: int, seconds: float) -> Figures:
    """A region becomes a hundred times slower; then it is well again."""
    name = "1 region 100 × slower"
    opening, skipped = [], []
    async with stage() as on:
        for _ in range(rounds):
            on.moods({VICTIM: {"delay_ms": 20}})
            await _until_answered(on)
            await opened(on.account(VICTIM), 40, seconds)
            on.moods({VICTIM: {"delay_ms": 2_000}})
            load = asyncio.create_task(opened(on.account(VICTIM), 40, 3.0))
            opening.append(await _until_open(on))
            skipped += [(await on.account(VICTIM)()).took_ms for _ in range(20)]
            await load
            on.moods({VICTIM: {}})
    yield Measured(name, "breaker open after, s", median(opening), 2.0)
    yield Measured(name, "whole request whose fetch is skipped, median ms", median(skipped), 5.0)


async def recovery(rounds: int, seconds: float) -> Figures:
    """A dead region comes back while its breaker is open."""
    reset_s = DEFAULTS.breaker.reset_ms / 1000
    took = []
    async with stage() as on:
        for _ in range(rounds):
            await closed([on.account(VICTIM)], seconds)
            on.moods({VICTIM: {"is_dead": True}})
            load = asyncio.create_task(opened(on.account(VICTIM), 40, 1.0))
            await _until_open(on)
            opened_s = time.perf_counter()
            on.moods({VICTIM: {}})
            await _until_answered(on)
            took.append((time.perf_counter() - opened_s) / reset_s)
            await load
    yield Measured("a region comes back", "answers again after, in reset times", median(took), 1.5)


async def leaving(rounds: int, seconds: float) -> Figures:
    """A client hangs up while all 31 regions are silent: when the last of them hears of it."""
    took_ms = []
    async with stage() as on:
        for _ in range(rounds * LEAVERS):
            before = on.moods({region: {"is_silent": True} for region in on.regions})
            asking = asyncio.create_task(on.transcript()())
            await _until(lambda: _is_past(on.moods({}), before, on.regions))  # noqa: B023 - within this turn
            gone_s = time.monotonic()
            asking.cancel()
            await _until(lambda: min(on.left_s()[region] for region in on.regions) >= gone_s)  # noqa: B023
            took_ms.append((max(on.left_s().values()) - gone_s) * 1000)
            on.moods({region: {} for region in on.regions})
    name = "a client leaves, 31 regions at work for it"
    yield Measured(name, "last fetch cancelled after, median ms", median(took_ms), 100)
    yield Measured(name, "last fetch cancelled after, worst ms", max(took_ms), 100)


def _is_past(now: Mapping[str, int], before: Mapping[str, int], regions: Sequence[str]) -> bool:
    return all(now[region] > before[region] for region in regions)


async def failures(rounds: int, seconds: float) -> Figures:
    """Every region fails every second request."""
    async with stage() as on:
        on.moods({region: {"failing_share": 0.5} for region in on.regions})
        for _ in range(rounds):
            await opened(on.transcript(DEADLINE_MS), 10, seconds)
        requests = on.moods({})
        retries = await on.metric("creditbank_shard_retries_total")
        sent = sum(requests[region] for region in on.regions)
    yield Measured(
        "half of all requests fail", "retries, share of first tries", retries / (sent - retries), 0.2
    )


async def hedging(rounds: int, seconds: float) -> Figures:
    """Three answers in a hundred come forty times later; every region has a replica."""
    late = {"late_ms": 200.0, "late_share": 0.03}
    without = {"hedge": {"budget_share": 0.0, "budget_reserve": 0.0}}
    found = []
    async with stage(8, replicas=True) as on, stage(8, replicas=True, clients=without) as plain:
        for each in (on, plain):
            each.moods(dict.fromkeys(each.regions, late))
            await closed([each.account(region) for region in each.regions], seconds)
        before = on.moods({})
        for _ in range(rounds):
            p99 = []
            for each in (on, plain):
                tally = await closed([each.account(region) for region in each.regions[:4]], seconds * 2)
                p99.append(tally.percentile_ms(99))
            found.append(p99[0] / p99[1])
        after = on.moods({})
    asked = {door: after[door] - before[door] for door in after}
    hedges = sum(count for door, count in asked.items() if door not in on.regions)
    load = hedges / sum(count for door, count in asked.items() if door in on.regions)
    yield Measured("hedged reads", "p99 with, ratio to without", median(found), 0.6)
    yield Measured("hedged reads", "further requests, share", load, 0.05)


async def reloads(rounds: int, seconds: float) -> Figures:
    """The register changes a hundred times under load: every region moves to its other house and back."""
    count = 100 if rounds > 1 else 10
    async with stage(8, reload_interval_ms=100) as on:
        houses = entries(on.ports), entries({"regions": on.ports["replicas"], "replicas": {}})
        asks = [on.transcript(), on.transcript(), *(on.account(region) for region in on.regions[:4])]
        load = asyncio.create_task(closed(asks, count * 0.15))
        for number in range(count):
            on.gateway.register(houses[(number + 1) % 2])
            await asyncio.sleep(0.15)
        tally = await load
        log = on.gateway.program.log.read_text(encoding="utf-8")
    taken_up = log.count("files_taken_up") / count
    name = f"{count} hot reloads under load"
    yield Measured(name, "failed requests", len(tally.seen) - tally.count(lambda seen: seen.is_whole), 0)
    yield Measured(name, "registers taken up, share", taken_up, 0.9, at_least=True)


async def rolling_restart(rounds: int, seconds: float) -> Figures:
    """Three gateways are replaced, one after the other, under load; who asks goes by readiness."""
    async with fleet(3) as gateways:
        restarts = max(3, rounds)
        load = asyncio.create_task(gateways.load(6))
        for _ in range(restarts):
            await asyncio.sleep(seconds / 2)
            await gateways.replace_oldest()
        await asyncio.sleep(seconds / 2)
        gateways.is_over = True
        tally = await load
    failed = len(tally.seen) - tally.count(lambda seen: seen.is_whole)
    yield Measured(f"{restarts} gateways replaced under load", "failed requests", failed, 0)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_LIMIT_S):
        while not holds():  # noqa: ASYNC110 - it is another process's
            await asyncio.sleep(POLL_S)


async def _until_open(on: Stage) -> float:
    """Seconds until the victim's breaker is seen open."""
    begun_s = time.perf_counter()
    async with asyncio.timeout(WAIT_LIMIT_S):
        while not await on.is_open(VICTIM):  # noqa: ASYNC110 - it is another process's
            await asyncio.sleep(POLL_S)
    return time.perf_counter() - begun_s


async def _until_answered(on: Stage) -> None:
    async with asyncio.timeout(WAIT_LIMIT_S * 2):
        while not (await on.account(VICTIM)()).is_whole:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(POLL_S)


ALL: Final = (
    black_hole,
    ten_dead,
    slow,
    recovery,
    leaving,
    failures,
    overload,
    hedging,
    reloads,
    rolling_restart,
    cost,
    filters,
)
EXPERIMENTS: Final = {each.__name__: each for each in ALL}
