"""The list of members in SQL (domain/members.py).

Who adds to it holds it until the transaction ends, so that whoever sees one member sees all before:
with numbers from a sequence one that commits late would be passed over for ever by those who asked
for what follows the next. On SQLite the one writer holds it anyway; on PostgreSQL it is an advisory lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.members import Member, joined
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import MemberRow

_LOCK: Final = 0x4D454D  # any number that no other advisory lock of this database has
_MEMBERS = table_of(MemberRow)


class SqlMembers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, learner_ids: Collection[str]) -> Sequence[str]:
        new = await self._unknown(learner_ids)
        if not new:
            return ()
        if self._connection.dialect.name != "sqlite":
            await self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            new = await self._unknown(new)
        if new:
            last = sa.select(_MEMBERS).order_by(_MEMBERS.c.number.desc()).limit(1)
            row = (await self._connection.execute(last)).one()
            await self._connection.execute(sa.insert(_MEMBERS), rows_of(joined(_member(row), new)))
        return new

    async def since(self, number: int, limit: int) -> Sequence[Member]:
        select = sa.select(_MEMBERS).where(_MEMBERS.c.number >= number).order_by(_MEMBERS.c.number)
        return [_member(row) for row in await self._connection.execute(select.limit(limit))]

    async def count(self) -> int:
        return int((await self._connection.execute(sa.select(sa.func.max(_MEMBERS.c.number)))).scalar_one())

    async def _unknown(self, learner_ids: Iterable[str]) -> list[str]:
        """Each of them once that is no member, in their order."""
        wanted = list(dict.fromkeys(learner_ids))
        select = sa.select(_MEMBERS.c.learner_id).where(_MEMBERS.c.learner_id.in_(wanted))
        known = set((await self._connection.execute(select)).scalars())
        return [learner_id for learner_id in wanted if learner_id not in known]


def rows_of(members: Iterable[Member]) -> list[dict[str, object]]:
    return [{"number": one.number, "learner_id": one.learner_id, "link": one.link} for one in members]


def _member(row: sa.Row[tuple[int, str, bytes]]) -> Member:
    return Member(row.number, row.learner_id, bytes(row.link))
