"""Tells gateways of a new member before anything of that member can be seen (docs/decisions/0010)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from schema.membership import ANNOUNCED_MS, MembershipKey

REMEMBERED_LIMIT: Final = 100_000
"""Announcements remembered by one process; whose is forgotten waits once more."""


class Announcer:
    """The key that tags are made with, and when this process announced whom.

    Other processes' announcements count for nothing here: whoever is not remembered waits in full, so
    that no two clocks are ever compared.
    """

    def __init__(
        self,
        key: MembershipKey,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.key = key
        self._clock = clock
        self._sleep = sleep
        self._announced_s: OrderedDict[str, float] = OrderedDict()

    def unannounced(self, learner_ids: Collection[str]) -> list[str]:
        return [learner_id for learner_id in learner_ids if learner_id not in self._announced_s]

    def announced(self, learner_ids: Collection[str]) -> None:
        """Remember that they are members, now that this has been committed."""
        now = self._clock()
        for learner_id in learner_ids:
            self._announced_s.setdefault(learner_id, now)
        while len(self._announced_s) > REMEMBERED_LIMIT:
            self._announced_s.popitem(last=False)

    async def told(self, learner_ids: Collection[str]) -> None:
        """Wait until no gateway can still be going by an answer without any of them."""
        now = self._clock()
        last_s = max((self._announced_s.get(one, now) for one in learner_ids), default=now)
        await self._sleep(max(last_s + ANNOUNCED_MS / 1000 - now, 0.0))
