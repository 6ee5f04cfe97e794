"""Standings and assessments as the gateway asks them: facts of the day, decisions, nothing written."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from region_node.storage.metadata import METADATA
from tests.node.bank import step
from tests.node.conftest import Served
from tests.node.counting import statements
from tests.node.published import (
    SHANGHAI,
    VERSION,
    assessments,
    codes,
    end,
    propose,
    recognise,
    retire,
    set_framework,
    set_map,
    set_policy,
    standings,
    suspend,
    veto,
)
from tests.node.recognition.conftest import Ready


async def test_a_certificate_is_assessed_without_any_learner(ready: Ready) -> None:
    decision = await recognise(ready.served.public, **ready.asked())
    assert (decision["decision"], decision["creditsRecognised"]) == ("RECOGNISED", "8.0")
    assert (decision["from"], decision["to"], decision["outcomeId"]) == (SHANGHAI, "320000", None)
    assert [(one["name"], one["credits"]) for one in decision["courses"]] == [
        ("网店运营", "4.0"),
        ("网络营销", "4.0"),
    ]
    assert (decision["reasons"], decision["missingForFull"]) == ([], [])
    assert (decision["asOf"], decision["level"]) == ("2026-06-01", "INTERMEDIATE")
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
    agreement, home_agreement = decision["inputs"][1:3]
    assert agreement["hash"] == home_agreement["hash"]


async def test_an_outcome_is_assessed_with_its_standing(ready: Ready) -> None:
    outcome = await ready.outcome()
    (standing,) = await standings(ready.served.portal, {"outcomeId": outcome})
    assert standing["learnerId"] == ready.learner
    assert (standing["status"], standing["convertedBy"], standing["accountFrozen"]) == (
        "VERIFIED",
        None,
        False,
    )
    assert (standing["credits"], standing["coreCredits"], standing["flexibleCredits"]) == (
        "8.0",
        "5.6",
        "2.4",
    )
    assert (standing["standardVersion"], standing["examinerAdvanced"]) == (VERSION, True)
    decision = await recognise(ready.served.portal, outcomeId=outcome)
    assert (decision["decision"], decision["outcomeId"]) == ("RECOGNISED", outcome)


async def test_the_facts_are_those_of_the_day_asked_about(ready: Ready) -> None:
    served = ready.served
    served.clock.go_to(date(2026, 1, 5))
    outcome = await ready.outcome(issuedOn="2026-01-04", examinedOn="2026-01-02")
    served.clock.go_to(date(2026, 5, 10))
    await step(served.officer, "revokeOutcome", outcome, ground="FRAUD", reason="forged")
    served.clock.go_to(date(2026, 6, 1))
    now = await recognise(served.portal, outcomeId=outcome)
    assert (now["decision"], codes(now)) == ("REFUSED", ["REVOKED", "ACCOUNT_FROZEN"])
    (standing,) = await standings(served.portal, {"outcomeId": outcome})
    assert standing["revokedOn"] == "2026-05-10"
    then = await recognise(served.portal, outcomeId=outcome, asOf="2026-02-15")
    assert (then["decision"], then["asOf"]) == ("RECOGNISED", "2026-02-15")
    before = await recognise(served.portal, outcomeId=outcome, asOf="2026-01-04")
    assert codes(before) == ["UNKNOWN_OUTCOME"]


async def test_a_converted_outcome_is_used_with_its_entry_as_proof(ready: Ready) -> None:
    outcome = await ready.outcome()
    converted = await step(ready.served.officer, "convertOutcome", outcome, major="530701")
    used = converted["entries"][0]["id"]
    decision = await recognise(ready.served.portal, outcomeId=outcome, major="530702")
    assert decision["decision"] == "REFUSED"
    assert "ALREADY_CONVERTED" in codes(decision)
    assert used in next(one["message"] for one in decision["reasons"] if one["code"] == "ALREADY_CONVERTED")
    (yesterday,) = await standings(ready.served.portal, {"outcomeId": outcome, "asOf": "2026-06-01"})
    assert yesterday["convertedBy"] == used


async def test_courses_replaced_here_are_not_replaced_again(ready: Ready) -> None:
    """The facts are of another certificate of the same learner, who has used one here."""
    first, second = await ready.outcome(), await ready.outcome(issuedOn="2026-03-21")
    await step(ready.served.officer, "convertOutcome", first, major="530701")
    decision = await recognise(ready.served.portal, outcomeId=second)
    assert (decision["decision"], codes(decision)) == ("REFUSED", ["COURSE_ALREADY_REPLACED"] * 2)
    earlier = await recognise(ready.served.portal, outcomeId=second, asOf="2026-05-31")
    assert codes(earlier) == ["UNKNOWN_OUTCOME"]


async def test_agreements_count_as_they_stood_on_the_day(ready: Ready) -> None:
    served = ready.served
    await end(served.officer, ready.agreement, "2026-06-30")
    for as_of, expected in (("2026-06-30", []), ("2026-07-01", ["AGREEMENT_EXPIRED"])):
        decision = await recognise(served.public, **ready.asked(), asOf=as_of)
        assert codes(decision) == expected


async def test_a_suspended_agreement_refuses_from_its_day(sqlite_ready: Ready) -> None:
    await suspend(sqlite_ready.served.officer, sqlite_ready.agreement)
    now = await recognise(sqlite_ready.served.public, **sqlite_ready.asked())
    assert (now["decision"], codes(now)) == ("REFUSED", ["AGREEMENT_SUSPENDED"])
    before = await recognise(sqlite_ready.served.public, **sqlite_ready.asked(), asOf="2026-05-31")
    assert before["decision"] == "RECOGNISED"


async def test_an_unsigned_agreement_carries_nothing(sqlite_served: Served, certificate: str) -> None:
    await propose(sqlite_served.officer)
    decision = await recognise(
        sqlite_served.public, certificate={"code": certificate, "level": "INTERMEDIATE"}
    )
    assert decision["decision"] == "REFUSED"
    assert codes(decision)[0] == "AGREEMENT_NOT_YET_IN_FORCE"


async def test_retirement_and_vetoes_count_by_their_days(ready: Ready) -> None:
    officer, public = ready.served.officer, ready.served.public
    await retire(officer, ready.certificate, "2026-05-15")
    await veto(officer, "北京鸿科经纬科技有限公司", "2026-05-01")

    async def ask(issued: str, examined: str, **rest: Any) -> list[str]:
        return codes(await recognise(public, **ready.asked(issuedOn=issued, examinedOn=examined), **rest))

    assert await ask("2026-03-20", "2026-03-10") == []
    assert await ask("2026-05-14", "2026-04-20") == ["ISSUER_UNDER_REVIEW"]
    assert await ask("2026-05-14", "2026-05-10") == ["ISSUER_VETOED"]
    assert await ask("2026-05-15", "2026-03-10") == ["STANDARD_RETIRED"]
    assert await ask("2026-04-25", "2026-04-20", asOf="2026-04-30") == []


async def test_levels_are_mapped_by_the_deciding_region_s_own_map(ready: Ready) -> None:
    officer, public = ready.served.officer, ready.served.public
    await set_framework(officer, code="CQ", levels=list("1234"))
    await set_map(officer, {"5": ["4"], "6": ["3", "4"], "1": []}, **{"from": "GD"})
    (facts,) = await standings(public, ready.asked())

    async def ask(level: str) -> dict[str, Any]:
        standing = {**facts, "framework": "GD", "frameworkLevel": level}
        question = {**ready.asked(), "major": "530701", "standing": standing}
        return (await assessments(public, question))[0]

    one, several, none = await ask("5"), await ask("6"), await ask("1")
    assert (one["decision"], one["level"]) == ("RECOGNISED", "4")
    assert (several["decision"], codes(several)) == ("REFERRED", ["LEVEL_AMBIGUOUS"])
    assert several["levelCandidates"] == ["3", "4"]
    assert (none["decision"], codes(none)) == ("REFUSED", ["LEVEL_UNMAPPED"])


async def test_the_yearly_ceiling_counts_what_was_awarded_this_year(ready: Ready) -> None:
    served = ready.served
    await set_policy(served.officer, yearlyCeiling="16.0", validFrom="2025-01-01")
    outcome = await ready.outcome()
    await ready.award("310000-O-LAST_1", "16.0", date(2025, 12, 31))
    assert (await recognise(served.portal, outcomeId=outcome))["decision"] == "RECOGNISED"
    await ready.award("310000-O-X_1", "8.0", date(2026, 1, 1))
    assert (await recognise(served.portal, outcomeId=outcome))["decision"] == "RECOGNISED"
    await ready.award("310000-O-Y_1", "5.0", date(2026, 5, 31))
    partial = await recognise(served.portal, outcomeId=outcome)
    assert (partial["decision"], partial["creditsRecognised"], codes(partial)) == (
        "PARTIAL",
        "3.0",
        ["CAP_REACHED"],
    )
    await ready.award("310000-O-Z_1", "3.0", date(2026, 6, 1))
    refused = await recognise(served.portal, outcomeId=outcome)
    assert (refused["decision"], codes(refused)) == ("REFUSED", ["CAP_REACHED"])


async def test_a_lookup_writes_nothing(ready: Ready) -> None:
    outcome = await ready.outcome()
    before = await _rows(ready.served)
    await recognise(ready.served.portal, outcomeId=outcome)
    await recognise(ready.served.public, **ready.asked())
    assert await _rows(ready.served) == before


async def _rows(served: Served) -> dict[str, int]:
    async with served.node.database.read() as connection:
        return {
            table.name: (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in METADATA.sorted_tables
        }


async def test_500_cost_as_many_statements_as_one(ready: Ready) -> None:
    served = ready.served
    outcomes = [await ready.outcome(issuedOn=f"2026-03-{day:02}") for day in (20, 21, 22)]
    days = ("2026-06-01", "2026-05-31")
    many = [{"outcomeId": outcomes[n % 3], "asOf": days[n % 2]} for n in range(250)]
    many += [{**ready.asked(), "asOf": days[n % 2]} for n in range(250)]

    async def counted(inputs: list[dict[str, Any]]) -> tuple[int, int]:
        with statements(served.node.database) as asked_home:
            facts = await standings(served.portal, *inputs)
        questions = [
            {**one, "major": "530701", "standing": fact} for one, fact in zip(inputs, facts, strict=True)
        ]
        with statements(served.node.database) as asked_host:
            await assessments(served.portal, *questions)
        return len(asked_home), len(asked_host)

    await counted(many)  # what is published is read once
    few = await counted([many[0], many[250]])
    assert await counted(many) == few
    assert max(few) <= 12


async def test_a_certificate_costs_no_look_into_any_learner_s_books(ready: Ready) -> None:
    with statements(ready.served.node.database) as seen:
        await recognise(ready.served.public, **ready.asked())
    private = ("accounts", "outcomes", "ledger_entries", "replaced_courses", "outcome_uses")
    assert [text for text in seen for table in private if table in text] == []
