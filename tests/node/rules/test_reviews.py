"""The yearly review marks the bottom tenth of the standards in use, and nobody by chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.sample import load_sample
from region_node.domain.refusal import Refusal
from region_node.domain.review import PART_RETIRED, conclude, review
from region_node.domain.standards import CertificateStandard
from schema.agreements import SkillLevel
from tests.node.bank import REFUSAL, deposited, open_account, step, submit
from tests.node.conftest import Served
from tests.node.databases import REGION
from tests.node.published import VERSION, mutate, register

ADVANCED = SkillLevel.ADVANCED


def standards(count: int) -> list[CertificateStandard]:
    return [
        CertificateStandard(f"X{n:03}", "org", ADVANCED, "1.0", 56, 24, date(2020, 1, 1))
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "retired"),
    [
        ([], 0),
        ([1] * 9, 0),
        ([0, *range(1, 10)], 1),
        ([0, 0, *range(1, 9)], 0),
        ([0, 1, *range(5, 23)], 2),
        ([0, 1, 1, *range(5, 22)], 1),
    ],
)
def test_the_bottom_tenth_is_marked(counts: list[int], retired: int) -> None:
    all_of_them = standards(len(counts))
    issued = {(one.certificate, ADVANCED): n for one, n in zip(all_of_them, counts, strict=True)}
    assert sum(one.retires for one in review(all_of_them, issued, 2025)) == retired


@given(st.lists(st.integers(0, 5), max_size=60))
def test_never_more_than_a_tenth_and_none_before_one_with_fewer(counts: list[int]) -> None:
    all_of_them = standards(len(counts))
    issued = {(one.certificate, ADVANCED): n for one, n in zip(all_of_them, counts, strict=True)}
    found = review(all_of_them, issued, 2025)
    marked = [one.issued for one in found if one.retires]
    assert len(marked) * PART_RETIRED <= len(found)
    assert max(marked, default=-1) < min((one.issued for one in found if not one.retires), default=0)


async def test_a_region_is_reviewed_by_what_stands_verified(served: Served, certificate: str) -> None:
    await register(served.officer, certificate, level="INTERMEDIATE", credits="8.0")
    account = (await open_account(served.officer))["account"]["id"]
    facts = {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广",
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "credits": "8.0",
    }
    await deposited(served.officer, account, **facts)
    await submit(served.officer, account, **{**facts, "issuedOn": "2026-05-02"})
    await deposited(served.officer, account, **{**facts, "issuedOn": "2025-05-02"})
    query = """query($r: ID!, $y: Int!) { yearlyReview(region: $r, year: $y) {
      issued retires standard { certificate } } }"""
    data = await served.public.ask(query, r=REGION, y=2026)
    assert data["yearlyReview"] == [{"issued": 1, "retires": False, "standard": {"certificate": certificate}}]
    (error,) = await served.public.refused(query, r=REGION, y=1066)
    assert error["extensions"]["code"] == "YEAR_INVALID"


CONCLUDED = f"""__typename {REFUSAL} ... on ReviewConcluded {{ year retiredFrom standards {{
  issued retires standard {{ version retiredFrom }} }} }}"""


async def conclude_review(served: Served, year: int, first_day: str) -> dict[str, Any]:
    types = {"year": "Int!", "from": "Date!"}
    given_: dict[str, Any] = {"year": year, "from": first_day}
    return await mutate(served.officer, "concludeReview", types, CONCLUDED, **given_)


async def test_a_concluded_review_retires_what_it_marks_and_is_never_changed(
    served: Served, certificate: str
) -> None:
    """Ten standards, nine of them with an issue: the tenth is retired."""
    account = (await open_account(served.officer))["account"]["id"]
    facts = {"kind": "X_CERTIFICATE", "title": "网店运营推广", "certificate": certificate, "credits": "8.0"}
    codes = [one.code for one in load_sample().certificates if one.organisation]
    others = [code for code in codes if code != certificate][:9]
    for code in (certificate, *others):
        await register(served.officer, code)
    facts["level"] = "INTERMEDIATE"
    issued = [
        await deposited(served.officer, account, **{**facts, "certificate": code, "issuedOn": "2025-05-02"})
        for code in others
    ]
    for year, day, told in (
        (2026, "2026-12-31", "the year 2026 is not over"),
        (2025, "2026-06-01", "from 2026-06-01 must be after today, 2026-06-01"),
    ):
        refused = await conclude_review(served, year, day)
        assert refused["code"] == "MALFORMED_INPUT"
        assert told in refused["message"]
    concluded = await conclude_review(served, 2025, "2026-09-01")
    assert (concluded["year"], concluded["retiredFrom"]) == (2025, "2026-09-01")
    marked = [one for one in concluded["standards"] if one["retires"]]
    assert marked == [
        {"issued": 0, "retires": True, "standard": {"version": VERSION, "retiredFrom": "2026-09-01"}}
    ]
    again = await conclude_review(served, 2025, "2026-10-01")
    assert again["code"] == "REVIEW_CONCLUDED"
    assert "retired 1 standards from 2026-09-01" in again["message"]
    # What comes to light later changes no conclusion.
    await step(served.officer, "revokeOutcome", issued[0], ground="ERROR", reason="r")
    query = "query($r: ID!, $y: Int!) { yearlyReview(region: $r, year: $y) { issued retires } }"
    kept = await served.public.ask(query, r=REGION, y=2025)
    assert sorted(one["issued"] for one in kept["yearlyReview"]) == [0] + [1] * (len(others))
    assert [one["retires"] for one in kept["yearlyReview"]].count(True) == 1
    # Holders keep their rights, new issues stop.
    served.clock.go_to(date(2026, 9, 2))
    for day, ends in (("2026-08-31", "OutcomeChanged"), ("2026-09-01", "Refusal")):
        submitted = await submit(served.officer, account, **{**facts, "issuedOn": day})
        answer = await step(served.officer, "verifyOutcome", submitted["outcome"]["id"])
        assert answer["__typename"] == ends


async def test_what_somebody_retired_meanwhile_stays_as_it_is() -> None:
    one, *rest = standards(10)
    retired = replace(one, retired_from=date(2026, 3, 1))
    issued = {(other.certificate, ADVANCED): 5 for other in rest}
    found = conclude(review([retired, *rest], issued, 2025), 2025, date(2026, 9, 1), date(2026, 6, 1))
    assert not isinstance(found, Refusal)
    assert found.retired == ()
    assert found.ranking[0].standard == retired
