"""A certificate is converted once: its credits move to courses, and no credit is made or lost."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.node.bank import deposited, open_account, step, submit
from tests.node.conftest import Served
from tests.node.published import publish, rule

MAJOR = "530701"
ORGANISATION = "北京鸿科经纬科技有限公司"


async def certified(served: Served, certificate: str, order: int = 1, **rest: Any) -> tuple[str, str]:
    """Return an account and a verified certificate of 8.0 credits on it."""
    account = (await open_account(served.officer, order))["account"]["id"]
    return account, await another(served, account, certificate, **rest)


async def another(served: Served, account: str, certificate: str, **rest: Any) -> str:
    facts = {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广（中级）",
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "credits": "8.0",
        "organisation": ORGANISATION,
    }
    return await deposited(served.officer, account, **{**facts, **rest})


async def convert(served: Served, outcome: str, key: str | None = None, major: str = MAJOR) -> dict[str, Any]:
    return await step(served.officer, "convertOutcome", outcome, key, major=major)


async def test_credits_move_to_the_courses_and_the_rest_stays(served: Served, certificate: str) -> None:
    await publish(served.officer, rule(certificate, "网店运营", "4.0"), rule(certificate, "网络营销", "2.0"))
    account, outcome = await certified(served, certificate)
    converted = await convert(served, outcome)
    assert [(entry["kind"], entry["credits"]) for entry in converted["entries"]] == [
        ("CONVERSION", "-6.0"),
        ("CONVERSION", "4.0"),
        ("CONVERSION", "2.0"),
    ]
    data = await served.officer.ask(
        """query($a: ID!, $o: ID!) {
          account(id: $a) { balance outcomes(filter: {kind: COURSE}, orderBy: CREDITS_DESC) {
            edges { node { title credits status derivedFrom { id } } } } }
          outcome(id: $o) { status usedBy { id kind } } }""",
        a=account,
        o=outcome,
    )
    assert data["account"]["balance"] == "8.0"
    assert [edge["node"] for edge in data["account"]["outcomes"]["edges"]] == [
        {"title": "网店运营", "credits": "4.0", "status": "VERIFIED", "derivedFrom": [{"id": outcome}]},
        {"title": "网络营销", "credits": "2.0", "status": "VERIFIED", "derivedFrom": [{"id": outcome}]},
    ]
    proof = converted["entries"][0]["id"]
    assert data["outcome"] == {"status": "VERIFIED", "usedBy": {"id": proof, "kind": "CONVERSION"}}
    again = await convert(served, outcome)
    assert again["code"] == "ALREADY_CONVERTED"
    assert proof in again["message"]


async def test_at_once_exactly_one_succeeds(served: Served, certificate: str) -> None:
    await publish(served.officer, rule(certificate, "网店运营", "8.0"))
    account, outcome = await certified(served, certificate)
    answers = await asyncio.gather(*(convert(served, outcome) for _ in range(16)))
    assert sorted(answer.get("code", "done") for answer in answers) == ["ALREADY_CONVERTED"] * 15 + ["done"]
    data = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { balance ledger { totalCount } } }", a=account
    )
    assert data["account"] == {"balance": "8.0", "ledger": {"totalCount": 3}}


async def test_one_course_is_replaced_by_one_certificate_only(served: Served, certificate: str) -> None:
    await publish(served.officer, rule(certificate, "网店运营", "4.0"))
    account, first = await certified(served, certificate)
    second = await another(served, account, certificate, issuedOn="2026-05-02")
    answers = await asyncio.gather(convert(served, first), convert(served, second))
    assert sorted(answer.get("code", "done") for answer in answers) == ["COURSE_ALREADY_REPLACED", "done"]


async def test_what_cannot_be_converted_says_why(sqlite_served: Served, certificate: str) -> None:
    served = sqlite_served
    account, outcome = await certified(served, certificate)
    assert (await convert(served, outcome))["code"] == "NO_RULE"
    assert (await convert(served, outcome, major="000000"))["code"] == "UNKNOWN_MAJOR"
    await publish(served.officer, rule(certificate, "网店运营", "4.0"))
    waiting = (await submit(served.officer, account, title="x"))["outcome"]["id"]
    assert (await convert(served, waiting))["code"] == "OUTCOME_STATUS"
    course = await deposited(served.officer, account, title="y")
    assert (await convert(served, course))["code"] == "NO_RULE"
    await step(served.officer, "freezeAccount", account, reason="r")
    assert (await convert(served, outcome))["code"] == "ACCOUNT_FROZEN"


async def test_revoking_a_converted_certificate_flags_its_courses(served: Served, certificate: str) -> None:
    await publish(served.officer, rule(certificate, "网店运营", "4.0"))
    account, outcome = await certified(served, certificate)
    courses = [entry["outcomeId"] for entry in (await convert(served, outcome))["entries"][1:]]
    revoked = await step(served.officer, "revokeOutcome", outcome, ground="FRAUD", reason="bought")
    assert revoked["flagged"] == courses
    data = await served.officer.ask("query($a: ID!) { account(id: $a) { balance } }", a=account)
    assert data["account"]["balance"] == "0.0"
