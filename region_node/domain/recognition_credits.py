"""Checks 6 and 7 of mutual recognition: which courses take the credits, and what stands in their way.

Where no learner is asked about, this depends on nothing that a region's versions do not fix: the claim,
the rule set, the policy. So the last answers are kept, and given again where all three are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from region_node.domain.allotment import Allotment, Share, Worth, allot, cut
from region_node.domain.policy import Policy
from region_node.domain.recognition_decision import Reason, reason
from region_node.domain.recognition_facts import HomeFacts, Host, LearnerUse, Question
from region_node.domain.rules import RuleSet, RulesFor, rules_for
from schema.agreements import OutcomeKind, ScopeItem, SkillLevel
from schema.codes import ReasonCode as Code
from schema.credits import format_credits

CLAIMS_KEPT_LIMIT: Final = 4_096


@dataclass(frozen=True, slots=True)
class Credited:
    """What the courses get, why they do not get all, and what all of it would take."""

    shares: tuple[Share, ...] = ()
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What is brought to the rules: a certificate's credits, for which major of which region, on which
    line of an agreement.
    """

    region: str
    major: str | None
    certificate: str | None
    level: SkillLevel | None
    kind: OutcomeKind | None
    credits: int
    worth: Worth
    line: ScopeItem


def credit(question: Question, home: HomeFacts, host: Host, line: ScopeItem | None) -> Credited:
    """Where no line of an agreement covers it, the rules are asked at the full rate."""
    if home.certificate_code is not None and not (host.certificate_known and home.standard_known):
        return Credited()
    claim = Claim(
        region=question.accepter,
        major=question.major,
        certificate=home.certificate_code,
        level=home.level,
        kind=home.kind,
        credits=home.credits or 0,
        worth=Worth(home.core_credits or 0, home.flexible_credits or 0),
        line=line or _ANY_LINE,
    )
    if host.learner is None and _rules(claim, host.rule_set).rules:  # so that whoever asks fills nothing
        return of_nobody(claim, host.rule_set, host.policy)
    return _credited(claim, host.rule_set, host.policy, host.learner)


@lru_cache(CLAIMS_KEPT_LIMIT)
def of_nobody(claim: Claim, rule_set: RuleSet | None, policy: Policy) -> Credited:
    """The answer for a certificate as a standard, without a learner."""
    return _credited(claim, rule_set, policy, None)


_ANY_LINE: Final = ScopeItem()


def _credited(claim: Claim, rule_set: RuleSet | None, policy: Policy, learner: LearnerUse | None) -> Credited:
    whole, line = claim.worth, claim.line
    below = whole.at_most(policy.ceiling) if claim.kind is OutcomeKind.X_CERTIFICATE else whole
    worth = below.at_rate(line.rate_percent)
    limits = [
        *_above_ceiling(whole.whole - below.whole, policy),
        *_below_rate(below.whole - worth.whole, line),
    ]
    applying = _rules(claim, rule_set)
    left = _left_this_year(policy, learner)
    if not applying.rules:
        none = _no_rule(claim, applying)
        return Credited(reasons=(none,), missing=(none, *limits, *_short_year(whole.whole, policy, left)))

    def allotted(part: Worth) -> Allotment:
        return allot(
            part,
            applying.rules,
            level=claim.level,
            policy=policy,
            flexible_covered=line.flexible,
            replaced=learner.replaced if learner else {},
        )

    given = allotted(worth)
    wanted = given if worth == whole else allotted(whole)
    shares, capped = _cap(given, policy, left)
    return Credited(
        shares=shares,
        reasons=(
            *_blocked(given, worth, claim),
            *limits,
            *_flexible(given),
            *_insufficient(given, worth),
            *capped,
        ),
        missing=(
            *_blocked(wanted, whole, claim),
            *limits,
            *_flexible(wanted),
            *_short_courses(wanted, whole),
            *_short_year(whole.whole, policy, left),
        ),
    )


def _rules(claim: Claim, rule_set: RuleSet | None) -> RulesFor:
    if rule_set is None or claim.certificate is None or claim.level is None:
        return RulesFor(())
    return rules_for(rule_set.exemptions(claim.certificate, claim.level), claim.major)


def _no_rule(claim: Claim, applying: RulesFor) -> Reason:
    return reason(
        Code.NO_RULE,
        region=claim.region,
        certificate=claim.certificate or "",
        level=claim.level.value if claim.level else "",
        major=claim.major or "",
        majors=", ".join(applying.majors),
        credits=format_credits(claim.credits),
    )


def _blocked(given: Allotment, worth: Worth, claim: Claim) -> list[Reason]:
    """Courses that may take nothing are a reason only where the others have too little room."""
    if given.room >= worth.whole:
        return []
    level = claim.level.value if claim.level else ""
    return [
        reason(code, level=level, kind=one.rule.course_kind.value, course=one.rule.course_name)
        for code in (Code.LEVEL_NOT_ELIGIBLE, Code.COURSE_ALREADY_REPLACED)
        for one in given.blocked
        if code in one.codes
    ]


def _above_ceiling(above: int, policy: Policy) -> list[Reason]:
    if above == 0:
        return []
    ceiling = format_credits(policy.ceiling)
    return [reason(Code.CERTIFICATE_CEILING, ceiling=ceiling, credits=format_credits(above))]


def _below_rate(lost: int, line: ScopeItem) -> list[Reason]:
    if lost == 0:
        return []
    return [reason(Code.RATE_APPLIED, rate=line.rate_percent, credits=format_credits(lost))]


def _flexible(given: Allotment) -> list[Reason]:
    if given.flexible_left == 0:
        return []
    return [reason(Code.FLEX_NOT_MAPPED, credits=format_credits(given.flexible_left))]


def _insufficient(given: Allotment, worth: Worth) -> list[Reason]:
    """What stays home for want of courses; what stays for another reason is not counted twice."""
    stays = given.left - given.flexible_left
    if stays == 0 or given.room + given.blocked_room >= worth.whole:
        return []
    return [_courses(given.taken, stays)]


def _short_courses(given: Allotment, whole: Worth) -> list[Reason]:
    short = whole.whole - given.room - given.blocked_room
    return [_courses(given.taken, short)] if short > 0 else []


def _courses(taken: int, stay: int) -> Reason:
    return reason(Code.COURSES_INSUFFICIENT, taken=format_credits(taken), credits=format_credits(stay))


def _left_this_year(policy: Policy, learner: LearnerUse | None) -> int | None:
    """None where nothing bounds it."""
    if policy.yearly_ceiling is None or learner is None:
        return None
    return max(0, policy.yearly_ceiling - learner.this_year)


def _cap(given: Allotment, policy: Policy, left: int | None) -> tuple[tuple[Share, ...], list[Reason]]:
    if left is None or given.taken <= left:
        return given.shares, []
    return cut(given.shares, left), [_capped(policy, left, given.taken - left)]


def _short_year(whole: int, policy: Policy, left: int | None) -> list[Reason]:
    return [] if left is None or whole <= left else [_capped(policy, left, whole - left)]


def _capped(policy: Policy, left: int, short: int) -> Reason:
    ceiling = format_credits(policy.yearly_ceiling or 0)
    return reason(Code.CAP_REACHED, ceiling=ceiling, left=format_credits(left), credits=format_credits(short))
