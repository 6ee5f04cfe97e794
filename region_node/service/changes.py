"""Who waits for an account's changes, and who wakes them: a signal, not the change itself.

A transaction that has committed tells which accounts it touched; whoever waits for one of them reads the
books again. What other processes change is told by a watch on the database (storage/watch.py). A
signal may come for nothing, but none is lost between two reads: it stays set until it is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Changes:
    """Only of use within one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def __bool__(self) -> bool:
        """Does anybody wait?"""
        return bool(self._waiting)

    @contextmanager
    def of(self, account_id: str) -> Iterator[asyncio.Event]:
        """A signal that is set when the account may have changed; whoever sees it clears it, then reads."""
        signal = asyncio.Event()
        self._waiting.setdefault(account_id, set()).add(signal)
        try:
            yield signal
        finally:
            self._waiting[account_id].discard(signal)
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    def tell(self, account_ids: Iterable[str]) -> None:
        for account_id in account_ids:
            for signal in self._waiting.get(account_id, ()):
                signal.set()

    def tell_all(self) -> None:
        """For a watch that does not know what has changed, or may have missed something."""
        self.tell(tuple(self._waiting))
