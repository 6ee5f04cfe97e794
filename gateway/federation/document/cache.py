"""A bounded memory of what was worked out before: the least recently used entry makes room.

What takes long is worked out apart, in a thread, so that the event loop goes on: each key once however many
ask for it, and never more keys than may wait.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Generic, TypeVar

WAITING_LIMIT: Final = 32
"""Values being worked out apart, or waiting for it. At the worst one takes a second; whoever would have
to wait for more of them is told so at once."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CacheBusyError(Exception):
    """Too many values are being worked out already."""


class Apart:
    """The one thread in which caches work out what takes long; two would slow down all the rest."""

    def __init__(self, waiting_limit: int = WAITING_LIMIT) -> None:
        self._waiting = 0
        self._waiting_limit = waiting_limit
        self._thread: ThreadPoolExecutor | None = None

    def make(self, make: Callable[[], V]) -> asyncio.Future[V]:
        """What `make` returns, later. Raises `CacheBusyError` when too much waits already."""
        if self._waiting >= self._waiting_limit:
            raise CacheBusyError
        self._thread = self._thread or ThreadPoolExecutor(1, "apart")
        making = asyncio.get_running_loop().run_in_executor(self._thread, make)
        self._waiting += 1
        making.add_done_callback(self._made)
        return making

    def _made(self, _: asyncio.Future[Any]) -> None:
        self._waiting -= 1


class LruCache(Generic[K, V]):
    """At most `entries_limit` values by key.

    `get` works a missing value out on the spot, without yielding to the event loop, so that one key
    is never worked out twice at once. Exceptions are not remembered: refusals cannot fill the cache.
    `apart` is the thread for `get_apart`, the same for caches of which one's values need another's.
    """

    def __init__(self, entries_limit: int, apart: Apart | None = None) -> None:
        if entries_limit < 1:
            raise ValueError("a cache holds at least one entry")
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._entries_limit = entries_limit
        self._being_made: dict[K, asyncio.Future[V]] = {}
        self._apart = apart or Apart()

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
            making = self._being_made[key] = self._apart.make(make)
            making.add_done_callback(lambda made: self._made(key, made))
        try:
            return await asyncio.shield(making)
        finally:
            del making  # its exception holds this frame, which must not hold it in turn

    def _made(self, key: K, made: asyncio.Future[V]) -> None:
        del self._being_made[key]
        if not made.cancelled() and made.exception() is None:
            self.get(key, made.result)
