"""A shard is waited for as long as its history supports; when it is slow, its replica is asked too."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from gateway.clients.failures import unreachable
from gateway.clients.guarded import GuardedTransport
from gateway.clients.patience import Patience
from gateway.clients.settings import DEFAULTS, HedgeSettings, PatienceSettings
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from tests.gateway.clients.servers import asking
from tests.gateway.clients.test_guards import BREAKER, Clock, Inner
from tests.simulation.virtual_clock import run

SETTINGS = PatienceSettings()


def answered(patience: Patience, *seconds: float) -> Patience:
    for each in seconds:
        patience.answered(each)
    return patience


def test_little_history_says_nothing() -> None:
    assert answered(Patience(SETTINGS), *[0.02] * 15).allowance_s() is None


def test_the_usual_answer_sets_the_allowance_and_outliers_do_not() -> None:
    patience = answered(Patience(SETTINGS), *[0.3] * 61, 4.0, 4.0, 4.0)
    assert patience.usual_s() == pytest.approx(0.3)
    assert patience.allowance_s() == pytest.approx(3.0)


def test_a_quick_shard_is_still_allowed_a_hiccup() -> None:
    assert answered(Patience(SETTINGS), *[0.002] * 64).allowance_s() == pytest.approx(1.0)


def test_a_shard_that_became_slower_is_heard_again() -> None:
    patience = answered(Patience(SETTINGS), *[0.1] * 64)
    allowed = []
    for _ in range(3):
        patience.waited_in_vain()
        allowed.append(patience.allowance_s())
    assert allowed == [pytest.approx(2.0), pytest.approx(4.0), pytest.approx(8.0)]
    answered(patience, *[3.0] * 64)
    assert patience.allowance_s() == pytest.approx(30.0)


async def test_a_query_is_sent_with_its_allowance_and_a_mutation_with_its_deadline() -> None:
    inner = Inner(Clock(), [Reply({})], takes_s=0.01)
    transport = GuardedTransport(
        inner, BREAKER, clock=inner.clock, chance=lambda: 0.0, sleep=inner.clock.sleep
    )
    for _ in range(20):
        await transport.send(asking(deadline_s=inner.clock.now + 9))
    before = inner.clock.now
    await transport.send(asking(deadline_s=before + 9))
    await transport.send(asking(deadline_s=before + 0.5))
    await transport.send(asking(deadline_s=before + 9, kind="mutation"))
    waits = [request.deadline_s - before for request in inner.sent[-3:]]
    assert waits == [pytest.approx(1.0), pytest.approx(0.5), pytest.approx(9.0)]


@dataclass
class Timed:
    """A transport whose answers take as long as told, the last again and again."""

    takes_s: list[float]
    fails: bool = False
    listed: bool = True
    sent: list[ShardRequest] = field(default_factory=list)
    cancelled: int = 0

    def holds(self, subgraph: str, shard: str) -> bool:
        return self.listed

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        seconds = self.takes_s.pop(0) if len(self.takes_s) > 1 else self.takes_s[0]
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails:
            raise unreachable("gone")
        return Reply({"after": seconds})


async def hedged(primary: Timed, replica: Timed, kind: str = "query") -> tuple[Reply, float]:
    """Let a hundred requests make a history and a budget; then send one more: what came, and when."""
    last, primary.takes_s = primary.takes_s, [0.1]
    loop = asyncio.get_running_loop()
    transport = GuardedTransport(primary, BREAKER, clock=loop.time, replicas=replica)
    for _ in range(100):
        await transport.send(asking())
    assert replica.sent == []
    primary.takes_s = last
    begun = loop.time()
    reply = await transport.send(asking(kind=kind))
    assert isinstance(reply, Reply)
    return reply, round(loop.time() - begun, 6)


def test_the_replica_answers_when_the_shard_is_slow() -> None:
    primary, replica = Timed([5.0]), Timed([0.2])
    assert run(hedged(primary, replica)) == (Reply({"after": 0.2}), 0.325)
    assert (primary.cancelled, len(replica.sent)) == (1, 1)


def test_the_shard_may_still_be_first() -> None:
    primary, replica = Timed([0.15]), Timed([9.0])
    assert run(hedged(primary, replica)) == (Reply({"after": 0.15}), 0.15)
    assert replica.cancelled == 1


def test_a_replica_that_fails_leaves_the_shards_answer() -> None:
    assert run(hedged(Timed([0.5]), Timed([0.01], fails=True))) == (Reply({"after": 0.5}), 0.5)


def test_when_both_fail_the_shards_failure_is_told() -> None:
    with pytest.raises(TransportFailure):
        run(_both_fail())


async def _both_fail() -> None:
    primary = Timed([0.1])
    transport = GuardedTransport(primary, BREAKER, replicas=Timed([0.01], fails=True))
    for _ in range(40):
        await transport.send(asking())
    primary.fails, primary.takes_s = True, [0.5]
    await transport.send(asking())


@pytest.mark.parametrize(("kind", "listed"), [("mutation", True), ("query", False)])
def test_a_mutation_or_a_shard_without_replica_is_not_hedged(kind: str, listed: bool) -> None:
    replica = Timed([0.01], listed=listed)
    assert run(hedged(Timed([0.5]), replica, kind)) == (Reply({"after": 0.5}), 0.5)
    assert replica.sent == []


def test_hedges_stay_within_their_part_of_all_requests() -> None:
    async def main() -> int:
        primary, replica = Timed([0.1]), Timed([0.01])
        transport = GuardedTransport(primary, BREAKER, replicas=replica)
        for number in range(1000):
            primary.takes_s = [0.1 if number < 20 else 0.5]
            await transport.send(asking())
        return len(replica.sent)

    assert run(main()) <= 1000 * HedgeSettings().budget_share


def test_only_what_was_answered_earns_a_hedge() -> None:
    """Seventeen answers are history enough and not yet a hedge; what failed, or never left, adds nothing."""

    async def main() -> int:
        primary, replica = Timed([0.1]), Timed([0.01])
        loop = asyncio.get_running_loop()
        transport = GuardedTransport(primary, BREAKER, clock=loop.time, replicas=replica)
        for number in range(317):
            primary.fails = number >= 17
            with suppress(TransportFailure):
                await transport.send(asking())
        primary.fails, primary.takes_s = False, [0.5]
        await asyncio.sleep(DEFAULTS.breaker.reset_limit_ms / 500)
        await transport.send(asking())
        return len(replica.sent)

    assert run(main()) == 0
