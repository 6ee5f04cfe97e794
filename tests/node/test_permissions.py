"""Who may ask what, enforced at the node itself."""

from __future__ import annotations

from typing import Any

import pytest

from edge.caller import Role
from tests.node.bank import deposited, open_account, submit
from tests.node.conftest import Asker, Served

OUTCOME = "query($o: ID!) { outcome(id: $o) { id } }"
ACCOUNT = "query($a: ID!) { account(id: $a) { id } }"
LEARNER = "query($l: ID!) { learner(id: $l) { id } }"
LEDGER = "query($a: ID!) { ledger(account: $a) { totalCount } }"
ENTRY = "query($e: ID!) { ledgerEntry(id: $e) { id } }"
ACCOUNTS = '{ accounts(region: "320000") { totalCount } }'
CASES = '{ cases(region: "320000") { totalCount } }'
ALL = "{ outcomes { totalCount } }"
OWN = "query($l: ID!) { outcomes(filter: {learner: $l}) { totalCount } }"
OF_REGION = '{ region(code: "320000") { accounts { totalCount } } }'

RECORDS = {OUTCOME, ACCOUNT, LEARNER, LEDGER, ENTRY, OWN}
LISTS = {ACCOUNTS, CASES, ALL, OF_REGION}

ALLOWED: dict[str, set[str]] = {
    "public": set(),
    "the learner": RECORDS,
    "another learner": set(),
    "portal": RECORDS,
    "officer here": RECORDS | LISTS,
    "officer elsewhere": set(),
    "auditor here": RECORDS | LISTS,
    "auditor elsewhere": set(),
}


def asker(served: Served, who: str, learner: str) -> Asker:
    askers = {
        "public": served.public,
        "the learner": served.learner(learner),
        "another learner": served.learner("L-OTHER"),
        "portal": served.portal,
        "officer here": served.officer,
        "officer elsewhere": served.asker(Role.OFFICER, region="310000"),
        "auditor here": served.asker(Role.AUDITOR, region="320000"),
        "auditor elsewhere": served.asker(Role.AUDITOR, region="310000"),
    }
    return askers[who]


@pytest.mark.parametrize("who", sorted(ALLOWED))
async def test_who_may_read_what(sqlite_served: Served, who: str) -> None:
    served = sqlite_served
    opened = (await open_account(served.officer))["account"]
    outcome = await deposited(served.officer, opened["id"])
    given = {
        "a": opened["id"],
        "o": outcome,
        "l": opened["learner"]["id"],
        "e": outcome.replace("-O-", "-E-"),
    }
    allowed = set()
    for query in sorted(RECORDS | LISTS):
        variables = {name: value for name, value in given.items() if f"${name}:" in query}
        body = await asker(served, who, opened["learner"]["id"]).post(query, variables)
        if "errors" in body:
            code = "UNAUTHENTICATED" if who == "public" else "FORBIDDEN"
            assert {error["extensions"]["code"] for error in body["errors"]} == {code}
        else:
            allowed.add(query)
    assert allowed == ALLOWED[who]


async def test_sums_and_the_catalogue_are_public(sqlite_served: Served) -> None:
    data = await sqlite_served.public.ask(
        '{ statistics { accounts } region(code: "320000") { code catalogueHash contractVersion } }'
    )
    assert data["statistics"] == {"accounts": 0}
    assert len(data["region"]["catalogueHash"]) == 64


async def test_a_learner_hands_in_for_themselves(sqlite_served: Served) -> None:
    opened = (await open_account(sqlite_served.officer))["account"]
    learner = sqlite_served.learner(opened["learner"]["id"])
    assert (await submit(learner, opened["id"]))["outcome"]["status"] == "SUBMITTED"
    stranger = sqlite_served.learner("L-OTHER")
    assert (await submit(stranger, opened["id"]))["code"] == "NOT_PERMITTED"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ account(id: "320000-A-NOBODY") { id } }', "UNKNOWN_ACCOUNT"),
        ('{ outcome(id: "nonsense") { id } }', "UNKNOWN_OUTCOME"),
        ('{ ledger(account: "320000-A-NOBODY") { totalCount } }', "UNKNOWN_ACCOUNT"),
        ('{ accounts(region: "310000") { totalCount } }', "UNKNOWN_REGION"),
        ('{ region(code: "310000") { code } }', "UNKNOWN_REGION"),
    ],
)
async def test_what_is_unknown_is_said_in_the_readers_language(
    sqlite_served: Served, query: str, code: str
) -> None:
    (english,) = (await sqlite_served.officer.post(query))["errors"]
    (chinese,) = (await sqlite_served.officer.post(query, accept_language="zh-CN"))["errors"]
    assert english["extensions"]["code"] == chinese["extensions"]["code"] == code
    assert english["path"]
    assert english["message"].isascii()
    assert not chinese["message"].isascii()


async def test_a_refusal_is_said_in_the_readers_language(sqlite_served: Served) -> None:
    query = """mutation { verifyOutcome(id: "320000-O-X_1", idempotencyKey: "1") {
      ... on Refusal { code message } } }"""
    body: dict[str, Any] = await sqlite_served.officer.post(query, accept_language="zh")
    assert body["data"]["verifyOutcome"] == {
        "code": "UNKNOWN_OUTCOME",
        "message": "本行没有学习成果 320000-O-X_1。",
    }


@pytest.mark.parametrize("given", ['"5.67"', '"five"', "5.6", '""', '"1e3"'])
async def test_a_malformed_amount_is_a_clear_error(sqlite_served: Served, given: str) -> None:
    errors = await sqlite_served.officer.refused(
        'mutation { submitOutcome(account: "320000-A-X", idempotencyKey: "1", input:'
        f' {{kind: COURSE, title: "t", credits: {given}, issuedOn: "2026-01-01"}}) {{ __typename }} }}'
    )
    assert "credits" in errors[0]["message"]
    (error,) = await sqlite_served.officer.refused(
        'mutation { submitOutcome(account: "320000-A-X", idempotencyKey: "1", input:'
        ' {kind: COURSE, title: "t", credits: "1.0", issuedOn: "2026-02-30"}) { __typename } }'
    )
    assert "2026-02-30" in error["message"]


async def test_lists_over_regions_pass_over_other_regions_in_silence(sqlite_served: Served) -> None:
    opened = (await open_account(sqlite_served.officer))["account"]
    await deposited(sqlite_served.officer, opened["id"])
    query = """query($r: [ID!]) { statistics(regions: $r) { accounts credits meanCreditsPerAccount }
      outcomes(regions: $r) { totalCount } }"""
    for regions, accounts, total in ((None, 1, 1), (["310000", "320000"], 1, 1), (["310000"], None, None)):
        data = await sqlite_served.officer.ask(query, r=regions)
        shown = data["statistics"]
        assert (shown and shown["accounts"]) == accounts
        assert data["outcomes"]["totalCount"] == total
