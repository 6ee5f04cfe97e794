"""What learners have been recognised here already (service/recognition_ports.py, LearnerUses)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.ledger import EntryKind
from region_node.domain.moment import is_known
from region_node.domain.recognition_facts import LearnerUse
from region_node.service.recognition_ports import LearnerTime
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import (
    AccountRow,
    LedgerEntryRow,
    OutcomeUseRow,
    ReplacedCourseRow,
)

COUNTED: Final = frozenset({EntryKind.AWARD.value, EntryKind.TRANSFER_IN.value})
"""The kinds of entry by which credits of other regions count here: they use up the year's ceiling,
less what was reversed of them. A conversion at home is none of them.
"""

_ACCOUNTS = table_of(AccountRow)
_ENTRIES = table_of(LedgerEntryRow)
_USES = table_of(OutcomeUseRow)
_REPLACED = table_of(ReplacedCourseRow)


@dataclass(frozen=True, slots=True)
class _Used:
    """Tenths of credits used on a day; negative where a use was reversed."""

    on: date
    at: datetime
    credits: int


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A course, by which outcome, and when."""

    course: str
    outcome: str
    on: date
    at: datetime


class SqlLearnerUses:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def at(self, learners: Sequence[LearnerTime]) -> Mapping[LearnerTime, LearnerUse]:
        if not learners:
            return {}
        ids = {learner for learner, _, _ in learners}
        days = [day for _, day, _ in learners]
        used = await self._used(ids, date(min(days).year, 1, 1), max(days))
        replaced = await self._replaced(ids, max(days))
        return {
            (learner, day, known_at): LearnerUse(
                this_year=sum(
                    one.credits
                    for one in used[learner]
                    if one.on.year == day.year and one.on <= day and is_known(one.at, known_at)
                ),
                replaced={
                    one.course: one.outcome
                    for one in replaced[learner]
                    if one.on <= day and is_known(one.at, known_at)
                },
            )
            for learner, day, known_at in learners
        }

    async def _used(self, ids: Collection[str], start: date, end: date) -> defaultdict[str, list[_Used]]:
        undone = _ENTRIES.alias("undone")
        same = sa.and_(undone.c.account_id == _ENTRIES.c.account_id, undone.c.id == _ENTRIES.c.reverses)
        select = (
            sa.select(
                _ACCOUNTS.c.learner_id,
                _ENTRIES.c.posted_on,
                _ENTRIES.c.posted_at,
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
                found[row.learner_id].append(_Used(row.posted_on, row.posted_at, abs(row.credits)))
            elif row.undone_kind in COUNTED:
                found[row.learner_id].append(_Used(row.posted_on, row.posted_at, -abs(row.credits)))
        return found

    async def _replaced(self, ids: Collection[str], end: date) -> defaultdict[str, list[_Replaced]]:
        """A course is replaced in the transaction that uses the outcome: the use's entry says when."""
        of_account = _REPLACED.c.account_id
        select = (
            sa.select(_ACCOUNTS.c.learner_id, _REPLACED, _ENTRIES.c.posted_at)
            .join_from(_ACCOUNTS, _REPLACED, of_account == _ACCOUNTS.c.id)
            .join(
                _USES,
                sa.and_(_USES.c.account_id == of_account, _USES.c.outcome_id == _REPLACED.c.outcome_id),
            )
            .join(_ENTRIES, sa.and_(_ENTRIES.c.account_id == of_account, _ENTRIES.c.id == _USES.c.entry_id))
            .where(_ACCOUNTS.c.learner_id.in_(ids), _REPLACED.c.replaced_on <= end)
        )
        found: defaultdict[str, list[_Replaced]] = defaultdict(list)
        for row in await self._connection.execute(select):
            found[row.learner_id].append(
                _Replaced(row.course, row.outcome_id, row.replaced_on, row.posted_at)
            )
        return found
