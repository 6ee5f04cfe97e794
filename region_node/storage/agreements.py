"""Our copies of agreements and the steps of their lives (service/recognition_ports.py, Agreements)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import fields
from operator import eq
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.agreements import AgreementChange, AgreementEvent, partner_of
from region_node.service.paging import Page, PageRequest
from region_node.storage.keyset import Rows, asked
from region_node.storage.published import Published
from region_node.storage.reading import member, reader
from region_node.storage.seals import sealed
from region_node.storage.tables import table_of
from region_node.storage.tables_recognition import AgreementEventRow, AgreementRow
from schema.agreements import Agreement, AgreementStatus, terms_from_plain
from schema.ids import region_of

_AGREEMENTS = table_of(AgreementRow)
_EVENTS = table_of(AgreementEventRow)


_COLUMNS: Final = tuple(_AGREEMENTS.c[one.name] for one in fields(Agreement))
_agreement = reader(
    Agreement,
    terms=lambda stored: terms_from_plain(orjson.loads(stored)),
    status=member(AgreementStatus),
)
_ROWS: Final = Rows(_AGREEMENTS, _COLUMNS, _agreement)


class SqlAgreements:
    def __init__(self, connection: AsyncConnection, published: Published) -> None:
        self._connection = connection
        self._published = published

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Agreement]:
        rows = await self._connection.execute(sa.select(*_COLUMNS).where(_AGREEMENTS.c.id.in_(ids)))
        return {row.id: _agreement(row) for row in rows}

    async def with_partners(self, partners: Collection[str]) -> Mapping[str, tuple[Agreement, ...]]:
        return await self._published.each("agreements", partners, self._with_partners)

    async def _with_partners(self, partners: Collection[str]) -> Mapping[str, tuple[Agreement, ...]]:
        select = sa.select(*_COLUMNS, _AGREEMENTS.c.partner).where(_AGREEMENTS.c.partner.in_(partners))
        found: defaultdict[str, list[Agreement]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(*_ORDER)):
            found[row.partner].append(_agreement(row))
        return {partner: tuple(agreements) for partner, agreements in found.items()}

    async def all(
        self, partner: str | None = None, status: AgreementStatus | None = None
    ) -> tuple[Agreement, ...]:
        conditions = asked(
            (eq, _AGREEMENTS.c.partner, partner),
            (eq, _AGREEMENTS.c.status, status.value if status else None),
        )
        rows = await self._connection.execute(sa.select(*_COLUMNS).where(*conditions).order_by(*_ORDER))
        return tuple(_agreement(row) for row in rows)

    async def unsigned(self, partner: str | None, request: PageRequest) -> Page[Agreement]:
        proposed = asked(
            (eq, _AGREEMENTS.c.status, AgreementStatus.PROPOSED.value), (eq, _AGREEMENTS.c.partner, partner)
        )
        return await _ROWS.page(self._connection, proposed, request)

    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[AgreementEvent, ...]]:
        return await self._published.each("agreement events", ids, self._events)

    async def _events(self, ids: Collection[str]) -> Mapping[str, tuple[AgreementEvent, ...]]:
        select = sa.select(_EVENTS).where(_EVENTS.c.agreement_id.in_(ids))
        found: defaultdict[str, list[AgreementEvent]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(_EVENTS.c.agreement_id, _EVENTS.c.number)):
            found[row.agreement_id].append(
                AgreementEvent(
                    agreement_id=row.agreement_id,
                    number=row.number,
                    status=AgreementStatus(row.status),
                    on=row.on_day,
                    recorded_at=row.recorded_at,
                    by=row.actor,
                    reason=row.reason,
                    signature=row.signature,
                )
            )
        return {id_: tuple(events) for id_, events in found.items()}

    async def lock(self, id: str) -> Agreement | None:  # noqa: A002 - the port's name
        select = sa.select(*_COLUMNS).where(_AGREEMENTS.c.id == id).with_for_update()
        row = (await self._connection.execute(select)).one_or_none()
        return None if row is None else _agreement(row)

    async def add(self, change: AgreementChange) -> None:
        agreement = change.agreement
        await self._connection.execute(
            sa.insert(_AGREEMENTS).values(
                id=agreement.id,
                partner=partner_of(agreement, region_of(agreement.id) or ""),
                first_day=agreement.terms.first_day,
                terms=agreement.terms.canonical().decode(),
                terms_hash=agreement.terms.hash(),
                **_standing(agreement),
            )
        )
        await self._add_event(change)

    async def save(self, change: AgreementChange) -> None:
        agreement = change.agreement
        update = sa.update(_AGREEMENTS).where(_AGREEMENTS.c.id == agreement.id)
        await self._connection.execute(update.values(**_standing(agreement)))
        await self._add_event(change)

    async def _add_event(self, change: AgreementChange) -> None:
        event = change.event
        number = sa.select(sa.func.coalesce(sa.func.max(_EVENTS.c.number), 0) + 1).where(
            _EVENTS.c.agreement_id == event.agreement_id
        )
        row = sealed(
            {
                "agreement_id": event.agreement_id,
                "status": event.status.value,
                "on_day": event.on,
                "recorded_at": event.recorded_at,
                "actor": event.by,
                "reason": event.reason,
                "signature": event.signature,
            }
        )
        await self._connection.execute(sa.insert(_EVENTS).values(**row, number=number.scalar_subquery()))


_ORDER = (_AGREEMENTS.c.partner, _AGREEMENTS.c.first_day, _AGREEMENTS.c.id)


def _standing(agreement: Agreement) -> dict[str, Any]:
    return {
        "status": agreement.status.value,
        "suspended_on": agreement.suspended_on,
        "ended_on": agreement.ended_on,
    }
