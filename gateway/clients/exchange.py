"""The bytes of one HTTP exchange, and who carries them.

`PooledExchange` is the product's, over connections of its own that are used again (`connection.py`).
`HttpxExchange` carries them over any httpx transport, such as one that mounts
an ASGI application in the same program.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from gateway.clients.connection import Answered, Connection
from gateway.clients.failures import invalid, rejected, timed_out, unreachable
from gateway.clients.reachable import public_addresses
from gateway.clients.settings import HttpSettings

__all__ = ["Answered", "Exchange", "Headers", "HttpxExchange", "Opened", "PooledExchange"]

Headers = Sequence[tuple[str, str]]

PLACES_LIMIT: Final = 4096
"""Addresses whose connections are kept; they come from a file that is reloaded."""
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
FORBIDDEN_IN_HEADERS: Final = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Opened:
    """An HTTP response of which only the head has come. `read` gives the next bytes, None at the end."""

    status: int
    content_type: str
    read: Callable[[], Awaitable[bytes | None]]


class Exchange(Protocol):
    """Posts `body`, once, to `url` and nowhere else. Raises `NodeFailure` when no whole answer came.

    Whoever passes `headers` changes them no more: the same ones may be passed again, and are not read again.
    """

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered: ...

    async def aclose(self) -> None: ...


@dataclass(slots=True)
class _Place:
    """Where one URL leads: the beginning of each request to it, and the connections that wait for one."""

    host: str
    port: int
    is_tls: bool
    head: str
    idle: list[Connection] = field(default_factory=list)
    is_kept: bool = True

    def forget(self) -> None:
        """Close what waits, and let nothing wait any more."""
        self.is_kept = False
        for connection in self.idle:
            connection.close()


class PooledExchange:
    """Over sockets, kept open between requests. No redirect, no proxy from the environment, no cookie.

    A request that is cancelled or too late closes its socket at once, so that the node hears of it.
    """

    def __init__(self, settings: HttpSettings, *, only_public: bool = False) -> None:
        """With `only_public` no connection is made to an address in a private or loopback range, whatever
        name leads to it."""
        self._settings = settings
        self._only_public = only_public
        self._places: dict[str, _Place] = {}
        self._in_use: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._headers: Headers = ()
        self._lines = ""

    async def aclose(self) -> None:
        """Close every connection; what is on its way fails."""
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in self._in_use:
            connection.close()
        for place in self._places.values():
            place.forget()
        self._places.clear()
        await asyncio.sleep(0)  # sockets are closed in the loop's next turn

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered:
        until_s = asyncio.get_running_loop().time() + wait_s
        place = self._place(url)
        request = self._request(place, headers, body)
        connection = self._idle(place) or await self._connected(place, wait_s)
        self._in_use.add(connection)
        try:
            return await connection.ask(request, until_s)
        finally:
            self._in_use.discard(connection)
            self._put_back(place, connection)

    @asynccontextmanager
    async def open(self, url: str, headers: Headers, body: bytes, wait_s: float) -> AsyncIterator[Opened]:
        """Post `body` and leave the response open while the block lasts; `wait_s` is for its head."""
        until_s = asyncio.get_running_loop().time() + wait_s
        place = self._place(url)
        request = self._request(place, headers, body)
        connection = self._idle(place) or await self._connected(place, wait_s)
        self._in_use.add(connection)
        try:
            status = await connection.open(request, until_s)
            yield Opened(status, connection.content_type, connection.read)
        finally:
            self._in_use.discard(connection)
            connection.close()

    def _request(self, place: _Place, headers: Headers, body: bytes) -> bytes:
        if headers is not self._headers:  # a wave's requests share theirs
            self._lines, self._headers = _lines(headers), headers
        head = f"{place.head}{self._lines}content-length: {len(body)}\r\n\r\n"
        try:
            return head.encode("latin-1") + body
        except UnicodeEncodeError:
            raise rejected("A header cannot be sent on.") from None

    def _place(self, url: str) -> _Place:
        place = self._places.get(url)
        if place is None:
            if len(self._places) >= PLACES_LIMIT:
                self._places.pop(next(iter(self._places))).forget()
            place = self._places[url] = _read_place(url)
        return place

    def _idle(self, place: _Place) -> Connection | None:
        while place.idle:
            connection = place.idle.pop()
            if connection.is_usable:
                return connection
        return None

    async def _connected(self, place: _Place, wait_s: float) -> Connection:
        connect_s = self._settings.connect_timeout_ms / 1000
        try:
            async with asyncio.timeout(min(wait_s, connect_s)):
                return await self._connect(place, await self.addresses(place.host, place.port))
        except TimeoutError:
            raise timed_out() if wait_s < connect_s else unreachable("It could not be reached.") from None
        except OSError:
            raise unreachable("It could not be reached.") from None

    async def addresses(self, host: str, port: int) -> list[str]:
        """Where `host` may be connected to. Raises `NodeFailure` where it may not, OSError for nowhere."""
        return await public_addresses(host, port) if self._only_public else [host]

    async def _connect(self, place: _Place, addresses: Sequence[str]) -> Connection:
        """Connect to the first of these that lets us. Raises OSError, the last one's."""
        loop = asyncio.get_running_loop()
        limit = self._settings.reply_limit_bytes
        failed = OSError("it has no address")
        for address in addresses:
            try:
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, limit),
                    address,
                    place.port,
                    ssl=self.tls if place.is_tls else None,
                    server_hostname=place.host if place.is_tls else None,
                )
            except OSError as error:
                failed = error
            else:
                return connection
        raise failed

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Made once: reading the certificates takes long."""
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _put_back(self, place: _Place, connection: Connection) -> None:
        if not connection.is_usable:
            return
        if not place.is_kept or len(place.idle) >= self._settings.idle_connections_per_shard:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        connection.idle_since_s = loop.time()
        place.idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._settings.idle_connection_ms / 1000, self._swept)

    def _swept(self) -> None:
        """Close what has been idle for long; come again while anything is."""
        loop = asyncio.get_running_loop()
        idle_s = self._settings.idle_connection_ms / 1000
        oldest_s = loop.time() - idle_s
        for place in self._places.values():
            kept = [one for one in place.idle if one.is_usable and one.idle_since_s > oldest_s]
            for connection in set(place.idle).difference(kept):
                connection.close()
            place.idle = kept
        has_idle = any(place.idle for place in self._places.values())
        self._sweep = loop.call_later(idle_s / 2, self._swept) if has_idle else None


def _read_place(url: str) -> _Place:
    parts = urlsplit(url)
    is_tls = parts.scheme == "https"
    if parts.hostname is None or parts.scheme not in ("http", "https"):
        raise rejected("Its address is no http or https URL.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    head = f"POST {target} HTTP/1.1\r\nhost: {host}\r\nuser-agent: creditbank-gateway\r\n"
    return _Place(parts.hostname, parts.port or (HTTPS_PORT if is_tls else HTTP_PORT), is_tls, head)


def check_headers(headers: Headers) -> None:
    """Raises `NodeFailure` for a value that would end its line."""
    for name, value in headers:
        if FORBIDDEN_IN_HEADERS.search(value):
            raise rejected(f"The header {name} cannot be sent on.")


def _lines(headers: Headers) -> str:
    check_headers(headers)
    return "".join([f"{name}: {value}\r\n" for name, value in headers])


class HttpxExchange:
    """Over an httpx transport, called directly."""

    def __init__(self, transport: httpx.AsyncBaseTransport, settings: HttpSettings) -> None:
        self._transport = transport
        self._limit = settings.reply_limit_bytes

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered:
        timeout = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), wait_s)}
        request = httpx.Request("POST", url, headers=list(headers), content=body, extensions=timeout)
        try:
            response = await self._transport.handle_async_request(request)
            content = await response.aread()
            await response.aclose()
        except (httpx.TimeoutException, TimeoutError):
            raise timed_out() from None
        except (httpx.RequestError, OSError):
            raise unreachable("It could not be reached, or the connection broke.") from None
        if len(content) > self._limit:
            raise invalid("Its answer is too large.")
        told = response.headers
        return Answered(
            response.status_code, told.get("content-type", ""), content, told.get("retry-after", "")
        )
