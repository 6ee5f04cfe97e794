"""A refusal names what it found one by one: a code, what is at fault, and a sentence."""

from __future__ import annotations

from typing import Any

from tests.node.conftest import Asker, Served
from tests.node.published import mutate, rule, set_policy

FOUND = "__typename ... on Refusal { code findings { code subjects message } }"


async def published(asker: Asker, *rules: dict[str, Any], votes: int = 0) -> dict[str, Any]:
    types = {"rules": "[ConversionRuleInput!]!", "validFrom": "Date!", "votes": "Int!"}
    return await mutate(
        asker, "publishRules", types, FOUND, rules=list(rules), validFrom="2026-02-01", votes=votes
    )


async def test_each_fault_of_a_rule_set_names_its_rules(sqlite_served: Served, certificate: str) -> None:
    officer = sqlite_served.officer
    await set_policy(officer, committeeVotes=5)
    refused = await published(
        officer,
        rule(certificate, "网店运营", "4.0"),
        rule(certificate, "网店运营", "2.0"),
        rule(certificate, "无此课程", "1.0"),
        votes=4,
    )
    assert refused["code"] == "RULES_INVALID"
    assert [(one["code"], one["subjects"]) for one in refused["findings"]] == [
        ("MISSING_VOTES", []),
        ("UNKNOWN_COURSE", ["320000-R-1_3"]),
        ("AMBIGUOUS_OVERLAP", ["320000-R-1_1", "320000-R-1_2"]),
    ]
    assert "4.0 / 2.0" in refused["findings"][2]["message"]


async def test_what_else_is_refused_names_what_exactly_is_wrong(sqlite_served: Served) -> None:
    officer = sqlite_served.officer
    types = {"policy": "PolicyInput!"}
    given = {"validFrom": "2026-01-01", "flexiblePercent": 101, "barDays": -1}
    refused = await mutate(officer, "setPolicy", types, FOUND, policy=given)
    assert refused["findings"] == [
        {"code": "NOT_A_PERCENTAGE", "subjects": [], "message": "flexiblePercent must be 0 to 100"},
        {"code": "NEGATIVE", "subjects": [], "message": "barDays must not be negative"},
    ]
    nothing = await mutate(
        officer, "freezeAccount", {"reason": "String!"}, FOUND, id="320000-A-X", reason="r"
    )
    assert (nothing["code"], nothing["findings"]) == ("UNKNOWN_ACCOUNT", [])
