"""One GraphQL request to one node over HTTP: to a listed address, once, within its time, and nowhere else.

httpx's interface, so that tests can mount a node in-process; its transport is called directly,
because httpx's own client costs more than all else that a request does here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

import httpx
import orjson
from pyreqwest.client import ClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport
from pyreqwest.exceptions import PyreqwestError

from gateway.clients.failures import NodeFailure, invalid, rejected, timed_out, unreachable
from gateway.clients.replies import GRAPHQL_JSON, read_reply
from gateway.clients.settings import DEFAULTS, HttpSettings
from gateway.federation.transport import Reply, ShardRequest

DEADLINE_HEADER = b"x-deadline-ms"
FORWARDED = frozenset(
    {"authorization", "traceparent", "tracestate", "accept-language", "x-correlation-id"}
)  # what a node may learn of the client's request: who asks, in which language, under which trace


class Addresses(Protocol):
    """Where shards are. None for one that is not listed: it is then never called."""

    def url(self, subgraph: str, shard: str) -> str | None: ...


def pooled(settings: HttpSettings) -> HttpxTransport:
    """The connection pool for all shards. No redirect, no proxy from the environment, no cookie."""
    client = (
        ClientBuilder()
        .follow_redirects(False)
        .no_proxy()
        .referer(False)
        .gzip(False)  # a reply's size is limited as it comes; a compressed one could be a bomb
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .user_agent("creditbank-gateway")
        .connect_timeout(timedelta(milliseconds=settings.connect_timeout_ms))
        .pool_idle_timeout(timedelta(milliseconds=settings.idle_connection_ms))
        .pool_max_idle_per_host(settings.idle_connections_per_shard)
        .build()
    )
    return HttpxTransport(client)


class HttpTransport:
    """A `Transport` over HTTP. Raises `NodeFailure`, and no other failure of the network."""

    def __init__(
        self,
        addresses: Addresses,
        settings: HttpSettings = DEFAULTS.http,
        *,
        exchange: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`exchange` carries the bytes: a pool of connections unless another is given."""
        self._addresses = addresses
        self._settings = settings
        self._exchange = exchange or pooled(settings)
        self._clock = clock
        self._urls: dict[str, httpx.URL] = {}

    async def aclose(self) -> None:
        await self._exchange.aclose()

    async def send(self, request: ShardRequest) -> Reply:
        url = self._addresses.url(request.subgraph, request.shard)
        if url is None:
            raise rejected("It is not listed in the registry.")
        wait_s = min(request.deadline_s - self._clock(), self._settings.timeout_ms / 1000)
        if wait_s <= 0:
            raise timed_out()
        body = orjson.dumps(_body(request), default=_as_json)
        if len(body) > self._settings.request_limit_bytes:
            raise rejected("The request to it would be too large; ask for less at once.")
        sent = httpx.Request(
            "POST",
            self._url(url),
            headers=_headers(request.headers, wait_s),
            content=body,
            extensions={"timeout": {"read": wait_s}},
        )
        status, content_type, content = await self._exchanged(sent)
        return read_reply(status, content_type, content)

    async def _exchanged(self, request: httpx.Request) -> tuple[int, str, bytes]:
        try:
            response = await self._exchange.handle_async_request(request)
            try:
                return (
                    response.status_code,
                    response.headers.get("content-type", ""),
                    await self._read(response),
                )
            finally:
                await response.aclose()
        except NodeFailure:
            raise
        except (httpx.TimeoutException, TimeoutError):
            raise timed_out() from None
        except (httpx.RequestError, PyreqwestError, OSError):
            raise unreachable("It could not be reached, or the connection broke.") from None

    async def _read(self, response: httpx.Response) -> bytes:
        """The body, as far as the limit goes."""
        limit = self._settings.reply_limit_bytes
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.stream:  # type: ignore[union-attr]  # an async transport's is async
            size += len(chunk)
            if size > limit:
                raise invalid("Its answer is too large.")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _url(self, text: str) -> httpx.URL:
        url = self._urls.get(text)
        if url is None:
            if len(self._urls) > 4096:  # addresses come from a reloaded file; none is kept for ever
                self._urls.clear()
            url = self._urls[text] = httpx.URL(text)
        return url


def _body(request: ShardRequest) -> dict[str, Any]:
    body: dict[str, Any] = {"query": request.query}
    if request.variables:
        body["variables"] = request.variables
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    return body


def _headers(context: Mapping[str, str], wait_s: float) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"application/json"),
        (b"accept", f"{GRAPHQL_JSON}, application/json".encode()),
        (DEADLINE_HEADER, b"%d" % max(1, int(wait_s * 1000))),
    ]
    headers.extend(
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in context.items()
        if name.lower() in FORWARDED
    )
    return headers


def _as_json(value: Any) -> Any:
    """Mappings that are no dicts; everything else in a request is plain JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
