"""One GraphQL request to one node over HTTP: to a listed address, once, within its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.clients.body import Bodies
from gateway.clients.exchange import Exchange, Headers, PooledExchange
from gateway.clients.failures import rejected, timed_out
from gateway.clients.replies import GRAPHQL_JSON, read_reply
from gateway.clients.settings import DEFAULTS, HttpSettings
from gateway.federation.transport import Reply, ShardRequest, Unparsed

DEADLINE_HEADER = "x-deadline-ms"
ALWAYS = (("content-type", "application/json"), ("accept", f"{GRAPHQL_JSON}, application/json"))
FORWARDED = frozenset(
    {"authorization", "traceparent", "tracestate", "accept-language", "x-correlation-id"}
)  # what a node may learn of the client's request: who asks, in which language, under which trace


class Addresses(Protocol):
    """Where shards are. None for one that is not listed: it is then never called."""

    def url(self, subgraph: str, shard: str) -> str | None: ...


class HttpTransport:
    """A `Transport` over HTTP. Raises `NodeFailure`, and no other failure of the network."""

    def __init__(
        self,
        addresses: Addresses,
        settings: HttpSettings = DEFAULTS.http,
        *,
        exchange: Exchange | None = None,
        forwarded: frozenset[str] = FORWARDED,
        clock: Callable[[], float] = time.monotonic,
        bodies: Bodies | None = None,
        refused: Callable[[Reply], None] = lambda _: None,
    ) -> None:
        """`exchange` carries the bytes: a pool of connections unless another is given. `refused` hears of
        each reply without data by which a node refused a request."""
        self._addresses = addresses
        self._settings = settings
        self._exchange = exchange or PooledExchange(settings)
        self._forwarded = forwarded
        self._clock = clock
        self._bodies = bodies or Bodies()
        self._refused = refused
        self._context: Mapping[str, str] = {}
        self._sent_on: list[tuple[str, str]] = []
        self._wait_ms = 0
        self._headers: Headers = ()

    async def aclose(self) -> None:
        await self._exchange.aclose()

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        url = self._addresses.url(request.subgraph, request.shard)
        if url is None:
            raise rejected("It is not listed in the registry.")
        wait_s = min(request.deadline_s - self._clock(), self._settings.timeout_ms / 1000)
        if wait_s <= 0:
            raise timed_out()
        body = self._bodies.of(request)
        if len(body) > self._settings.request_limit_bytes:
            raise rejected("The request to it would be too large; ask for less at once.")
        answered = await self._exchange.post(url, self._headers_of(request.headers, wait_s), body, wait_s)
        reply = read_reply(answered)
        if isinstance(reply, Reply):
            self._refused(reply)
        return reply

    def _headers_of(self, context: Mapping[str, str], wait_s: float) -> Headers:
        """A wave's requests share theirs: the very same, so that they are written once, too."""
        wait_ms = max(1, int(wait_s * 1000))
        if context is not self._context:
            self._sent_on, self._context, self._wait_ms = sent_on(context, self._forwarded), context, 0
        if wait_ms != self._wait_ms:
            self._headers = (*ALWAYS, (DEADLINE_HEADER, str(wait_ms)), *self._sent_on)
            self._wait_ms = wait_ms
        return self._headers


def sent_on(headers: Mapping[str, str], forwarded: frozenset[str]) -> list[tuple[str, str]]:
    """Those of the caller's headers that are forwarded."""
    return [(low, value) for name, value in headers.items() if (low := name.lower()) in forwarded]
