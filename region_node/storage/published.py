"""What a region has published, kept while nothing is added to it: a lookup then reads that alone.

Agreements' steps, rule sets, policies, frameworks, maps, standards, retirements and vetoes are only ever
added, each in a transaction of its own, and a copy of an agreement changes only together with a step of it.
So how many there are of each says which state a snapshot sees, and whatever was read of a state is true of
it for ever: `asOf` and `knownAt` choose from it what they would from the rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import Any, Final, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.storage.snapshots import fetch
from region_node.storage.tables import table_of
from region_node.storage.tables_recognition import (
    AgreementEventRow,
    FrameworkMapRow,
    FrameworkRow,
    OrganisationVetoRow,
    PolicyRow,
    RuleSetRow,
    StandardRetirementRow,
    StandardRow,
)

KEPT_LIMIT: Final = 16_384
"""Values kept, absent ones included: of agreements by region, standards by certificate and level, …"""
KEY_LIMIT_CHARACTERS: Final = 96
"""A longer key is in none of these tables, and is not kept for whoever made it up."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_TABLES: Final = (
    AgreementEventRow,
    RuleSetRow,
    PolicyRow,
    FrameworkRow,
    FrameworkMapRow,
    StandardRow,
    StandardRetirementRow,
    OrganisationVetoRow,
)
_STATE: Final = sa.select(
    *(sa.select(sa.func.count()).select_from(table_of(one)).scalar_subquery() for one in _TABLES)
)

State = tuple[int, ...]
Values = OrderedDict[Hashable, Any]


class PublishedKept:
    """What one program has read of the state that it saw last."""

    def __init__(self) -> None:
        self._state: State = ()
        self._values: Values = OrderedDict()

    def of(self, state: State) -> Values:
        if state != self._state:
            self._state, self._values = state, OrderedDict()
        return self._values


class Published:
    """What is published, as one transaction sees it. Without `kept` it is read anew each time: a
    transaction that writes may see what is never committed.
    """

    def __init__(self, connection: AsyncConnection, kept: PublishedKept | None) -> None:
        self._connection = connection
        self._kept = kept
        self._values: Values | None = None

    async def whole(self, name: str, load: Callable[[], Awaitable[V]]) -> V:
        """Return what `load()` does."""
        values = await self._seen()
        if values is None:
            return await load()
        if name not in values:
            _keep(values, name, await load())
        values.move_to_end(name)
        return cast("V", values[name])

    async def each(
        self, name: str, keys: Collection[K], load: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]
    ) -> Mapping[K, V]:
        """Return what `load(keys)` does, which leaves out what is not there."""
        values = await self._seen()
        if values is None:
            return await load(keys)
        found: dict[K, V | None] = {}
        missing: list[K] = []
        for key in keys:
            if (name, key) in values:
                values.move_to_end((name, key))
                found[key] = values[name, key]
            else:
                missing.append(key)
        if missing:
            loaded = await load(missing)
            for key in missing:
                found[key] = loaded.get(key)
                if len(str(key)) <= KEY_LIMIT_CHARACTERS:
                    _keep(values, (name, key), found[key])
        return {key: value for key, value in found.items() if value is not None}

    async def _seen(self) -> Values | None:
        if self._kept is None:
            return None
        if self._values is None:
            (state,) = await fetch(self._connection, _STATE, {})
            self._values = self._kept.of(tuple(state))
        return self._values


def _keep(values: Values, key: Hashable, value: Any) -> None:
    values[key] = value
    if len(values) > KEPT_LIMIT:
        values.popitem(last=False)
