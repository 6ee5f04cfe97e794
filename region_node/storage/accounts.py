"""Accounts and their events (service/bank_ports.py, Accounts)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import eq, ge, le
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.account import Account, AccountChange, AccountEvent, AccountStatus, LearnerGroup
from region_node.service.bank_ports import AccountFilter, NewAccount
from region_node.service.paging import Page, PageRequest
from region_node.storage.keyed import Keyed
from region_node.storage.keyset import Rows, Where, asked
from region_node.storage.members import SqlMembers
from region_node.storage.notices import SqlNotices
from region_node.storage.reading import member, reader
from region_node.storage.seals import sealed
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
"""The fields of an `Account`, in their order."""

_account = reader(Account, group=member(LearnerGroup), status=member(AccountStatus))
_BY_IDS: Final = Keyed(_ACCOUNTS.c.id, sa.select(*_COLUMNS).where)
_ROWS: Final = Rows(_ACCOUNTS, _COLUMNS, _account)


class SqlAccounts:
    def __init__(
        self,
        connection: AsyncConnection,
        notices: SqlNotices,
        members: SqlMembers,
        *,
        announced_first: bool,
    ) -> None:
        self._connection = connection
        self._notices = notices
        self._members = members
        self._announced_first = announced_first

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Account]:
        rows = await _BY_IDS.fetch(self._connection, ids)
        return {account.id: account for account in map(_account, rows)}

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
        return (await self.lock_all([id])).get(id)

    async def lock_all(self, ids: Collection[str]) -> Mapping[str, Account]:
        select = sa.select(*_COLUMNS).where(_ACCOUNTS.c.id.in_(ids)).order_by(_ACCOUNTS.c.id)
        rows = await self._connection.execute(select.with_for_update())
        return {row.id: _account(row) for row in rows}

    async def held_by(self, citizen_index: str) -> tuple[Account, ...]:
        return (await self.held_by_each([citizen_index])).get(citizen_index, ())

    async def held_by_each(self, citizen_indexes: Collection[str]) -> Mapping[str, tuple[Account, ...]]:
        select = sa.select(*_COLUMNS, _ACCOUNTS.c.citizen_index).where(
            _ACCOUNTS.c.citizen_index.in_(citizen_indexes)
        )
        found: defaultdict[str, list[Account]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_ACCOUNTS.c.opened_on, _ACCOUNTS.c.id)):
            found[row.citizen_index].append(_account(row))
        return {index: tuple(accounts) for index, accounts in found.items()}

    async def add(self, change: AccountChange, citizen_sealed: bytes, citizen_index: str) -> None:
        await self.add_all([NewAccount(change, citizen_sealed, citizen_index)])

    async def add_all(self, new: Sequence[NewAccount]) -> None:
        if not new:
            return
        unannounced = await self._members.add([one.change.account.learner_id for one in new])
        if unannounced and self._announced_first:
            raise RuntimeError("an account is to be opened for somebody whom gateways were not told of")
        rows = [
            {
                "id": one.change.account.id,
                "learner_id": one.change.account.learner_id,
                "citizen_sealed": one.citizen_sealed,
                "citizen_index": one.citizen_index,
                "learner_group": one.change.account.group.value,
                "status": one.change.account.status.value,
                "opened_on": one.change.account.opened_on,
                "barred_until": one.change.account.barred_until,
            }
            for one in new
        ]
        await self._connection.execute(sa.insert(_ACCOUNTS), rows)
        events = [_event_row(one.change.event) | {"number": 1} for one in new]
        await self._connection.execute(sa.insert(_EVENTS), events)
        self._notices.note(one.change.account.id for one in new)

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
            sa.insert(_EVENTS).values(**_event_row(event), number=number.scalar_subquery())
        )
        self._notices.note((event.account_id,))


def _event_row(event: AccountEvent) -> dict[str, Any]:
    """All but the number, which is counted within the account."""
    row = {
        "account_id": event.account_id,
        "status": event.status.value,
        "on_day": event.on,
        "recorded_at": event.recorded_at,
        "actor": event.by,
        "reason": event.reason,
    }
    return sealed(row)


def _conditions(where: AccountFilter) -> Where:
    columns = _ACCOUNTS.c
    return asked(
        (eq, columns.status, where.status),
        (eq, columns.learner_group, where.group),
        (eq, columns.learner_id, where.learner_id),
        (ge, columns.opened_on, where.opened_from),
        (le, columns.opened_on, where.opened_to),
    )
