"""A bounded memory of what was worked out before: the least recently used entry makes room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


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

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`, made by `make` when it is not known."""
        try:
            value = self._entries[key]
        except KeyError:
            value = self._entries[key] = make()
            if len(self._entries) > self._entries_limit:
                self._entries.popitem(last=False)
        else:
            self._entries.move_to_end(key)
        return value
