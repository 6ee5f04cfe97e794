"""The repositories of cohorts and course matrices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Protocol

from region_node.domain.account import LearnerGroup
from region_node.domain.cohort import Cohort, CohortStep
from region_node.domain.matrix import CourseMatrix
from region_node.domain.moment import Moment
from schema.agreements import SkillLevel


@dataclass(frozen=True, slots=True)
class CohortFilter:
    """What is None is not asked for."""

    certificate: str | None = None
    level: SkillLevel | None = None
    term: str | None = None
    group: LearnerGroup | None = None

    def wider(self) -> tuple[CohortFilter, ...]:
        """What is asked for when any one thing that is asked for is left out."""
        given = (one.name for one in fields(self) if getattr(self, one.name) is not None)
        return tuple(replace(self, **{name: None}) for name in given)


class Cohorts(Protocol):
    async def taken(
        self, cohort: Cohort, account_ids: Collection[str]
    ) -> Mapping[str, frozenset[CohortStep]]: ...
    async def add(
        self, cohort: Cohort, step: CohortStep, account_ids: Collection[str], moment: Moment
    ) -> None: ...
    async def counts(self, where: CohortFilter) -> Mapping[CohortStep, int]:
        """Return how many accounts took each step, in one statement."""
        ...


class Matrices(Protocol):
    async def versions(self, major: str | None, certificate: str | None) -> tuple[CourseMatrix, ...]:
        """Return every version, by major, certificate and number."""
        ...

    async def add(self, matrix: CourseMatrix, moment: Moment) -> None: ...
