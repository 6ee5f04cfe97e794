"""Who gets a connection next: first come, first served; so many wait, each so long, and are told at once.

A pool lets everybody wait, and gives up on each by an exception that passes through the whole driver. Under a
crowd all who wait give up in the same moment; telling them takes longer than their patience, nobody is
served meanwhile, and those who ask again meet the same. Here a place in the line costs next to nothing, and
one too many is refused before it has cost anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from region_node.service.failures import StorageCode, StorageFailure


class Line:
    """The line before `places` connections. Only of use within one event loop."""

    def __init__(self, places: int, *, waiting_limit: int, patience_ms: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._waiting_limit = waiting_limit
        self._patience_s = patience_ms / 1000
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None, None]:
        """Wait for a place and keep it for the block. Raises `StorageFailure` (BUSY)."""
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self) -> None:
        if self._waiting >= self._waiting_limit:
            raise StorageFailure(StorageCode.BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._places.acquire()
        except TimeoutError:
            raise StorageFailure(StorageCode.BUSY) from None
        finally:
            self._waiting -= 1
