"""A bounded memory of what was worked out before: the least recently used entry makes room.

What takes long is worked out apart, in one thread of the cache's own, so that the event loop goes on:
each key once however many ask for it, and never more keys than may wait.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, TypeVar

WAITING_LIMIT: Final = 32
"""Values being worked out apart, or waiting for it. At the worst one takes a second; whoever would have
to wait for more of them is told so at once."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CacheBusyError(Exception):
    """Too many values are being worked out already."""


class LruCache(Generic[K, V]):
    """At most `entries_limit` values by key.

    `get` works a missing value out on the spot, without yielding to the event loop, so that one key
    is never worked out twice at once. Exceptions are not remembered: refusals cannot fill the cache.
    """

    def __init__(self, entries_limit: int) -> None:
        if entries_limit < 1:
            raise ValueError("a cache holds at least one entry")
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._entries_limit = entries_limit
        self._being_made: dict[K, asyncio.Future[V]] = {}
        self._thread: ThreadPoolExecutor | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`, made by `make` when it is not known."""
        try:
            value = self._entries[key]
            self._entries.move_to_end(key)
        except KeyError:
            value = self._entries[key] = make()
            if len(self._entries) > self._entries_limit:
                self._entries.popitem(last=False)
        return value

    async def get_apart(self, key: K, make: Callable[[], V]) -> V:
        """As `get`, but `make` runs in a thread. Raises `CacheBusyError` when too many wait already.

        Whoever leaves meanwhile leaves alone: the value is made, and kept, for those who come after.
        """
        if key in self._entries:
            return self.get(key, make)
        making = self._being_made.get(key)
        if making is None:
            if len(self._being_made) >= WAITING_LIMIT:
                raise CacheBusyError
            self._thread = self._thread or ThreadPoolExecutor(1, "apart")
            making = asyncio.get_running_loop().run_in_executor(self._thread, make)
            self._being_made[key] = making
            making.add_done_callback(lambda made: self._made(key, made))
        return await asyncio.shield(making)

    def _made(self, key: K, made: asyncio.Future[V]) -> None:
        del self._being_made[key]
        if not made.cancelled() and made.exception() is None:
            self.get(key, made.result)
