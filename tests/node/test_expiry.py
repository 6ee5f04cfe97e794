"""Credits whose last day is over leave by an entry that is true from the day after, whenever it is posted."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from region_node import app
from region_node.domain.audit import Fault
from region_node.domain.expiry import last_day
from region_node.domain.policy import Policy
from region_node.service import expiry
from region_node.service.expiry import expire_due, keep_expiring
from tests.node.bank import deposited, open_account, step, submit
from tests.node.conftest import Asker, Served
from tests.node.published import agree, publish, recognise, register, rule, set_policy

MAJOR = "530701"
OUTCOME = "query($id: ID!) { outcome(id: $id) { status validTo expired usedBy { kind credits } } }"
ACCOUNT = """query($id: ID!, $day: Date) { account(id: $id) { balance state(asOf: $day) { balance }
  ledger { edges { node { kind credits postedOn outcomeId } } } } }"""


@pytest.mark.parametrize(
    ("issued_on", "years", "last"),
    [
        (date(2026, 3, 20), 2, date(2028, 3, 19)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
        (date(2026, 3, 20), None, None),
        (date(2026, 3, 20), 8_000, None),
    ],
)
def test_the_last_day(issued_on: date, years: int | None, last: date | None) -> None:
    assert last_day(issued_on, years) == last


def test_a_policy_that_says_nothing_of_it_has_the_hash_it_always_had() -> None:
    said = Policy(1, date(2026, 1, 1), validity_years=7).plain()
    assert Policy(1, date(2026, 1, 1)).plain() == {
        name: value for name, value in said.items() if name != "validityYears"
    }


def certified(certificate: str) -> dict[str, Any]:
    """Where credits stay for two years, to 19 March 2028."""
    return {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广",
        "credits": "8.0",
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "issuedOn": "2026-03-20",
    }


async def account_of(served: Served, number: int = 1) -> str:
    opened = await open_account(served.officer, number)
    identifier: str = opened["account"]["id"]
    return identifier


async def entries(asker: Asker, account: str) -> list[tuple[str, str, str]]:
    edges = (await asker.ask(ACCOUNT, id=account))["account"]["ledger"]["edges"]
    return [(one["node"]["kind"], one["node"]["credits"], one["node"]["postedOn"]) for one in edges]


async def balance(asker: Asker, account: str, day: str) -> tuple[str, str]:
    """What it is now, and what it was on a day."""
    found = (await asker.ask(ACCOUNT, id=account, day=day))["account"]
    return found["balance"], found["state"]["balance"]


async def test_what_was_never_used(served: Served, certificate: str) -> None:
    officer, bank = served.officer, served.node.bank
    assert (await set_policy(officer, validityYears=2))["policy"]["version"] == 1
    account = await account_of(served)
    outcome = await deposited(officer, account, **certified(certificate))
    kept = await deposited(officer, account, issuedOn="2026-05-01")
    # A policy that is set later shortens nobody's rights.
    await set_policy(officer, validFrom="2026-06-01", validityYears=1)
    served.clock.go_to(date(2028, 3, 19))
    assert await expire_due(bank) == 0
    served.clock.go_to(date(2028, 4, 1))
    # Before anything is posted it is of no use already.
    assert (await step(officer, "convertOutcome", outcome, major=MAJOR))["code"] == "CREDITS_EXPIRED"
    assert await expire_due(bank) == 1
    assert await expire_due(bank) == 0
    assert await entries(officer, account) == [
        ("DEPOSIT", "8.0", "2026-06-01"),
        ("DEPOSIT", "2.0", "2026-06-01"),
        ("EXPIRY", "-8.0", "2028-03-20"),
    ]
    # Posted on 1 April, it is true from the day after the last.
    assert await balance(officer, account, "2028-03-19") == ("2.0", "10.0")
    assert await balance(officer, account, "2028-03-20") == ("2.0", "2.0")
    assert (await officer.ask(OUTCOME, id=outcome))["outcome"] == {
        "status": "VERIFIED",
        "validTo": "2028-03-19",
        "expired": True,
        "usedBy": {"kind": "EXPIRY", "credits": "-8.0"},
    }
    assert (await officer.ask(OUTCOME, id=kept))["outcome"]["validTo"] == "2028-04-30"
    assert (await step(officer, "convertOutcome", outcome, major=MAJOR))["code"] == "CREDITS_EXPIRED"
    faults: list[Fault] = []
    await app.audit(served.node.settings, faults.append, lambda *_: None)
    assert faults == []


async def test_what_is_too_old_already_is_not_deposited(served: Served) -> None:
    await set_policy(served.officer, validityYears=2)
    account = await account_of(served)
    submitted = await submit(served.officer, account, issuedOn="2024-05-31")
    refused = await step(served.officer, "verifyOutcome", submitted["outcome"]["id"])
    assert refused["code"] == "CREDITS_EXPIRED"
    assert "2026-05-30" in refused["message"]
    submitted = await submit(served.officer, account, issuedOn="2024-06-02")
    assert (await step(served.officer, "verifyOutcome", submitted["outcome"]["id"]))["outcome"]


async def test_courses_stay_and_what_no_course_took_goes(served: Served, certificate: str) -> None:
    officer = served.officer
    await set_policy(officer, validityYears=2)
    await publish(officer, rule(certificate, "网店运营", "6.0"))
    account = await account_of(served)
    outcome = await deposited(officer, account, **certified(certificate))
    await step(officer, "convertOutcome", outcome, major=MAJOR)
    served.clock.go_to(date(2028, 4, 1))
    assert await expire_due(served.node.bank) == 1
    assert (await entries(officer, account))[-1] == ("EXPIRY", "-2.0", "2028-03-20")
    assert await balance(officer, account, "2028-04-01") == ("6.0", "6.0")
    assert (await officer.ask(OUTCOME, id=outcome))["outcome"]["usedBy"]["kind"] == "CONVERSION"


async def test_a_revocation_takes_the_deposit_and_gives_back_what_expired(served: Served) -> None:
    await set_policy(served.officer, validityYears=2)
    account = await account_of(served)
    outcome = await deposited(served.officer, account)
    served.clock.go_to(date(2028, 6, 1))
    assert await expire_due(served.node.bank) == 1
    revoked = await step(served.officer, "revokeOutcome", outcome, ground="FRAUD", reason="bought")
    assert [(one["kind"], one["credits"]) for one in revoked["entries"]] == [
        ("REVERSAL", "2.0"),
        ("REVERSAL", "-2.0"),
    ]
    assert (await balance(served.officer, account, "2028-06-01"))[0] == "0.0"


async def test_what_was_revoked_does_not_expire_as_well(served: Served) -> None:
    await set_policy(served.officer, validityYears=2)
    account = await account_of(served)
    outcome = await deposited(served.officer, account)
    await step(served.officer, "revokeOutcome", outcome, ground="ERROR", reason="typed twice")
    served.clock.go_to(date(2028, 6, 1))
    assert await expire_due(served.node.bank) == 0
    assert (await balance(served.officer, account, "2028-06-01"))[0] == "0.0"
    assert (await served.officer.ask(OUTCOME, id=outcome))["outcome"]["expired"] is True


async def test_another_region_is_told_that_it_is_used(served: Served, certificate: str) -> None:
    """The entry is the proof, from the day after the last on and not before."""
    officer = served.officer
    await set_policy(officer, validityYears=2)
    await register(officer, certificate)
    await agree(officer)
    await publish(officer, rule(certificate, "网店运营", "8.0"))
    outcome = await deposited(officer, await account_of(served), **certified(certificate))
    served.clock.go_to(date(2028, 4, 1))
    await expire_due(served.node.bank)
    before = await recognise(officer, outcomeId=outcome, asOf="2028-03-19")
    assert "ALREADY_CONVERTED" not in [one["code"] for one in before["reasons"]]
    after = await recognise(officer, outcomeId=outcome, asOf="2028-03-20")
    assert "ALREADY_CONVERTED" in [one["code"] for one in after["reasons"]]


async def test_many_in_parts_and_by_several_at_once(served: Served, monkeypatch: Any) -> None:
    monkeypatch.setattr(expiry, "OUTCOMES_LIMIT", 2)
    await set_policy(served.officer, validityYears=2)
    accounts = [await account_of(served, number) for number in range(3)]
    for account in accounts:
        for title in ("英语", "数学", "语文"):
            await deposited(served.officer, account, title=title)
    served.clock.go_to(date(2028, 6, 1))
    posted = await asyncio.gather(*(expire_due(served.node.bank) for _ in range(3)))
    assert sum(posted) == 9
    for account in accounts:
        assert (await balance(served.officer, account, "2028-06-01"))[0] == "0.0"
        assert len(await entries(served.officer, account)) == 6


async def test_the_node_does_it_by_itself(sqlite_served: Served) -> None:
    served = sqlite_served
    await set_policy(served.officer, validityYears=2)
    account = await account_of(served)
    await deposited(served.officer, account)
    served.clock.go_to(date(2028, 6, 1))
    with served.node.bank.changes.of(account) as changed:
        task = asyncio.create_task(keep_expiring(served.node.bank))
        await asyncio.wait_for(changed.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await balance(served.officer, account, "2028-06-01"))[0] == "0.0"
