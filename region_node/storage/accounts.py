"""Accounts and their events (service/bank_ports.py, Accounts)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import eq, ge, le
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.account import Account, AccountChange, AccountEvent, AccountStatus, LearnerGroup
from region_node.service.bank_ports import AccountFilter
from region_node.service.paging import Page, PageRequest
from region_node.storage.keyset import Rows, Where, asked
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import AccountEventRow, AccountRow

_ACCOUNTS = table_of(AccountRow)
_EVENTS = table_of(AccountEventRow)
_COLUMNS: Final = (
    _ACCOUNTS.c.id,
    _ACCOUNTS.c.learner_id,
    _ACCOUNTS.c.learner_group,
    _ACCOUNTS.c.status,
    _ACCOUNTS.c.opened_on,
    _ACCOUNTS.c.barred_until,
)


def _account(row: Any) -> Account:
    return Account(
        id=row.id,
        learner_id=row.learner_id,
        group=LearnerGroup(row.learner_group),
        status=AccountStatus(row.status),
        opened_on=row.opened_on,
        barred_until=row.barred_until,
    )


_ROWS: Final = Rows(_ACCOUNTS, _COLUMNS, _account)


class SqlAccounts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Account]:
        rows = await self._connection.execute(sa.select(*_COLUMNS).where(_ACCOUNTS.c.id.in_(ids)))
        return {row.id: _account(row) for row in rows}

    async def by_learners(self, learner_ids: Collection[str]) -> Mapping[str, tuple[Account, ...]]:
        select = sa.select(*_COLUMNS).where(_ACCOUNTS.c.learner_id.in_(learner_ids))
        found: defaultdict[str, list[Account]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_ACCOUNTS.c.opened_on, _ACCOUNTS.c.id)):
            found[row.learner_id].append(_account(row))
        return {learner_id: tuple(accounts) for learner_id, accounts in found.items()}

    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[AccountEvent, ...]]:
        select = sa.select(_EVENTS).where(_EVENTS.c.account_id.in_(ids))
        found: defaultdict[str, list[AccountEvent]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_EVENTS.c.account_id, _EVENTS.c.number)):
            found[row.account_id].append(
                AccountEvent(
                    account_id=row.account_id,
                    number=row.number,
                    status=AccountStatus(row.status),
                    on=row.on_day,
                    recorded_at=row.recorded_at,
                    by=row.actor,
                    reason=row.reason,
                )
            )
        return {id_: tuple(events) for id_, events in found.items()}

    async def sealed_numbers(self, ids: Collection[str]) -> Mapping[str, bytes]:
        select = sa.select(_ACCOUNTS.c.id, _ACCOUNTS.c.citizen_sealed).where(_ACCOUNTS.c.id.in_(ids))
        return {row.id: row.citizen_sealed for row in await self._connection.execute(select)}

    async def page(self, where: AccountFilter, request: PageRequest) -> Page[Account]:
        return await _ROWS.page(self._connection, _conditions(where), request)

    async def lock(self, id: str) -> Account | None:  # noqa: A002 - the port's name
        select = sa.select(*_COLUMNS).where(_ACCOUNTS.c.id == id).with_for_update()
        row = (await self._connection.execute(select)).one_or_none()
        return None if row is None else _account(row)

    async def held_by(self, citizen_index: str) -> tuple[Account, ...]:
        select = sa.select(*_COLUMNS).where(_ACCOUNTS.c.citizen_index == citizen_index)
        rows = await self._connection.execute(select.order_by(_ACCOUNTS.c.opened_on, _ACCOUNTS.c.id))
        return tuple(_account(row) for row in rows)

    async def add(self, change: AccountChange, citizen_sealed: bytes, citizen_index: str) -> None:
        account = change.account
        await self._connection.execute(
            sa.insert(_ACCOUNTS).values(
                id=account.id,
                learner_id=account.learner_id,
                citizen_sealed=citizen_sealed,
                citizen_index=citizen_index,
                learner_group=account.group.value,
                status=account.status.value,
                opened_on=account.opened_on,
                barred_until=account.barred_until,
            )
        )
        await self._add_event(change.event)

    async def save(self, change: AccountChange) -> None:
        account = change.account
        await self._connection.execute(
            sa.update(_ACCOUNTS)
            .where(_ACCOUNTS.c.id == account.id)
            .values(status=account.status.value, barred_until=account.barred_until)
        )
        await self._add_event(change.event)

    async def bar(self, account: Account) -> None:
        await self._connection.execute(
            sa.update(_ACCOUNTS).where(_ACCOUNTS.c.id == account.id).values(barred_until=account.barred_until)
        )

    async def _add_event(self, event: AccountEvent) -> None:
        number = sa.select(sa.func.coalesce(sa.func.max(_EVENTS.c.number), 0) + 1).where(
            _EVENTS.c.account_id == event.account_id
        )
        await self._connection.execute(
            sa.insert(_EVENTS).values(
                account_id=event.account_id,
                number=number.scalar_subquery(),
                status=event.status.value,
                on_day=event.on,
                recorded_at=event.recorded_at,
                actor=event.by,
                reason=event.reason,
            )
        )


def _conditions(where: AccountFilter) -> Where:
    columns = _ACCOUNTS.c
    return asked(
        (eq, columns.status, where.status),
        (eq, columns.learner_group, where.group),
        (eq, columns.learner_id, where.learner_id),
        (ge, columns.opened_on, where.opened_from),
        (le, columns.opened_on, where.opened_to),
    )
