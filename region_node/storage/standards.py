"""Certificate standards, their retirement, and vetoes of organisations (recognition_ports.py, Standards)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from operator import eq
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.moment import EVER, Moment
from region_node.domain.organisations import EvaluationOrganisation, Veto, organisation_code
from region_node.domain.review import Conclusion, Reviewed
from region_node.domain.standards import CertificateStandard
from region_node.service.recognition_ports import StandardKey
from region_node.storage.keyset import asked
from region_node.storage.published import Published
from region_node.storage.seals import sealed
from region_node.storage.tables import table_of
from region_node.storage.tables_recognition import (
    OrganisationVetoRow,
    StandardRetirementRow,
    StandardReviewRow,
    StandardRow,
)
from schema.agreements import SkillLevel

_STANDARDS = table_of(StandardRow)
_RETIREMENTS = table_of(StandardRetirementRow)
_VETOES = table_of(OrganisationVetoRow)
_REVIEWS = table_of(StandardReviewRow)
_IDENTITY = ("certificate", "level", "version")


def _standard(row: Any) -> CertificateStandard:
    return CertificateStandard(
        certificate=row.certificate,
        organisation=row.organisation,
        level=SkillLevel(row.level),
        version=row.version,
        core=row.core_credits,
        flexible=row.flexible_credits,
        active_from=row.active_from,
        retired_from=row.retired_from,
        framework_level=row.framework_level,
        recorded_at=row.recorded_at,
        retirement_recorded_at=row.retirement_recorded_at or EVER,
    )


class SqlStandards:
    def __init__(self, connection: AsyncConnection, published: Published) -> None:
        self._connection = connection
        self._published = published

    async def of(
        self, keys: Collection[StandardKey]
    ) -> Mapping[StandardKey, tuple[CertificateStandard, ...]]:
        return await self._published.each("standards", keys, self._of)

    async def _of(
        self, keys: Collection[StandardKey]
    ) -> Mapping[StandardKey, tuple[CertificateStandard, ...]]:
        certificates = {certificate for certificate, _ in keys}
        found: defaultdict[StandardKey, list[CertificateStandard]] = defaultdict(list)
        for standard in await self._select(_STANDARDS.c.certificate.in_(certificates)):
            found[standard.certificate, standard.level].append(standard)
        return {key: tuple(found[key]) for key in keys if key in found}

    async def all(self, certificate: str | None = None) -> tuple[CertificateStandard, ...]:
        return await self._select(*asked((eq, _STANDARDS.c.certificate, certificate)))

    async def _select(self, *where: sa.ColumnElement[bool]) -> tuple[CertificateStandard, ...]:
        same = sa.and_(*(_RETIREMENTS.c[name] == _STANDARDS.c[name] for name in _IDENTITY))
        select = (
            sa.select(
                _STANDARDS,
                _RETIREMENTS.c.retired_from,
                _RETIREMENTS.c.recorded_at.label("retirement_recorded_at"),
            )
            .outerjoin(_RETIREMENTS, same)
            .where(*where)
            .order_by(_STANDARDS.c.certificate, _STANDARDS.c.level, _STANDARDS.c.active_from)
        )
        return tuple(_standard(row) for row in await self._connection.execute(select))

    async def organisations(self) -> tuple[EvaluationOrganisation, ...]:
        code, name = _STANDARDS.c.organisation_code, _STANDARDS.c.organisation
        named = {row.code: row.name for row in await self._named(code, name)}
        vetoes = await self._named(_VETOES.c.organisation_code, _VETOES.c.organisation, _VETOES.c.vetoed_on)
        vetoed: dict[str, date] = {}
        for row in vetoes:
            named.setdefault(row.code, row.name)
            vetoed[row.code] = min(row.vetoed_on, vetoed.get(row.code, row.vetoed_on))
        return tuple(EvaluationOrganisation(code, named[code], vetoed.get(code)) for code in sorted(named))

    async def _named(self, code: sa.Column[Any], name: sa.Column[Any], *more: sa.Column[Any]) -> list[Any]:
        select = sa.select(code.label("code"), name.label("name"), *more).distinct()
        return list(await self._connection.execute(select.order_by(code, name)))

    async def vetoes(self, codes: Collection[str]) -> Mapping[str, tuple[Veto, ...]]:
        return await self._published.each("vetoes", codes, self._vetoes)

    async def _vetoes(self, codes: Collection[str]) -> Mapping[str, tuple[Veto, ...]]:
        select = sa.select(_VETOES).where(_VETOES.c.organisation_code.in_(codes))
        found: defaultdict[str, list[Veto]] = defaultdict(list)
        for row in await self._connection.execute(select.order_by(*_VETOES.primary_key)):
            found[row.organisation_code].append(Veto(row.vetoed_on, row.recorded_at))
        return {code: tuple(vetoes) for code, vetoes in found.items()}

    async def add(self, standard: CertificateStandard, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_STANDARDS).values(
                sealed(
                    {
                        "certificate": standard.certificate,
                        "level": standard.level.value,
                        "version": standard.version,
                        "organisation": standard.organisation,
                        "organisation_code": organisation_code(standard.organisation),
                        "core_credits": standard.core,
                        "flexible_credits": standard.flexible,
                        "active_from": standard.active_from,
                        "framework_level": standard.framework_level,
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )

    async def retire(self, standard: CertificateStandard, moment: Moment) -> None:
        await self._connection.execute(sa.insert(_RETIREMENTS).values(_retirement(standard, moment)))

    async def conclusion(self, year: int) -> Conclusion | None:
        select = sa.select(_REVIEWS).where(_REVIEWS.c.year == year)
        row = (await self._connection.execute(select)).one_or_none()
        if row is None:
            return None
        standards = {(one.certificate, one.level, one.version): one for one in await self.all()}
        ranking = [
            Reviewed(
                standards[one["certificate"], SkillLevel(one["level"]), one["version"]],
                one["issued"],
                one["retires"],
            )
            for one in orjson.loads(row.ranking)
        ]
        return Conclusion(year, row.retired_from, tuple(ranking))

    async def conclude(self, conclusion: Conclusion, moment: Moment) -> None:
        ranking = [
            {
                "certificate": one.standard.certificate,
                "level": one.standard.level.value,
                "version": one.standard.version,
                "issued": one.issued,
                "retires": one.retires,
            }
            for one in conclusion.ranking
        ]
        await self._connection.execute(
            sa.insert(_REVIEWS).values(
                sealed(
                    {
                        "year": conclusion.year,
                        "retired_from": conclusion.retired_from,
                        "ranking": orjson.dumps(ranking).decode(),
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )
        retired = [_retirement(standard, moment) for standard in conclusion.retired]
        if retired:
            await self._connection.execute(sa.insert(_RETIREMENTS), retired)

    async def veto(self, organisation: EvaluationOrganisation, reason: str, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_VETOES).values(
                sealed(
                    {
                        "organisation_code": organisation.code,
                        "vetoed_on": organisation.vetoed_on,
                        "organisation": organisation.name,
                        "reason": reason,
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )


def _retirement(standard: CertificateStandard, moment: Moment) -> dict[str, Any]:
    return sealed(
        {
            "certificate": standard.certificate,
            "level": standard.level.value,
            "version": standard.version,
            "retired_from": standard.retired_from,
            "recorded_at": moment.at,
            "actor": moment.by,
        }
    )
