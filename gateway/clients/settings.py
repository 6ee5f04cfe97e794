"""The limits of the gateway's way out, each with its reason. All are on by default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """One HTTP exchange with a node.

    timeout_ms: longest wait for one answer, whatever the client's deadline; a scattered field is then
        answered by the others. Measured pages take 20 ms; a hundredfold is a fault.
    connect_timeout_ms: nodes are in one country; three round trips take 300 ms at worst.
    request_limit_bytes: 500 recognitions with all their fields are 200 KB.
    reply_limit_bytes: 500 rows of 4 KB are 2 MB; more would make one node able to exhaust our memory.
    idle_connections_per_shard: as many as `BulkheadSettings.open_requests` can leave behind.
    idle_connection_ms: shorter than the 75 s after which common servers close them.
    """

    timeout_ms: int = 5_000
    connect_timeout_ms: int = 1_000
    request_limit_bytes: int = 2_000_000
    reply_limit_bytes: int = 8_000_000
    idle_connections_per_shard: int = 64
    idle_connection_ms: int = 60_000


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When a shard is left alone, and for how long.

    outcomes: how many of the latest count; few enough that the breaker turns within two seconds of load.
    failures: fewest failures that open it, so that one lost packet does not.
    failure_share: part of the outcomes that must have failed; below it the shard is worth asking.
    window_ms: older outcomes say nothing about now.
    reset_ms: first pause before one request probes the shard; doubled for each probe that fails.
    reset_limit_ms: longest pause, so that a shard that comes back is used within a minute.
    fair_wait_ms: a wait cut shorter by the client's deadline says nothing against the shard.
    """

    outcomes: int = 20
    failures: int = 5
    failure_share: float = 0.5
    window_ms: int = 10_000
    reset_ms: int = 2_000
    reset_limit_ms: int = 30_000
    fair_wait_ms: int = 500


@dataclass(frozen=True, slots=True)
class BulkheadSettings:
    """How much of the gateway one shard can hold.

    open_requests: a node's worker pool is of this order; more would only wait there.
    waiting_requests: a burst of two full rounds; beyond that, saying no at once serves everyone better.
    spared_limit_ms: how long at most a node that answers 503 with Retry-After is sent no more at once than it
        works at, while new requests wait for one to end; whoever asks for an hour would be forgotten.
    """

    open_requests: int = 64
    waiting_requests: int = 128
    spared_limit_ms: int = 5_000


@dataclass(frozen=True, slots=True)
class PatienceSettings:
    """How long a shard is waited for, by its own history; never longer than `HttpSettings.timeout_ms`.

    answers: how many of the latest are its history; some minutes of a quiet shard.
    fewest_answers: with fewer, the history says nothing.
    share: the part of the answers that are usual; the rest are outliers.
    factor: an answer that takes this many times as long as the usual one will hardly come.
    floor_ms: a hiccup of a second (a pause of a collector, a lost packet) is no failure.
    doubled_limit: how far the allowance may grow when answers do not come within it.
    """

    answers: int = 64
    fewest_answers: int = 16
    share: float = 0.95
    factor: float = 10.0
    floor_ms: int = 1_000
    doubled_limit: int = 64


@dataclass(frozen=True, slots=True)
class DeduplicationSettings:
    """Queries alike that are on their way together; beyond a limit each is sent by itself.

    flights: distinct queries that others can join; 0 sends every query. More than are open at once.
    waiting: others that wait for one; more than the front lets in at once.
    """

    flights: int = 4_096
    waiting: int = 1_000


@dataclass(frozen=True, slots=True)
class HedgeSettings:
    """Second requests to a replica, for queries only.

    budget_share: hedges may be this part of what was answered; the slowest twentieth is what they are for.
    budget_reserve: hedges saved up at most.
    factor: an answer a little later than usual is about to come; a hedge waits for this many times the usual.
    floor_ms: an answer that is usually quicker than this is not worth hedging sooner.
    """

    budget_share: float = 0.05
    budget_reserve: float = 5.0
    factor: float = 1.25
    floor_ms: int = 20


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """Second tries, for queries only.

    attempts: one retry hides a closed connection or a restart behind a balancer; more only adds load.
    budget_share: retries may be this part of all requests, so that they cannot multiply an outage.
    budget_reserve: retries saved up at most, so that a quiet hour does not pay for a storm.
    backoff_ms: upper bound of the random pause before the retry; it spreads what failed together.
    """

    attempts: int = 2
    budget_share: float = 0.2
    budget_reserve: float = 10.0
    backoff_ms: int = 50


@dataclass(frozen=True, slots=True)
class EventSettings:
    """Subscriptions at other teams' subgraphs.

    open_streams: subscriptions of one gateway; each holds two sockets.
    events_waiting: events that a client may lag behind; whoever reads slower cannot follow.
    event_limit_bytes: one event; more would make one subgraph able to exhaust our memory.
    open_ms: longest wait for a stream's head.
    silence_ms: a stream without even a heartbeat for so long is broken; common servers beat every 12 s.
    """

    open_streams: int = 1_000
    events_waiting: int = 64
    event_limit_bytes: int = 1_000_000
    open_ms: int = 5_000
    silence_ms: int = 90_000


@dataclass(frozen=True, slots=True)
class MembershipSettings:
    """What is kept of who is in which shard; see `gateway.clients.memberships`.

    false_positive_rate: how often a shard is asked in vain: of 1,000 shards one at each look-up. It costs
        15 bits of memory for each member; a hundredth would cost 10, and ten requests in vain.
    group_false_positive_rate: how often the 32 shards of a group are looked at in vain: of a thousand, one
        group at every third look-up. It costs about 15 bits more for each member, room to grow included.
    interval_ms: how often a shard is asked who joined; twice within a lease of 2 s, and time for the answer.
    timeout_ms: longest wait for an answer; with the interval it is still within the lease.
    pause_limit_ms: longest pause after failures; a shard that is back is asked about everybody until then.
    open_requests: questions open at once; they are never urgent.
    members_limit: most members of one shard, 40 MB, and as much in its group; one that tells of more is
        asked about everybody.
    """

    false_positive_rate: float = 0.001
    group_false_positive_rate: float = 0.01
    interval_ms: int = 700
    timeout_ms: int = 1_000
    pause_limit_ms: int = 5_000
    open_requests: int = 32
    members_limit: int = 20_000_000

    def __post_init__(self) -> None:
        for name in ("false_positive_rate", "group_false_positive_rate"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(f"{name} lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """All of the above."""

    http: HttpSettings = HttpSettings()
    breaker: BreakerSettings = BreakerSettings()
    bulkhead: BulkheadSettings = BulkheadSettings()
    retry: RetrySettings = RetrySettings()
    patience: PatienceSettings = PatienceSettings()
    hedge: HedgeSettings = HedgeSettings()
    events: EventSettings = EventSettings()
    deduplication: DeduplicationSettings = DeduplicationSettings()
    membership: MembershipSettings = MembershipSettings()


DEFAULTS = ClientSettings()
