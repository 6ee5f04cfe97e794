"""Recognition's two waves: who is asked, how often, and what silence does to a decision."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, is_non_null_type
from hypothesis import given
from hypothesis import strategies as st

from edge.caller import PUBLIC, Caller, Role
from gateway.national.pairings import Pairings
from gateway.national.questions import CertificateAsked, Ground, Question
from gateway.national.recognition import QUESTIONS_LIMIT, Answer, Asking, Recognition
from gateway.national.wire import REQUIRED, STANDING_FIELDS
from region_node.graph import schema as region
from schema.agreements import OutcomeKind, ScopeItem, SkillLevel
from schema.codes import Decision, ReasonCode
from tests.gateway.simulated import (
    CERTIFICATE,
    NOW,
    PAIRINGS,
    PORTAL,
    REGIONS,
    TODAY,
    SimulatedRegions,
    agreement,
)


def ground() -> Ground:
    return Ground(
        frozenset(REGIONS), PAIRINGS, lambda code: code == CERTIFICATE.code, lambda code: code == "530701"
    )


async def decide(
    questions: list[Question], regions: SimulatedRegions, caller: Caller = PORTAL
) -> list[Answer]:
    deadline = asyncio.get_running_loop().time() + 30
    recognition = Recognition(ground, regions, lambda: NOW)
    return await recognition.answer(questions, Asking(caller, "en", deadline))


def question(one: str, other: str, **given: Any) -> Question:
    return Question(one, other, **{"as_of": TODAY, "certificate": CERTIFICATE, **given})


def codes(answer: Answer) -> list[ReasonCode]:
    return [reason.code for reason in answer.decision.reasons]


@pytest.mark.parametrize(
    ("asked", "decision", "reasons"),
    [
        (question("440000", "620000"), Decision.REFUSED, [ReasonCode.NO_AGREEMENT]),
        (question("310000", "440000"), Decision.REFUSED, [ReasonCode.AGREEMENT_EXPIRED]),
        (question("520000", "320000"), Decision.REFUSED, [ReasonCode.WRONG_DIRECTION]),
        (question("310000", "310000"), Decision.REFUSED, [ReasonCode.SAME_REGION]),
        (question("999999", "abc"), Decision.REFUSED, [ReasonCode.UNKNOWN_REGION] * 2),
        (
            question("310000", "320000", certificate=CertificateAsked("X9", SkillLevel.ADVANCED)),
            Decision.REFUSED,
            [ReasonCode.UNKNOWN_CERTIFICATE],
        ),
        (
            question("310000", "320000", as_of=date(2025, 12, 31)),
            Decision.REFUSED,
            [ReasonCode.AGREEMENT_NOT_YET_IN_FORCE],
        ),
        (
            question("310000", "320000", certificate=None),
            Decision.UNDETERMINED,
            [ReasonCode.MALFORMED_INPUT],
        ),
        (
            question("310000", "320000", outcome_id="310000-O-1"),
            Decision.UNDETERMINED,
            [ReasonCode.MALFORMED_INPUT],
        ),
        (
            question("310000", "320000", certificate=None, outcome_id="440000-O-1", major="no major"),
            Decision.UNDETERMINED,
            [ReasonCode.MALFORMED_INPUT] * 2,
        ),
    ],
)
async def test_what_is_published_answers_without_a_request(
    asked: Question, decision: Decision, reasons: list[ReasonCode]
) -> None:
    regions = SimulatedRegions()
    [answer] = await decide([asked], regions)
    assert (answer.decision.decision, codes(answer)) == (decision, reasons)
    assert all("?" not in reason.message for reason in answer.decision.reasons)
    assert answer.decision.missing_for_full
    assert not any("{" in one or "?" in one for one in answer.decision.missing_for_full)
    assert regions.asked == []


async def test_the_last_day_of_an_agreement_counts() -> None:
    asked = question("310000", "440000", as_of=date(2026, 3, 31))
    [answer] = await decide([asked], SimulatedRegions())
    assert answer.decision.decision is Decision.RECOGNISED


@pytest.mark.parametrize(
    ("caller", "may_ask"),
    [
        (PUBLIC, False),
        (PORTAL, True),
        (Caller(Role.LEARNER, "l", learner_id="L-1"), True),
        (Caller(Role.OFFICER, "o", region="310000"), True),
        (Caller(Role.OFFICER, "o", region="320000"), True),
        (Caller(Role.OFFICER, "o", region="440000"), False),
        (Caller(Role.AUDITOR, "a", region="440000"), False),
    ],
)
async def test_a_learners_outcome_is_not_asked_about_for_everybody(caller: Caller, may_ask: bool) -> None:
    regions = SimulatedRegions()
    asked = question("310000", "320000", certificate=None, outcome_id="310000-O-1")
    [answer] = await decide([asked], regions, caller)
    if may_ask:
        assert answer.decision.decision is Decision.RECOGNISED
    else:
        assert answer.decision.decision is Decision.UNDETERMINED
        assert codes(answer) == [ReasonCode.NOT_PERMITTED]
        assert regions.asked == []


async def test_what_the_home_region_may_not_tell_is_not_passed_on() -> None:
    regions = SimulatedRegions(facts={"permitted": False, "found": False})
    asked = question("310000", "320000", certificate=None, outcome_id="310000-O-1")
    [answer] = await decide([asked], regions)
    assert codes(answer) == [ReasonCode.NOT_PERMITTED]
    assert regions.asked == [("standings", "310000")]


async def test_an_outcome_that_turns_out_to_be_out_of_scope_goes_no_further() -> None:
    narrow = Pairings([agreement("310000", "320000", None, ScopeItem(kinds=(OutcomeKind.COURSE,)))])
    regions = SimulatedRegions()
    deadline = asyncio.get_running_loop().time() + 30
    recognition = Recognition(
        lambda: Ground(frozenset(REGIONS), narrow, lambda _: True, lambda _: True), regions, lambda: NOW
    )
    asked = question("310000", "320000", certificate=None, outcome_id="310000-O-1")
    [answer] = await recognition.answer([asked], Asking(PORTAL, "en", deadline))
    assert codes(answer) == [ReasonCode.OUT_OF_SCOPE]
    assert regions.asked == [("standings", "310000")]


async def test_a_home_region_that_is_silent_leaves_it_undetermined_and_the_other_unasked() -> None:
    regions = SimulatedRegions(silent=["440000"])
    answers = await decide([question("440000", "500000"), question("310000", "320000")], regions)
    assert [answer.decision.decision for answer in answers] == [Decision.UNDETERMINED, Decision.RECOGNISED]
    assert codes(answers[0]) == [ReasonCode.REGION_DID_NOT_ANSWER]
    assert answers[0].silent is not None
    assert answers[0].silent.region == "440000"
    assert ("assessments", "500000") not in regions.asked


async def test_a_deciding_region_that_is_silent_leaves_it_undetermined() -> None:
    [answer] = await decide([question("440000", "500000")], SimulatedRegions(silent=["500000"]))
    assert answer.decision.decision is Decision.UNDETERMINED
    assert answer.silent is not None
    assert answer.silent.code == "SHARD_TIMEOUT"


@pytest.mark.parametrize(
    "nonsense", [None, [], {}, [1], [{}], ["x", "y"], [{"permitted": True, "found": True, "level": "TOP"}]]
)
@pytest.mark.parametrize("region", ["440000", "500000"])
async def test_an_answer_of_the_wrong_shape_is_no_answer(region: str, nonsense: Any) -> None:
    [answer] = await decide([question("440000", "500000")], SimulatedRegions(nonsense={region: nonsense}))
    assert answer.decision.decision is Decision.UNDETERMINED
    assert answer.silent is not None
    assert answer.silent.code == "SHARD_INVALID_REPLY"
    assert answer.silent.region == region


@pytest.mark.parametrize(
    "slip",
    [
        {"credits": 8},
        {"credits": "eight"},
        {"level": "TOP"},
        {"status": "MAYBE"},
        {"asOf": "June"},
        {"accountFrozen": None},
        {"agreementVersion": "1"},
        {"organisation": "x" * 3000},
    ],
)
async def test_one_regions_slip_does_not_spoil_anothers_questions(slip: dict[str, Any]) -> None:
    regions = SimulatedRegions(slips={"310000": slip})
    narrow = Pairings([agreement("310000", "320000"), agreement("440000", "320000")])
    ground = Ground(frozenset(REGIONS), narrow, lambda _: True, lambda _: True)
    deadline = asyncio.get_running_loop().time() + 30
    questions = [question("310000", "320000"), question("440000", "320000")]
    recognition = Recognition(lambda: ground, regions, lambda: NOW)
    bad, good = await recognition.answer(questions, Asking(PORTAL, "en", deadline))
    assert (bad.decision.decision, good.decision.decision) == (Decision.UNDETERMINED, Decision.RECOGNISED)
    assert bad.silent is not None
    assert bad.silent.code == "SHARD_INVALID_REPLY"


async def test_facts_nobody_asked_for_are_not_passed_on() -> None:
    regions = SimulatedRegions(facts={"citizenNumber": "secret"})
    [answer] = await decide([question("310000", "320000")], regions)
    assert answer.decision.decision is Decision.RECOGNISED
    assert all("citizenNumber" not in one.get("standing", {}) for one in regions.heard)


def test_the_facts_asked_for_are_those_of_the_contract() -> None:
    types = region.SCHEMA._schema.type_map
    for name in ("Standing", "StandingFacts"):
        type_ = types[name]
        assert isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
        facts = {field: one for field, one in type_.fields.items() if field not in ("statedAt", "signature")}
        assert set(facts) == set(STANDING_FIELDS)
        required = {field for field, one in facts.items() if is_non_null_type(one.type)}
        assert required == set(REQUIRED)


async def test_five_hundred_questions_ask_each_region_once_a_wave() -> None:
    pairs = [(one, other) for one in REGIONS for other in REGIONS]
    questions = [question(*pairs[index % len(pairs)]) for index in range(QUESTIONS_LIMIT)]
    regions = SimulatedRegions()
    answers = await decide(questions, regions)
    assert len(answers) == QUESTIONS_LIMIT
    assert set(Counter(regions.asked).values()) == {1}
    assert ("assessments", "320000") in regions.asked


async def test_an_earlier_instant_is_asked_of_both_sides_and_only_then() -> None:
    """A node of an older contract knows nothing of it: it is not to stumble over what nobody asked."""
    instant = datetime(2026, 5, 1, tzinfo=UTC)
    now, then = SimulatedRegions(), SimulatedRegions()
    await decide([question("310000", "320000")], now)
    [answer] = await decide([question("310000", "320000", known_at=instant)], then)
    assert [one.get("knownAt") for one in then.heard] == [instant.isoformat()] * 2
    assert not any("knownAt" in one for one in now.heard)
    assert answer.decision.known_at == instant


async def test_a_decision_by_what_is_known_now_is_no_answer_about_an_earlier_instant() -> None:
    class Forgetful(SimulatedRegions):
        def _decision(self, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
            return {**super()._decision(region, asked), "knownAt": None}

    asked = question("310000", "320000", known_at=datetime(2026, 5, 1, tzinfo=UTC))
    [answer] = await decide([asked], Forgetful())
    assert answer.decision.decision is Decision.UNDETERMINED
    assert answer.silent is not None
    assert answer.silent.code == "SHARD_INVALID_REPLY"


async def test_more_than_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="501"):
        await decide([question("310000", "320000")] * (QUESTIONS_LIMIT + 1), SimulatedRegions())


asked_questions = st.lists(
    st.builds(
        question,
        st.sampled_from((*REGIONS, "999999")),
        st.sampled_from((*REGIONS, "")),
        as_of=st.dates(date(2025, 12, 1), date(2026, 7, 1)),
        certificate=st.sampled_from((CERTIFICATE, None)),
        outcome_id=st.sampled_from((None, "310000-O-1", "440000-O-1", "nonsense")),
    ),
    max_size=12,
)


@given(questions=asked_questions, silent=st.sets(st.sampled_from(REGIONS), max_size=3))
def test_any_batch_is_answered_in_order_and_asks_only_who_is_paired(
    questions: list[Question], silent: set[str]
) -> None:
    regions = SimulatedRegions(silent=silent)
    answers = asyncio.run(decide(questions, regions))

    assert [(answer.decision.from_region, answer.decision.to_region) for answer in answers] == [
        (asked.from_region, asked.to_region) for asked in questions
    ]
    assert all(count == 1 for count in Counter(regions.asked).values())
    carried = {
        (asked.from_region, asked.to_region)
        for asked in questions
        if PAIRINGS.choose(asked.from_region, asked.to_region, asked.as_of)[1] is None
    }
    assert {region for root, region in regions.asked if root == "standings"} <= {one for one, _ in carried}
    assert {region for root, region in regions.asked if root == "assessments"} <= {
        other for _, other in carried
    }
    for asked, answer in zip(questions, answers, strict=True):
        alone = asyncio.run(decide([asked], SimulatedRegions(silent=silent)))[0]
        assert answer.decision == alone.decision
        touched = {asked.from_region, asked.to_region} & silent
        assert (answer.silent is not None) <= bool(touched)
        if answer.decision.decision is Decision.RECOGNISED:
            assert not touched
