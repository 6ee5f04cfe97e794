"""Breaker, bulkhead, retries and their budget, on a clock and a chance that the test holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from gateway.clients.breaker import Breaker
from gateway.clients.bulkhead import Bulkhead
from gateway.clients.failures import NodeFailure, invalid, rejected, timed_out, unreachable
from gateway.clients.guarded import GuardedTransport
from gateway.clients.settings import (
    DEFAULTS,
    BreakerSettings,
    BulkheadSettings,
    ClientSettings,
    RetrySettings,
)
from gateway.clients.switchboard import Switchboard
from gateway.federation.transport import Reply, ShardRequest
from tests.gateway.clients.servers import asking

OK = Reply({"ok": True})
NO_RETRY = RetrySettings(attempts=1)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Inner:
    """A transport that does what it is told next, the last thing again and again."""

    clock: Clock
    outcomes: list[Reply | Exception]
    takes_s: float = 0.0
    sent: list[ShardRequest] = field(default_factory=list)

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        self.clock.now += self.takes_s
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class Notes:
    codes: list[str] = field(default_factory=list)
    retries: int = 0

    def attempted(self, subgraph: str, shard: str, code: str, seconds: float) -> None:
        self.codes.append(code)

    def retried(self, subgraph: str, shard: str) -> None:
        self.retries += 1


def guarded(
    inner: Inner,
    settings: ClientSettings = DEFAULTS,
    notes: Notes | None = None,
) -> GuardedTransport:
    return GuardedTransport(
        inner, settings, clock=inner.clock, chance=lambda: 0.5, sleep=inner.clock.sleep, observer=notes
    )


async def code_of(transport: GuardedTransport, request: ShardRequest | None = None) -> str:
    try:
        await transport.send(request or asking())
    except NodeFailure as failure:
        return failure.code
    return "OK"


async def warmed(inner: Inner, settings: ClientSettings = DEFAULTS, **more: Notes) -> GuardedTransport:
    """A transport that has earned one retry."""
    outcomes, inner.outcomes = inner.outcomes, [OK]
    transport = guarded(inner, settings, **more)
    for _ in range(5):
        await transport.send(asking())
    inner.outcomes = outcomes
    inner.sent.clear()
    return transport


async def test_a_query_is_tried_again_once_after_a_broken_connection() -> None:
    notes = Notes()
    inner = Inner(Clock(), [unreachable("gone"), OK])
    transport = await warmed(inner, notes=notes)
    assert await transport.send(asking()) == OK
    assert (len(inner.sent), notes.retries, notes.codes[-2:]) == (2, 1, ["SHARD_UNREACHABLE", "OK"])


@pytest.mark.parametrize("failure", [timed_out(), invalid("x"), rejected("x")])
async def test_what_another_try_cannot_mend_is_not_tried_again(failure: NodeFailure) -> None:
    inner = Inner(Clock(), [failure, OK])
    transport = await warmed(inner)
    assert await code_of(transport) == failure.code
    assert len(inner.sent) == 1


async def test_a_mutation_is_never_sent_twice() -> None:
    inner = Inner(Clock(), [unreachable("gone"), OK])
    transport = await warmed(inner)
    assert await code_of(transport, asking(kind="mutation")) == "SHARD_UNREACHABLE"
    assert len(inner.sent) == 1


async def test_no_retry_begins_after_the_deadline() -> None:
    inner = Inner(Clock(), [unreachable("gone"), OK])
    transport = await warmed(inner)
    assert await code_of(transport, asking(deadline_s=inner.clock.now + 0.001)) == "SHARD_UNREACHABLE"
    assert len(inner.sent) == 1


async def test_retries_stay_within_their_part_of_all_requests() -> None:
    settings = ClientSettings(breaker=BreakerSettings(failures=10_000))
    inner = Inner(Clock(), [unreachable("gone")])
    notes = Notes()
    transport = guarded(inner, settings, notes)
    for _ in range(1000):
        await code_of(transport)
    assert 190 <= notes.retries <= 200
    assert len(inner.sent) == 1000 + notes.retries


BREAKER = ClientSettings(retry=NO_RETRY)


async def test_a_shard_that_fails_is_left_alone_then_probed_then_used() -> None:
    inner = Inner(Clock(), [unreachable("gone")])
    transport = guarded(inner, BREAKER)
    codes = [await code_of(transport) for _ in range(7)]
    assert codes == ["SHARD_UNREACHABLE"] * 5 + ["SHARD_BREAKER_OPEN"] * 2
    assert len(inner.sent) == 5
    assert transport.states() == {("parcels", "north"): "open"}
    inner.clock.now += 2.1
    assert transport.states() == {("parcels", "north"): "half-open"}
    assert await code_of(transport) == "SHARD_UNREACHABLE"
    inner.clock.now += 2.1
    assert await code_of(transport) == "SHARD_BREAKER_OPEN", "the pause doubles with each probe that fails"
    inner.clock.now += 2.1
    inner.outcomes = [OK]
    assert [await code_of(transport) for _ in range(3)] == ["OK"] * 3
    assert transport.states() == {("parcels", "north"): "closed"}


async def test_only_one_probe_is_sent_at_a_time() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(failures=1), clock, lambda: 0.0)
    breaker.failed()
    clock.now += 2.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.abandoned()
    assert breaker.allows()


async def test_breakers_of_other_shards_stay_closed() -> None:
    inner = Inner(Clock(), [unreachable("gone")])
    transport = guarded(inner, BREAKER)
    for _ in range(6):
        await code_of(transport)
    inner.outcomes = [OK]
    assert await code_of(transport, ShardRequest("parcels", "south", "{a}", {})) == "OK"


@pytest.mark.parametrize("failure", [invalid("html"), rejected("403")])
async def test_a_shard_that_answers_badly_is_not_one_that_is_down(failure: NodeFailure) -> None:
    transport = guarded(Inner(Clock(), [failure]), BREAKER)
    assert {await code_of(transport) for _ in range(30)} == {failure.code}


async def test_half_of_the_latest_must_fail() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(), clock, lambda: 0.0)
    for _ in range(12):
        breaker.succeeded()
    for _ in range(9):
        breaker.failed()
    states = [breaker.state]
    breaker.failed()
    assert [*states, breaker.state] == ["closed", "open"]


async def test_old_failures_are_forgotten() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(), clock, lambda: 0.0)
    for _ in range(40):
        breaker.failed()
        clock.now += 2.6
    assert breaker.state == "closed"


@pytest.mark.parametrize(("takes_s", "state"), [(0.1, "closed"), (1.0, "open")])
async def test_a_wait_cut_short_by_the_client_says_nothing_against_the_shard(
    takes_s: float, state: str
) -> None:
    inner = Inner(Clock(), [timed_out()], takes_s)
    transport = guarded(inner, BREAKER)
    for _ in range(5):
        await code_of(transport)
    assert transport.states() == {("parcels", "north"): state}


class Held:
    """A transport that answers when told."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.open = 0

    async def send(self, request: ShardRequest) -> Reply:
        self.open += 1
        try:
            await self.go.wait()
            return OK
        finally:
            self.open -= 1


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_shard_holds_only_so_many_requests_and_a_queue() -> None:
    inner = Held()
    settings = ClientSettings(bulkhead=BulkheadSettings(open_requests=2, waiting_requests=3))
    transport = GuardedTransport(inner, settings)
    tasks = [asyncio.ensure_future(code_of(transport)) for _ in range(7)]
    await turns()
    assert inner.open == 2
    assert [task.result() for task in tasks if task.done()] == ["SHARD_BUSY"] * 2
    inner.go.set()
    assert sorted(await asyncio.gather(*tasks)) == ["OK"] * 5 + ["SHARD_BUSY"] * 2
    assert await code_of(transport) == "OK"


