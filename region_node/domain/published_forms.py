"""Reads what a region publishes from its canonical form: the way back from each `plain`.

A form that is not of its kind raises ValueError, KeyError or TypeError.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.entries import CourseKind
from region_node.domain.frameworks import Framework, FrameworkMap
from region_node.domain.moment import EVER
from region_node.domain.policy import Policy
from region_node.domain.rules import ConversionRule, RuleDirection, RuleSet
from region_node.domain.standards import CertificateStandard
from schema.agreements import SkillLevel

Plain = Mapping[str, Any]


def policy_from_plain(plain: Plain) -> Policy:
    return Policy(
        version=plain["version"],
        valid_from=date.fromisoformat(plain["validFrom"]),
        ceiling=plain["ceiling"],
        flexible_percent=plain["flexiblePercent"],
        yearly_ceiling=plain["yearlyCeiling"],
        review_window_days=plain["reviewWindowDays"],
        bar_days=plain["barDays"],
        level_opens={
            SkillLevel(level): tuple(CourseKind(kind) for kind in kinds)
            for level, kinds in plain["levelOpens"].items()
        },
        committee_votes=plain["committeeVotes"],
        validity_years=plain.get("validityYears"),
    )


def framework_from_plain(plain: Plain) -> Framework:
    return Framework(
        code=plain["code"],
        levels=tuple(plain["levels"]),
        of_skill={SkillLevel(skill): level for skill, level in plain["ofSkill"].items()},
        version=plain["version"],
        valid_from=date.fromisoformat(plain["validFrom"]),
    )


def map_from_plain(plain: Plain, id_: str) -> FrameworkMap:
    """`id_` is the map's name in its region, which its form does not hold."""
    return FrameworkMap(
        id=id_,
        version=plain["version"],
        from_framework=plain["from"],
        to_framework=plain["to"],
        valid_from=date.fromisoformat(plain["validFrom"]),
        levels={level: tuple(targets) for level, targets in plain["levels"].items()},
    )


def rule_set_from_plain(plain: Plain) -> RuleSet:
    """The votes and the instant of publication, which decide nothing, are not in the form."""
    return RuleSet(
        id=plain["id"],
        version=plain["version"],
        valid_from=date.fromisoformat(plain["validFrom"]),
        published_at=EVER,
        rules=tuple(_rule(rule) for rule in plain["rules"]),
    )


def _rule(plain: Plain) -> ConversionRule:
    return ConversionRule(
        id=plain["id"],
        direction=RuleDirection(plain["direction"]),
        certificate=plain["certificate"],
        level=SkillLevel(plain["level"]),
        major=plain["major"],
        course=plain["course"],
        course_name=plain["courseName"],
        course_kind=CourseKind(plain["courseKind"]),
        credits=plain["credits"],
        covers_flexible=plain["coversFlexible"],
    )


def standard_from_plain(plain: Plain) -> CertificateStandard:
    retired = plain["retiredFrom"]
    return CertificateStandard(
        certificate=plain["certificate"],
        organisation=plain["organisation"],
        level=SkillLevel(plain["level"]),
        version=plain["version"],
        core=plain["core"],
        flexible=plain["flexible"],
        active_from=date.fromisoformat(plain["activeFrom"]),
        retired_from=None if retired is None else date.fromisoformat(retired),
        framework_level=plain["frameworkLevel"],
    )
