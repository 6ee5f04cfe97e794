"""What learners have been recognised here already (service/recognition_ports.py, LearnerUses)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.ledger import EntryKind
from region_node.domain.recognition_facts import LearnerUse
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import AccountRow, LedgerEntryRow, ReplacedCourseRow

COUNTED: Final = frozenset({EntryKind.AWARD.value, EntryKind.TRANSFER_IN.value})
"""The kinds of entry by which credits of other regions count here: they use up the year's ceiling,
less what was reversed of them. A conversion at home is none of them.
"""

_ACCOUNTS = table_of(AccountRow)
_ENTRIES = table_of(LedgerEntryRow)
_REPLACED = table_of(ReplacedCourseRow)


@dataclass(frozen=True, slots=True)
class _Used:
    """Tenths of credits used on a day; negative where a use was reversed."""

    on: date
    credits: int


class SqlLearnerUses:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def on(self, learners: Sequence[tuple[str, date]]) -> Mapping[tuple[str, date], LearnerUse]:
        if not learners:
            return {}
        ids = {learner for learner, _ in learners}
        days = [day for _, day in learners]
        used = await self._used(ids, date(min(days).year, 1, 1), max(days))
        replaced = await self._replaced(ids, max(days))
        return {
            (learner, day): LearnerUse(
                this_year=sum(
                    one.credits for one in used[learner] if one.on.year == day.year and one.on <= day
                ),
                replaced={course: outcome for course, outcome, on in replaced[learner] if on <= day},
            )
            for learner, day in learners
        }

    async def _used(self, ids: Collection[str], start: date, end: date) -> defaultdict[str, list[_Used]]:
        undone = _ENTRIES.alias("undone")
        same = sa.and_(undone.c.account_id == _ENTRIES.c.account_id, undone.c.id == _ENTRIES.c.reverses)
        select = (
            sa.select(
                _ACCOUNTS.c.learner_id,
                _ENTRIES.c.posted_on,
                _ENTRIES.c.credits,
                _ENTRIES.c.kind,
                undone.c.kind.label("undone_kind"),
            )
            .join_from(_ACCOUNTS, _ENTRIES, _ENTRIES.c.account_id == _ACCOUNTS.c.id)
            .outerjoin(undone, same)
            .where(
                _ACCOUNTS.c.learner_id.in_(ids),
                _ENTRIES.c.posted_on.between(start, end),
                _ENTRIES.c.kind.in_([*sorted(COUNTED), EntryKind.REVERSAL.value]),
            )
        )
        found: defaultdict[str, list[_Used]] = defaultdict(list)
        for row in await self._connection.execute(select):
            if row.kind in COUNTED:
                found[row.learner_id].append(_Used(row.posted_on, abs(row.credits)))
            elif row.undone_kind in COUNTED:
                found[row.learner_id].append(_Used(row.posted_on, -abs(row.credits)))
        return found

    async def _replaced(
        self, ids: Collection[str], end: date
    ) -> defaultdict[str, list[tuple[str, str, date]]]:
        select = (
            sa.select(_ACCOUNTS.c.learner_id, _REPLACED)
            .join_from(_ACCOUNTS, _REPLACED, _REPLACED.c.account_id == _ACCOUNTS.c.id)
            .where(_ACCOUNTS.c.learner_id.in_(ids), _REPLACED.c.replaced_on <= end)
        )
        found: defaultdict[str, list[tuple[str, str, date]]] = defaultdict(list)
        for row in await self._connection.execute(select):
            found[row.learner_id].append((row.course, row.outcome_id, row.replaced_on))
        return found
