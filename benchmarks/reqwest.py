"""The quickest client library for Python that we know, for the baselines that stand for code written by hand.

The gateway has connections of its own (docs/decisions/0006), which cost less; a baseline that borrowed
them would be no baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pyreqwest.client import ClientBuilder
from pyreqwest.http import Url

IDLE_CONNECTIONS: Final = 64


class ReqwestExchange:
    """Posts over pooled connections. No redirect, no proxy, no decompression."""

    def __init__(self) -> None:
        self._urls: dict[str, Url] = {}
        self._client = (
            ClientBuilder()
            .follow_redirects(False)
            .no_proxy()
            .gzip(False)
            .brotli(False)
            .zstd(False)
            .deflate(False)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build()
        )

    async def aclose(self) -> None:
        await self._client.close()

    async def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes, wait_s: float) -> bytes:
        """Return the answer's body, whatever its status."""
        parsed = self._urls.get(url)
        if parsed is None:
            parsed = self._urls[url] = Url(url)
        request = self._client.post(parsed).headers(headers).body_bytes(body)
        async with request.timeout(timedelta(seconds=wait_s)).build_streamed() as response:
            chunks: list[bytes] = []
            while (chunk := await response.body_reader.read()) is not None:
                chunks.append(bytes(chunk))
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
