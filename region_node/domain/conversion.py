"""Conversion at home (转换): which courses a certificate of this region replaces, once and for all.

The same allotment as for a foreign certificate, without an agreement: the region tailors the
flexible part itself, so flexible credits go wherever a rule has room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from region_node.domain.allotment import Share, Worth, allot
from region_node.domain.policy import Policy
from region_node.domain.recognition_decision import CourseShare, course_share
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.rules import RuleSet
from schema.agreements import SkillLevel
from schema.codes import ReasonCode, RefusalCode


@dataclass(frozen=True, slots=True)
class Conversion:
    """What is converted: tenths for each course, by which rule set. `unconverted` stays on the account."""

    shares: tuple[Share, ...]
    rules: str
    unconverted: int

    @property
    def courses(self) -> tuple[CourseShare, ...]:
        return tuple(map(course_share, self.shares))

    @property
    def converted(self) -> int:
        return sum(share.credits for share in self.shares)


def convert(
    certificate: str | None,
    level: SkillLevel | None,
    worth: Worth,
    major: str,
    *,
    rule_set: RuleSet | None,
    policy: Policy,
    replaced: Mapping[str, str],
) -> Conversion | Refusal:
    """Return what the certificate replaces in `major`. `replaced`: course ID → outcome, for the learner."""
    rules = (
        ()
        if rule_set is None or certificate is None or level is None
        else rule_set.exemptions(certificate, level)
    )
    applying = tuple(rule for rule in rules if rule.major == major)
    if rule_set is None or not applying:
        return refuse(RefusalCode.NO_RULE)
    given = allot(
        worth.at_most(policy.ceiling),
        applying,
        level=level,
        policy=policy,
        flexible_covered=True,
        replaced=replaced,
    )
    if given.shares:
        return Conversion(given.shares, rule_set.id, worth.whole - given.taken)
    blocked = given.blocked[0]
    if ReasonCode.LEVEL_NOT_ELIGIBLE not in blocked.codes:
        return refuse(RefusalCode.COURSE_ALREADY_REPLACED, course=blocked.rule.course_name)
    return refuse(
        RefusalCode.LEVEL_NOT_ELIGIBLE,
        level=level,
        kind=blocked.rule.course_kind,
        course=blocked.rule.course_name,
    )
