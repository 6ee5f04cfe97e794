"""An outcome is submitted, verified or rejected, perhaps revoked; the ledger follows and forgets nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.node.bank import close_case, deposited, new_key, open_account, step, submit
from tests.node.conftest import Served
from tests.node.published import register, retire, veto

LEDGER = """query($a: ID!) { ledger(account: $a, first: 50) {
  edges { node { kind credits balanceAfter outcomeId reverses } } }
  account(id: $a) { status balance barredUntil } }"""


async def account_of(served: Served, order: int = 1) -> str:
    account: str = (await open_account(served.officer, order))["account"]["id"]
    return account


async def entries(served: Served, account: str) -> list[tuple[str, str, str]]:
    data = await served.officer.ask(LEDGER, a=account)
    rows = [edge["node"] for edge in data["ledger"]["edges"]]
    return [(row["kind"], row["credits"], row["balanceAfter"]) for row in rows]


def x_certificate(code: str, **rest: Any) -> dict[str, Any]:
    return {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广（中级）",
        "certificate": code,
        "level": "INTERMEDIATE",
        "credits": "8.0",
        "organisation": "北京鸿科经纬科技有限公司",
        **rest,
    }


async def test_only_a_verified_outcome_is_deposited(served: Served, certificate: str) -> None:
    account = await account_of(served)
    submitted = await submit(served.officer, account, **x_certificate(certificate))
    outcome = submitted["outcome"]
    assert (outcome["status"], outcome["coreCredits"], outcome["flexibleCredits"]) == (
        "SUBMITTED",
        "5.6",
        "2.4",
    )
    assert await entries(served, account) == []
    verified = await step(served.officer, "verifyOutcome", outcome["id"])
    assert verified["outcome"]["account"]["balance"] == "8.0"
    assert await entries(served, account) == [("DEPOSIT", "8.0", "8.0")]
    again = await step(served.officer, "verifyOutcome", outcome["id"])
    assert again["code"] == "OUTCOME_STATUS"
    assert await entries(served, account) == [("DEPOSIT", "8.0", "8.0")]


async def test_the_certificate_is_the_catalogues(served: Served, certificate: str) -> None:
    account = await account_of(served)
    outcome = (await submit(served.officer, account, **x_certificate(certificate)))["outcome"]["id"]
    data = await served.officer.ask(
        "query($id: ID!) { outcome(id: $id) { certificate { code name } level region { code } } }", id=outcome
    )
    assert data["outcome"] == {
        "certificate": {"code": certificate, "name": "网店运营推广"},
        "level": "INTERMEDIATE",
        "region": {"code": "320000"},
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credits": "8.1"}, "CEILING_EXCEEDED"),
        ({"credits": "0.0"}, "MALFORMED_CREDITS"),
        ({"credits": "-1.0"}, "MALFORMED_CREDITS"),
        ({"certificate": "X0000000000"}, "UNKNOWN_CERTIFICATE"),
        ({"level": None}, "MALFORMED_INPUT"),
        ({"issuedOn": "2026-06-02"}, "MALFORMED_INPUT"),
        ({"examinedOn": "2026-05-02"}, "MALFORMED_INPUT"),
        ({"title": "  "}, "MALFORMED_INPUT"),
        ({"derivedFrom": ["320000-O-NOBODY_1"]}, "UNKNOWN_OUTCOME"),
        ({"kind": "COURSE"}, "MALFORMED_INPUT"),
    ],
)
async def test_wrong_facts_are_refused_and_nothing_is_kept(
    sqlite_served: Served, certificate: str, change: dict[str, Any], code: str
) -> None:
    served = sqlite_served
    account = await account_of(served)
    refused = await submit(served.officer, account, **{**x_certificate(certificate), **change})
    assert refused["code"] == code
    data = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { outcomes { totalCount } } }", a=account
    )
    assert data["account"]["outcomes"]["totalCount"] == 0


@pytest.mark.parametrize(("value", "told"), [(8, "8"), ("", '""'), ("8.05", '"8.05"')])
async def test_what_is_no_amount_of_credits_is_quoted_and_an_example_given(
    sqlite_served: Served, value: object, told: str
) -> None:
    given = {"kind": "COURSE", "title": "网络营销", "credits": value, "issuedOn": "2026-05-01"}
    mutation = """mutation($i: SubmitOutcomeInput!) {
      submitOutcome(account: "320000-A-1", input: $i, idempotencyKey: "k") { __typename }
    }"""
    (error,) = (await sqlite_served.officer.post(mutation, {"i": given}))["errors"]
    assert error["extensions"]["code"] == "MALFORMED_CREDITS"
    assert error["message"] == (
        f'{told} is not an amount of credits above zero; write a string such as "5.6".'
    )


async def test_an_outcome_is_submitted_once(served: Served, certificate: str) -> None:
    first, second = await account_of(served, 1), await account_of(served, 2)
    given = x_certificate(certificate, certificateNumber="No. 7")
    kept = await submit(served.officer, first, **given)
    for account, number in ((first, "No. 7"), (second, "no. 7 ")):
        again = await submit(served.officer, account, **{**given, "certificateNumber": number})
        assert again["code"] == "OUTCOME_EXISTS"
        assert kept["outcome"]["id"] in again["message"]
    await step(served.officer, "rejectOutcome", kept["outcome"]["id"], reason="unreadable")
    assert (await submit(served.officer, first, **given))["outcome"]["status"] == "SUBMITTED"


async def test_revoking_for_fraud_reverses_flags_opens_a_case_and_freezes(
    served: Served, certificate: str
) -> None:
    account = await account_of(served)
    served.clock.go_to(date(2026, 1, 10))
    source = await deposited(served.officer, account, **x_certificate(certificate, issuedOn="2026-01-05"))
    derived = await deposited(
        served.officer, account, title="直播", credits="1.0", issuedOn="2026-01-06", derivedFrom=[source]
    )
    further = await submit(
        served.officer, account, title="直播二", credits="1.0", issuedOn="2026-01-07", derivedFrom=[derived]
    )
    other = await deposited(served.officer, account, title="英语", issuedOn="2026-01-08")
    served.clock.go_to(date(2026, 5, 20))
    revoked = await step(served.officer, "revokeOutcome", source, ground="FRAUD", reason="bought")
    assert revoked["outcome"]["status"] == "REVOKED"
    (reversal,) = revoked["entries"]
    assert (reversal["kind"], reversal["credits"]) == ("REVERSAL", "-8.0")
    assert sorted(revoked["flagged"]) == sorted([derived, further["outcome"]["id"]])
    assert revoked["case"]["outcomeId"] == source
    assert await entries(served, account) == [
        ("DEPOSIT", "8.0", "8.0"),
        ("DEPOSIT", "1.0", "9.0"),
        ("DEPOSIT", "2.0", "11.0"),
        ("REVERSAL", "-8.0", "3.0"),
    ]
    data = await served.officer.ask(LEDGER, a=account)
    assert data["account"] == {"status": "FROZEN", "balance": "3.0", "barredUntil": "2027-05-20"}
    assert data["ledger"]["edges"][3]["node"]["outcomeId"] == source

    flags = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { outcomes(filter: {flagged: false}) { edges { node { id } } } } }",
        a=account,
    )
    assert [edge["node"]["id"] for edge in flags["account"]["outcomes"]["edges"]] == [source, other]
    cases = await served.officer.ask(
        '{ cases(region: "320000") { totalCount edges { node { status openedOn accountId reason } } } }'
    )
    assert cases["cases"]["edges"][0]["node"] == {
        "status": "OPEN",
        "openedOn": "2026-05-20",
        "accountId": account,
        "reason": "bought",
    }

    frozen = await submit(served.officer, account, title="x")
    assert frozen["code"] == "ACCOUNT_FROZEN"
    early = await step(served.officer, "unfreezeAccount", account, reason="fined")
    assert early["code"] == "CASE_OPEN"
    await close_case(served.officer, revoked["case"]["id"], "UPHELD")
    barred = await submit(served.officer, account, title="x")
    assert barred["code"] == "SUBMISSION_BARRED"
    assert "2027-05-20" in barred["message"]


async def test_revoking_an_error_leaves_the_account_as_it_is(served: Served) -> None:
    account = await account_of(served)
    outcome = await deposited(served.officer, account)
    revoked = await step(served.officer, "revokeOutcome", outcome, ground="ERROR", reason="typed twice")
    assert revoked["case"] is None
    assert revoked["outcome"]["account"] == {
        "id": account,
        "status": "OPEN",
        "balance": "0.0",
        "barredUntil": None,
    }
    history = await served.officer.ask(
        "query($id: ID!) { outcome(id: $id) { history { step on ground reason } } }", id=outcome
    )
    assert history["outcome"]["history"][-1] == {
        "step": "REVOKED",
        "on": "2026-06-01",
        "ground": "ERROR",
        "reason": "typed twice",
    }


@pytest.mark.parametrize("mutation", ["verifyOutcome", "rejectOutcome", "revokeOutcome"])
async def test_an_unknown_outcome_is_a_refusal(sqlite_served: Served, mutation: str) -> None:
    rest = {"rejectOutcome": {"reason": "r"}, "revokeOutcome": {"reason": "r", "ground": "ERROR"}}
    for identifier in ("320000-O-NOBODY_1", "nonsense", "320000-O-NOBODY_x", ""):
        answer = await step(sqlite_served.officer, mutation, identifier, new_key(), **rest.get(mutation, {}))
        assert answer["code"] == "UNKNOWN_OUTCOME"


async def test_what_a_veto_or_a_retirement_forbids_is_not_verified(served: Served, certificate: str) -> None:
    account = await account_of(served)
    await register(served.officer, certificate)
    await retire(served.officer, certificate, "2026-05-15")
    await veto(served.officer, "北京鸿科经纬科技有限公司", "2026-05-10")

    async def verified(**facts: str) -> str:
        submitted = await submit(served.officer, account, **x_certificate(certificate, **facts))
        answer = await step(served.officer, "verifyOutcome", submitted["outcome"]["id"])
        told: str = answer.get("code", "VERIFIED")
        return told

    assert await verified(issuedOn="2026-05-14", examinedOn="2026-05-09") == "VERIFIED"
    assert await verified(issuedOn="2026-05-13", examinedOn="2026-05-10") == "ISSUER_VETOED"
    assert await verified(issuedOn="2026-05-15", examinedOn="2026-05-09") == "STANDARD_RETIRED"
    assert await verified(issuedOn="2026-05-12", examinedOn="2026-05-01", standardVersion="9") == (
        "UNKNOWN_STANDARD"
    )
