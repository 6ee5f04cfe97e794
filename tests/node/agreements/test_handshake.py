"""An agreement is proposed, signed and moved by each side alone; the terms' hash shows whether they agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from edge.caller import Role
from region_node.service.signer import Signer
from schema.agreements import (
    AgreementKind,
    AgreementTerms,
    ScopeItem,
    SkillLevel,
    terms_from_plain,
    terms_to_plain,
)
from tests.node.conftest import Served, serving
from tests.node.databases import Engine
from tests.node.published import SHANGHAI, agree, end, propose, recognise, sign, suspend
from tests.node.recognition.conftest import Ready, ready

__all__ = ["ready"]

HISTORY = "query($id: ID!) { agreement(id: $id) { history { status on reason } } }"

LIST = """query($with: ID, $status: AgreementStatus) {
  agreements(region: "320000", with: $with, status: $status) { id status history { status on } } }"""


async def test_terms_are_proposed_signed_and_ended_with_every_step_kept(served: Served) -> None:
    officer = served.officer
    proposed = (await propose(officer, lastDay="2026-12-31"))["agreement"]
    assert (proposed["status"], proposed["with"], proposed["accepts"]) == ("PROPOSED", SHANGHAI, None)
    served.clock.go_to(date(2026, 6, 2))
    signed = (await sign(officer, proposed["id"]))["agreement"]
    assert signed["status"] == "SIGNED"
    served.clock.go_to(date(2026, 6, 3))
    ended = (await end(officer, proposed["id"], "2026-06-30"))["agreement"]
    assert (ended["status"], ended["endedOn"], ended["termsHash"]) == (
        "ENDED",
        "2026-07-01",
        proposed["termsHash"],
    )
    (kept,) = (await served.public.ask(LIST))["agreements"]
    assert kept["history"] == [
        {"status": "PROPOSED", "on": "2026-06-01"},
        {"status": "SIGNED", "on": "2026-06-02"},
        {"status": "ENDED", "on": "2026-07-01"},
    ]


async def test_both_sides_hash_the_same_terms(sqlite_served: Served) -> None:
    scope = [{"levels": ["INTERMEDIATE"], "flexible": False}]
    proposed = (await propose(sqlite_served.officer, scope=scope, noticeDays=30))["agreement"]
    other_side = AgreementTerms(
        parties=(SHANGHAI, "320000"),
        kind=AgreementKind.ALLIANCE,
        accepts=None,
        scope=(ScopeItem(levels=(SkillLevel.INTERMEDIATE,), flexible=False),),
        first_day=date(2026, 1, 1),
        last_day=None,
        notice_days=30,
    )
    assert proposed["termsHash"] == other_side.hash()


async def test_agreements_are_public_and_found_by_partner_and_status(served: Served) -> None:
    shanghai = await agree(served.officer)
    guizhou = (await propose(served.officer, "520000", kind="PAIRED_ASSISTANCE", accepts="520000"))[
        "agreement"
    ]
    everything = (await served.public.ask(LIST))["agreements"]
    assert [one["id"] for one in everything] == [shanghai, guizhou["id"]]
    assert [one["id"] for one in (await served.public.ask(LIST, **{"with": "520000"}))["agreements"]] == [
        guizhou["id"]
    ]
    assert [one["id"] for one in (await served.public.ask(LIST, status="SIGNED"))["agreements"]] == [shanghai]
    one = await served.public.ask("query($id: ID!) { agreement(id: $id) { with status } }", id=shanghai)
    assert one["agreement"] == {"with": SHANGHAI, "status": "SIGNED"}
    (error,) = await served.public.refused('{ agreement(id: "320000-G-none") { id } }')
    assert error["extensions"]["code"] == "UNKNOWN_AGREEMENT"


@pytest.mark.parametrize(
    ("terms", "detail"),
    [
        ({"with": "320000"}, "same region"),
        ({"with": "999999"}, "no region 999999"),
        ({"accepts": SHANGHAI}, "ALLIANCE"),
        ({"kind": "PAIRED_ASSISTANCE"}, "accepts"),
        ({"kind": "PAIRED_ASSISTANCE", "accepts": "440000"}, "accepts"),
        ({"lastDay": "2025-12-31"}, "lastDay"),
        ({"scope": []}, "scope"),
        ({"scope": [{"ratePercent": 101}]}, "ratePercent"),
        ({"scope": [{"certificate": "X0"}]}, "no certificate X0"),
        ({"version": 0}, "version"),
        ({"version": 2}, "version 1, which is not signed here"),
        ({"noticeDays": -1}, "noticeDays"),
    ],
)
async def test_impossible_terms_are_refused(
    sqlite_served: Served, terms: dict[str, Any], detail: str
) -> None:
    refused = await propose(sqlite_served.officer, **terms)
    assert refused["code"] == "AGREEMENT_INVALID"
    assert detail in refused["message"]


async def test_a_step_out_of_order_is_refused_and_changes_nothing(sqlite_served: Served) -> None:
    officer = sqlite_served.officer
    proposed = (await propose(officer))["agreement"]["id"]
    assert (await propose(officer))["code"] == "AGREEMENT_INVALID"
    assert (await suspend(officer, proposed))["code"] == "AGREEMENT_STATUS"
    assert (await end(officer, proposed, "2026-06-30"))["code"] == "AGREEMENT_STATUS"
    await sign(officer, proposed)
    assert (await sign(officer, proposed))["code"] == "AGREEMENT_STATUS"
    assert (await end(officer, proposed, "2026-05-01"))["code"] == "AGREEMENT_INVALID"
    assert (await suspend(officer, proposed))["agreement"]["suspendedOn"] == "2026-06-01"
    assert (await sign(officer, "320000-G-none"))["code"] == "UNKNOWN_AGREEMENT"
    (kept,) = (await sqlite_served.public.ask(LIST))["agreements"]
    assert [step["status"] for step in kept["history"]] == ["PROPOSED", "SIGNED", "SUSPENDED"]


async def test_only_this_region_s_officers_make_agreements(sqlite_served: Served) -> None:
    askers = [
        sqlite_served.public,
        sqlite_served.portal,
        sqlite_served.learner("L-1"),
        sqlite_served.asker(Role.OFFICER, region=SHANGHAI),
        sqlite_served.asker(Role.AUDITOR, region="320000"),
    ]
    for asker in askers:
        assert (await propose(asker))["code"] == "NOT_PERMITTED"
    (error,) = await sqlite_served.officer.refused('{ agreements(region: "310000") { id } }')
    assert error["extensions"]["code"] == "UNKNOWN_REGION"


async def test_a_repeat_with_the_same_key_gives_the_first_answer(served: Served) -> None:
    proposed = (await propose(served.officer))["agreement"]["id"]
    first = await sign(served.officer, proposed, idempotencyKey="k")
    assert await sign(served.officer, proposed, idempotencyKey="k") == first


@pytest.mark.parametrize("step", ["suspend", "end"])
async def test_a_side_stops_relying_on_it_only_after_the_notice(ready: Ready, step: str) -> None:
    """Until then it is in force, and the other side can read that it will not be for long, and why."""
    officer = ready.served.officer
    agreement = await agree(officer, firstDay="2025-06-01", version=2, noticeDays=30)
    if step == "suspend":
        hasty = await suspend(officer, agreement, **{"from": "2026-06-30"})
        moved = await suspend(officer, agreement, reason="floods")
    else:
        hasty = await end(officer, agreement, "2026-06-29")
        moved = await end(officer, agreement, "2026-06-30", reason="floods")
    assert "2026-07-01" in (moved["agreement"]["suspendedOn"], moved["agreement"]["endedOn"])
    assert (hasty["code"], "2026-07-01 is the first day possible" in hasty["message"]) == (
        "AGREEMENT_INVALID",
        True,
    )
    for day, decision in (("2026-06-30", "RECOGNISED"), ("2026-07-01", "REFUSED")):
        answer = await recognise(ready.served.portal, **ready.asked(), asOf=day)
        assert answer["decision"] == decision, day
    history = (await ready.served.public.ask(HISTORY, id=agreement))["agreement"]["history"]
    assert history[-1] | {"status": ""} == {"status": "", "on": "2026-07-01", "reason": "floods"}


async def test_a_new_version_succeeds_the_one_before_for_good(ready: Ready) -> None:
    """Ending it does not bring the old terms back: what both signed last is what counts."""
    officer, portal = ready.served.officer, ready.served.portal
    early = await propose(officer, firstDay="2024-12-31", version=2)
    assert "firstDay is before 2025-01-01" in early["message"]
    second = await agree(officer, firstDay="2026-05-01", version=2, scope=[{"flexible": False}])
    proposed = await propose(officer, firstDay="2026-05-10", version=3)
    for day, worth, version in (
        ("2026-04-30", "8.0", "1"),
        ("2026-05-01", "5.6", "2"),
        ("2026-05-11", "5.6", "2"),
    ):
        answer = await recognise(portal, **ready.asked(issuedOn="2026-04-01"), asOf=day)
        named = {one["kind"]: one["version"] for one in answer["inputs"]}
        assert (answer["creditsRecognised"], named["agreement"]) == (worth, version)
    await end(officer, second, "2026-06-01")
    answer = await recognise(portal, **ready.asked(issuedOn="2026-04-01"), asOf="2026-06-02")
    assert [one["code"] for one in answer["reasons"]] == ["AGREEMENT_EXPIRED", "FLEX_NOT_MAPPED"]
    await sign(officer, proposed["agreement"]["id"])
    answer = await recognise(portal, **ready.asked(issuedOn="2026-04-01"), asOf="2026-06-02")
    assert answer["decision"] == "RECOGNISED"


async def test_both_sign_the_same_bytes(sqlite: Engine, keys_file: Path, token_key: OKPKey) -> None:
    """Whoever holds the terms and both regions' keys sees that both meant them."""
    async with serving(sqlite.fresh(), keys_file, token_key, signing_key="44" * 32) as served:
        proposed = (await propose(served.officer, noticeDays=14))["agreement"]
        assert proposed["signature"] is None
        signed = (await sign(served.officer, proposed["id"]))["agreement"]
    other_side = AgreementTerms(
        (SHANGHAI, "320000"), AgreementKind.ALLIANCE, None, (ScopeItem(),), date(2026, 1, 1), None, 1, 14
    )
    assert signed["termsHash"] == other_side.hash()
    assert Signer(bytes.fromhex("44" * 32), "320000").holds(other_side.canonical(), signed["signature"])


def test_terms_without_notice_have_the_form_that_was_signed_before() -> None:
    terms = AgreementTerms(
        (SHANGHAI, "320000"), AgreementKind.ALLIANCE, None, (ScopeItem(),), date(2026, 1, 1), None
    )
    assert b"noticeDays" not in terms.canonical()
    with_notice = replace(terms, notice_days=7)
    assert [terms_from_plain(terms_to_plain(one)) for one in (terms, with_notice)] == [terms, with_notice]
