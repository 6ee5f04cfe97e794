"""The ledger, fraud cases and sums (service/bank_ports.py). Entries are only ever added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from operator import eq, ge, le
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.case import CaseFinding, CaseStatus, FraudCase
from region_node.domain.ledger import AccountBook, EntryKind, LedgerEntry, account_of
from region_node.domain.outcome import OutcomeStatus
from region_node.service.bank_ports import BankSums, CaseFilter, EntryFilter
from region_node.service.paging import Page, PageRequest
from region_node.storage.keyed import Keyed
from region_node.storage.keyset import Rows, asked
from region_node.storage.log import SqlLog
from region_node.storage.notices import SqlNotices
from region_node.storage.reading import member, reader
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import AccountRow, FraudCaseRow, LedgerEntryRow, OutcomeRow
from schema.agreements import SkillLevel

_ACCOUNTS = table_of(AccountRow)
_ENTRIES = table_of(LedgerEntryRow)
_CASES = table_of(FraudCaseRow)
_OUTCOMES = table_of(OutcomeRow)


def _columns(table: sa.Table, kind: type[Any]) -> tuple[sa.Column[Any], ...]:
    return tuple(table.c[one.name] for one in fields(kind))


entry_of = reader(LedgerEntry, kind=member(EntryKind))
"""The entry of a row whose first columns are `ENTRY_COLUMNS`."""
_case = reader(FraudCase, status=member(CaseStatus), finding=member(CaseFinding))
ENTRY_COLUMNS: Final = _columns(_ENTRIES, LedgerEntry)
_ENTRY_ROWS: Final = Rows(_ENTRIES, ENTRY_COLUMNS, entry_of)
_CASE_ROWS: Final = Rows(_CASES, _columns(_CASES, FraudCase), _case)
_SUM: Final = sa.func.coalesce(sa.func.sum(_ENTRIES.c.credits), 0)
_BALANCES: Final = Keyed(
    _ENTRIES.c.account_id,
    sa.select(_ENTRIES.c.account_id, _SUM).group_by(_ENTRIES.c.account_id).where,
)


class SqlLedger:
    """`log` seals, at the transaction's end, the entries that are added here."""

    def __init__(self, connection: AsyncConnection, log: SqlLog, notices: SqlNotices) -> None:
        self._connection = connection
        self._log = log
        self._notices = notices

    async def book(self, account_id: str) -> AccountBook:
        return (await self.books([account_id])).get(account_id, AccountBook(account_id))

    async def books(self, account_ids: Collection[str]) -> Mapping[str, AccountBook]:
        select = sa.select(_ENTRIES.c.account_id, sa.func.count(), _SUM).where(
            _ENTRIES.c.account_id.in_(account_ids)
        )
        rows = await self._connection.execute(select.group_by(_ENTRIES.c.account_id))
        return {
            account: AccountBook(account, int(entries), int(balance)) for account, entries, balance in rows
        }

    async def balances(self, account_ids: Collection[str]) -> Mapping[str, int]:
        rows = await _BALANCES.fetch(self._connection, account_ids)
        return {account_id: int(balance) for account_id, balance in rows}

    async def balances_at(
        self, account_ids: Collection[str], day: date, known_at: datetime | None
    ) -> Mapping[str, int]:
        posted = asked((le, _ENTRIES.c.posted_on, day), (le, _ENTRIES.c.posted_at, known_at))
        select = sa.select(_ENTRIES.c.account_id, _SUM).where(_ENTRIES.c.account_id.in_(account_ids), *posted)
        rows = await self._connection.execute(select.group_by(_ENTRIES.c.account_id))
        return {account_id: int(balance) for account_id, balance in rows}

    async def balances_of_learners(self, learner_ids: Collection[str]) -> Mapping[str, int]:
        select = (
            sa.select(_ACCOUNTS.c.learner_id, _SUM)
            .join_from(_ACCOUNTS, _ENTRIES, _ENTRIES.c.account_id == _ACCOUNTS.c.id)
            .where(_ACCOUNTS.c.learner_id.in_(learner_ids))
            .group_by(_ACCOUNTS.c.learner_id)
        )
        return {learner: int(balance) for learner, balance in await self._connection.execute(select)}

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, LedgerEntry]:
        accounts = {account for account in map(account_of, ids) if account is not None}
        select = sa.select(*ENTRY_COLUMNS).where(_ENTRIES.c.account_id.in_(accounts), _ENTRIES.c.id.in_(ids))
        return {row.id: entry_of(row) for row in await self._connection.execute(select)}

    async def of_outcomes(self, ids: Collection[str]) -> Mapping[str, tuple[LedgerEntry, ...]]:
        accounts = {account for account in map(account_of, ids) if account is not None}
        select = sa.select(*ENTRY_COLUMNS).where(
            _ENTRIES.c.account_id.in_(accounts), _ENTRIES.c.outcome_id.in_(ids)
        )
        found: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_ENTRIES.c.account_id, _ENTRIES.c.number)):
            found[row.outcome_id].append(entry_of(row))
        return {id_: tuple(entries) for id_, entries in found.items()}

    async def pages_of_accounts(
        self, account_ids: Collection[str], where: EntryFilter, request: PageRequest
    ) -> Mapping[str, Page[LedgerEntry]]:
        conditions = asked(
            (eq, _ENTRIES.c.kind, where.kind),
            (eq, _ENTRIES.c.outcome_id, where.outcome_id),
            (le, _ENTRIES.c.posted_on, where.as_of),
            (le, _ENTRIES.c.posted_at, where.known_at),
        )
        return await _ENTRY_ROWS.pages(
            self._connection, _ENTRIES.c.account_id, account_ids, conditions, request
        )

    async def add(self, entries: Sequence[LedgerEntry]) -> None:
        rows = [
            {
                "account_id": entry.account_id,
                "number": entry.number,
                "id": entry.id,
                "kind": entry.kind.value,
                "credits": entry.credits,
                "posted_on": entry.posted_on,
                "posted_at": entry.posted_at,
                "balance_after": entry.balance_after,
                "outcome_id": entry.outcome_id,
                "reverses": entry.reverses,
                "memo": entry.memo,
            }
            for entry in entries
        ]
        if rows:
            await self._connection.execute(sa.insert(_ENTRIES), rows)
            self._log.note(entries)
            self._notices.note(entry.account_id for entry in entries)


