"""The bytes of one HTTP exchange, and who carries them.

`PooledExchange` is the product's: pyreqwest itself, since httpx's interface above it costs more than
twice as much CPU for each request as the request does (72 µs against 31, 12 KB on two cores).
`HttpxExchange` carries them over any httpx transport, such as one that mounts
an ASGI application in the same program.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import httpx
from pyreqwest.bytes import Bytes
from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.http import Url

from gateway.clients.failures import invalid, timed_out, unreachable
from gateway.clients.settings import HttpSettings

Headers = Sequence[tuple[str, str]]

URLS_LIMIT = 4096  # parsed addresses kept; they come from a file that is reloaded


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP response, read to its end."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """An HTTP response of which only the head has come. `read` gives the next bytes, None at the end."""

    status: int
    content_type: str
    read: Callable[[], Awaitable[bytes | None]]


class Exchange(Protocol):
    """Posts `body`, once, to `url` and nowhere else. Raises `NodeFailure` when no whole answer came."""

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered: ...

    async def aclose(self) -> None: ...


class PooledExchange:
    """Over sockets, kept open between requests. No redirect, no proxy from the environment, no cookie."""

    def __init__(self, settings: HttpSettings) -> None:
        self._limit = settings.reply_limit_bytes
        self._urls: dict[str, Url] = {}
        self._client = (
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

    async def aclose(self) -> None:
        await self._client.close()

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered:
        request = self._client.post(self._url(url)).headers(headers).body_bytes(body)
        try:
            async with request.timeout(timedelta(seconds=wait_s)).build_streamed() as response:
                chunks: list[bytes] = []
                size = 0
                reader = response.body_reader
                while (chunk := await reader.read()) is not None:
                    size += len(chunk)
                    if size > self._limit:
                        raise invalid("Its answer is too large.")
                    chunks.append(bytes(chunk))
                content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
                return Answered(response.status, response.get_header("content-type") or "", content)
        except TimeoutError:
            raise timed_out() from None
        except (PyreqwestError, OSError):
            raise unreachable("It could not be reached, or the connection broke.") from None

    @asynccontextmanager
    async def open(self, url: str, headers: Headers, body: bytes, wait_s: float) -> AsyncIterator[Opened]:
        """Post `body` and leave the response open while the block lasts; `wait_s` is for its head."""
        request = self._client.post(self._url(url)).headers(headers).body_bytes(body)
        request = request.streamed_read_buffer_limit(0)  # otherwise the head waits for 64 KiB of the body
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(wait_s):
                    response = await stack.enter_async_context(request.build_streamed())
                content_type = response.get_header("content-type") or ""
                yield Opened(response.status, content_type, _reading(response.body_reader.read_chunk))
        except TimeoutError:
            raise timed_out() from None
        except (PyreqwestError, OSError):
            raise unreachable("It could not be reached, or the connection broke.") from None

    def _url(self, text: str) -> Url:
        url = self._urls.get(text)
        if url is None:
            if len(self._urls) >= URLS_LIMIT:
                self._urls.clear()
            url = self._urls[text] = Url(text)
        return url


def _reading(read: Callable[[], Awaitable[Bytes | None]]) -> Callable[[], Awaitable[bytes | None]]:
    async def next_bytes() -> bytes | None:
        chunk = await read()
        return None if chunk is None else bytes(chunk)

    return next_bytes


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
        return Answered(response.status_code, response.headers.get("content-type", ""), content)
