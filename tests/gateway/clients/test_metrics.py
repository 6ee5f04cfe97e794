"""An operator sees of each shard how often, how long and with what result it is asked."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from gateway.clients.failures import unreachable
from gateway.clients.guarded import GuardedTransport
from gateway.clients.metrics import BreakerStates, ShardMetrics
from gateway.federation.transport import Reply
from tests.gateway.clients.test_guards import BREAKER, Clock, Inner, code_of


async def test_attempts_times_retries_and_breakers_are_told() -> None:
    registry = CollectorRegistry()
    inner = Inner(Clock(), [Reply({}), unreachable("gone")], takes_s=0.03)
    transport = GuardedTransport(
        inner, BREAKER, clock=inner.clock, chance=lambda: 0.0, observer=ShardMetrics(registry)
    )
    registry.register(BreakerStates(transport.states))
    for _ in range(7):
        await code_of(transport)
    told = generate_latest(registry).decode()
    assert 'shard_attempts_total{code="OK",shard="north",subgraph="parcels"} 1.0' in told
    assert 'shard_attempts_total{code="SHARD_UNREACHABLE",shard="north",subgraph="parcels"} 5.0' in told
    assert 'shard_attempts_total{code="SHARD_BREAKER_OPEN",shard="north",subgraph="parcels"} 1.0' in told
    assert 'shard_seconds_count{shard="north",subgraph="parcels"} 6.0' in told
    assert 'shard_breaker{shard="north",subgraph="parcels"} 2.0' in told
