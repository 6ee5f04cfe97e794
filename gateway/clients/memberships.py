"""Who is in which shard, as the shards say: a filter for each, asked for again before it ends.

    every shard ─▶ what joined since the version we have ─▶ its filter, good for one lease
                     └─ no answer, or one that cannot be opened ─▶ the lease ends, and all are asked

A filter is used only while its lease lasts, which is counted from before the question was sent, on a
clock that goes on while this machine sleeps. A shard lets nothing of a new member be seen before every
lease that was given without it has ended (docs/SHARDING.md, 10). So a filter never hides anybody.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from gateway.clients.filters import Filter, Filters
from gateway.clients.settings import DEFAULTS, MembershipSettings
from gateway.federation.sharding.scatter import Outcome, scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.transport import ShardRequest, Transport, TransportFailure
from schema.membership import LEASE_MS, QUESTION, MembershipError, MembershipKey, Question

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

Kind = tuple[str, str]
"""A subgraph's name, and that of a spanning type."""


def boot_time_s() -> float:
    """The time since this machine started, sleep included."""
    return time.clock_gettime(_CLOCK)


OK: Final = "OK"
NOT_OFFERED: Final = "NOT_OFFERED"
UNREADABLE: Final = "UNREADABLE"
TOO_MANY: Final = "TOO_MANY"
SUSPENDED: Final = "SHARD_SUSPENDED"


class _NotTold(Exception):  # noqa: N818 - a shard that does not say is no error of ours
    """No usable answer came. `code` is one of those above, or a failure's of the transport."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Observer(Protocol):
    """Hears what came of each question, and how many shards a look-up left out."""

    def answered(self, subgraph: str, shard: str, code: str) -> None: ...

    def left_out(self, subgraph: str, count: int) -> None: ...


class _Silent:
    def answered(self, subgraph: str, shard: str, code: str) -> None: ...

    def left_out(self, subgraph: str, count: int) -> None: ...


class NodeMemberships:
    """What shards said of their members (`sharding.members.Memberships`)."""

    def __init__(
        self,
        transport: Transport,
        shards: Shards,
        key: MembershipKey,
        kinds: Callable[[], Iterable[Kind]],
        settings: MembershipSettings = DEFAULTS.membership,
        *,
        clock: Callable[[], float] = boot_time_s,
        chance: Callable[[], float] = random.random,
        observer: Observer | None = None,
    ) -> None:
        """`transport` reaches the shards themselves, and no replica: one that lags would not know who has
        just joined. `kinds` says of which types it is worth knowing the members."""
        self._transport = transport
        self._shards = shards
        self._key = key
        self._kinds = kinds
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._observer = observer or _Silent()
        self._open = asyncio.Semaphore(settings.open_requests)
        self._filters: dict[Kind, Filters] = {}

    def may_hold(self, subgraph: str, type_name: str, key: str, shards: Sequence[str]) -> Sequence[str]:
        filters = self._filters.get((subgraph, type_name))
        if filters is None:
            return shards
        tag = int.from_bytes(self._key.tag(type_name, key))
        found = filters.may_hold(tag, shards, self._clock())
        self._observer.left_out(subgraph, len(shards) - len(found))
        return found

    def members(self) -> Mapping[tuple[str, str, str], int]:
        """How many members each shard has, by subgraph, type and shard: of those whose lease lasts."""
        now = self._clock()
        return {
            (*kind, shard): known.members
            for kind, filters in self._filters.items()
            for shard, known in filters
            if known.until_s > now
        }

    async def follow(self) -> None:
        """Keep all filters fresh, for ever; end it by cancelling the task."""
        followed: dict[tuple[Kind, str], asyncio.Task[None]] = {}
        try:
            while True:
                wanted = {
                    (kind, shard)
                    for kind in self._kinds()
                    for shard in self._shards.of(kind[0])
                    if self._is_askable(kind[0], shard)
                }
                for gone in followed.keys() - wanted:
                    followed.pop(gone).cancel()
                    self._filters[gone[0]].close(gone[1])
                for kind, shard in sorted(wanted - followed.keys()):
                    self._filters.setdefault(kind, self._no_filters())
                    followed[kind, shard] = asyncio.create_task(self._follow(kind, shard))
                await asyncio.sleep(self._settings.interval_ms / 1000)
        finally:
            for task in followed.values():
                task.cancel()
            await asyncio.gather(*followed.values(), return_exceptions=True)

    def _no_filters(self) -> Filters:
        return Filters(self._settings.false_positive_rate, self._settings.group_false_positive_rate)

    def _is_askable(self, subgraph: str, shard: str) -> bool:
        return self._shards.of(subgraph).get(shard, "SUSPENDED") != "SUSPENDED"

    async def _follow(self, kind: Kind, shard: str) -> None:
        interval_s = pause_s = self._settings.interval_ms / 1000
        known = self._filters[kind].open(shard)
        while True:
            is_told = await self._refresh(kind, shard, known)
            if is_told:
                pause_s = interval_s
            # Spread, so that a thousand shards are not asked in one burst.
            await asyncio.sleep(pause_s * (0.9 + 0.1 * self._chance()))
            if not is_told:
                pause_s = min(2 * pause_s, self._settings.pause_limit_ms / 1000)

    async def _refresh(self, kind: Kind, shard: str, known: Filter) -> bool:
        """Ask page after page until the filter is whole, and good for a lease; False where that fails."""
        code = OK
        try:
            while not await self._page(kind, shard, known):
                pass
        except _NotTold as failure:
            code = failure.code
        self._observer.answered(kind[0], shard, code)
        return code == OK

    async def _page(self, kind: Kind, shard: str, known: Filter) -> bool:
        """Take one page; whether it was the last. Raises `_NotTold`, and leaves what was known."""
        subgraph, type_name = kind
        question = Question(shard, type_name, known.version)
        async with self._open:
            if not self._is_askable(subgraph, shard):
                raise _NotTold(SUSPENDED)
            asked_s = self._clock()
            outcome = await self._ask(subgraph, question)
        if isinstance(outcome, TransportFailure):
            raise _NotTold(outcome.code)
        text = ((outcome.data or {}).get("_service") or {}).get("membership")
        if not isinstance(text, str):
            raise _NotTold(NOT_OFFERED)
        try:
            joined = self._key.open(text, question)
        except MembershipError:
            raise _NotTold(UNREADABLE) from None
        if joined.members > self._settings.members_limit:
            raise _NotTold(TOO_MANY)
        if not (joined.is_whole or joined.tags):
            raise _NotTold(UNREADABLE)
        self._filters[kind].take(shard, joined)
        if joined.is_whole:
            known.until_s = asked_s + LEASE_MS / 1000
        return joined.is_whole

    async def _ask(self, subgraph: str, question: Question) -> Outcome:
        variables = {
            "type": question.type_name,
            "after": question.after,
            "challenge": question.challenge,
        }
        deadline_s = asyncio.get_running_loop().time() + self._settings.timeout_ms / 1000
        request = ShardRequest(subgraph, question.shard, QUESTION, variables, deadline_s=deadline_s)
        (outcome,) = await scatter(self._transport, [request], 1)
        return outcome