class SqlCases:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, account_id: str) -> int:
        count = sa.select(sa.func.count()).where(_CASES.c.account_id == account_id)
        return int((await self._connection.execute(count)).scalar_one())

    async def add(self, case: FraudCase) -> None:
        await self._connection.execute(
            sa.insert(_CASES).values(
                account_id=case.account_id,
                id=case.id,
                learner_id=case.learner_id,
                outcome_id=case.outcome_id,
                status=case.status.value,
                opened_on=case.opened_on,
                closed_on=case.closed_on,
                reason=case.reason,
            )
        )

    async def of_account(self, account_id: str) -> tuple[FraudCase, ...]:
        select = sa.select(*_CASE_ROWS.columns).where(_CASES.c.account_id == account_id).order_by(_CASES.c.id)
        return tuple(_case(row) for row in await self._connection.execute(select))

    async def close(self, case: FraudCase) -> None:
        await self._connection.execute(
            sa.update(_CASES)
            .where(_CASES.c.account_id == case.account_id, _CASES.c.id == case.id)
            .values(
                status=case.status.value,
                closed_on=case.closed_on,
                finding=case.finding,
                finding_reason=case.finding_reason,
            )
        )

    async def page(self, where: CaseFilter, request: PageRequest) -> Page[FraudCase]:
        conditions = asked(
            (eq, _CASES.c.status, where.status),
            (eq, _CASES.c.learner_id, where.learner_id),
            (eq, _CASES.c.outcome_id, where.outcome_id),
            (ge, _CASES.c.opened_on, where.opened_from),
            (le, _CASES.c.opened_on, where.opened_to),
        )
        return await _CASE_ROWS.page(self._connection, conditions, request)


class SqlStatistics:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def sums(self) -> BankSums:
        def scalar(what: sa.ColumnElement[int], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
            return sa.select(what).where(*where).scalar_subquery()

        entries, outcomes = _ENTRIES.c, _OUTCOMES.c
        conversions = scalar(
            sa.func.count(entries.id), entries.kind == EntryKind.CONVERSION.value, entries.credits < 0
        )
        select = sa.select(
            scalar(sa.func.count(_ACCOUNTS.c.id)).label("accounts"),
            scalar(sa.func.count(_ACCOUNTS.c.learner_id.distinct())).label("learners"),
            scalar(sa.func.count(outcomes.id)).label("outcomes"),
            scalar(sa.func.count(outcomes.id), outcomes.status == OutcomeStatus.VERIFIED.value).label(
                "verified_outcomes"
            ),
            conversions.label("conversions"),
            scalar(_SUM, entries.kind == EntryKind.DEPOSIT.value).label("deposited_credits"),
            scalar(_SUM).label("balance"),
        )
        row = (await self._connection.execute(select)).one()
        return BankSums(**{name: int(value) for name, value in row._mapping.items()})

    async def issued(self, year: int) -> Mapping[tuple[str, SkillLevel], int]:
        outcomes = _OUTCOMES.c
        select = (
            sa.select(outcomes.certificate, outcomes.level, sa.func.count().label("issued"))
            .where(
                outcomes.issued_on >= date(year, 1, 1),
                outcomes.issued_on <= date(year, 12, 31),
                outcomes.status == OutcomeStatus.VERIFIED.value,
                outcomes.certificate.is_not(None),
            )
            .group_by(outcomes.certificate, outcomes.level)
        )
        rows = await self._connection.execute(select)
        return {(row.certificate, SkillLevel(row.level)): int(row.issued) for row in rows}
