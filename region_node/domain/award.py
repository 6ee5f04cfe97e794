"""A certificate earned by courses (课程换书证): enough credits in the occupation, and both exams passed.

The rules say which courses count and for how much. A course is used once, like any outcome, and
gives what the certificate still needs, so that the account's sum stays the same: no credit is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalogue.names import name_key
from region_node.domain.expiry import over
from region_node.domain.outcome import Outcome, OutcomeStatus, wrong_status
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.rules import ConversionRule, RuleDirection
from region_node.domain.standards import NOT_STATED, CertificateStandard, choose_standard
from schema.agreements import OutcomeKind, SkillLevel
from schema.codes import RefusalCode
from schema.credits import format_credits
from schema.details import DetailCode, detail


@dataclass(frozen=True, slots=True)
class Exams:
    """The days on which the two exams of a level were passed; None: not passed."""

    theory_on: date | None
    practical_on: date | None

    @property
    def last_on(self) -> date | None:
        days = (self.theory_on, self.practical_on)
        return None if None in days else max(day for day in days if day is not None)


@dataclass(frozen=True, slots=True)
class Earned:
    """What the certificate takes of each course, in tenths: together the standard's credits."""

    standard: CertificateStandard
    examined_on: date
    taken: tuple[tuple[Outcome, ConversionRule, int], ...]


def earn(
    certificate: str,
    level: SkillLevel,
    courses: Sequence[Outcome],
    exams: Exams,
    *,
    rules: Collection[ConversionRule],
    standards: Sequence[CertificateStandard],
    used: Mapping[str, str],
    today: date,
) -> Earned | Refusal:
    """Return what earns the certificate at its level, or why it is not earned.

    `rules` are those of one major, `standards` those of the certificate at the level, `used` tells by
    which ledger entry an outcome was used.
    """
    examined_on = exams.last_on
    if examined_on is None:
        missing = "theory" if exams.theory_on is None else "practical"
        return refuse(RefusalCode.EXAM_NOT_PASSED, exam=missing)
    if examined_on > today:
        wrong = detail(DetailCode.AFTER_TODAY, today=today)
        return refuse(
            RefusalCode.MALFORMED_INPUT, detail=detail(DetailCode.IN_COLUMN, column="exams", detail=wrong)
        )
    standard = choose_standard(standards, None, today)
    if standard is None:
        return refuse(RefusalCode.UNKNOWN_STANDARD, id=NOT_STATED)
    if not standard.active_on(today):
        return refuse(RefusalCode.STANDARD_RETIRED, day=today)
    counting = {
        name_key(rule.course_name): rule
        for rule in rules
        if (rule.direction, rule.certificate, rule.level) == (RuleDirection.AWARD, certificate, level)
    }
    if not counting:
        return refuse(RefusalCode.NO_RULE)
    return _take(standard, examined_on, courses, counting, used, today)


def _take(
    standard: CertificateStandard,
    examined_on: date,
    courses: Sequence[Outcome],
    counting: Mapping[str, ConversionRule],
    used: Mapping[str, str],
    today: date,
) -> Earned | Refusal:
    """Each course gives what its rule counts, the last what is still needed; each rule counts once."""
    taken: list[tuple[Outcome, ConversionRule, int]] = []
    needed, open_rules = standard.credits, dict(counting)
    for course in courses:
        if course.status is not OutcomeStatus.VERIFIED:
            return wrong_status(course, OutcomeStatus.VERIFIED)
        expired = over(course, today)
        if expired is not None:
            return expired
        if course.id in used:
            return refuse(RefusalCode.ALREADY_CONVERTED, id=course.id, entry=used[course.id])
        rule = open_rules.pop(name_key(course.title), None) if course.kind is OutcomeKind.COURSE else None
        if rule is None:
            return refuse(RefusalCode.COURSE_NOT_COUNTED, course=course.title)
        amount = min(rule.credits, course.credits, needed)
        if amount > 0:
            taken.append((course, rule, amount))
            needed -= amount
    if needed > 0:
        found, whole = format_credits(standard.credits - needed), format_credits(standard.credits)
        return refuse(RefusalCode.CREDITS_INSUFFICIENT, found=found, needed=whole)
    return Earned(standard, examined_on, tuple(taken))
