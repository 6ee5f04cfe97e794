"""What a rule set must pass before it goes live: no set may let credits mint themselves.

Every check names the rules at fault and a witness that a person can follow. The checks, in
this order: votes, amounts, names known to the catalogue, ambiguous overlap, the ceiling,
inverted levels, cycles (DOMAIN.md, Conversion).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from catalogue.entries import CourseKind
from catalogue.lookup import Catalogue
from catalogue.names import course_id, name_key
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.rules import ConversionRule, RuleDirection
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.credits import format_credits
from schema.details import Detail, DetailCode, detail

RULES_LIMIT: Final = 20_000
FAULTS_SHOWN_LIMIT: Final = 10
NONE_NAMED: Final = "–"
"""Stands for the rules of a fault that is the whole set's."""


class RuleFault(StrEnum):
    """Why a rule set may not be published."""

    MISSING_VOTES = "MISSING_VOTES"
    MALFORMED_CREDITS = "MALFORMED_CREDITS"
    UNKNOWN_CERTIFICATE = "UNKNOWN_CERTIFICATE"
    UNKNOWN_MAJOR = "UNKNOWN_MAJOR"
    UNKNOWN_COURSE = "UNKNOWN_COURSE"
    AMBIGUOUS_OVERLAP = "AMBIGUOUS_OVERLAP"
    ABOVE_CEILING = "ABOVE_CEILING"
    INVERTED_LEVELS = "INVERTED_LEVELS"
    CYCLE = "CYCLE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, the IDs of the rules that make it together, and a witness of it."""

    fault: RuleFault
    rules: tuple[str, ...]
    witness: Detail

    def detail(self) -> Detail:
        rules = ", ".join(self.rules) or NONE_NAMED
        return detail(DetailCode.FINDING, fault=self.fault.value, rules=rules, witness=self.witness)


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule as its author writes it: the course by name. `kind` is needed only where the profile of
    the major does not list the course, or lists it in two kinds.
    """

    direction: RuleDirection
    certificate: str
    level: SkillLevel
    major: str
    course: str
    credits: int
    kind: CourseKind | None = None
    covers_flexible: bool = False


def complete(drafts: Sequence[DraftRule], catalogue: Catalogue, prefix: str) -> tuple[ConversionRule, ...]:
    """Give each draft its ID ("<prefix>_1", …) and its course the catalogue's ID and kind.

    A course the catalogue does not know keeps its name as its ID, and `check_rules` refuses it.
    """
    return tuple(
        _complete(draft, catalogue, f"{prefix}_{number}") for number, draft in enumerate(drafts, start=1)
    )


def _complete(draft: DraftRule, catalogue: Catalogue, identifier: str) -> ConversionRule:
    key = name_key(draft.course)
    listed = [
        course
        for course in catalogue.courses_of(draft.major)
        if name_key(course.name) == key and draft.kind in (None, course.kind)
    ]
    course = listed[0] if listed else None
    return ConversionRule(
        id=identifier,
        direction=draft.direction,
        certificate=draft.certificate,
        level=draft.level,
        major=draft.major,
        course=course.id if course else _unlisted(draft),
        course_name=course.name if course else draft.course,
        course_kind=course.kind if course else draft.kind or CourseKind.BASIC,
        credits=draft.credits,
        covers_flexible=draft.covers_flexible,
    )


def _unlisted(draft: DraftRule) -> str:
    """Return the ID of a course of a kind that the published profiles do not list, else its name."""
    if draft.kind in (CourseKind.LIMITED_ELECTIVE, CourseKind.PRACTICAL):
        return course_id(draft.major, draft.kind.value, draft.course)
    return draft.course


def check_rules(
    rules: Sequence[ConversionRule], votes: int, policy: Policy, catalogue: Catalogue
) -> tuple[Finding, ...]:
    """Return every fault found; none means that the set may be published."""
    return (
        *_votes(votes, policy),
        *_amounts(rules),
        *_names(rules, catalogue),
        *_overlaps(rules),
        *_above_ceiling(rules, policy),
        *_inverted(rules),
        *_cycles(rules),
    )


def refuse_rules(findings: Sequence[Finding]) -> Refusal:
    shown = [finding.detail() for finding in findings[:FAULTS_SHOWN_LIMIT]]
    more = len(findings) - FAULTS_SHOWN_LIMIT
    if more > 0:
        shown.append(detail(DetailCode.MORE_FINDINGS, count=more))
    return refuse(RefusalCode.RULES_INVALID, detail=tuple(shown))


def _votes(votes: int, policy: Policy) -> Iterator[Finding]:
    if votes < policy.committee_votes:
        witness = detail(DetailCode.VOTES_MISSING, votes=votes, needed=policy.committee_votes)
        yield Finding(RuleFault.MISSING_VOTES, (), witness)


def _amounts(rules: Sequence[ConversionRule]) -> Iterator[Finding]:
    for rule in rules:
        if rule.credits <= 0:
            credited = format_credits(rule.credits)
            witness = detail(DetailCode.CREDITS_FOR_COURSE, credits=credited, course=rule.course_name)
            yield Finding(RuleFault.MALFORMED_CREDITS, (rule.id,), witness)


def _names(rules: Sequence[ConversionRule], catalogue: Catalogue) -> Iterator[Finding]:
    for rule in rules:
        certificate = catalogue.certificate(rule.certificate)
        if certificate is None or rule.level not in certificate.levels:
            witness = detail(
                DetailCode.NO_CERTIFICATE_AT_LEVEL, certificate=rule.certificate, level=rule.level.value
            )
            yield Finding(RuleFault.UNKNOWN_CERTIFICATE, (rule.id,), witness)
        if catalogue.major(rule.major) is None:
            witness = detail(DetailCode.NO_SUCH_MAJOR, major=rule.major)
            yield Finding(RuleFault.UNKNOWN_MAJOR, (rule.id,), witness)
        elif rule.course == rule.course_name:
            witness = detail(DetailCode.NO_COURSE_IN_MAJOR, major=rule.major, course=rule.course_name)
            yield Finding(RuleFault.UNKNOWN_COURSE, (rule.id,), witness)


def _overlaps(rules: Sequence[ConversionRule]) -> Iterator[Finding]:
    same: defaultdict[tuple[str, ...], list[ConversionRule]] = defaultdict(list)
    for rule in rules:
        same[rule.direction, rule.certificate, rule.level, rule.major, rule.course].append(rule)
    for group in same.values():
        if len(group) > 1:
            first = group[0]
            witness = detail(
                DetailCode.SEVERAL_AMOUNTS,
                certificate=first.certificate,
                level=first.level.value,
                course=first.course_name,
                amounts=" / ".join(format_credits(rule.credits) for rule in group),
            )
            yield Finding(RuleFault.AMBIGUOUS_OVERLAP, tuple(rule.id for rule in group), witness)


def _by_certificate(
    rules: Sequence[ConversionRule],
) -> Mapping[tuple[str, str], Mapping[SkillLevel, list[ConversionRule]]]:
    found: dict[tuple[str, str], dict[SkillLevel, list[ConversionRule]]] = {}
    for rule in rules:
        if rule.direction is RuleDirection.EXEMPTION:
            levels = found.setdefault((rule.certificate, rule.major), {})
            levels.setdefault(rule.level, []).append(rule)
    return found


def _above_ceiling(rules: Sequence[ConversionRule], policy: Policy) -> Iterator[Finding]:
    for (certificate, major), levels in _by_certificate(rules).items():
        for level, group in levels.items():
            total = sum(rule.credits for rule in group)
            if total > policy.ceiling:
                witness = detail(
                    DetailCode.ABOVE_CEILING,
                    certificate=certificate,
                    level=level.value,
                    major=major,
                    total=format_credits(total),
                    ceiling=format_credits(policy.ceiling),
                )
                yield Finding(RuleFault.ABOVE_CEILING, tuple(rule.id for rule in group), witness)


def _inverted(rules: Sequence[ConversionRule]) -> Iterator[Finding]:
    """A lower level may not give more for a course than a higher one that replaces it too."""
    order = list(SkillLevel)
    for (certificate, _), levels in _by_certificate(rules).items():
        of_course: defaultdict[str, list[ConversionRule]] = defaultdict(list)
        for level in order:
            for rule in levels.get(level, ()):
                of_course[rule.course].append(rule)
        for group in of_course.values():
            for lower, higher in pairwise(group):
                if lower.credits > higher.credits and lower.level is not higher.level:
                    witness = detail(
                        DetailCode.LOWER_LEVEL_GIVES_MORE,
                        certificate=certificate,
                        course=lower.course_name,
                        level=lower.level.value,
                        credits=format_credits(lower.credits),
                        higher_level=higher.level.value,
                        higher_credits=format_credits(higher.credits),
                    )
                    yield Finding(RuleFault.INVERTED_LEVELS, (lower.id, higher.id), witness)


def _cycles(rules: Sequence[ConversionRule]) -> Iterator[Finding]:
    """Follow credits from certificates to courses and back; coming back to the start is minting."""
    steps: defaultdict[str, list[tuple[str, ConversionRule]]] = defaultdict(list)
    for rule in rules:
        certificate, course = f"{rule.certificate} {rule.level.value}", f"{rule.major} {rule.course_name}"
        if rule.direction is RuleDirection.EXEMPTION:
            steps[certificate].append((course, rule))
        else:
            steps[course].append((certificate, rule))
    done: set[str] = set()
    for start in sorted(steps):
        if start not in done:
            yield from _walk(start, steps, done)


def _walk(
    start: str, steps: Mapping[str, list[tuple[str, ConversionRule]]], done: set[str]
) -> Iterator[Finding]:
    """Depth-first from `start` without recursion: a rule set may be longer than the stack."""
    path: list[str] = [start]
    taken: list[ConversionRule] = []
    open_steps = [iter(steps.get(start, ()))]
    while path:
        target, rule = next(open_steps[-1], (None, None))
        if target is None or rule is None:
            done.add(path.pop())
            open_steps.pop()
            if taken:
                taken.pop()
        elif target in path:
            at = path.index(target)
            circle = detail(DetailCode.CIRCLE, circle=" → ".join([*path[at:], target]))
            yield Finding(RuleFault.CYCLE, tuple(one.id for one in (*taken[at:], rule)), circle)
        elif target not in done:
            path.append(target)
            taken.append(rule)
            open_steps.append(iter(steps.get(target, ())))
