"""A value read from files that people edit while the gateway runs.

The files are looked at from a task of the application's lifespan, never while a request waits. Files
that have become bad change nothing: the last good value stays, and `problem` says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic, TypeVar

V = TypeVar("V")
Stamp = tuple[int, int, int]


class Reloading(Generic[V]):
    """The newest good value of `paths`. `read` is given them; it raises one of `refusals` for bad ones."""

    def __init__(
        self,
        read: Callable[..., V],
        *paths: Path,
        refusals: tuple[type[Exception], ...] = (OSError, ValueError),
    ) -> None:
        self._read = read
        self._paths = paths
        self._refusals = refusals
        self._seen: list[Stamp] | None = self._stamps()
        self.value = read(*paths)
        self.problem: str | None = None

    def refresh(self) -> bool:
        """Read the files again if one changed; True when there is a new value. Blocks: not for the loop."""
        try:
            stamps = self._stamps()
        except OSError as error:
            self._seen = None
            self.problem = str(error)
            return False
        if stamps == self._seen:
            return False
        self._seen = stamps
        try:
            self.value = self._read(*self._paths)
        except self._refusals as error:
            self.problem = str(error) or type(error).__name__
            return False
        self.problem = None
        return True

    async def follow(
        self, interval_ms: int, changed: Callable[[], Awaitable[None]], failed: Callable[[str], None]
    ) -> None:
        """Look at the files every `interval_ms` for ever; end it by cancelling the task.

        `changed` is awaited after each new value, `failed` called once for each new problem.
        """
        while True:
            await asyncio.sleep(interval_ms / 1000)
            known = self.problem
            if await asyncio.to_thread(self.refresh):
                await changed()
            elif self.problem is not None and self.problem != known:
                failed(self.problem)

    def _stamps(self) -> list[Stamp]:
        return [(found.st_mtime_ns, found.st_size, found.st_ino) for found in map(Path.stat, self._paths)]
