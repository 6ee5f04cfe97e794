"""The yearly review marks the bottom tenth of the standards in use, and nobody by chance."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.domain.review import PART_RETIRED, review
from region_node.domain.standards import CertificateStandard
from schema.agreements import SkillLevel
from tests.node.bank import deposited, open_account, submit
from tests.node.conftest import Served
from tests.node.databases import REGION
from tests.node.published import register

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
