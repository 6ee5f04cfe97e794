"""A bulkhead for one shard: so many requests open, so many waiting, and the next is told no at once."""

from __future__ import annotations

import asyncio

from gateway.clients.failures import NodeFailure
from gateway.clients.settings import BulkheadSettings


class Bulkhead:
    """An asynchronous context manager; raises `SHARD_BUSY` when both the places and the queue are full."""

    def __init__(self, settings: BulkheadSettings) -> None:
        self._places = asyncio.Semaphore(settings.open_requests)
        self._waiting_limit = settings.waiting_requests
        self._waiting = 0

    async def __aenter__(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._waiting_limit:
            raise NodeFailure("SHARD_BUSY", "Too many requests to it are waiting; try again later.")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._places.release()
