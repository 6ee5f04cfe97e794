"""The twelve scenarios of the domain, decided without a server: facts and holdings in, decision out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import HomeFacts, Host, LearnerUse
from schema.agreements import AgreementKind, ScopeItem
from schema.codes import Decision
from schema.codes import ReasonCode as Code
from tests.node.recognition import cases
from tests.node.recognition.cases import GUIZHOU, JIANGSU, day, rule


def ask(at: Host, facts: HomeFacts | None = None, **asked: Any) -> Assessment:
    if facts is None:
        facts = cases.home(at)
    question = cases.question(**asked)
    return assess(question, replace(facts, as_of=question.as_of), at)


def codes(decision: Assessment) -> list[Code]:
    return [one.code for one in decision.reasons]


def test_1_courses_take_six_of_eight_and_two_stay_at_home() -> None:
    decision = ask(cases.host(rule("网店运营", 40), rule("网络营销", 20)))
    assert decision.decision is Decision.PARTIAL
    assert (decision.recognised, decision.unconverted) == (60, 20)
    assert codes(decision) == [Code.COURSES_INSUFFICIENT]
    assert decision.reasons[0].facts["credits"] == "2.0"
    assert [(course.name, course.credits) for course in decision.courses] == [
        ("网店运营", 40),
        ("网络营销", 20),
    ]


def test_2_an_agreement_on_core_credits_leaves_the_flexible_ones() -> None:
    core_only = cases.agreement(cases.SHANGHAI, JIANGSU, scope=(ScopeItem(flexible=False),))
    decision = ask(cases.host(terms=core_only))
    assert (decision.decision, decision.recognised, decision.unconverted) == (Decision.PARTIAL, 56, 24)
    assert [(one.code, one.facts["credits"]) for one in decision.reasons] == [(Code.FLEX_NOT_MAPPED, "2.4")]


def test_2_flexible_credits_covered_by_the_agreement_or_by_a_rule_are_recognised() -> None:
    assert ask(cases.host()).decision is Decision.RECOGNISED
    core_only = cases.agreement(cases.SHANGHAI, JIANGSU, scope=(ScopeItem(flexible=False),))
    covering = (rule("网店运营", 40, covers_flexible=True), rule("网络营销", 40))
    decision = ask(cases.host(*covering, terms=core_only))
    assert (decision.decision, decision.recognised, codes(decision)) == (Decision.RECOGNISED, 80, [])


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-04-05", (Decision.REFUSED, [Code.AGREEMENT_EXPIRED])),
        ("2026-03-30", (Decision.RECOGNISED, [])),
        ("2026-03-31", (Decision.RECOGNISED, [])),
        ("2026-04-01", (Decision.REFUSED, [Code.AGREEMENT_EXPIRED])),
    ],
)
def test_3_the_last_day_counts(as_of: str, expected: tuple[Decision, list[Code]]) -> None:
    ended = cases.agreement(cases.SHANGHAI, JIANGSU, last_day=day("2026-03-31"))
    decision = ask(cases.host(terms=ended), as_of=day(as_of))
    assert (decision.decision, codes(decision)) == expected


def test_3_ending_an_agreement_early_moves_its_last_day() -> None:
    ended = cases.agreement(cases.SHANGHAI, JIANGSU, last_day=day("2027-01-01"), ended_on=day("2026-04-01"))
    decision = ask(cases.host(terms=ended))
    assert codes(decision) == [Code.AGREEMENT_EXPIRED]
    assert decision.reasons[0].facts["day"] == "2026-03-31"


def test_4_agreements_with_a_third_region_are_none_between_two() -> None:
    third = cases.agreement("500000", JIANGSU)
    decision = ask(cases.host(terms=third))
    assert (decision.decision, codes(decision)) == (Decision.REFUSED, [Code.NO_AGREEMENT])
    assert (decision.recognised, decision.unconverted, decision.agreement) == (0, 80, None)


@pytest.mark.parametrize(
    ("issued", "expected"),
    [("2026-01-31", []), ("2026-02-01", [Code.STANDARD_RETIRED]), ("2026-02-02", [Code.STANDARD_RETIRED])],
)
def test_5_retirement_stops_new_issues_and_holders_keep_their_rights(
    issued: str, expected: list[Code]
) -> None:
    at = cases.host()
    facts = cases.home(at, standard_retired_on=day("2026-02-01"), issued_on=day(issued), examined_on=None)
    decision = ask(at, facts)
    assert codes(decision) == expected
    assert decision.decision is (Decision.REFUSED if expected else Decision.RECOGNISED)


@pytest.mark.parametrize(
    ("examined", "expected", "reasons"),
    [
        ("2026-03-10", Decision.RECOGNISED, []),
        ("2026-03-31", Decision.RECOGNISED, []),
        ("2026-04-01", Decision.REFERRED, [Code.ISSUER_UNDER_REVIEW]),
        ("2026-04-20", Decision.REFERRED, [Code.ISSUER_UNDER_REVIEW]),
        ("2026-04-30", Decision.REFERRED, [Code.ISSUER_UNDER_REVIEW]),
        ("2026-05-01", Decision.REFUSED, [Code.ISSUER_VETOED]),
        ("2026-05-10", Decision.REFUSED, [Code.ISSUER_VETOED]),
    ],
)
def test_6_a_veto_refuses_what_follows_and_refers_the_window(
    examined: str, expected: Decision, reasons: list[Code]
) -> None:
    at = cases.host()
    facts = cases.home(
        at, organisation_vetoed_on=day("2026-05-01"), examined_on=day(examined), issued_on=day("2026-05-15")
    )
    decision = ask(at, facts)
    assert (decision.decision, codes(decision)) == (expected, reasons)


def test_6_a_veto_of_later_than_the_day_asked_about_does_not_count() -> None:
    at = cases.host()
    facts = cases.home(at, organisation_vetoed_on=day("2026-05-01"), examined_on=day("2026-04-20"))
    assert ask(at, facts, as_of=day("2026-04-30")).decision is Decision.RECOGNISED


def test_7_paired_assistance_has_one_direction() -> None:
    paired = cases.agreement(JIANGSU, GUIZHOU, kind=AgreementKind.PAIRED_ASSISTANCE, accepts=GUIZHOU)
    at = cases.host(terms=paired)
    there = ask(at, issuer=JIANGSU, accepter=GUIZHOU)
    back = ask(at, issuer=GUIZHOU, accepter=JIANGSU)
    assert (there.decision, there.recognised) == (Decision.RECOGNISED, 80)
    assert (back.decision, codes(back)) == (Decision.REFUSED, [Code.WRONG_DIRECTION])


def test_8_levels_map_to_one_to_several_or_to_none() -> None:
    at = cases.host(
        framework=cases.OUR_FRAMEWORK, maps=(cases.framework_map({"5": ("4",), "6": ("4",), "1": ()}),)
    )
    one = ask(at, cases.home(at, framework="GD", framework_level="5"))
    assert (one.decision, one.level) == (Decision.RECOGNISED, "4")
    for level in ("1", "2"):
        none = ask(at, cases.home(at, framework="GD", framework_level=level))
        assert (none.decision, codes(none), none.level) == (Decision.REFUSED, [Code.LEVEL_UNMAPPED], None)


def test_8_several_levels_are_all_named_and_never_the_top_one_chosen() -> None:
    guangdong = replace(cases.OUR_FRAMEWORK, code="GD", levels=tuple("1234567"))
    several = cases.framework_map({"4": ("7", "5", "6")}, from_framework="CQ", to_framework="GD")
    at = cases.host(framework=guangdong, maps=(several,))
    decision = ask(at, cases.home(at, framework="CQ", framework_level="4"))
    assert (decision.decision, codes(decision)) == (Decision.REFERRED, [Code.LEVEL_AMBIGUOUS])
    assert (decision.level, decision.level_candidates) == (None, ("5", "6", "7"))
    assert (decision.recognised, decision.courses) == (0, ())


def test_9_a_used_outcome_is_refused_with_the_entry_as_proof() -> None:
    at = cases.host()
    decision = ask(at, cases.home(at, converted_by="310000-E-7_2"))
    assert (decision.decision, codes(decision)) == (Decision.REFUSED, [Code.ALREADY_CONVERTED])
    assert "310000-E-7_2" in decision.reasons[0].message("en")


@pytest.mark.parametrize(
    ("used", "expected", "recognised", "reasons"),
    [
        (130, Decision.PARTIAL, 30, [Code.CAP_REACHED]),
        (160, Decision.REFUSED, 0, [Code.CAP_REACHED]),
        (170, Decision.REFUSED, 0, [Code.CAP_REACHED]),
        (80, Decision.RECOGNISED, 80, []),
    ],
)
def test_10_the_yearly_ceiling_leaves_the_rest_only(
    used: int, expected: Decision, recognised: int, reasons: list[Code]
) -> None:
    at = cases.host(policy=cases.policy(yearly_ceiling=160), learner=LearnerUse(this_year=used))
    decision = ask(at)
    assert (decision.decision, decision.recognised, codes(decision)) == (expected, recognised, reasons)
    assert sum(course.credits for course in decision.courses) == recognised


def test_11_a_revoked_outcome_is_refused_and_the_day_before_is_as_it_was() -> None:
    at = cases.host()
    facts = cases.home(at, status=OutcomeStatus.REVOKED, revoked_on=day("2026-05-10"))
    decision = ask(at, facts)
    assert (decision.decision, codes(decision)) == (Decision.REFUSED, [Code.REVOKED])
    then = ask(at, cases.home(at, issued_on=day("2026-01-10"), examined_on=None), as_of=day("2026-02-15"))
    assert then.decision is Decision.RECOGNISED


def test_12_silence_is_undetermined_and_never_a_refusal() -> None:
    decision = assess(cases.question(), None, cases.host())
    assert (decision.decision, codes(decision)) == (Decision.UNDETERMINED, [Code.REGION_DID_NOT_ANSWER])


def test_12_what_is_refused_whatever_the_other_side_says_is_refused() -> None:
    decision = assess(cases.question(), None, cases.host(agreements=()))
    assert decision.decision is Decision.REFUSED
    assert codes(decision) == [Code.NO_AGREEMENT, Code.REGION_DID_NOT_ANSWER]
