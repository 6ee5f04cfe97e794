"""Courses and two passed exams earn a certificate; no credit is made on the way, and none is used twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.bank import OUTCOME, deposited, new_key, open_account, step
from tests.node.conftest import Served
from tests.node.examining import register_party
from tests.node.published import publish, register, rule

MAJOR = "530701"
EXAMS = {"theoryPassedOn": "2026-05-10", "practicalPassedOn": "2026-05-20"}


async def award(
    served: Served, account: str, certificate: str, courses: list[str], rest: dict[str, Any] | None = None
) -> dict[str, Any]:
    answer = await served.officer.ask(
        f"mutation($a: ID!, $i: AwardCertificateInput!, $k: String!) {{"
        f" awardCertificate(account: $a, input: $i, idempotencyKey: $k) {{ {OUTCOME} }} }}",
        a=account,
        i={"certificate": certificate, "level": "INTERMEDIATE", "major": MAJOR, "courses": courses}
        | EXAMS
        | (rest or {}),
        k=new_key(),
    )
    result: dict[str, Any] = answer["awardCertificate"]
    return result


async def prepared(served: Served, certificate: str) -> tuple[str, list[str]]:
    """Rules by which two courses earn the certificate of 8.0, and an account that holds both."""
    await register(served.officer, certificate, level="INTERMEDIATE", credits="8.0")
    await publish(
        served.officer,
        rule(certificate, "网店运营", "5.0", direction="AWARD"),
        rule(certificate, "网络营销", "4.0", direction="AWARD"),
    )
    account = (await open_account(served.officer))["account"]["id"]
    one = await deposited(served.officer, account, title="网店运营", credits="6.0")
    other = await deposited(served.officer, account, title="网络营销", credits="4.0")
    return account, [one, other]


async def test_courses_and_exams_earn_the_certificate_and_the_sum_stays(
    served: Served, certificate: str
) -> None:
    account, courses = await prepared(served, certificate)
    awarded = await award(served, account, certificate, courses)
    assert [(entry["kind"], entry["credits"]) for entry in awarded["entries"]] == [
        ("CONVERSION", "-5.0"),
        ("CONVERSION", "-3.0"),
        ("CONVERSION", "8.0"),
    ]
    outcome = awarded["outcome"]
    assert (outcome["status"], outcome["coreCredits"], outcome["flexibleCredits"]) == (
        "VERIFIED",
        "5.6",
        "2.4",
    )
    assert outcome["account"]["balance"] == "10.0"
    again = await award(served, account, certificate, courses)
    assert again["code"] == "ALREADY_CONVERTED"


async def test_a_revoked_course_flags_what_it_earned(served: Served, certificate: str) -> None:
    account, courses = await prepared(served, certificate)
    awarded = await award(served, account, certificate, courses)
    revoked = await step(served.officer, "revokeOutcome", courses[0], ground="ERROR", reason="misread")
    assert revoked["flagged"] == [awarded["outcome"]["id"]]


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ({"theoryPassedOn": None}, "EXAM_NOT_PASSED"),
        ({"practicalPassedOn": None}, "EXAM_NOT_PASSED"),
        ({"practicalPassedOn": "2026-06-02"}, "MALFORMED_INPUT"),
        ({"level": "ADVANCED"}, "UNKNOWN_STANDARD"),
        ({"major": "000000"}, "UNKNOWN_MAJOR"),
        ({"certificate": "nothing"}, "UNKNOWN_CERTIFICATE"),
        ({"courses": []}, "CREDITS_INSUFFICIENT"),
        ({"courses": ["320000-O-NOBODY_1"]}, "UNKNOWN_OUTCOME"),
    ],
)
async def test_what_does_not_earn_it_is_refused(
    sqlite_served: Served, certificate: str, rest: dict[str, Any], code: str
) -> None:
    account, courses = await prepared(sqlite_served, certificate)
    assert (await award(sqlite_served, account, certificate, courses, rest))["code"] == code


async def test_only_courses_that_count_and_are_enough_earn_it(
    sqlite_served: Served, certificate: str
) -> None:
    served = sqlite_served
    account, courses = await prepared(served, certificate)
    short = await award(served, account, certificate, courses[:1])
    assert (short["code"], short["message"]) == (
        "CREDITS_INSUFFICIENT",
        "The courses give 5.0 credits; the certificate needs 8.0.",
    )
    other = await deposited(served.officer, account, title="数学", credits="9.0")
    assert (await award(served, account, certificate, [other]))["code"] == "COURSE_NOT_COUNTED"
    twice = await deposited(served.officer, account, title="网店运营", credits="3.0", issuedOn="2026-05-02")
    assert (await award(served, account, certificate, [courses[0], twice]))["code"] == "COURSE_NOT_COUNTED"


async def test_who_examined_must_be_registered(served: Served, certificate: str) -> None:
    account, courses = await prepared(served, certificate)
    await register_party(served.officer, code="K1")
    for rest in ({}, {"examiner": "K2"}):
        assert (await award(served, account, certificate, courses, rest))["code"] == "EXAM_PARTY_UNREGISTERED"
    awarded = await award(served, account, certificate, courses, {"examiner": "K1"})
    assert awarded["outcome"]["status"] == "VERIFIED"
