"""An agreement is proposed, signed and moved by each side alone; the terms' hash shows whether they agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from edge.caller import Role
from schema.agreements import AgreementKind, AgreementTerms, ScopeItem, SkillLevel
from tests.node.conftest import Served
from tests.node.published import SHANGHAI, agree, end, propose, sign, suspend

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
    proposed = (await propose(sqlite_served.officer, scope=scope, version=2))["agreement"]
    other_side = AgreementTerms(
        parties=(SHANGHAI, "320000"),
        kind=AgreementKind.ALLIANCE,
        accepts=None,
        scope=(ScopeItem(levels=(SkillLevel.INTERMEDIATE,), flexible=False),),
        first_day=date(2026, 1, 1),
        last_day=None,
        version=2,
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
