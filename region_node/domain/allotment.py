"""Allotment: which course takes how many of a certificate's credits (DOMAIN.md, Recognition 6).

Flexible credits may only go where the agreement or the rule covers them. Courses are filled in
the order of the rules; a course that may take flexible credits takes them first and core credits
after, so that core credits are left for the courses that can take nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from region_node.domain.policy import Policy
from region_node.domain.rules import ConversionRule
from schema.agreements import SkillLevel
from schema.codes import ReasonCode


@dataclass(frozen=True, slots=True)
class Worth:
    """A certificate's credits in tenths, by part."""

    core: int
    flexible: int

    @property
    def whole(self) -> int:
        return self.core + self.flexible

    def at_most(self, ceiling: int) -> Worth:
        """Return what is left under `ceiling`: flexible credits give way first."""
        core = min(self.core, ceiling)
        return Worth(core, min(self.flexible, ceiling - core))

    def at_rate(self, percent: int) -> Worth:
        """Return `percent` of both parts, the whole rounded down to a tenth."""
        core = self.core * percent // 100
        return Worth(core, self.whole * percent // 100 - core)


@dataclass(frozen=True, slots=True)
class Share:
    """Tenths that one rule's course takes."""

    rule: ConversionRule
    credits: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """A rule that would have applied, and why it may not: the level, an earlier certificate, or both."""

    rule: ConversionRule
    codes: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class Allotment:
    """Who takes what, and what is left over. `room` is what all open courses can take together,
    `flexible_left` the flexible credits left over only because nothing covers them.
    """

    shares: tuple[Share, ...]
    blocked: tuple[Blocked, ...]
    room: int
    left: int
    flexible_left: int

    @property
    def taken(self) -> int:
        return sum(share.credits for share in self.shares)

    @property
    def blocked_room(self) -> int:
        return sum(one.rule.credits for one in self.blocked)


def sort_out(
    rules: Sequence[ConversionRule], level: SkillLevel | None, policy: Policy, replaced: Mapping[str, str]
) -> tuple[list[ConversionRule], tuple[Blocked, ...]]:
    """Return the rules whose course is open to this level and not replaced yet, and the others."""
    open_rules: list[ConversionRule] = []
    blocked: list[Blocked] = []
    for rule in rules:
        against = (
            (ReasonCode.LEVEL_NOT_ELIGIBLE, not policy.opens(level, rule.course_kind)),
            (ReasonCode.COURSE_ALREADY_REPLACED, rule.course in replaced),
        )
        codes = tuple(code for code, present in against if present)
        if codes:
            blocked.append(Blocked(rule, codes))
        else:
            open_rules.append(rule)
    return open_rules, tuple(blocked)


def allot(
    worth: Worth,
    rules: Sequence[ConversionRule],
    *,
    level: SkillLevel | None,
    policy: Policy,
    flexible_covered: bool,
    replaced: Mapping[str, str],
) -> Allotment:
    """Give `worth` to the courses of `rules`, in order; as much is placed as can be placed at all."""
    open_rules, blocked = sort_out(rules, level, policy, replaced)
    core, flexible = worth.core, worth.flexible
    shares = []
    for rule in open_rules:
        from_flexible = min(rule.credits, flexible) if flexible_covered or rule.covers_flexible else 0
        from_core = min(rule.credits - from_flexible, core)
        core, flexible = core - from_core, flexible - from_flexible
        if from_core + from_flexible > 0:
            shares.append(Share(rule, from_core + from_flexible))
    return Allotment(
        shares=tuple(shares),
        blocked=blocked,
        room=sum(rule.credits for rule in open_rules),
        left=core + flexible,
        flexible_left=0 if flexible_covered else flexible,
    )


def cut(shares: Sequence[Share], ceiling: int) -> tuple[Share, ...]:
    """Return the shares that fit under `ceiling` tenths: the last courses give way first."""
    kept = []
    for share in shares:
        fitting = min(share.credits, ceiling)
        if fitting > 0:
            kept.append(Share(share.rule, fitting))
        ceiling -= fitting
    return tuple(kept)
