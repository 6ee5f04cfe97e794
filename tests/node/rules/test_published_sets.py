"""Rules, policy and frameworks as a region publishes them: numbered, dated, public, never edited."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from edge.caller import Role
from tests.node.conftest import Served
from tests.node.published import publish, rule, set_framework, set_map, set_policy

SETS = """query($asOf: Date, $major: ID, $certificate: ID) {
  ruleSets(region: "320000", asOf: $asOf, major: $major, certificate: $certificate) {
    id version validFrom validTo rules { courseName credits } } }"""


async def test_a_published_set_is_in_force_until_the_next_and_stays_to_be_read(
    served: Served, certificate: str
) -> None:
    first = await publish(served.officer, rule(certificate, "网店运营", "4.0"))
    assert first["ruleSet"]["rules"][0]["courseKind"] == "CORE"
    await publish(
        served.officer,
        rule(certificate, "网店运营", "4.0"),
        rule(certificate, "视觉营销设计", "2.0", major="530702"),
        valid_from="2026-03-01",
    )
    newest, oldest = (await served.public.ask(SETS))["ruleSets"]
    assert (newest["version"], newest["validFrom"], newest["validTo"]) == (2, "2026-03-01", None)
    assert (oldest["version"], oldest["validFrom"], oldest["validTo"]) == (1, "2026-01-01", "2026-02-28")
    (in_february,) = (await served.public.ask(SETS, asOf="2026-02-28"))["ruleSets"]
    assert in_february["id"] == first["ruleSet"]["id"]
    assert (await served.public.ask(SETS, asOf="2025-12-31"))["ruleSets"] == []
    (of_major,) = (await served.public.ask(SETS, asOf="2026-06-01", major="530702"))["ruleSets"]
    assert of_major["rules"] == [{"courseName": "视觉营销设计", "credits": "2.0"}]


async def test_a_faulty_set_is_refused_with_its_rules_and_nothing_is_kept(
    served: Served, certificate: str
) -> None:
    refused = await publish(
        served.officer, rule(certificate, "网店运营", "4.0"), rule(certificate, "炼金术", "5.0")
    )
    assert refused["code"] == "RULES_INVALID"
    assert "UNKNOWN_COURSE [320000-R-1_2]" in refused["message"]
    assert "ABOVE_CEILING [320000-R-1_1, 320000-R-1_2]" in refused["message"]
    assert (await served.public.ask(SETS))["ruleSets"] == []


async def test_history_is_not_rewritten(sqlite_served: Served, certificate: str) -> None:
    await publish(sqlite_served.officer, rule(certificate, "网店运营", "4.0"), valid_from="2026-02-01")
    refused = await publish(
        sqlite_served.officer, rule(certificate, "网络营销", "4.0"), valid_from="2026-01-31"
    )
    assert refused["code"] == "RULES_INVALID"
    assert "2026-02-01" in refused["message"]


async def test_a_set_needs_the_votes_that_the_policy_asks_for(
    sqlite_served: Served, certificate: str
) -> None:
    officer = sqlite_served.officer
    await set_policy(officer, committeeVotes=5)
    refused = await publish(officer, rule(certificate, "网店运营", "4.0"), votes=4)
    assert "MISSING_VOTES" in refused["message"]
    published = await publish(officer, rule(certificate, "网店运营", "4.0"), votes=5)
    assert published["ruleSet"]["version"] == 1


async def test_policy_is_dated_and_has_the_sources_figures_until_it_is_set(served: Served) -> None:
    ask = """query($day: Date) { policy(region: "320000", asOf: $day) {
      version validFrom ceilingCredits flexiblePercent yearlyCeiling reviewWindowDays
      levelOpens { level opens } } }"""
    unset = (await served.public.ask(ask))["policy"]
    assert unset["levelOpens"] == [
        {"level": "ELEMENTARY", "opens": ["BASIC"]},
        {"level": "INTERMEDIATE", "opens": ["CORE"]},
        {"level": "ADVANCED", "opens": ["BASIC", "CORE"]},
    ]
    del unset["levelOpens"]
    assert unset == {
        "version": 0,
        "validFrom": None,
        "ceilingCredits": "8.0",
        "flexiblePercent": 30,
        "yearlyCeiling": None,
        "reviewWindowDays": 30,
    }
    await set_policy(served.officer, yearlyCeiling="16.0", validFrom="2026-02-01")
    opens = [{"level": "ELEMENTARY", "opens": ["PRACTICAL"]}]
    await set_policy(served.officer, yearlyCeiling="20.0", validFrom="2026-06-01", levelOpens=opens)
    assert (await served.public.ask(ask, day="2026-01-31"))["policy"]["version"] == 0
    assert (await served.public.ask(ask, day="2026-05-31"))["policy"]["yearlyCeiling"] == "16.0"
    now = (await served.public.ask(ask))["policy"]
    assert (now["version"], now["yearlyCeiling"]) == (2, "20.0")
    assert now["levelOpens"][0] == {"level": "ELEMENTARY", "opens": ["PRACTICAL"]}
    assert (await set_policy(served.officer, validFrom="2026-05-31"))["code"] == "MALFORMED_INPUT"


@pytest.mark.parametrize(
    "policy",
    [
        {"ceilingCredits": "0.0"},
        {"flexiblePercent": 101},
        {"yearlyCeiling": "-1.0"},
        {"reviewWindowDays": -1},
    ],
)
async def test_an_impossible_policy_is_refused(sqlite_served: Served, policy: dict[str, Any]) -> None:
    assert (await set_policy(sqlite_served.officer, **policy))["code"] == "MALFORMED_INPUT"


async def test_a_framework_and_maps_to_it_are_dated(served: Served) -> None:
    officer = served.officer
    ask = """query($day: Date) { region(code: "320000") { framework(asOf: $day) { code levels } }
      frameworkMaps(region: "320000") { version from to validFrom levels { level targets } } }"""
    unset = await served.public.ask(ask)
    assert unset["region"]["framework"]["code"] == "1+X"
    assert unset["frameworkMaps"] == []
    await set_framework(officer, validFrom="2026-02-01")
    await set_map(officer, {"4": ["5", "6", "7"], "1": []}, validFrom="2026-02-01")
    second = await set_map(officer, {"4": ["6"]}, validFrom="2026-06-01")
    assert second["map"]["version"] == 2
    data = await served.public.ask(ask)
    assert data["region"]["framework"] == {"code": "GD", "levels": list("1234567")}
    assert data["frameworkMaps"][0] == {
        "version": 1,
        "from": "CQ",
        "to": "GD",
        "validFrom": "2026-02-01",
        "levels": [{"level": "1", "targets": []}, {"level": "4", "targets": ["5", "6", "7"]}],
    }
    earlier = await served.public.ask(ask, day="2026-01-31")
    assert earlier["region"]["framework"]["code"] == "1+X"


async def test_maps_that_lead_nowhere_are_refused(sqlite_served: Served) -> None:
    officer = sqlite_served.officer
    assert (await set_map(officer, {"4": ["9"]}))["code"] == "MALFORMED_INPUT"
    await set_framework(officer)
    assert "no level 9" in (await set_map(officer, {"4": ["5", "9"]}))["message"]
    assert "without a map" in (await set_map(officer, {"4": ["5"]}, **{"from": "GD"}))["message"]
    assert "each level once" in (await set_framework(officer, levels=["1", "1"]))["message"]
    strange = [{"skill": "ADVANCED", "level": "8"}]
    assert "levels 8" in (await set_framework(officer, ofSkill=strange))["message"]


async def test_only_this_region_s_officers_publish(sqlite_served: Served, certificate: str) -> None:
    for asker in (
        sqlite_served.public,
        sqlite_served.portal,
        sqlite_served.asker(Role.OFFICER, region="310000"),
    ):
        assert (await publish(asker, rule(certificate, "网店运营", "4.0")))["code"] == "NOT_PERMITTED"
        assert (await set_policy(asker))["code"] == "NOT_PERMITTED"
        assert (await set_framework(asker))["code"] == "NOT_PERMITTED"
        assert (await set_map(asker, {"4": ["5"]}))["code"] == "NOT_PERMITTED"


async def test_a_repeat_with_the_same_key_publishes_once(served: Served, certificate: str) -> None:
    given = rule(certificate, "网店运营", "4.0")
    first = await publish(served.officer, given, idempotencyKey="k")
    assert await publish(served.officer, given, idempotencyKey="k") == first
    other = await publish(served.officer, given, valid_from="2026-02-01", idempotencyKey="k")
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len((await served.public.ask(SETS))["ruleSets"]) == 1


async def test_a_set_is_read_back_as_it_was_written(served: Served, certificate: str) -> None:
    published = await publish(served.officer, rule(certificate, "网店运营", "4.0", coversFlexible=True))
    async with served.node.bank.units.read() as unit:
        (kept,) = await unit.rules.all()
        chosen = await unit.rules.in_force([date(2026, 1, 1), date(2025, 12, 31)])
    assert kept.hash == published["ruleSet"]["hash"]
    assert chosen == {date(2026, 1, 1): kept}
