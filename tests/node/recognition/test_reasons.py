"""Every reason that a decision can have: what brings it about, what it does, what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from string import Formatter
from typing import Any

import pytest

from catalogue.entries import CourseKind
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import EFFECTS, Assessment
from region_node.domain.recognition_facts import HomeFacts, Host, LearnerUse, Question
from region_node.domain.recognition_remedies import remedies
from schema.agreements import AgreementKind, AgreementStatus, OutcomeKind, ScopeItem, SkillLevel
from schema.codes import REASONS, Decision
from schema.codes import ReasonCode as Code
from schema.remedies import REMEDIES
from tests.node.recognition import cases
from tests.node.recognition.cases import GUIZHOU, JIANGSU, SHANGHAI, day, rule


@dataclass(frozen=True)
class Case:
    question: Question
    home: HomeFacts | None
    host: Host

    def ask(self) -> Assessment:
        return assess(self.question, self.home, self.host)


def at_home(**facts: Any) -> Case:
    host = cases.host()
    return Case(cases.question(), cases.home(host, **facts), host)


def by(**terms: Any) -> Case:
    host = cases.host(terms=cases.agreement(SHANGHAI, JIANGSU, **terms))
    return Case(cases.question(), cases.home(host), host)


def here(*rules: Any, **holdings: Any) -> Case:
    host = cases.host(*rules, **holdings)
    return Case(cases.question(), cases.home(host), host)


def asked(**changes: Any) -> Case:
    host = cases.host()
    return Case(cases.question(**changes), cases.home(host), host)


def wrong_way() -> Case:
    terms = cases.agreement(JIANGSU, GUIZHOU, kind=AgreementKind.PAIRED_ASSISTANCE, accepts=GUIZHOU)
    host = cases.host(terms=terms)
    return Case(cases.question(issuer=GUIZHOU), cases.home(host), host)


VETO = {"organisation_vetoed_on": day("2026-05-01"), "issued_on": day("2026-05-20")}

CASES: dict[Code, tuple[Callable[[], Case], Decision]] = {
    Code.UNKNOWN_REGION: (lambda: here(region_known=False), Decision.REFUSED),
    Code.SAME_REGION: (lambda: asked(issuer=JIANGSU), Decision.REFUSED),
    Code.NO_AGREEMENT: (lambda: here(agreements=()), Decision.REFUSED),
    Code.AGREEMENT_NOT_YET_IN_FORCE: (lambda: by(first_day=day("2026-06-02")), Decision.REFUSED),
    Code.AGREEMENT_EXPIRED: (lambda: by(last_day=day("2026-05-31")), Decision.REFUSED),
    Code.AGREEMENT_SUSPENDED: (
        lambda: by(suspended_on=cases.TODAY, status=AgreementStatus.SUSPENDED),
        Decision.REFUSED,
    ),
    Code.WRONG_DIRECTION: (wrong_way, Decision.REFUSED),
    Code.OUT_OF_SCOPE: (
        lambda: by(scope=(ScopeItem(certificate="X0"), ScopeItem(levels=(SkillLevel.ADVANCED,)))),
        Decision.REFUSED,
    ),
    Code.AGREEMENT_MISMATCH: (lambda: at_home(agreement_hash="0" * 64), Decision.REFERRED),
    Code.UNKNOWN_OUTCOME: (lambda: at_home(found=False), Decision.REFUSED),
    Code.UNKNOWN_CERTIFICATE: (lambda: here(certificate_known=False), Decision.REFUSED),
    Code.NOT_VERIFIED: (lambda: at_home(status=OutcomeStatus.SUBMITTED), Decision.REFUSED),
    Code.REVOKED: (
        lambda: at_home(status=OutcomeStatus.REVOKED, revoked_on=day("2026-05-02")),
        Decision.REFUSED,
    ),
    Code.ALREADY_CONVERTED: (lambda: at_home(converted_by="310000-E-1_2"), Decision.REFUSED),
    Code.ACCOUNT_FROZEN: (lambda: at_home(account_frozen=True), Decision.REFERRED),
    Code.UNKNOWN_STANDARD: (lambda: at_home(standard_known=False), Decision.REFUSED),
    Code.STANDARD_RETIRED: (lambda: at_home(standard_retired_on=day("2026-03-20")), Decision.REFUSED),
    Code.ISSUER_VETOED: (lambda: at_home(examined_on=day("2026-05-10"), **VETO), Decision.REFUSED),
    Code.ISSUER_UNDER_REVIEW: (lambda: at_home(examined_on=day("2026-04-20"), **VETO), Decision.REFERRED),
    Code.EXAMINER_UNQUALIFIED: (lambda: at_home(examiner_advanced=False), Decision.REFERRED),
    Code.LEVEL_UNMAPPED: (lambda: at_home(framework="GD", framework_level="1"), Decision.REFUSED),
    Code.LEVEL_AMBIGUOUS: (
        lambda: replace(
            here(framework=cases.OUR_FRAMEWORK, maps=(cases.framework_map({"5": ("3", "4")}),)),
            home=cases.home(cases.host(), framework="GD", framework_level="5"),
        ),
        Decision.REFERRED,
    ),
    Code.NO_RULE: (lambda: asked(major="530702"), Decision.REFUSED),
    Code.LEVEL_NOT_ELIGIBLE: (
        lambda: here(rule("网店运营", 40), rule("经济学基础", 40, course_kind=CourseKind.BASIC)),
        Decision.PARTIAL,
    ),
    Code.COURSE_ALREADY_REPLACED: (
        lambda: here(learner=LearnerUse(replaced={"530701-C网店运营": "320000-O-9_1"})),
        Decision.PARTIAL,
    ),
    Code.CERTIFICATE_CEILING: (
        lambda: replace(
            here(rule("网店运营", 80), rule("网络营销", 40)),
            home=cases.home(cases.host(), credits=100, core_credits=70, flexible_credits=30),
        ),
        Decision.PARTIAL,
    ),
    Code.RATE_APPLIED: (lambda: by(scope=(ScopeItem(rate_percent=50),)), Decision.PARTIAL),
    Code.FLEX_NOT_MAPPED: (lambda: by(scope=(ScopeItem(flexible=False),)), Decision.PARTIAL),
    Code.COURSES_INSUFFICIENT: (lambda: here(rule("网店运营", 40)), Decision.PARTIAL),
    Code.CAP_REACHED: (
        lambda: here(policy=cases.policy(yearly_ceiling=160), learner=LearnerUse(this_year=130)),
        Decision.PARTIAL,
    ),
    Code.REGION_DID_NOT_ANSWER: (lambda: replace(asked(), home=None), Decision.UNDETERMINED),
    Code.NOT_PERMITTED: (lambda: at_home(permitted=False, found=False), Decision.UNDETERMINED),
    Code.MALFORMED_INPUT: (lambda: at_home(malformed="?", found=False), Decision.UNDETERMINED),
}


def test_every_reason_has_a_case_and_a_remedy() -> None:
    assert list(CASES) == list(Code)
    assert list(REMEDIES) == list(Code)


@pytest.mark.parametrize("code", list(Code))
def test_one_failed_check_gives_its_reason_and_nothing_else(code: Code) -> None:
    make, expected = CASES[code]
    decision = make().ask()
    assert [one.code for one in decision.reasons] == [code]
    assert decision.decision is expected


@pytest.mark.parametrize("code", list(Code))
def test_every_sentence_finds_its_facts(code: Code) -> None:
    """A reason and its remedy name nothing that the reason does not know."""
    decision = CASES[code][0]().ask()
    sentences = (*REASONS[code], *REMEDIES[code])
    named = {name for sentence in sentences for _, name, _, _ in Formatter().parse(sentence) if name}
    for one in (*decision.reasons, *decision.missing):
        if one.code is code:
            assert named <= set(one.facts)
    for language in ("en", "zh"):
        assert all(remedies(decision, language))


def test_a_version_that_nobody_stated_leaves_no_gap_in_the_sentence() -> None:
    (found,) = at_home(standard_known=False, standard_version=None).ask().reasons
    assert found.facts["version"] == "–"


def test_all_reasons_stand_in_the_order_of_the_checks() -> None:
    host = cases.host(
        rule("网店运营", 40), terms=cases.agreement(SHANGHAI, JIANGSU, last_day=day("2026-05-31"))
    )
    home = cases.home(
        host,
        status=OutcomeStatus.REVOKED,
        revoked_on=day("2026-05-02"),
        account_frozen=True,
        standard_retired_on=day("2026-01-01"),
        examiner_advanced=False,
        framework="GD",
    )
    decision = assess(cases.question(), home, host)
    assert [one.code for one in decision.reasons] == [
        Code.AGREEMENT_EXPIRED,
        Code.REVOKED,
        Code.ACCOUNT_FROZEN,
        Code.STANDARD_RETIRED,
        Code.EXAMINER_UNQUALIFIED,
        Code.LEVEL_UNMAPPED,
        Code.COURSES_INSUFFICIENT,
    ]
    assert decision.decision is Decision.REFUSED
    assert (decision.recognised, decision.unconverted, decision.courses) == (0, 80, ())


def test_referral_outweighs_credits_and_refusal_outweighs_referral() -> None:
    referred = at_home(account_frozen=True, framework_level="INTERMEDIATE")
    assert referred.ask().decision is Decision.REFERRED
    both = at_home(account_frozen=True, converted_by="310000-E-1_2")
    assert both.ask().decision is Decision.REFUSED


def test_every_reason_has_one_effect() -> None:
    assert set(EFFECTS) == set(Code)


def test_a_copy_that_the_home_side_suspended_is_suspended() -> None:
    decision = at_home(agreement_reason=Code.AGREEMENT_SUSPENDED).ask()
    assert (decision.decision, [one.code for one in decision.reasons]) == (
        Decision.REFUSED,
        [Code.AGREEMENT_SUSPENDED],
    )


def test_a_copy_that_only_the_home_side_ended_is_expired_on_a_day_not_known_here() -> None:
    decision = at_home(agreement_reason=Code.AGREEMENT_EXPIRED).ask()
    assert [one.message("en") for one in decision.reasons] == ["The agreement's last day was < 2026-06-01."]


def test_a_home_side_without_a_copy_is_a_mismatch() -> None:
    decision = at_home(agreement_id=None, agreement_version=None, agreement_hash=None).ask()
    assert [one.code for one in decision.reasons] == [Code.AGREEMENT_MISMATCH]


def test_own_knowledge_of_a_veto_or_a_retirement_counts_too() -> None:
    vetoed = here(own_veto=day("2026-03-01")).ask()
    assert [one.code for one in vetoed.reasons] == [Code.ISSUER_VETOED]
    retired = here(own_standard=cases.standard(retired_from=day("2026-03-01"))).ask()
    assert [one.code for one in retired.reasons] == [Code.STANDARD_RETIRED]
    assert here(own_standard=cases.standard()).ask().decision is Decision.RECOGNISED


def test_a_course_that_may_not_be_replaced_is_no_reason_where_others_take_everything() -> None:
    rules = (*cases.FULL_RULES, rule("经济学基础", 20, course_kind=CourseKind.BASIC))
    decision = here(*rules).ask()
    assert (decision.decision, decision.reasons, decision.missing) == (Decision.RECOGNISED, (), ())


def test_rules_of_two_majors_are_never_added_together() -> None:
    rules = (rule("网店运营", 40), rule("网络营销", 40, major="530702"))
    unnamed = here(*rules).ask()
    assert [one.code for one in unnamed.reasons] == [Code.NO_RULE]
    assert remedies(unnamed, "en") == ("one of the majors 530701, 530702 named",)
    case = here(*rules)
    named = replace(case, question=cases.question(major="530702")).ask()
    assert [course.name for course in named.courses] == ["网络营销"]


def test_an_outcome_without_a_certificate_has_no_standard_to_check_and_no_rule() -> None:
    case = at_home(
        kind=OutcomeKind.MOOC,
        certificate_code=None,
        level=None,
        framework_level=None,
        standard_known=False,
        standard_hash=None,
    )
    assert [one.code for one in case.ask().reasons] == [Code.NO_RULE]


def test_a_decision_names_every_version_it_rests_on() -> None:
    decision = here().ask()
    assert [(one.kind, one.id, one.version) for one in decision.inputs] == [
        ("question", "310000-O-1", "2026-06-01"),
        ("agreement", "320000-G-1", "1"),
        ("home-agreement", "310000-G-1", "1"),
        ("home-facts", "310000-O-1", "2026-06-01"),
        ("standard", f"{cases.SHOP}/INTERMEDIATE/2020年1.0版", "2020年1.0版"),
        ("framework", "1+X", "0"),
        ("rules", "320000-R-1", "1"),
        ("policy", "320000-policy", "1"),
        ("holdings", "320000", "2026-06-01"),
    ]
    assert all(len(one.hash) == 64 for one in decision.inputs)


def test_a_framework_map_that_was_used_is_named() -> None:
    case = here(framework=cases.OUR_FRAMEWORK, maps=(cases.framework_map({"5": ("4",)}),))
    home = cases.home(case.host, framework="GD", framework_level="5")
    decision = assess(case.question, home, case.host)
    assert [one.id for one in decision.inputs if one.kind == "framework-map"] == ["500000-M-1"]


def test_a_map_holds_from_its_day() -> None:
    old = cases.framework_map({"5": ("4",)})
    new = cases.framework_map({"5": ("3", "4")}, version=2, valid_from=date(2026, 6, 1), id="500000-M-2")
    case = here(framework=cases.OUR_FRAMEWORK, maps=(old, new))
    before = day("2026-05-31")
    home = cases.home(case.host, framework="GD", framework_level="5")
    assert assess(case.question, home, case.host).decision is Decision.REFERRED
    then = assess(cases.question(as_of=before), replace(home, as_of=before), case.host)
    assert (then.decision, then.level) == (Decision.RECOGNISED, "4")
