"""What Prometheus reads of one program. Each app has its own registry, so that several can share a process.

Labels are closed sets (routes, statuses, codes, roles): nothing a caller writes becomes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from edge.caller import Role

LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ERROR_CODES_LIMIT: Final = 200
OTHER_CODE: Final = "OTHER"
OVERLOADED: Final = "OVERLOADED"
OVERLOADED_STATUS: Final = "503"
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


class Metrics:
    """The counters of one app; a program may add its own collectors to `registry`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._codes_seen: set[str] = set()
        self._requests = Counter(
            "creditbank_graphql_requests",
            "GraphQL requests answered.",
            ["status", "role"],
            registry=self.registry,
        )
        self._errors = Counter(
            "creditbank_graphql_errors", "Errors in responses, by code.", ["code"], registry=self.registry
        )
        self._latency = Histogram(
            "creditbank_graphql_request_seconds",
            "Time from a GraphQL request's first byte to its response.",
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "creditbank_graphql_requests_in_flight",
            "GraphQL requests being answered.",
            registry=self.registry,
        )
        self.concurrency_limit = Gauge(
            "creditbank_graphql_concurrency_limit",
            "GraphQL requests that may be answered at once just now; one more is refused.",
            registry=self.registry,
        )
        self._refused = Counter(
            "creditbank_graphql_refused",
            "GraphQL requests refused unread because too many were being answered.",
            registry=self.registry,
        )
        self.sockets = Gauge(
            "creditbank_graphql_sockets", "WebSocket connections open.", registry=self.registry
        )

    def answered(self, status: int, role: Role, seconds: float, codes: Iterable[str]) -> None:
        """One request was answered with this status and these error codes after so many seconds."""
        self._requests.labels(str(status), role.value).inc()
        self._latency.observe(seconds)
        for code in codes:
            self._errors.labels(self._bounded(code)).inc()

    def refused(self, count: int) -> None:
        """So many requests were refused unread (503), their callers unknown."""
        self._refused.inc(count)
        self._requests.labels(OVERLOADED_STATUS, Role.PUBLIC.value).inc(count)
        self._errors.labels(self._bounded(OVERLOADED)).inc(count)

    def exposition(self) -> bytes:
        """All samples in Prometheus's text format."""
        return generate_latest(self.registry)

    def _bounded(self, code: str) -> str:
        """The code as a label; programs behind us may invent codes without end, which share one label."""
        if code not in self._codes_seen:
            if len(self._codes_seen) >= ERROR_CODES_LIMIT:
                return OTHER_CODE
            self._codes_seen.add(code)
        return code