async def test_cancelled_requests_give_their_places_back() -> None:
    inner = Held()
    settings = ClientSettings(bulkhead=BulkheadSettings(open_requests=1, waiting_requests=1))
    transport = GuardedTransport(inner, settings)
    tasks = [asyncio.ensure_future(transport.send(asking())) for _ in range(2)]
    await turns()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    inner.go.set()
    assert await code_of(transport) == "OK"
    assert transport.states() == {("parcels", "north"): "closed"}


async def test_cancelled_at_its_deadline_a_request_counts_as_late() -> None:
    clock = Clock()

    class Slow:
        async def send(self, request: ShardRequest) -> Reply:
            clock.now = request.deadline_s
            await asyncio.Event().wait()
            return OK

    transport = GuardedTransport(Slow(), BREAKER, clock=clock, chance=lambda: 0.0, sleep=clock.sleep)
    for _ in range(5):
        task = asyncio.ensure_future(transport.send(asking(deadline_s=clock.now + 1)))
        await turns(3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert transport.states() == {("parcels", "north"): "open"}


async def test_a_switchboard_knows_who_answers_for_whom() -> None:
    first, second = Inner(Clock(), [Reply({"from": "first"})]), Inner(Clock(), [Reply({"from": "second"})])
    board = Switchboard({"first": first, "second": second})
    assert await board.send(ShardRequest("first", "", "{a}", {})) == Reply({"from": "first"})
    assert await board.send(ShardRequest("second", "", "{a}", {})) == Reply({"from": "second"})
    with pytest.raises(NodeFailure) as failed:
        await board.send(ShardRequest("nobody", "", "{a}", {}))
    assert failed.value.code == "SHARD_REJECTED"


async def test_who_is_cancelled_just_before_a_place_is_free_gives_up_its_turn_and_no_more() -> None:
    bulkhead = Bulkhead(BulkheadSettings(open_requests=1, waiting_requests=2))
    assert bulkhead.enter()
    waiting = [asyncio.ensure_future(bulkhead.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    bulkhead.leave()  # before the one that was cancelled has had its turn of the loop
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1] is None
    bulkhead.leave()
    assert bulkhead.enter()
