"""Cohorts and course matrices (service/programme_ports.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import eq
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.cohort import Cohort, CohortStep
from region_node.domain.matrix import Cell, CourseMatrix, Part, Relation, Treatment
from region_node.domain.moment import Moment
from region_node.service.programme_ports import CohortFilter
from region_node.storage.keyset import asked
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import AccountRow
from region_node.storage.tables_programmes import CohortStepRow, CourseMatrixRow

_ACCOUNTS = table_of(AccountRow)
_STEPS = table_of(CohortStepRow)
_MATRICES = table_of(CourseMatrixRow)


class SqlCohorts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def taken(
        self, cohort: Cohort, account_ids: Collection[str]
    ) -> Mapping[str, frozenset[CohortStep]]:
        select = sa.select(_STEPS.c.account_id, _STEPS.c.step).where(
            _STEPS.c.account_id.in_(account_ids),
            _STEPS.c.certificate == cohort.certificate,
            _STEPS.c.level == cohort.level.value,
            _STEPS.c.term == cohort.term,
        )
        found: defaultdict[str, set[CohortStep]] = defaultdict(set)
        for row in await self._connection.execute(select):
            found[row.account_id].add(CohortStep(row.step))
        return {account: frozenset(steps) for account, steps in found.items()}

    async def add(
        self, cohort: Cohort, step: CohortStep, account_ids: Collection[str], moment: Moment
    ) -> None:
        rows = [
            {
                "account_id": account,
                "certificate": cohort.certificate,
                "level": cohort.level.value,
                "term": cohort.term,
                "step": step.value,
                "on_day": moment.day,
                "recorded_at": moment.at,
                "actor": moment.by,
            }
            for account in account_ids
        ]
        if rows:
            await self._connection.execute(sa.insert(_STEPS), rows)

    async def counts(self, where: CohortFilter) -> Mapping[CohortStep, int]:
        conditions = asked(
            (eq, _STEPS.c.certificate, where.certificate),
            (eq, _STEPS.c.level, where.level),
            (eq, _STEPS.c.term, where.term),
            (eq, _ACCOUNTS.c.learner_group, where.group),
        )
        select = sa.select(_STEPS.c.step, sa.func.count().label("accounts")).group_by(_STEPS.c.step)
        if where.group is not None:
            select = select.join(_ACCOUNTS, _ACCOUNTS.c.id == _STEPS.c.account_id)
        rows = await self._connection.execute(select.where(*conditions))
        return {CohortStep(row.step): int(row.accounts) for row in rows}


class SqlMatrices:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def versions(self, major: str | None, certificate: str | None) -> tuple[CourseMatrix, ...]:
        conditions = asked((eq, _MATRICES.c.major, major), (eq, _MATRICES.c.certificate, certificate))
        select = sa.select(_MATRICES).where(*conditions).order_by(*_MATRICES.primary_key)
        return tuple(_matrix(row) for row in await self._connection.execute(select))

    async def add(self, matrix: CourseMatrix, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_MATRICES).values(
                major=matrix.major,
                certificate=matrix.certificate,
                version=matrix.version,
                id=matrix.id,
                valid_from=matrix.valid_from,
                relation=matrix.relation.value,
                body=orjson.dumps([cell.plain() for cell in matrix.cells]).decode(),
                recorded_at=moment.at,
                actor=moment.by,
            )
        )


def _matrix(row: Any) -> CourseMatrix:
    return CourseMatrix(
        id=row.id,
        version=row.version,
        major=row.major,
        certificate=row.certificate,
        relation=Relation(row.relation),
        valid_from=row.valid_from,
        cells=tuple(_cell(plain) for plain in orjson.loads(row.body)),
    )


def _cell(plain: dict[str, Any]) -> Cell:
    return Cell(
        part=Part(plain["part"]),
        course=plain["course"],
        area=plain["area"],
        task=plain["task"],
        treatment=Treatment(plain["treatment"]),
        credits=plain["credits"],
    )
