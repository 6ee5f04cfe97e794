"""Carries out the remedies that a decision names, one reason at a time, so that it can be asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from catalogue.entries import CourseKind
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment, Reason
from region_node.domain.recognition_facts import HomeFacts, Host, LearnerUse, Question
from region_node.domain.rules import ConversionRule
from schema.agreements import Agreement, AgreementKind, AgreementStatus, ScopeItem
from schema.codes import ReasonCode as Code
from schema.credits import parse_credits
from tests.node.recognition import cases


@dataclass(frozen=True)
class World:
    """A question, the home region's facts and the deciding region's holdings."""

    question: Question
    home: HomeFacts
    host: Host

    def decide(self) -> Assessment:
        return assess(self.question, self.home, self.host)

    def with_facts(self, **facts: Any) -> World:
        return replace(self, home=replace(self.home, **facts))

    def with_holdings(self, **holdings: Any) -> World:
        return replace(self, host=replace(self.host, **holdings))

    def with_agreement(self, agreement: Agreement) -> World:
        """Both sides hold this copy."""
        agreed = self.with_facts(
            agreement_id="310000-G-1",
            agreement_version=agreement.terms.version,
            agreement_hash=agreement.terms.hash(),
            agreement_reason=None,
        )
        return agreed.with_holdings(agreements=(agreement,))


def mend(world: World, missing: tuple[Reason, ...]) -> World:
    for one in missing:
        world = MENDERS[one.code](world, one)
    return world


def _renewed(world: World, _: Reason) -> World:
    """A new version with the old scope, in force both ways."""
    old = world.host.agreements[0].terms.scope if world.host.agreements else (ScopeItem(),)
    fresh = cases.agreement(cases.SHANGHAI, cases.JIANGSU, scope=old, version=2)
    return world.with_agreement(fresh)


def _scope(world: World, change: Callable[[tuple[ScopeItem, ...]], tuple[ScopeItem, ...]]) -> World:
    agreement = world.host.agreements[0]
    terms = replace(agreement.terms, scope=change(agreement.terms.scope))
    return world.with_agreement(replace(agreement, terms=terms))


def _covered(world: World, _: Reason) -> World:
    return _scope(world, lambda lines: (*lines, ScopeItem()))


def _whole_rate(world: World, _: Reason) -> World:
    return _scope(world, lambda lines: tuple(replace(line, rate_percent=100) for line in lines))


def _flexible(world: World, _: Reason) -> World:
    return _scope(world, lambda lines: tuple(replace(line, flexible=True) for line in lines))


def _more_courses(world: World, missing: Reason) -> World:
    level = world.home.level
    assert level is not None
    opens = world.host.policy.level_opens[level]
    more = cases.rule(
        f"课程{len(_rules(world))}",
        parse_credits(missing.facts["credits"]),
        level=level,
        course_kind=opens[0],
        major=world.question.major or "530701",
        covers_flexible=True,
    )
    return world.with_holdings(rule_set=cases.rule_set(*_rules(world), more))


def _rules(world: World) -> tuple[ConversionRule, ...]:
    return world.host.rule_set.rules if world.host.rule_set else ()


def _opened(world: World, missing: Reason) -> World:
    policy, level = world.host.policy, world.home.level
    assert level is not None
    opens = (*policy.level_opens[level], CourseKind(str(missing.facts["kind"])))
    return world.with_holdings(policy=replace(policy, level_opens={**policy.level_opens, level: opens}))


def _not_replaced(world: World, missing: Reason) -> World:
    learner = world.host.learner or LearnerUse()
    left = {
        course: by
        for course, by in learner.replaced.items()
        if not course.endswith(str(missing.facts["course"]))
    }
    return world.with_holdings(learner=replace(learner, replaced=left))


def _higher_ceiling(world: World, missing: Reason) -> World:
    policy = world.host.policy
    ceiling = policy.ceiling + parse_credits(missing.facts["credits"])
    return world.with_holdings(policy=replace(policy, ceiling=ceiling))


def _higher_cap(world: World, missing: Reason) -> World:
    policy, learner = world.host.policy, world.host.learner
    assert learner is not None
    assert policy.yearly_ceiling is not None
    used = min(learner.this_year, policy.yearly_ceiling)
    raised = policy.yearly_ceiling + parse_credits(missing.facts["credits"])
    return world.with_holdings(
        policy=replace(policy, yearly_ceiling=raised), learner=replace(learner, this_year=used)
    )


def _facts(**facts: Any) -> Callable[[World, Reason], World]:
    return lambda world, _: world.with_facts(**facts)


MENDERS: dict[Code, Callable[[World, Reason], World]] = {
    Code.NO_AGREEMENT: _renewed,
    Code.AGREEMENT_NOT_YET_IN_FORCE: _renewed,
    Code.AGREEMENT_EXPIRED: _renewed,
    Code.AGREEMENT_SUSPENDED: _renewed,
    Code.WRONG_DIRECTION: _renewed,
    Code.OUT_OF_SCOPE: _covered,
    Code.AGREEMENT_MISMATCH: lambda world, _: world.with_agreement(world.host.agreements[0]),
    Code.NOT_VERIFIED: _facts(status=OutcomeStatus.VERIFIED),
    Code.REVOKED: _facts(status=OutcomeStatus.VERIFIED, revoked_on=None),
    Code.ALREADY_CONVERTED: _facts(converted_by=None),
    Code.ACCOUNT_FROZEN: _facts(account_frozen=False),
    Code.STANDARD_RETIRED: _facts(standard_retired_on=None),
    Code.ISSUER_VETOED: _facts(organisation_vetoed_on=None),
    Code.ISSUER_UNDER_REVIEW: _facts(organisation_vetoed_on=None),
    Code.EXAMINER_UNQUALIFIED: _facts(examiner_advanced=True),
    Code.LEVEL_UNMAPPED: lambda world, _: world.with_facts(
        framework="1+X", framework_level=world.home.level.value if world.home.level else None
    ),
    Code.NO_RULE: _more_courses,
    Code.LEVEL_NOT_ELIGIBLE: _opened,
    Code.COURSE_ALREADY_REPLACED: _not_replaced,
    Code.CERTIFICATE_CEILING: _higher_ceiling,
    Code.RATE_APPLIED: _whole_rate,
    Code.FLEX_NOT_MAPPED: _flexible,
    Code.COURSES_INSUFFICIENT: _more_courses,
    Code.CAP_REACHED: _higher_cap,
}


def agreements() -> list[Agreement | None]:
    """Return copies of every standing, over scopes of every sort; None is no agreement."""
    scopes = (
        (ScopeItem(),),
        (ScopeItem(flexible=False),),
        (ScopeItem(rate_percent=50),),
        (ScopeItem(flexible=False, rate_percent=33),),
        (ScopeItem(certificate="X0"),),
    )
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"first_day": date(2027, 1, 1)},
        {"last_day": date(2026, 5, 31)},
        {"suspended_on": date(2026, 1, 1), "status": AgreementStatus.SUSPENDED},
        {"kind": AgreementKind.PAIRED_ASSISTANCE, "accepts": cases.SHANGHAI},
    )
    return [
        None,
        *(
            cases.agreement(cases.SHANGHAI, cases.JIANGSU, scope=scope, **change)
            for scope in scopes
            for change in changes
        ),
    ]
