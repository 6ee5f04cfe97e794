"""A bulkhead for one shard: so many requests open, so many waiting, and the next is told no at once.

A place that is free is taken by a plain call: an asynchronous context manager around a semaphore costs
three microseconds for every request to every shard, and nearly all find a place.
"""

from __future__ import annotations

import asyncio
from collections import deque

from gateway.clients.failures import NodeFailure
from gateway.clients.settings import BulkheadSettings


class Bulkhead:
    """`enter`, or `wait` where that was refused; `leave` after either."""

    def __init__(self, settings: BulkheadSettings) -> None:
        self._free = self._places = settings.open_requests
        self._withheld = 0
        self._is_withholding_next = False
        self._waiting_limit = settings.waiting_requests
        self._waiting: deque[asyncio.Future[None]] = deque()

    def enter(self) -> bool:
        """Take a place, if one is free and nobody waits for it."""
        if self._free and not self._waiting:
            self._free -= 1
            return True
        return False

    async def wait(self) -> None:
        """Take the next place, in the order of asking. Raises `SHARD_BUSY` when too many wait already."""
        if len(self._waiting) >= self._waiting_limit:
            raise NodeFailure("SHARD_BUSY", "Too many requests to it are waiting; try again later.")
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place came together with the cancellation
                self.leave()
            elif turn in self._waiting:  # else `leave` has passed over it already
                self._waiting.remove(turn)
            raise

    def narrow(self) -> None:
        """Withhold the places that are free, and that of the caller, who is about to leave: so that no more
        are open than the others are now, and never none."""
        self._withheld += self._free
        self._free = 0
        self._is_withholding_next = self._places - self._withheld > 1

    def widen(self) -> bool:
        """Give back one of the places that are withheld; False when none is."""
        if not self._withheld:
            return False
        self._withheld -= 1
        self.leave()
        return True

    def leave(self) -> None:
        """Give the place to whoever has waited longest."""
        if self._is_withholding_next:
            self._is_withholding_next = False
            self._withheld += 1
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
