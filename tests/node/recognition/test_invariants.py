"""What is true of every decision, whatever is asked: credits are neither made nor lost, checks never help."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.entries import CourseKind
from region_node.domain.allotment import Worth, allot
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition_credits import of_nobody
from region_node.domain.recognition_decision import EFFECTS, Effect
from region_node.domain.recognition_facts import LearnerUse
from region_node.domain.rules import ConversionRule
from schema.agreements import SkillLevel
from schema.codes import Decision
from tests.node.recognition import cases
from tests.node.recognition.mending import World, agreements, mend

tenths = st.integers(0, 120)
levels = st.sampled_from(SkillLevel)


@st.composite
def rule_lists(draw: st.DrawFn, level: SkillLevel) -> list[ConversionRule]:
    drawn = draw(
        st.lists(
            st.tuples(st.integers(1, 90), st.sampled_from(CourseKind), st.booleans(), st.booleans()),
            max_size=4,
        )
    )
    return [
        cases.rule(
            f"课程{number}",
            amount,
            level=level,
            course_kind=kind,
            covers_flexible=covers,
            major="530701" if same else "530702",
        )
        for number, (amount, kind, covers, same) in enumerate(drawn)
    ]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A question, facts and holdings in which anything may stand against recognition."""
    level = draw(levels)
    rules = draw(rule_lists(level))
    agreement = draw(st.sampled_from(agreements()))
    replaced = draw(st.sets(st.sampled_from([rule.course for rule in rules]))) if rules else set()
    learner = LearnerUse(draw(tenths), dict.fromkeys(replaced, "320000-O-9_1"))
    host = replace(
        cases.host(),
        agreements=(agreement,) if agreement else (),
        rule_set=cases.rule_set(*rules),
        policy=cases.policy(yearly_ceiling=draw(st.none() | tenths), ceiling=draw(st.integers(10, 120))),
        learner=draw(st.sampled_from([None, learner])),
    )
    core, flexible = draw(st.integers(1, 80)), draw(st.integers(0, 40))
    vetoed_on = draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 5, 31)))
    home = cases.home(
        host,
        level=level,
        framework_level=level.value,
        framework=draw(st.sampled_from(["1+X", "GD"])),
        credits=core + flexible,
        core_credits=core,
        flexible_credits=flexible,
        status=draw(st.sampled_from(OutcomeStatus)),
        revoked_on=date(2026, 5, 1),
        converted_by=draw(st.none() | st.just("310000-E-1_2")),
        account_frozen=draw(st.booleans()),
        standard_retired_on=draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 5, 31))),
        organisation_vetoed_on=vetoed_on,
        examiner_advanced=draw(st.none() | st.booleans()),
        agreement_hash=draw(st.sampled_from([agreement.terms.hash() if agreement else None, "0" * 64])),
    )
    major = draw(st.sampled_from(["530701", "530702"]))
    return World(cases.question(major=major), home, host)


@given(worlds())
@settings(max_examples=150)
def test_credits_are_neither_made_nor_lost(world: World) -> None:
    decision = world.decide()
    whole, policy = world.home.credits or 0, world.host.policy
    assert decision.recognised + decision.unconverted == whole
    assert 0 <= decision.recognised <= min(whole, policy.ceiling)
    assert decision.recognised == sum(course.credits for course in decision.courses)
    if world.host.learner is not None and policy.yearly_ceiling is not None:
        assert decision.recognised <= max(0, policy.yearly_ceiling - world.host.learner.this_year)
    line = world.host.agreements[0].terms.scope[0] if world.host.agreements else None
    covering = (
        any(rule.covers_flexible for rule in world.host.rule_set.rules) if world.host.rule_set else False
    )
    if line is not None and not line.flexible and not covering:
        assert decision.recognised <= (world.home.core_credits or 0)
    if line is not None:
        assert decision.recognised <= whole * line.rate_percent // 100


@given(worlds())
@settings(max_examples=150)
def test_the_decision_follows_from_its_reasons_and_credits(world: World) -> None:
    decision = world.decide()
    effects = {EFFECTS[one.code] for one in decision.reasons}
    assert (decision.decision is Decision.RECOGNISED) == (not decision.reasons)
    assert (decision.decision is Decision.RECOGNISED) == (not decision.missing)
    if Effect.REFUSES in effects or Effect.REFERS in effects:
        assert decision.recognised == 0
    codes = [list(EFFECTS).index(one.code) for one in decision.reasons]
    assert codes == sorted(codes)
    assert world.decide() == decision


@given(st.lists(worlds(), min_size=1, max_size=4))
@settings(max_examples=60)
def test_what_was_answered_before_changes_no_answer(found: list[World]) -> None:
    asked = [world.with_holdings(learner=None) for world in found] * 2
    of_nobody.cache_clear()
    kept = [world.decide() for world in asked]
    fresh = []
    for world in asked:
        of_nobody.cache_clear()
        fresh.append(world.decide())
    assert kept == fresh


@given(worlds())
@settings(max_examples=150)
def test_carrying_out_what_is_missing_gives_full_recognition(world: World) -> None:
    mended = mend(world, world.decide().missing).decide()
    assert (mended.decision, mended.recognised) == (Decision.RECOGNISED, world.home.credits)


@given(worlds(), st.data())
@settings(max_examples=150)
def test_one_more_thing_against_it_never_gives_more_credits(world: World, data: st.DataObject) -> None:
    rules = world.host.rule_set.rules if world.host.rule_set else ()
    worse = data.draw(
        st.sampled_from(
            [
                world.with_holdings(agreements=()),
                world.with_facts(converted_by="310000-E-1_2"),
                world.with_facts(account_frozen=True),
                world.with_facts(framework="HKQF"),
                world.with_holdings(rule_set=cases.rule_set(*rules[1:])),
                world.with_holdings(learner=LearnerUse(200, {rule.course: "320000-O-9_1" for rule in rules})),
                world.with_holdings(policy=replace(world.host.policy, ceiling=10)),
            ]
        )
    )
    assert worse.decide().recognised <= world.decide().recognised


@given(
    st.integers(0, 8),
    st.integers(0, 8),
    st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=3),
    st.booleans(),
)
def test_as_much_is_placed_as_can_be_placed_at_all(
    core: int, flexible: int, courses: list[tuple[int, bool]], covered: bool
) -> None:
    """The oracle tries every way of dividing both parts over the courses."""
    rules = [cases.rule(f"课程{n}", amount, covers_flexible=c) for n, (amount, c) in enumerate(courses)]
    given_ = allot(
        Worth(core, flexible),
        rules,
        level=SkillLevel.INTERMEDIATE,
        policy=cases.policy(),
        flexible_covered=covered,
        replaced={},
    )
    best = 0
    for split in product(*(range(rule.credits + 1) for rule in rules)):
        takes = [
            min(part, flexible) if covered or rule.covers_flexible else 0
            for part, rule in zip(split, rules, strict=True)
        ]
        from_flexible = min(sum(takes), flexible)
        room = sum(rule.credits for rule in rules) - from_flexible
        best = max(best, from_flexible + min(core, room))
    assert given_.taken == best
    assert given_.taken + given_.left == core + flexible
    assert all(0 < share.credits <= share.rule.credits for share in given_.shares)
