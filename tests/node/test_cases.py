"""A case of fraud keeps the account frozen until it is decided, and what is decided is kept."""

from __future__ import annotations

import pytest

from tests.node.bank import close_case, deposited, open_account, step, submit
from tests.node.conftest import Served
from tests.node.databases import REGION


async def accused(served: Served, *titles: str) -> tuple[str, list[str]]:
    """An account, and a case for each of its outcomes, all revoked for fraud."""
    account = (await open_account(served.officer))["account"]["id"]
    outcomes = [await deposited(served.officer, account, title=title) for title in titles]
    cases = [
        (await step(served.officer, "revokeOutcome", one, ground="FRAUD", reason="forged"))["case"]["id"]
        for one in outcomes
    ]
    return account, cases


@pytest.mark.parametrize(("finding", "bar"), [("UPHELD", "2027-06-01"), ("DISMISSED", None)])
async def test_deciding_a_case_opens_the_account_again(served: Served, finding: str, bar: str | None) -> None:
    account, (case,) = await accused(served, "网络营销")
    refused = await step(served.officer, "unfreezeAccount", account, reason="a friend asked")
    assert refused["code"] == "CASE_OPEN"
    closed = await close_case(served.officer, case, finding)
    assert closed["case"] == {
        "id": case,
        "status": "CLOSED",
        "finding": finding,
        "findingReason": "as heard",
        "closedOn": "2026-06-01",
    }
    assert closed["account"] == {"status": "OPEN", "barredUntil": bar}
    handed_in = await submit(served.officer, account, title="数学")
    assert handed_in.get("code") == (None if bar is None else "SUBMISSION_BARRED")
    again = await close_case(served.officer, case, "UPHELD")
    assert again["code"] == "CASE_CLOSED"


async def test_another_open_case_keeps_the_account_as_it_is(served: Served) -> None:
    _, (first, second) = await accused(served, "网络营销", "网店运营")
    assert (await close_case(served.officer, first, "DISMISSED"))["account"] == {
        "status": "FROZEN",
        "barredUntil": "2027-06-01",
    }
    assert (await close_case(served.officer, second, "DISMISSED"))["account"] == {
        "status": "OPEN",
        "barredUntil": None,
    }
    data = await served.officer.ask(
        "query($r: ID!) { cases(region: $r, filter: {status: CLOSED}) { edges { node { id finding } } } }",
        r=REGION,
    )
    assert {edge["node"]["id"] for edge in data["cases"]["edges"]} == {first, second}


async def test_a_case_that_is_not_here_is_said_to_be_so(sqlite_served: Served) -> None:
    assert (await close_case(sqlite_served.officer, f"{REGION}-C-NOBODY_1", "UPHELD"))[
        "code"
    ] == "UNKNOWN_CASE"
