"""A value read from a file that people edit while the gateway runs.

The file is looked at from a task of the application's lifespan, never while a request waits. A
file that has become unreadable changes nothing: the last good value stays, and `problem` says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

V = TypeVar("V")
Stamp = tuple[int, int, int]


class Reloading(Generic[V]):
    """The newest good value of `path`. `read` raises `ValueError` or `OSError` for a bad file."""

    def __init__(self, path: Path, read: Callable[[Path], V]) -> None:
        self.path = path
        self._read = read
        self._seen: Stamp | None = _stamp(path)
        self.value = read(path)
        self.problem: str | None = None

    def refresh(self) -> bool:
        """Read the file again if it changed; True when there is a new value. Blocks: not for the loop."""
        try:
            stamp = _stamp(self.path)
            if stamp == self._seen:
                return False
            self._seen = stamp
            self.value = self._read(self.path)
        except (OSError, ValueError) as error:
            self.problem = str(error)
            return False
        self.problem = None
        return True

    async def follow(
        self, interval_ms: int, changed: Callable[[], None], failed: Callable[[str], None]
    ) -> None:
        """Look at the file every `interval_ms` for ever; end it by cancelling the task.

        `changed` is called after each new value, `failed` once for each new problem.
        """
        while True:
            await asyncio.sleep(interval_ms / 1000)
            known = self.problem
            if await asyncio.to_thread(self.refresh):
                changed()
            elif self.problem is not None and self.problem != known:
                failed(self.problem)


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
