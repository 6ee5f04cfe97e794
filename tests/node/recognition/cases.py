"""The world of the scenarios as values: each test says only what is different in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from catalogue.entries import CourseKind
from region_node.domain.frameworks import ONE_PLUS_X, Framework, FrameworkMap
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.policy import Policy
from region_node.domain.recognition_facts import HomeFacts, Host, Question
from region_node.domain.rules import ConversionRule, RuleDirection, RuleSet
from region_node.domain.standards import CertificateStandard
from schema.agreements import (
    Agreement,
    AgreementKind,
    AgreementStatus,
    AgreementTerms,
    OutcomeKind,
    ScopeItem,
    SkillLevel,
)

TODAY = date(2026, 6, 1)
SHANGHAI, JIANGSU, GUIZHOU = "310000", "320000", "520000"
SHOP = "X1b2c3d4e5f"
"""Stands for 网店运营推广: the domain never looks into a catalogue."""


def day(text: str) -> date:
    return date.fromisoformat(text)


def agreement(issuer: str, accepter: str, **changes: Any) -> Agreement:
    """Return a signed alliance over everything since 2025; `changes` are of the terms or of the copy."""
    copy = {name: changes.pop(name) for name in ("status", "suspended_on", "ended_on") if name in changes}
    one, other = sorted((issuer, accepter))
    terms = AgreementTerms(
        parties=(one, other),
        kind=AgreementKind.ALLIANCE,
        accepts=None,
        scope=(ScopeItem(),),
        first_day=date(2025, 1, 1),
        last_day=None,
    )
    standing = Agreement(f"{accepter}-G-1", replace(terms, **changes), AgreementStatus.SIGNED)
    return replace(standing, **copy)


def rule(name: str, tenths: int, **changes: Any) -> ConversionRule:
    """Return the rule by which SHOP at INTERMEDIATE replaces the core course `name` of major 530701."""
    plain = ConversionRule(
        id=f"R-{name}",
        direction=RuleDirection.EXEMPTION,
        certificate=SHOP,
        level=SkillLevel.INTERMEDIATE,
        major="530701",
        course=f"530701-C{name}",
        course_name=name,
        course_kind=CourseKind.CORE,
        credits=tenths,
    )
    return replace(plain, **changes)


def rule_set(*rules: ConversionRule, **changes: Any) -> RuleSet:
    plain = RuleSet("320000-R-1", 1, date(2025, 1, 1), datetime(2024, 12, 1, tzinfo=UTC), rules)
    return replace(plain, **changes)


def policy(**changes: Any) -> Policy:
    return replace(Policy(1, date(2025, 1, 1)), **changes)


FULL_RULES = (rule("网店运营", 40), rule("网络营销", 40))
OUR_FRAMEWORK = Framework("CQ", ("1", "2", "3", "4"), {}, 1, date(2025, 1, 1))


def framework_map(levels: dict[str, tuple[str, ...]], **changes: Any) -> FrameworkMap:
    return replace(FrameworkMap("500000-M-1", 1, "GD", "CQ", date(2025, 1, 1), levels), **changes)


def host(*rules: ConversionRule, terms: Agreement | None = None, **changes: Any) -> Host:
    """Return region 320000's holdings: an alliance with 310000 and rules, by default for all of 8.0."""
    plain = Host(
        agreements=(terms or agreement(SHANGHAI, JIANGSU),),
        framework=ONE_PLUS_X,
        rule_set=rule_set(*(rules or FULL_RULES)),
        policy=policy(),
    )
    return replace(plain, **changes)


def home(at: Host, **changes: Any) -> HomeFacts:
    """Return region 310000's facts on an outcome of 8.0 credits; its copy of the agreement is `at`'s."""
    copy = at.agreements[0] if at.agreements else None
    plain = HomeFacts(
        as_of=TODAY,
        outcome_id="310000-O-1",
        learner_id="L-1",
        status=OutcomeStatus.VERIFIED,
        kind=OutcomeKind.X_CERTIFICATE,
        certificate_code=SHOP,
        level=SkillLevel.INTERMEDIATE,
        issued_on=date(2026, 3, 20),
        examined_on=date(2026, 3, 10),
        examiner_advanced=True,
        credits=80,
        core_credits=56,
        flexible_credits=24,
        organisation="北京鸿科经纬科技有限公司",
        standard_version="2020年1.0版",
        standard_known=True,
        standard_active_from=date(2020, 1, 1),
        standard_hash="5" * 64,
        framework="1+X",
        framework_level="INTERMEDIATE",
        agreement_id="310000-G-1" if copy else None,
        agreement_version=copy.terms.version if copy else None,
        agreement_hash=copy.terms.hash() if copy else None,
    )
    return replace(plain, **changes)


def question(**changes: Any) -> Question:
    plain = Question(SHANGHAI, JIANGSU, TODAY, outcome_id="310000-O-1")
    return replace(plain, **changes)


def standard(**changes: Any) -> CertificateStandard:
    plain = CertificateStandard(
        certificate=SHOP,
        organisation="北京鸿科经纬科技有限公司",
        level=SkillLevel.INTERMEDIATE,
        version="2020年1.0版",
        core=56,
        flexible=24,
        active_from=date(2020, 1, 1),
    )
    return replace(plain, **changes)
