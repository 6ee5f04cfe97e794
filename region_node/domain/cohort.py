"""Cohorts (培训批次): who was registered, trained, sat the exam and passed it, counted as a funnel.

Each step is recorded for an account once, and rests on the step before it, so that a funnel can
only narrow. A step says nothing of credits: what was passed is handed in as an outcome.

Few people can be told from their numbers: who knows four of five who sat knows of the fifth whether they
passed. So the public sees no funnel in which a step was taken, or was not taken any more, by so few.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from region_node.domain.refusal import Refusal, refuse
from schema.agreements import SkillLevel
from schema.codes import RefusalCode

SMALLEST_SHOWN: Final = 10
"""The public is told of no smaller group of people."""


class CohortStep(StrEnum):
    """In the order in which they are taken."""

    REGISTERED = "REGISTERED"
    TRAINED = "TRAINED"
    SAT = "SAT"
    PASSED = "PASSED"


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who go for one certificate at one level together. `term` is the region's own name for when."""

    certificate: str
    level: SkillLevel
    term: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many accounts took each step."""

    registered: int = 0
    trained: int = 0
    sat: int = 0
    passed: int = 0

    @property
    def steps(self) -> tuple[int, int, int, int]:
        return self.registered, self.trained, self.sat, self.passed

    def without(self, part: Funnel) -> Funnel:
        """Return the funnel of those who are here and not in `part`."""
        return Funnel(*(whole - some for whole, some in zip(self.steps, part.steps, strict=True)))


def advance(
    taken: Mapping[str, Collection[CohortStep]], step: CohortStep, accounts: Collection[str]
) -> tuple[str, ...] | Refusal:
    """Return the accounts for which `step` is new; `taken` are the steps of each so far."""
    steps = list(CohortStep)
    place = steps.index(step)
    for account in accounts:
        if place > 0 and steps[place - 1] not in taken.get(account, ()):
            return refuse(RefusalCode.COHORT_STEP, account=account, needed=steps[place - 1].value)
    return tuple(account for account in dict.fromkeys(accounts) if step not in taken.get(account, ()))


def funnel(counts: Mapping[CohortStep, int]) -> Funnel:
    return Funnel(**{step.value.lower(): counts.get(step, 0) for step in CohortStep})


def tells_of_few(funnel: Funnel) -> bool:
    """Does any step, or what is lost from one step to the next, count fewer people than may be shown?"""
    lost = (before - after for before, after in pairwise(funnel.steps))
    return any(0 < people < SMALLEST_SHOWN for people in (*funnel.steps, *lost))


def may_be_shown(funnel: Funnel, wider: Collection[Funnel]) -> bool:
    """May the public see it? `wider` are those it is a part of: what it leaves of them is seen with it."""
    return not any(map(tells_of_few, (funnel, *(whole.without(funnel) for whole in wider))))
