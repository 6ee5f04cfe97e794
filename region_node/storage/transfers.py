"""Transfers and their statements (service/transfer_ports.py, Transfers). Statements are only ever added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import eq
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.moment import Moment
from region_node.domain.transfer import (
    OPEN_AT_SOURCE,
    OPEN_AT_TARGET,
    Heading,
    Signed,
    StatementKind,
    Transfer,
)
from region_node.service.paging import Page, PageRequest
from region_node.service.transfer_ports import Statements, TransferFilter
from region_node.storage.keyset import Rows, asked
from region_node.storage.reading import member, reader
from region_node.storage.tables import table_of
from region_node.storage.tables_transfers import TransferRow, TransferStatementRow
from schema.codes import ReasonCode
from schema.ids import region_of
from schema.transfers import TransferState, Verdict

_TRANSFERS = table_of(TransferRow)
_STATEMENTS = table_of(TransferStatementRow)


_HEADING: Final = ("id", "issuer", "accepter", "learner_id", "outcome_id", "credits", "expires_on")
_STANDING: Final = ("state", "began_on", "account_id", "entry_id", "accepted", "verdict", "reasons")
_COLUMNS: Final = tuple(_TRANSFERS.c[name] for name in (*_HEADING, *_STANDING))
_heading = reader(Heading)
_verdict = member(Verdict)


def _transfer(row: Any) -> Transfer:
    state, began_on, account_id, entry_id, accepted, verdict, reasons = row[len(_HEADING) :]
    return Transfer(
        heading=_heading(row),
        state=TransferState(state),
        began_on=began_on,
        account_id=account_id,
        entry_id=entry_id,
        accepted=accepted,
        verdict=_verdict(verdict),
        reasons=tuple(ReasonCode(one) for one in orjson.loads(reasons)),
    )


_ROWS: Final = Rows(_TRANSFERS, _COLUMNS, _transfer)


class SqlTransfers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Transfer]:
        rows = await self._connection.execute(sa.select(*_COLUMNS).where(_TRANSFERS.c.id.in_(ids)))
        return {row.id: _transfer(row) for row in rows}

    async def lock(self, id: str) -> Transfer | None:  # noqa: A002 - the port's name
        select = sa.select(*_COLUMNS).where(_TRANSFERS.c.id == id).with_for_update()
        row = (await self._connection.execute(select)).one_or_none()
        return None if row is None else _transfer(row)

    async def count(self, account_id: str) -> int:
        # Of those that came here, `account_id` is this side's too, but the ID is of another region.
        left = sa.select(sa.func.count()).where(
            _TRANSFERS.c.account_id == account_id, _TRANSFERS.c.issuer == region_of(account_id)
        )
        return int((await self._connection.execute(left)).scalar_one())

    async def under_way(self, account_id: str) -> Transfer | None:
        select = sa.select(*_COLUMNS).where(
            _TRANSFERS.c.account_id == account_id,
            _TRANSFERS.c.state.in_([state.value for state in OPEN_AT_SOURCE | OPEN_AT_TARGET]),
        )
        row = (await self._connection.execute(select.order_by(_TRANSFERS.c.id).limit(1))).one_or_none()
        return None if row is None else _transfer(row)

    async def add(self, transfer: Transfer) -> None:
        heading = transfer.heading
        await self._connection.execute(
            sa.insert(_TRANSFERS).values(
                id=heading.transfer,
                issuer=heading.issuer,
                accepter=heading.accepter,
                learner_id=heading.learner_id,
                outcome_id=heading.outcome_id,
                credits=heading.credits,
                expires_on=heading.expires_on,
                began_on=transfer.began_on,
                **_standing(transfer),
            )
        )

    async def save(self, transfer: Transfer) -> None:
        update = sa.update(_TRANSFERS).where(_TRANSFERS.c.id == transfer.id)
        await self._connection.execute(update.values(**_standing(transfer)))

    async def statements(self, ids: Collection[str]) -> Mapping[str, Statements]:
        rows = await self._connection.execute(
            sa.select(_STATEMENTS).where(_STATEMENTS.c.transfer_id.in_(ids))
        )
        found: defaultdict[str, dict[StatementKind, Signed]] = defaultdict(dict)
        for row in rows:
            found[row.transfer_id][StatementKind(row.kind)] = Signed(row.statement, row.signature)
        return found

    async def keep(
        self,
        id: str,  # noqa: A002 - the port's name
        statements: Sequence[tuple[StatementKind, Signed]],
        moment: Moment,
    ) -> None:
        rows = [
            {
                "transfer_id": id,
                "kind": kind.value,
                "statement": signed.statement,
                "signature": signed.signature,
                "recorded_at": moment.at,
                "actor": moment.by,
            }
            for kind, signed in statements
        ]
        if rows:
            await self._connection.execute(sa.insert(_STATEMENTS), rows)

    async def page(self, where: TransferFilter, request: PageRequest) -> Page[Transfer]:
        conditions = list(
            asked(
                (eq, _TRANSFERS.c.state, where.state),
                (eq, _TRANSFERS.c.learner_id, where.learner_id),
            )
        )
        if where.partner is not None:
            conditions.append(
                sa.or_(_TRANSFERS.c.issuer == where.partner, _TRANSFERS.c.accepter == where.partner)
            )
        return await _ROWS.page(self._connection, conditions, request)


def _standing(transfer: Transfer) -> dict[str, Any]:
    return {
        "state": transfer.state.value,
        "account_id": transfer.account_id,
        "entry_id": transfer.entry_id,
        "accepted": transfer.accepted,
        "verdict": transfer.verdict.value if transfer.verdict else None,
        "reasons": orjson.dumps(transfer.reasons).decode(),
    }
