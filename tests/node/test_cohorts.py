"""Who registered, trained, sat and passed is counted as a funnel that can only narrow."""

from __future__ import annotations

from typing import Any

from tests.node.bank import REFUSAL, open_account
from tests.node.conftest import Asker, Served
from tests.node.databases import REGION
from tests.node.published import mutate

FUNNEL = "registered trained sat passed"
RECORDED = f"__typename {REFUSAL} ... on CohortRecorded {{ funnel {{ {FUNNEL} }} }}"
TYPES = {
    "certificate": "ID!",
    "level": "SkillLevel!",
    "term": "String!",
    "step": "CohortStep!",
    "accounts": "[ID!]!",
}


async def record(
    served: Served, certificate: str, step: str, accounts: list[str], **rest: Any
) -> dict[str, Any]:
    given = {
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "term": "2026春",
        "step": step,
        "accounts": accounts,
        **rest,
    }
    return await mutate(served.officer, "recordCohortStep", TYPES, RECORDED, **given)


async def counted(asker: Asker, **given: Any) -> dict[str, int]:
    types = {"regions": "[ID!]", "certificate": "ID", "level": "SkillLevel", "term": "String"}
    types["group"] = "LearnerGroup"
    given.setdefault("regions", [REGION])
    declared = ", ".join(f"${name}: {types[name]}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    data = await asker.ask(f"query({declared}) {{ cohortFunnel({passed}) {{ {FUNNEL} }} }}", **given)
    funnel: dict[str, int] = data["cohortFunnel"]
    return funnel


async def test_a_cohort_comes_out_as_it_went(served: Served, certificate: str) -> None:
    """The sources tell of 104 who were trained, 43 who sat and 31 who passed."""
    accounts = [(await open_account(served.officer, n))["account"]["id"] for n in range(1, 105)]
    for step, count in (("REGISTERED", 104), ("TRAINED", 104), ("SAT", 43), ("PASSED", 31)):
        recorded = await record(served, certificate, step, accounts[:count])
    expected = {"registered": 104, "trained": 104, "sat": 43, "passed": 31}
    assert recorded["funnel"] == expected
    assert await counted(served.public, certificate=certificate, term="2026春") == expected
    assert await counted(served.public) == expected


async def test_a_step_counts_once_and_none_is_skipped(served: Served, certificate: str) -> None:
    one = (await open_account(served.officer, 1))["account"]["id"]
    other = (await open_account(served.officer, 2, group="VETERAN"))["account"]["id"]
    await record(served, certificate, "REGISTERED", [one, other, one])
    again = await record(served, certificate, "REGISTERED", [one])
    assert again["funnel"]["registered"] == 2
    refused = await record(served, certificate, "SAT", [one])
    assert (refused["code"], refused["message"]) == (
        "COHORT_STEP",
        f"Account {one} has not TRAINED; nobody skips a step of a cohort.",
    )
    assert (await counted(served.officer, group="VETERAN"))["registered"] == 1
    assert (await counted(served.officer, term="2025秋"))["registered"] == 0
    assert (await counted(served.officer, level="ADVANCED"))["registered"] == 0


async def test_what_is_no_cohort_is_refused(sqlite_served: Served, certificate: str) -> None:
    account = (await open_account(sqlite_served.officer, 1))["account"]["id"]
    for rest, code in (
        ({"term": " "}, "MALFORMED_INPUT"),
        ({"accounts": []}, "MALFORMED_INPUT"),
        ({"accounts": [f"{REGION}-A-NOBODY"]}, "UNKNOWN_ACCOUNT"),
        ({"certificate": "nothing"}, "UNKNOWN_CERTIFICATE"),
    ):
        given = {"certificate": certificate, "step": "REGISTERED", "accounts": [account], **rest}
        answer = await record(sqlite_served, **given)  # type: ignore[arg-type] # given by name
        assert answer["code"] == code
