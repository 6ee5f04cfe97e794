"""Yesterday's decision can be made again: whatever was changed since, what was known then decides alike."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from edge.caller import Role
from region_node.domain.ledger import LedgerEntry
from region_node.service.conversion_cases import AWARD_CREDITS, AwardCredits
from region_node.service.perform import perform
from tests.node.bank import step
from tests.node.published import (
    SHANGHAI,
    agree,
    end,
    publish,
    recognise,
    register,
    retire,
    rule,
    set_framework,
    set_map,
    set_policy,
    suspend,
    veto,
)
from tests.node.recognition.conftest import Ready

Change = Callable[[], Awaitable[Any]]
NAMES_THE_ASKING = {"decidedAt", "signature"}
ORGANISATION = "北京鸿科经纬科技有限公司"


def what_was_decided(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in NAMES_THE_ASKING}


def later(ready: Ready) -> datetime:
    """Let a minute pass; return the instant before it."""
    clock = ready.served.clock
    before = clock.at
    clock.at += timedelta(minutes=1)
    return before


async def award(ready: Ready) -> None:
    """Post 7.0 credits of a foreign outcome now."""
    bank = ready.served.node.bank
    command = AwardCredits(ready.account, "310000-O-X_9", 70)
    answer = await perform(bank, AWARD_CREDITS, command, key="award", moment=bank.moment("officer"))
    assert isinstance(answer, LedgerEntry)


def changes(ready: Ready, outcome: str, another: str) -> list[Change]:
    """Everything that can be changed after a decision and could have changed it."""
    officer, certificate = ready.served.officer, ready.certificate
    return [
        lambda: step(officer, "convertOutcome", another, major="530701"),
        lambda: step(officer, "revokeOutcome", outcome, ground="ERROR", reason="r"),
        lambda: award(ready),
        lambda: retire(officer, certificate, "2026-01-15"),
        lambda: register(officer, certificate, version="2026年2.0版", credits="4.0", activeFrom="2026-01-01"),
        lambda: veto(officer, ORGANISATION, "2026-03-15"),
        lambda: publish(officer, rule(certificate, "网店运营", "1.0")),
        lambda: set_policy(officer, yearlyCeiling="2.0", ceilingCredits="5.0", reviewWindowDays=90),
        lambda: set_framework(officer),
        lambda: set_map(officer, {"4": ["5", "6"]}),
        lambda: agree(
            officer, firstDay="2026-02-01", version=2, scope=[{"flexible": False, "ratePercent": 50}]
        ),
        lambda: suspend(officer, ready.agreement),
        lambda: end(officer, ready.agreement, "2026-06-01"),
    ]


async def test_the_same_question_gets_the_same_answer_by_what_was_known(ready: Ready) -> None:
    seed = ready.served.node.database.is_sqlite  # each database sees an order of its own
    chance = random.Random(seed)  # noqa: S311 - and the same each time
    await set_policy(ready.served.officer, yearlyCeiling="10.0")
    outcome = await ready.outcome(organisation=ORGANISATION)
    another = await ready.outcome(certificateNumber="2")
    questions: list[dict[str, Any]] = [
        {"outcomeId": outcome},
        ready.asked(),
        {"outcomeId": another},
        {"outcomeId": outcome, "asOf": "2026-05-31"},
        {"outcomeId": outcome, "asOf": "2026-07-01"},
        ready.asked(issuedOn="2026-02-01", standardVersion="2020年1.0版"),
    ]
    portal = ready.served.portal
    first = [await recognise(portal, **one) for one in questions]
    decided: list[tuple[datetime, list[dict[str, Any]]]] = [(later(ready), first)]
    drawn = changes(ready, outcome, another)
    chance.shuffle(drawn)
    drawn.append(lambda: step(ready.served.officer, "freezeAccount", ready.account, reason="r"))
    for change in drawn:
        await change()
        later(ready)
        now = [await recognise(portal, **one) for one in questions]
        decided.append((later(ready), now))
    for known_at, answers in decided:
        for asked, answer in zip(questions, answers, strict=True):
            again = await recognise(portal, **asked, knownAt=known_at.isoformat())
            assert what_was_decided(again) == what_was_decided(answer), (asked, known_at)
    final = decided[-1][1]
    assert all(one["decision"] == "RECOGNISED" for one in (first[0], first[1]))
    assert not any(one["decision"] == "RECOGNISED" for one in final)


async def test_the_day_asked_about_is_that_of_the_instant(sqlite_ready: Ready) -> None:
    known_at = later(sqlite_ready)
    sqlite_ready.served.clock.at += timedelta(days=40)
    again = await recognise(sqlite_ready.served.portal, **sqlite_ready.asked(), knownAt=known_at.isoformat())
    assert again["asOf"] == "2026-06-01"


async def test_nobody_knows_what_will_be_known(sqlite_ready: Ready) -> None:
    tomorrow = (sqlite_ready.served.clock.at + timedelta(days=1)).isoformat()
    answer = await recognise(sqlite_ready.served.portal, **sqlite_ready.asked(), knownAt=tomorrow)
    assert (answer["decision"], [one["code"] for one in answer["reasons"]]) == (
        "UNDETERMINED",
        ["MALFORMED_INPUT"],
    )
    errors = await sqlite_ready.served.portal.refused(
        '{ standings(region: "320000", inputs: [{to: "310000", knownAt: "2026-06-01T08:00:00"}]) { found } }'
    )
    assert "offset" in errors[0]["message"]


async def test_who_may_ask_is_a_matter_of_today(sqlite_ready: Ready) -> None:
    """An officer over there may ask while the agreement is in force, not by having been able to."""
    outcome = await sqlite_ready.outcome()
    officer = sqlite_ready.served.asker(Role.OFFICER, region=SHANGHAI)
    before = await recognise(officer, outcomeId=outcome)
    known_at = later(sqlite_ready)
    await suspend(sqlite_ready.served.officer, sqlite_ready.agreement)
    after = await recognise(officer, outcomeId=outcome, knownAt=known_at.isoformat())
    assert before["decision"] == "RECOGNISED"
    assert [one["code"] for one in after["reasons"]] == ["NOT_PERMITTED"]
