"""What Prometheus reads of the way out: attempts, times and retries of each shard, and its breaker.

Labels are closed sets: shards of the register, and the codes of `gateway.federation.transport`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.clients.breaker import State
from gateway.clients.guarded import Key

LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
STATE_VALUES: Final[Mapping[State, int]] = {"closed": 0, "half-open": 1, "open": 2}


class ShardMetrics:
    """A `guarded.Observer` that counts. One for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "creditbank_shard_attempts",
            "Requests to shards, by what came of them.",
            ["subgraph", "shard", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "creditbank_shard_seconds",
            "Time until a shard's answer, or until it was given up.",
            ["subgraph", "shard"],
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._retries = Counter(
            "creditbank_shard_retries",
            "Second tries of queries.",
            ["subgraph", "shard"],
            registry=registry,
        )
        self._joined = Counter(
            "creditbank_shard_joined",
            "Queries answered by one like them that was on its way already, and so not sent.",
            ["subgraph", "shard"],
            registry=registry,
        )
        self._counters: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def attempted(self, subgraph: str, shard: str, code: str, seconds: float) -> None:
        key = (subgraph, shard, code)
        found = self._counters.get(key)
        if found is None:
            found = (self._attempts.labels(*key), self._seconds.labels(subgraph, shard))
            self._counters[key] = found
        found[0].inc()
        if seconds > 0.0:
            found[1].observe(seconds)

    def retried(self, subgraph: str, shard: str) -> None:
        self._retries.labels(subgraph, shard).inc()

    def joined(self, subgraph: str, shard: str) -> None:
        """As `deduplicated.Observer`."""
        self._joined.labels(subgraph, shard).inc()


class BreakerStates(Collector):
    """Each shard's breaker as it is when asked: 0 closed, 1 half-open, 2 open."""

    def __init__(self, states: Callable[[], Mapping[Key, State]]) -> None:
        self._states = states

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "creditbank_shard_breaker",
            "The shard's breaker: 0 closed, 1 half-open, 2 open.",
            labels=["subgraph", "shard"],
        )
        for (subgraph, shard), state in sorted(self._states().items()):
            family.add_metric([subgraph, shard], STATE_VALUES[state])
        yield family


class MembershipMetrics:
    """A `memberships.Observer` that counts. One for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "creditbank_membership_answers",
            "Answers of shards about their members, by what came of them.",
            ["subgraph", "shard", "code"],
            registry=registry,
        )
        self._left_out = Counter(
            "creditbank_membership_left_out",
            "Shards not asked about an entity because they do not hold it.",
            ["subgraph"],
            registry=registry,
        )

    def answered(self, subgraph: str, shard: str, code: str) -> None:
        self._answers.labels(subgraph, shard, code).inc()

    def left_out(self, subgraph: str, count: int) -> None:
        self._left_out.labels(subgraph).inc(count)


class MembersKnown(Collector):
    """The members of each shard whose filter is in use; a shard that is not here is always asked."""

    def __init__(self, members: Callable[[], Mapping[tuple[str, str, str], int]]) -> None:
        self._members = members

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "creditbank_membership_members",
            "Members of a shard, where its filter is in use.",
            labels=["subgraph", "type", "shard"],
        )
        for key, count in sorted(self._members().items()):
            family.add_metric(list(key), count)
        yield family
