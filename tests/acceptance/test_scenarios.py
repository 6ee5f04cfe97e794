"""The twelve scenarios of mutual recognition, asked at the gateway over real sockets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from edge.caller import Role
from tests.acceptance.history import ANALYSIS, BORDERS, LIVE, SHOPS
from tests.acceptance.world import REGIONS, TODAY, World


def certificate(code: str = SHOPS, level: str = "INTERMEDIATE", **days: str) -> dict[str, str]:
    return {"code": code, "level": level, **days}


def summary(decision: dict[str, Any]) -> tuple[str, str, list[str]]:
    return decision["decision"], decision["creditsRecognised"], [one["code"] for one in decision["reasons"]]


def recognise(
    world: World, one: str, other: str, token: str | None = None, /, **asked: Any
) -> dict[str, Any]:
    """Ask about 网店运营推广 INTERMEDIATE unless told otherwise; no ledger must change by it."""
    if "outcomeId" not in asked:
        asked.setdefault("certificate", certificate())
    before = world.books()
    decision = world.recognise(token, **{"from": one, "to": other, **asked})
    assert world.books() == before
    return decision


def test_1_courses_for_six_of_eight_credits(world: World) -> None:
    decision = recognise(world, "310000", "320000")
    assert summary(decision) == ("PARTIAL", "6.0", ["COURSES_INSUFFICIENT"])
    assert decision["creditsUnconverted"] == "2.0"
    assert decision["courses"] == [
        {"name": "网店运营", "credits": "4.0"},
        {"name": "网络营销", "credits": "2.0"},
    ]
    assert [one["kind"] for one in decision["inputs"]] == [
        "question",
        "agreement",
        "home-agreement",
        "home-facts",
        "standard",
        "own-standard",
        "framework",
        "rules",
        "policy",
        "holdings",
    ]


def test_2_an_agreement_that_covers_core_credits_only(world: World) -> None:
    core_only = recognise(world, "310000", "320000", certificate=certificate(BORDERS))
    assert summary(core_only) == ("PARTIAL", "5.6", ["FLEX_NOT_MAPPED"])
    assert core_only["creditsUnconverted"] == "2.4"
    assert "2.4" in core_only["reasons"][0]["message"]
    covered = recognise(world, "310000", "320000", certificate=certificate(LIVE))
    assert summary(covered) == ("RECOGNISED", "8.0", [])


@pytest.mark.parametrize(
    ("as_of", "answer"),
    [
        ("2026-04-05", ("REFUSED", "0.0", ["AGREEMENT_EXPIRED"])),
        ("2026-03-30", ("RECOGNISED", "8.0", [])),
        ("2026-03-31", ("RECOGNISED", "8.0", [])),
    ],
)
def test_3_the_last_day_of_an_agreement_counts(
    world: World, as_of: str, answer: tuple[str, str, list[str]]
) -> None:
    assert summary(recognise(world, "330000", "340000", asOf=as_of)) == answer


def test_4_an_unpaired_lookup_sends_no_request_at_all(world: World) -> None:
    before = world.asked()
    asked: dict[str, Any] = {"from": "440000", "to": "620000", "certificate": certificate()}
    decision = world.recognise(**asked)
    assert summary(decision) == ("REFUSED", "0.0", ["NO_AGREEMENT"])
    assert world.asked() == before
    assert recognise(world, "440000", "500000")["decision"] == "RECOGNISED"
    assert recognise(world, "500000", "620000")["decision"] != "UNDETERMINED"


@pytest.mark.parametrize(
    ("issued", "answer"),
    [
        ("2026-01-31", ("RECOGNISED", "8.0", [])),
        ("2026-02-01", ("REFUSED", "0.0", ["STANDARD_RETIRED"])),
    ],
)
def test_5_a_retired_standard_keeps_its_holders_rights(
    world: World, issued: str, answer: tuple[str, str, list[str]]
) -> None:
    asked = certificate(LIVE, "ADVANCED", issuedOn=issued)
    assert summary(recognise(world, "310000", "320000", certificate=asked)) == answer


@pytest.mark.parametrize(
    ("examined", "answer"),
    [
        ("2026-03-10", ("RECOGNISED", "8.0", [])),
        ("2026-04-20", ("REFERRED", "0.0", ["ISSUER_UNDER_REVIEW"])),
        ("2026-05-10", ("REFUSED", "0.0", ["ISSUER_VETOED"])),
    ],
)
def test_6_a_vetoed_organisation(world: World, examined: str, answer: tuple[str, str, list[str]]) -> None:
    asked = certificate(ANALYSIS, examinedOn=examined, issuedOn="2026-05-20")
    assert summary(recognise(world, "310000", "320000", certificate=asked)) == answer


def test_7_paired_assistance_goes_one_way(world: World) -> None:
    assert summary(recognise(world, "320000", "520000")) == ("RECOGNISED", "8.0", [])
    assert summary(recognise(world, "520000", "320000")) == ("REFUSED", "0.0", ["WRONG_DIRECTION"])


def test_8_levels_of_two_frameworks(world: World) -> None:
    to_chongqing = recognise(world, "440000", "500000")
    assert (to_chongqing["decision"], to_chongqing["level"]) == ("RECOGNISED", "4")
    to_guangdong = recognise(world, "500000", "440000")
    assert summary(to_guangdong) == ("REFERRED", "0.0", ["LEVEL_AMBIGUOUS"])
    assert (to_guangdong["level"], to_guangdong["levelCandidates"]) == (None, ["5", "6", "7"])
    unmapped = recognise(world, "440000", "500000", certificate=certificate(level="ELEMENTARY"))
    assert unmapped["decision"] == "REFUSED"
    assert "LEVEL_UNMAPPED" in summary(unmapped)[2]


def test_9_an_outcome_is_used_once(world: World) -> None:
    account, learner = world.open_account("320000", world.new_person())
    outcome = world.deposited(account)
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: world.convert(outcome), range(2)))
    assert sorted(answer["__typename"] for answer in answers) == ["OutcomeChanged", "Refusal"]
    [refused] = [answer for answer in answers if answer["__typename"] == "Refusal"]
    assert refused["code"] == "ALREADY_CONVERTED"
    [used] = [entry for entry in world.ledger(account) if entry["credits"] == "-6.0"]

    themselves = world.token(Role.LEARNER, learner_id=learner)
    decision = recognise(world, "320000", "310000", themselves, outcomeId=outcome)
    assert decision["decision"] == "REFUSED"
    [reason] = [one for one in decision["reasons"] if one["code"] == "ALREADY_CONVERTED"]
    assert used["id"] in reason["message"]


@pytest.mark.parametrize(
    ("used_tenths", "answer"),
    [
        (130, ("PARTIAL", "3.0", ["CAP_REACHED"])),
        (160, ("REFUSED", "0.0", ["CAP_REACHED"])),
        (80, ("RECOGNISED", "8.0", [])),
    ],
)
def test_10_the_yearly_ceiling_leaves_the_rest(
    world: World, used_tenths: int, answer: tuple[str, str, list[str]]
) -> None:
    person = world.new_person()
    there, learner = world.open_account("320000", person)
    world.award(there, used_tenths)
    home, same_learner = world.open_account("310000", person)
    assert same_learner == learner
    outcome = world.deposited(home, certificate=LIVE, title="直播电商", organisation="甲组织")

    themselves = world.token(Role.LEARNER, learner_id=learner)
    assert summary(recognise(world, "310000", "320000", themselves, outcomeId=outcome)) == answer


def test_11_revoked_for_fraud_after_it_was_recognised(world: World) -> None:
    world.clock.go_to(date(2026, 1, 15))
    account, learner = world.open_account("310000", world.new_person())
    outcome = world.deposited(account, certificate=LIVE, title="直播电商", organisation="甲组织")
    derived = world.deposited(
        account,
        kind="COURSE",
        title="直播实务",
        certificate=None,
        level=None,
        standardVersion=None,
        certificateNumber=None,
        credits="2.0",
        derivedFrom=[outcome],
    )
    world.clock.go_to(date(2026, 5, 10))
    revoked = world.done(
        "310000",
        "revokeOutcome",
        "... on OutcomeChanged { outcome { status } flagged case { status } }",
        id=("ID!", outcome),
        ground=("RevocationGround!", "FRAUD"),
        reason=("String!", "the certificate was forged"),
    )
    world.clock.go_to(TODAY)
    assert (revoked["outcome"]["status"], revoked["flagged"]) == ("REVOKED", [derived])
    assert revoked["case"]["status"] == "OPEN"

    themselves = world.token(Role.LEARNER, learner_id=learner)
    now = recognise(world, "310000", "320000", themselves, outcomeId=outcome)
    assert now["decision"] == "REFUSED"
    assert "REVOKED" in summary(now)[2]
    then = recognise(world, "310000", "320000", themselves, outcomeId=outcome, asOf="2026-02-15")
    assert summary(then) == ("RECOGNISED", "8.0", [])

    entries = [(entry["kind"], entry["credits"]) for entry in world.ledger(account)]
    assert entries == [("DEPOSIT", "8.0"), ("DEPOSIT", "2.0"), ("REVERSAL", "-8.0")]


def test_12_a_region_that_does_not_answer(world: World) -> None:
    account, _ = world.open_account("500000", world.new_person())
    submitted = world.submit(account)
    key = world.new_key()
    others = [region for region in REGIONS if region != "500000"]
    before = world.books(others)
    world.stop("500000")
    try:
        answer = world.post(
            """query($inputs: [RecognitionInput!]!) {
              mutualRecognitions(inputs: $inputs) { to decision reasons { code } }
            }""",
            {
                "inputs": [
                    {"from": "320000", "to": "310000", "certificate": certificate()},
                    {"from": "310000", "to": "320000", "certificate": certificate()},
                    {"from": "440000", "to": "500000", "certificate": certificate()},
                ]
            },
        )
        lost = world.post(
            "mutation($o: ID!, $k: String!) { verifyOutcome(id: $o, idempotencyKey: $k) { __typename } }",
            {"o": submitted, "k": key},
            world.officer("500000"),
        )
        assert world.books(others) == before
    finally:
        world.start("500000")

    to_shanghai, to_jiangsu, to_chongqing = answer["data"]["mutualRecognitions"]
    assert to_shanghai["decision"] != "UNDETERMINED"
    assert to_jiangsu["decision"] == "PARTIAL"
    assert to_chongqing["decision"] == "UNDETERMINED"
    assert to_chongqing["reasons"] == [{"code": "REGION_DID_NOT_ANSWER"}]
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "SHARD_UNREACHABLE"
    assert error["extensions"]["shard"] == "500000"
    assert answer["extensions"]["coverage"] == {
        "asked": 4,
        "answered": 3,
        "missing": [{"shard": "500000", "reason": "SHARD_UNREACHABLE", "path": ["mutualRecognitions", 2]}],
    }
    assert [one["extensions"]["code"] for one in lost["errors"]] == ["SHARD_UNREACHABLE"]

    assert world.ledger(account) == []
    for _ in range(2):
        assert world.verify(submitted, key)["outcome"]["status"] == "VERIFIED"
    assert [(entry["kind"], entry["credits"]) for entry in world.ledger(account)] == [("DEPOSIT", "8.0")]
