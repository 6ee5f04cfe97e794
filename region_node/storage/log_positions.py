"""Where the credits of outcomes stand in the log (service/log_ports.py, LogPositions)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.ledger import account_of
from region_node.domain.outcome import OutcomeStatus
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import LedgerEntryRow, OutcomeRow
from region_node.storage.tables_log import LogLeafRow

_ENTRIES = table_of(LedgerEntryRow)
_LEAVES = table_of(LogLeafRow)
_OUTCOMES = table_of(OutcomeRow)

_PLACED = _ENTRIES.join(
    _LEAVES, sa.and_(_LEAVES.c.account_id == _ENTRIES.c.account_id, _LEAVES.c.number == _ENTRIES.c.number)
)
# The entry that gave the outcome its credits: a DEPOSIT, or the CONVERSION that made a course.
_GIVEN = _ENTRIES.c.credits > 0


class SqlLogPositions:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, outcome_ids: Collection[str]) -> Mapping[str, int]:
        accounts = {account for account in map(account_of, outcome_ids) if account is not None}
        select = (
            sa.select(_ENTRIES.c.outcome_id, sa.func.min(_LEAVES.c.position).label("position"))
            .select_from(_PLACED)
            .where(_ENTRIES.c.account_id.in_(accounts), _ENTRIES.c.outcome_id.in_(outcome_ids), _GIVEN)
            .group_by(_ENTRIES.c.outcome_id)
        )
        return {row.outcome_id: row.position for row in await self._connection.execute(select)}

    async def revoked(self, first: int, beyond: int) -> Sequence[int]:
        own = sa.and_(
            _OUTCOMES.c.account_id == _ENTRIES.c.account_id, _OUTCOMES.c.id == _ENTRIES.c.outcome_id
        )
        # Written out, not bound: only so does a planner see that the partial index holds every answer.
        is_revoked = _OUTCOMES.c.status == sa.literal_column(f"'{OutcomeStatus.REVOKED.value}'")
        select = (
            sa.select(_LEAVES.c.position)
            .select_from(_PLACED.join(_OUTCOMES, own))
            .where(is_revoked, _GIVEN, _LEAVES.c.position >= first, _LEAVES.c.position < beyond)
            .order_by(_LEAVES.c.position)
        )
        return list((await self._connection.execute(select)).scalars())

    async def size(self) -> int:
        last = sa.select(sa.func.coalesce(sa.func.max(_LEAVES.c.position) + 1, 0))
        return int((await self._connection.execute(last)).scalar_one())
