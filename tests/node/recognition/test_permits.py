"""Who may ask what of recognition, and what is said to questions that make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from edge.caller import Role
from region_node.graph.recognition import INPUTS_LIMIT
from region_node.graph.schema import SCHEMA
from tests.node.conftest import Asker
from tests.node.databases import REGION
from tests.node.published import SHANGHAI, assessments, codes, end, recognise, standings
from tests.node.recognition.conftest import Ready

ASSESS = """query($i: [AssessmentInput!]!) {
  assessments(region: "320000", inputs: $i) { decision reasons { code message } missingForFull } }"""


def askers(ready: Ready) -> dict[str, Asker]:
    served = ready.served
    return {
        "portal": served.portal,
        "the learner": served.learner(ready.learner),
        "another learner": served.learner("L-OTHER"),
        "own officer": served.officer,
        "own auditor": served.asker(Role.AUDITOR, region=REGION),
        "officer of the other side": served.asker(Role.OFFICER, region=SHANGHAI),
        "officer of a third region": served.asker(Role.OFFICER, region="440000"),
        "public": served.public,
    }


async def test_an_outcome_s_standing_is_for_those_who_may_read_it(sqlite_ready: Ready) -> None:
    outcome = await sqlite_ready.outcome()
    permitted = {
        name: (await standings(asker, {"outcomeId": outcome}))[0]["permitted"]
        for name, asker in askers(sqlite_ready).items()
    }
    assert permitted == {
        "portal": True,
        "the learner": True,
        "another learner": False,
        "own officer": True,
        "own auditor": True,
        "officer of the other side": True,
        "officer of a third region": False,
        "public": False,
    }


async def test_who_may_not_ask_learns_nothing(sqlite_ready: Ready) -> None:
    outcome = await sqlite_ready.outcome()
    there, nowhere = await standings(
        sqlite_ready.served.public, {"outcomeId": outcome}, {"outcomeId": "320000-O-none_1"}
    )
    assert {name: value for name, value in there.items() if value not in (None, False)} == {
        "asOf": "2026-06-01",
        "outcomeId": outcome,
    }
    assert {**there, "outcomeId": None} == {**nowhere, "outcomeId": None}


async def test_the_other_side_s_officer_may_ask_only_while_an_agreement_is_in_force(
    sqlite_ready: Ready,
) -> None:
    outcome = await sqlite_ready.outcome()
    officer = sqlite_ready.served.asker(Role.OFFICER, region=SHANGHAI)
    assert (await standings(officer, {"outcomeId": outcome}))[0]["permitted"]
    await end(sqlite_ready.served.officer, sqlite_ready.agreement, "2026-05-31")
    assert not (await standings(officer, {"outcomeId": outcome}))[0]["permitted"]
    assert not (await standings(officer, {"outcomeId": outcome, "asOf": "2026-05-31"}))[0]["permitted"]


async def test_a_decision_about_a_learner_is_for_those_who_may_ask(sqlite_ready: Ready) -> None:
    outcome = await sqlite_ready.outcome()
    (standing,) = await standings(sqlite_ready.served.portal, {"outcomeId": outcome})
    question = {"outcomeId": outcome, "major": "530701", "standing": standing}
    decided = {name: (await assessments(asker, question))[0] for name, asker in askers(sqlite_ready).items()}
    refused = ("another learner", "officer of a third region", "public")
    for name, decision in decided.items():
        if name in refused:
            assert (decision["decision"], codes(decision)) == ("UNDETERMINED", ["NOT_PERMITTED"])
            assert decision["creditsUnconverted"] == "0.0"
        else:
            assert decision["decision"] == "RECOGNISED"


async def test_silence_of_the_home_region_is_undetermined(sqlite_ready: Ready) -> None:
    (decision,) = await assessments(sqlite_ready.served.public, {**sqlite_ready.asked(), "standing": None})
    assert (decision["decision"], codes(decision)) == ("UNDETERMINED", ["REGION_DID_NOT_ANSWER"])
    third = {**sqlite_ready.asked(), "standing": None, "from": "440000"}
    (unpaired,) = await assessments(sqlite_ready.served.public, third)
    assert (unpaired["decision"], codes(unpaired)) == ("REFUSED", ["NO_AGREEMENT", "REGION_DID_NOT_ANSWER"])


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ({}, "EITHER_OUTCOME_OR_CERTIFICATE"),
        (
            {"outcomeId": "320000-O-X_1", "certificate": {"code": "X", "level": "ADVANCED"}},
            "EITHER_OUTCOME_OR_CERTIFICATE",
        ),
        ({"outcomeId": "310000-O-X_1"}, "OUTCOME_OF_OTHER_REGION"),
        ({"outcomeId": "nonsense"}, "OUTCOME_OF_OTHER_REGION"),
    ],
)
async def test_a_malformed_question_is_undetermined_and_harms_no_other(
    sqlite_ready: Ready, question: dict[str, Any], detail: str
) -> None:
    malformed, sound = await standings(sqlite_ready.served.portal, question, sqlite_ready.asked())
    assert malformed["malformed"] == detail
    assert sound["found"]
    (decision,) = await assessments(sqlite_ready.served.portal, {**question, "standing": malformed})
    assert (decision["decision"], codes(decision)) == ("UNDETERMINED", ["MALFORMED_INPUT"])


@pytest.mark.parametrize(
    "change",
    [
        {"asOf": "2026-05-31"},
        {"outcomeId": "320000-O-OTHER_1"},
        {"learnerId": None},
        {"coreCredits": "8.0"},
        {"credits": "-8.0", "coreCredits": "-5.6", "flexibleCredits": "-2.4"},
    ],
)
async def test_facts_that_contradict_the_question_decide_nothing(
    sqlite_ready: Ready, change: dict[str, Any]
) -> None:
    outcome = await sqlite_ready.outcome()
    portal = sqlite_ready.served.portal
    (standing,) = await standings(portal, {"outcomeId": outcome})
    question = {"outcomeId": outcome, "asOf": "2026-06-01", "standing": {**standing, **change}}
    (decision,) = await assessments(portal, question)
    assert (decision["decision"], codes(decision)) == ("UNDETERMINED", ["MALFORMED_INPUT"])


async def test_an_unknown_certificate_and_an_unknown_outcome_are_refused(sqlite_ready: Ready) -> None:
    portal = sqlite_ready.served.portal
    certificate = await recognise(portal, certificate={"code": "X0", "level": "ADVANCED"})
    assert (certificate["decision"], codes(certificate)) == ("REFUSED", ["UNKNOWN_CERTIFICATE"])
    outcome = await recognise(portal, outcomeId="320000-O-none_1")
    assert (outcome["decision"], codes(outcome)) == ("REFUSED", ["UNKNOWN_OUTCOME"])
    unregistered = await recognise(
        portal, certificate={"code": sqlite_ready.certificate, "level": "ADVANCED"}
    )
    assert codes(unregistered) == ["UNKNOWN_STANDARD"]


async def test_more_inputs_than_the_limit_are_refused_before_any_is_read(sqlite_ready: Ready) -> None:
    inputs = [{**sqlite_ready.asked(), "from": SHANGHAI}] * (INPUTS_LIMIT + 1)
    (error,) = await sqlite_ready.served.public.refused(ASSESS, i=inputs)
    assert error["extensions"]["code"] == "TOO_MANY_INPUTS"
    assert "501" in error["message"]
    (error,) = await sqlite_ready.served.public.refused(
        'query($i: [StandingInput!]!) { standings(region: "310000", inputs: $i) { found } }', i=[]
    )
    assert error["extensions"]["code"] == "UNKNOWN_REGION"


async def test_reasons_and_remedies_are_said_in_the_reader_s_language(sqlite_ready: Ready) -> None:
    inputs = [{**sqlite_ready.asked(), "from": "440000"}]
    body = await sqlite_ready.served.public.post(ASSESS, {"i": inputs}, accept_language="zh-CN")
    (decision,) = body["data"]["assessments"]
    assert decision["reasons"][0]["code"] == "NO_AGREEMENT"
    assert "没有直接的互认协议" in decision["reasons"][0]["message"]
    assert decision["missingForFull"][0] == "440000 与 320000 之间于 2026-06-01 有效的协议"


def test_a_standing_is_handed_on_in_the_form_it_was_given() -> None:
    types = SCHEMA._schema.type_map
    given, taken = types["Standing"].fields, types["StandingFacts"].fields  # type: ignore[attr-defined]
    about_the_facts = {"statedAt", "signature"}
    assert {name: str(field.type) for name, field in given.items() if name not in about_the_facts} == {
        name: str(field.type) for name, field in taken.items()
    }
