"""Records as they stood: on a day, and by what was known at an instant."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.node.bank import deposited, open_account, step
from tests.node.conftest import Served
from tests.node.published import (
    VERSION,
    agree,
    publish,
    register,
    retire,
    rule,
    set_framework,
    set_policy,
    suspend,
)

ACCOUNT = """query($id: ID!, $asOf: Date, $knownAt: DateTime) { account(id: $id) {
  state(asOf: $asOf, knownAt: $knownAt) { status balance }
  ledger(filter: {asOf: $asOf, knownAt: $knownAt}) { edges { node { kind } } } } }"""
OUTCOME = """query($id: ID!, $asOf: Date, $knownAt: DateTime) { outcome(id: $id) {
  state(asOf: $asOf, knownAt: $knownAt) { status flagged usedBy { kind } } } }"""
PUBLISHED = """query($knownAt: DateTime) {
  policy(region: "320000", knownAt: $knownAt) { version }
  framework(region: "320000", knownAt: $knownAt) { code }
  ruleSets(region: "320000", knownAt: $knownAt) { version validTo }
  standards(region: "320000", knownAt: $knownAt) { version retiredFrom }
  agreements(region: "320000", knownAt: $knownAt) { status suspendedOn }
  region(code: "320000") { policy(knownAt: $knownAt) { version } framework(knownAt: $knownAt) { code } } }"""


async def account(served: Served, identifier: str, **time: Any) -> tuple[Any, list[Any]]:
    found = (await served.officer.ask(ACCOUNT, id=identifier, **time))["account"]
    return found["state"], [edge["node"]["kind"] for edge in found["ledger"]["edges"]]


async def test_an_account_is_shown_as_it_stood_and_as_it_was_known_to_stand(served: Served) -> None:
    clock, officer = served.clock, served.officer
    identifier = (await open_account(officer))["account"]["id"]
    clock.go_to(date(2026, 6, 2))
    outcome = await deposited(officer, identifier, credits="2.0")
    clock.at += timedelta(minutes=1)
    deposited_at = clock.at.isoformat()
    clock.at += timedelta(minutes=1)
    await step(officer, "revokeOutcome", outcome, ground="FRAUD", reason="r")
    clock.go_to(date(2026, 6, 5))
    assert await account(served, identifier) == (
        {"status": "FROZEN", "balance": "0.0"},
        ["DEPOSIT", "REVERSAL"],
    )
    assert await account(served, identifier, asOf="2026-06-01") == ({"status": "OPEN", "balance": "0.0"}, [])
    assert await account(served, identifier, asOf="2026-05-31") == (None, [])
    assert await account(served, identifier, knownAt=deposited_at) == (
        {"status": "OPEN", "balance": "2.0"},
        ["DEPOSIT"],
    )


async def test_an_outcome_is_shown_as_it_was_known_to_stand(served: Served, certificate: str) -> None:
    clock, officer = served.clock, served.officer
    identifier = (await open_account(officer))["account"]["id"]
    await register(officer, certificate)
    await publish(officer, rule(certificate, "网店运营", "4.0"))
    outcome = await deposited(
        officer,
        identifier,
        kind="X_CERTIFICATE",
        certificate=certificate,
        level="INTERMEDIATE",
        standardVersion=VERSION,
        credits="8.0",
    )
    course = await deposited(officer, identifier, title="rests on it", derivedFrom=[outcome])
    instants = [clock.at.isoformat()]
    for mutation, rest in (
        ("convertOutcome", {"major": "530701"}),
        ("revokeOutcome", {"ground": "ERROR", "reason": "r"}),
    ):
        clock.at += timedelta(minutes=1)
        await step(officer, mutation, outcome, **rest)
        instants.append(clock.at.isoformat())
    used = {"kind": "CONVERSION"}
    for knownAt, stood, rested in zip(  # noqa: N806 - the contract's name
        [*instants, None],
        [("VERIFIED", None), ("VERIFIED", used), ("REVOKED", used), ("REVOKED", used)],
        [False, False, True, True],
        strict=True,
    ):
        state = (await officer.ask(OUTCOME, id=outcome, knownAt=knownAt))["outcome"]["state"]
        assert (state["status"], state["usedBy"]) == stood
        state = (await officer.ask(OUTCOME, id=course, knownAt=knownAt))["outcome"]["state"]
        assert state["flagged"] is rested
    early = await officer.ask(OUTCOME, id=outcome, knownAt="2026-05-01T00:00:00Z")
    assert early["outcome"]["state"] is None


async def test_what_is_published_is_shown_as_it_was_known(served: Served, certificate: str) -> None:
    clock, officer = served.clock, served.officer
    agreement = await agree(officer)
    await register(officer, certificate)
    await publish(officer, rule(certificate, "网店运营", "4.0"))
    before = clock.at.isoformat()
    clock.at += timedelta(minutes=1)
    await suspend(officer, agreement)
    await retire(officer, certificate, "2026-05-01")
    await publish(officer, rule(certificate, "网店运营", "3.0"), valid_from="2026-02-01")
    await set_policy(officer)
    await set_framework(officer)
    after = await served.public.ask(PUBLISHED)
    assert after == {
        "policy": {"version": 1},
        "framework": {"code": "GD"},
        "ruleSets": [{"version": 2, "validTo": None}, {"version": 1, "validTo": "2026-01-31"}],
        "standards": [{"version": VERSION, "retiredFrom": "2026-05-01"}],
        "agreements": [{"status": "SUSPENDED", "suspendedOn": "2026-06-01"}],
        "region": {"policy": {"version": 1}, "framework": {"code": "GD"}},
    }
    assert await served.public.ask(PUBLISHED, knownAt=before) == {
        "policy": {"version": 0},
        "framework": {"code": "1+X"},
        "ruleSets": [{"version": 1, "validTo": None}],
        "standards": [{"version": VERSION, "retiredFrom": None}],
        "agreements": [{"status": "SIGNED", "suspendedOn": None}],
        "region": {"policy": {"version": 0}, "framework": {"code": "1+X"}},
    }
