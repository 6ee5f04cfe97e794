"""A client that goes away while its request is answered: whatever runs for it ends then."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Final

from starlette.types import Receive

LOOK_AFTER_S: Final = 0.02
"""Most answers are ready by then, and looking costs a task; whoever leaves earlier is noticed now."""


class Leaving:
    """While the block runs, `timeout` ends at once when the client goes; `gone` tells that from its time."""

    def __init__(self, receive: Receive, timeout: asyncio.Timeout) -> None:
        self._receive = receive
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._looking: asyncio.Task[None] | None = None
        self.gone = False

    def __enter__(self) -> Leaving:
        self._timer = self._loop.call_later(LOOK_AFTER_S, self._look)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _look(self) -> None:
        self._looking = self._loop.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if not self._timeout.expired():
            self._timeout.reschedule(self._loop.time())


async def cancelled(task: asyncio.Future[Any]) -> None:
    """Ends a task whose outcome nobody wants any more."""
    if not task.done():
        task.cancel()
        await asyncio.wait((task,))
