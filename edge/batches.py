"""The batches of one request's data loaders, so that they end when the request does.

A loader runs each batch in a task of its own, which nobody takes along who waits for it and is
cancelled: it would work on for a client that has gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Load = Callable[[list[K]], Awaitable[list[V]]]
"""What a loader calls with each batch's keys."""


class Batches:
    """Knows the tasks of all loads `within` it that run now."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def within(self, load: Load[K, V]) -> Load[K, V]:
        @wraps(load)
        async def known(keys: list[K]) -> list[V]:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - a coroutine runs in a task
            self._running.add(task)
            try:
                return await load(keys)
            finally:
                self._running.discard(task)

        return known

    async def end(self) -> None:
        """Cancel what still runs, and wait until it has ended."""
        running = [task for task in self._running if task.cancel()]
        if running:
            await asyncio.wait(running)
