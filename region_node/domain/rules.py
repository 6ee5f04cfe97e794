"""Conversion rules (转换规则): which certificate replaces which courses, and which courses earn it.

A region publishes whole rule sets, numbered and dated. None is ever edited, so that a decision
can be made again years later from the set it names. What may be published: rule_checks.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from catalogue.entries import CourseKind
from region_node.domain.canonical import hash_of
from schema.agreements import SkillLevel


class RuleDirection(StrEnum):
    """EXEMPTION: the certificate replaces the course. AWARD: the course counts towards the certificate."""

    EXEMPTION = "EXEMPTION"
    AWARD = "AWARD"


@dataclass(frozen=True, slots=True)
class ConversionRule:
    """One line of a rule set: a certificate at a level, a course of a major, and tenths of credits.

    `course` is the catalogue's ID. `covers_flexible` lets an exemption take flexible credits even
    where the agreement covers core credits only.
    """

    id: str
    direction: RuleDirection
    certificate: str
    level: SkillLevel
    major: str
    course: str
    course_name: str
    course_kind: CourseKind
    credits: int
    covers_flexible: bool = False

    def plain(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "direction": self.direction.value,
            "certificate": self.certificate,
            "level": self.level.value,
            "major": self.major,
            "course": self.course,
            "courseName": self.course_name,
            "courseKind": self.course_kind.value,
            "credits": self.credits,
            "coversFlexible": self.covers_flexible,
        }


@dataclass(frozen=True)
class RuleSet:
    """One published version of all rules of a region, in force from `valid_from` until a newer one is.

    The order of `rules` is part of it: credits are given to courses in that order.
    """

    id: str
    version: int
    valid_from: date
    published_at: datetime
    rules: tuple[ConversionRule, ...]
    votes: int = 0
    _exemptions: Mapping[tuple[str, SkillLevel], tuple[ConversionRule, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        found: defaultdict[tuple[str, SkillLevel], list[ConversionRule]] = defaultdict(list)
        for rule in self.rules:
            if rule.direction is RuleDirection.EXEMPTION:
                found[rule.certificate, rule.level].append(rule)
        object.__setattr__(self, "_exemptions", {key: tuple(rules) for key, rules in found.items()})

    def __hash__(self) -> int:
        return hash(self.id)

    def exemptions(self, certificate: str, level: SkillLevel) -> tuple[ConversionRule, ...]:
        """Return the rules by which the certificate replaces courses, of any major, in order."""
        return self._exemptions.get((certificate, level), ())

    def plain(self) -> dict[str, Any]:
        """Return what decides; votes and the moment of publication do not."""
        return {
            "id": self.id,
            "version": self.version,
            "validFrom": self.valid_from.isoformat(),
            "rules": [rule.plain() for rule in self.rules],
        }

    @cached_property
    def hash(self) -> str:
        return hash_of(self.plain())


@dataclass(frozen=True, slots=True)
class RulesFor:
    """The rules that apply to one request. `majors` are those that have rules, where none was named
    and there are several: rules of two majors are never added together.
    """

    rules: tuple[ConversionRule, ...]
    majors: tuple[str, ...] = ()


def rules_for(rules: Sequence[ConversionRule], major: str | None) -> RulesFor:
    """Return the rules of `major`; where none is named, those of the only major that has any."""
    if major is not None:
        return RulesFor(tuple(rule for rule in rules if rule.major == major))
    majors = tuple(sorted({rule.major for rule in rules}))
    return RulesFor(tuple(rules)) if len(majors) <= 1 else RulesFor((), majors)
