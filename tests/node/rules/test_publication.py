"""What may be published: every fault is refused with the rules that make it and a witness."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.entries import CourseKind
from catalogue.lookup import Catalogue
from catalogue.sample import load_sample
from region_node.domain.policy import Policy
from region_node.domain.rule_checks import (
    FAULTS_SHOWN_LIMIT,
    DraftRule,
    Finding,
    RuleFault,
    check_rules,
    complete,
    refuse_rules,
)
from region_node.domain.rules import RuleDirection
from schema.agreements import SkillLevel
from schema.details import word

MAJOR = "530701"
POLICY = Policy(1, date(2026, 1, 1))
Level = SkillLevel


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_sample()


@pytest.fixture(scope="module")
def shop(catalogue: Catalogue) -> str:
    return catalogue.certificates_named("网店运营推广")[0].code


@pytest.fixture(scope="module")
def analysis(catalogue: Catalogue) -> str:
    return catalogue.certificates_named("电子商务数据分析")[0].code


def draft(certificate: str, course: str, tenths: int, level: SkillLevel = Level.INTERMEDIATE) -> DraftRule:
    return DraftRule(RuleDirection.EXEMPTION, certificate, level, MAJOR, course, tenths)


def award(certificate: str, course: str, tenths: int = 40) -> DraftRule:
    return replace(draft(certificate, course, tenths), direction=RuleDirection.AWARD)


def faults(
    catalogue: Catalogue, *drafts: DraftRule, votes: int = 0, policy: Policy = POLICY
) -> list[Finding]:
    return list(check_rules(complete(drafts, catalogue, "320000-R-1"), votes, policy, catalogue))


def test_a_sound_set_passes_and_gets_the_catalogue_s_courses(catalogue: Catalogue, shop: str) -> None:
    drafts = (
        draft(shop, "网店运营", 40),
        draft(shop, " 网络营销 ", 40),
        draft(shop, "市场营销", 30, Level.ELEMENTARY),
    )
    assert faults(catalogue, *drafts) == []
    first, second, third = complete(drafts, catalogue, "320000-R-7")
    assert (first.id, first.course_kind, third.course_kind) == (
        "320000-R-7_1",
        CourseKind.CORE,
        CourseKind.BASIC,
    )
    assert second.course_name == "网络营销"
    assert catalogue.course(second.course) is not None


def test_a_course_beyond_the_published_profile_needs_its_kind(catalogue: Catalogue, shop: str) -> None:
    practice = replace(draft(shop, "岗位实习", 20), kind=CourseKind.PRACTICAL)
    assert faults(catalogue, practice) == []
    (found,) = faults(catalogue, replace(practice, kind=None))
    assert found.fault is RuleFault.UNKNOWN_COURSE


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"course": "炼金术"}, RuleFault.UNKNOWN_COURSE),
        ({"course": "网店运营", "kind": CourseKind.BASIC}, RuleFault.UNKNOWN_COURSE),
        ({"major": "999999"}, RuleFault.UNKNOWN_MAJOR),
        ({"certificate": "X0000000000"}, RuleFault.UNKNOWN_CERTIFICATE),
        ({"credits": 0}, RuleFault.MALFORMED_CREDITS),
        ({"credits": -10}, RuleFault.MALFORMED_CREDITS),
    ],
)
def test_unknown_names_and_amounts_are_refused(
    catalogue: Catalogue, shop: str, change: dict[str, Any], fault: RuleFault
) -> None:
    (found,) = faults(catalogue, replace(draft(shop, "网店运营", 40), **change))
    assert (found.fault, found.rules) == (fault, ("320000-R-1_1",))


def test_two_rules_for_one_course_are_ambiguous(catalogue: Catalogue, shop: str) -> None:
    (found,) = faults(catalogue, draft(shop, "网店运营", 40), draft(shop, "网店运营", 20))
    assert (found.fault, found.rules) == (RuleFault.AMBIGUOUS_OVERLAP, ("320000-R-1_1", "320000-R-1_2"))
    assert "4.0 / 2.0" in word(found.witness, "en")


def test_two_certificates_may_replace_one_course(catalogue: Catalogue, shop: str, analysis: str) -> None:
    assert faults(catalogue, draft(shop, "网店运营", 40), draft(analysis, "网店运营", 40)) == []


def test_one_certificate_may_not_replace_more_than_the_ceiling(catalogue: Catalogue, shop: str) -> None:
    at_ceiling = (draft(shop, "网店运营", 40), draft(shop, "网络营销", 40))
    assert faults(catalogue, *at_ceiling) == []
    (found,) = faults(catalogue, *at_ceiling, draft(shop, "社群运营", 1))
    assert found.fault is RuleFault.ABOVE_CEILING
    assert "8.1" in word(found.witness, "en")
    assert len(found.rules) == 3


def test_a_lower_level_may_not_give_more_than_a_higher_one(catalogue: Catalogue, shop: str) -> None:
    lower, higher = draft(shop, "网店运营", 40), draft(shop, "网店运营", 20, Level.ADVANCED)
    (found,) = faults(catalogue, higher, lower)
    assert (found.fault, found.rules) == (RuleFault.INVERTED_LEVELS, ("320000-R-1_2", "320000-R-1_1"))
    assert faults(catalogue, lower, replace(higher, credits=40)) == []


def test_credits_that_come_back_to_their_certificate_are_a_cycle(
    catalogue: Catalogue, shop: str, analysis: str
) -> None:
    rules = (
        draft(shop, "网店运营", 40),
        award(analysis, "网店运营"),
        draft(analysis, "网络营销", 40),
        award(shop, "网络营销"),
    )
    (found,) = faults(catalogue, *rules)
    assert found.fault is RuleFault.CYCLE
    assert set(found.rules) == {f"320000-R-1_{number}" for number in range(1, 5)}
    assert word(found.witness, "zh").count("→") == 4
    assert faults(catalogue, *rules[:3]) == []


def test_a_rule_set_needs_its_committee_s_votes(catalogue: Catalogue, shop: str) -> None:
    policy = replace(POLICY, committee_votes=5)
    (found,) = faults(catalogue, draft(shop, "网店运营", 40), votes=4, policy=policy)
    assert found.fault is RuleFault.MISSING_VOTES
    assert faults(catalogue, draft(shop, "网店运营", 40), votes=5, policy=policy) == []


def test_all_faults_are_found_and_the_first_ones_shown(catalogue: Catalogue) -> None:
    found = faults(catalogue, *(draft("X0", f"课程{number}", 1) for number in range(20)))
    assert len(found) == 40
    refusal = refuse_rules(found)
    assert refusal.message("en").endswith(f"; and {40 - FAULTS_SHOWN_LIMIT} more")
    assert refusal.message("zh").endswith(f"；另有 {40 - FAULTS_SHOWN_LIMIT} 项")


nodes = st.integers(0, 5)


@given(st.sets(st.tuples(nodes, nodes), max_size=10), st.sets(st.tuples(nodes, nodes), max_size=10))
def test_a_cycle_is_found_exactly_where_there_is_one(
    replaces: set[tuple[int, int]], earns: set[tuple[int, int]]
) -> None:
    """The oracle follows every edge as often as there are places to be."""
    catalogue = load_sample()
    certificates = [certificate.code for certificate in catalogue.certificates[:6]]
    courses = [course.name for course in catalogue.courses_of(MAJOR)[:6]]
    drafts = [draft(certificates[a], courses[b], 1) for a, b in sorted(replaces)]
    drafts += [award(certificates[b], courses[a], 1) for a, b in sorted(earns)]
    forward = {("x", a): {("c", b) for one, b in replaces if one == a} for a in range(6)}
    forward |= {("c", a): {("x", b) for one, b in earns if one == a} for a in range(6)}
    cyclic = False
    for start in forward:
        reached = {start}
        for _ in range(12):
            reached = {target for place in reached for target in forward[place]}
            cyclic = cyclic or start in reached
    rules = complete(drafts, catalogue, "320000-R-1")
    found = [one for one in check_rules(rules, 0, POLICY, catalogue) if one.fault is RuleFault.CYCLE]
    assert bool(found) == cyclic
    by_id = {rule.id: rule for rule in rules}
    for one in found:
        assert len(one.rules) >= 2
        assert set(one.rules) <= set(by_id)
