"""The register of examiners and exam sites (service/examining_ports.py, ExamRegister)."""

from __future__ import annotations

from operator import eq
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.examining import ExamParty, Registration
from region_node.domain.moment import Moment
from region_node.storage.keyset import asked
from region_node.storage.seals import sealed
from region_node.storage.tables import table_of
from region_node.storage.tables_examining import ExamRegistrationEndRow, ExamRegistrationRow

_REGISTRATIONS = table_of(ExamRegistrationRow)
_ENDS = table_of(ExamRegistrationEndRow)


class SqlExamRegister:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(
        self, organisation: str, party: ExamParty | None = None, code: str | None = None
    ) -> tuple[Registration, ...]:
        same = sa.and_(*(_ENDS.c[column.name] == column for column in _REGISTRATIONS.primary_key))
        select = (
            sa.select(_REGISTRATIONS, _ENDS.c.ended_on, _ENDS.c.vetoed)
            .outerjoin(_ENDS, same)
            .where(
                _REGISTRATIONS.c.organisation_code == organisation,
                *asked((eq, _REGISTRATIONS.c.party, party), (eq, _REGISTRATIONS.c.code, code)),
            )
            .order_by(*_REGISTRATIONS.primary_key)
        )
        return tuple(_registration(row) for row in await self._connection.execute(select))

    async def add(self, registration: Registration, moment: Moment) -> None:
        row = {"first_day": registration.first_day, "name": registration.name}
        await self._connection.execute(
            sa.insert(_REGISTRATIONS).values(sealed(_row(registration, moment) | row))
        )

    async def end(self, registration: Registration, reason: str, moment: Moment) -> None:
        row = {"ended_on": registration.ended_on, "vetoed": registration.vetoed, "reason": reason}
        await self._connection.execute(sa.insert(_ENDS).values(sealed(_row(registration, moment) | row)))


def _row(registration: Registration, moment: Moment) -> dict[str, Any]:
    """What a registration and its end have in common."""
    return {
        "organisation_code": registration.organisation,
        "party": registration.party.value,
        "code": registration.code,
        "place": registration.number,
        "recorded_at": moment.at,
        "actor": moment.by,
    }


def _registration(row: Any) -> Registration:
    return Registration(
        organisation=row.organisation_code,
        party=ExamParty(row.party),
        code=row.code,
        number=row.place,
        first_day=row.first_day,
        name=row.name,
        ended_on=row.ended_on,
        vetoed=bool(row.vetoed),
        recorded_at=row.recorded_at,
    )
