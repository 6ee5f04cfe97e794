"""An exam is believed of whom its organisation had registered that day, where it keeps a register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from region_node.domain.examining import Examination, ExamParty, Registration, objection
from tests.node.bank import OUTCOME, new_key, open_account, submit
from tests.node.conftest import Served
from tests.node.databases import REGION
from tests.node.examining import ISSUER, end_party, register_party
from tests.node.published import register

EXAM = date(2026, 3, 10)
EXAMINER = Registration("V", ExamParty.EXAMINER, "K1", 1, date(2026, 1, 1))
SITE = Registration("V", ExamParty.SITE, "S1", 1, date(2026, 1, 1), "沙坪坝考点")
BOTH = Examination("K1", "S1")


def ended(one: Registration, on: date, *, vetoed: bool = False) -> Registration:
    return replace(one, ended_on=on, vetoed=vetoed)


@pytest.mark.parametrize(
    ("examination", "registered", "code"),
    [
        (Examination(), (), None),
        (BOTH, (EXAMINER, SITE), None),
        # Nobody may be named who is in no register; and where there is one, somebody must be.
        (BOTH, (), "EXAM_PARTY_UNREGISTERED"),
        (Examination(), (EXAMINER,), "EXAM_PARTY_UNREGISTERED"),
        (Examination("K1"), (EXAMINER, SITE), "EXAM_PARTY_UNREGISTERED"),
        (Examination("K1"), (EXAMINER,), None),
        (Examination("S1"), (EXAMINER, SITE), "EXAM_PARTY_UNREGISTERED"),
        # The days: the first counts, that of the end does not.
        (Examination("K1"), (replace(EXAMINER, first_day=EXAM),), None),
        (Examination("K1"), (replace(EXAMINER, first_day=date(2026, 3, 11)),), "EXAM_PARTY_UNREGISTERED"),
        (Examination("K1"), (ended(EXAMINER, EXAM),), "EXAM_PARTY_UNREGISTERED"),
        (Examination("K1"), (ended(EXAMINER, date(2026, 3, 11)),), None),
        (Examination(), (ended(EXAMINER, date(2026, 2, 1)),), None),
        # A veto also looks back as far as the review window, here 30 days; whoever judges may let it pass.
        (Examination("K1"), (ended(EXAMINER, date(2026, 4, 9), vetoed=True),), "EXAM_UNDER_REVIEW"),
        (Examination("K1", judged=True), (ended(EXAMINER, date(2026, 4, 9), vetoed=True),), None),
        (Examination("K1"), (ended(EXAMINER, date(2026, 4, 10), vetoed=True),), None),
        (Examination("K1", judged=True), (ended(EXAMINER, EXAM, vetoed=True),), "EXAM_PARTY_UNREGISTERED"),
        # Ended, and registered anew.
        (
            Examination("K1"),
            (ended(EXAMINER, date(2026, 2, 1)), replace(EXAMINER, number=2, first_day=date(2026, 3, 1))),
            None,
        ),
    ],
)
def test_what_the_register_says(
    examination: Examination, registered: tuple[Registration, ...], code: str | None
) -> None:
    against = objection(examination, registered, EXAM, window_days=30)
    assert (against and against.code.value) == code


async def verify(served: Served, outcome: str, **stated: Any) -> dict[str, Any]:
    types = {"examiner": "String", "site": "String", "judged": "Boolean!"}
    declared = "".join(f", ${name}: {types[name]}" for name in stated)
    given = "".join(f", {name}: ${name}" for name in stated)
    answer = await served.officer.ask(
        f"mutation($id: ID!, $k: String!{declared}) {{"
        f" verifyOutcome(id: $id, idempotencyKey: $k{given}) {{ {OUTCOME} }} }}",
        id=outcome,
        k=new_key(),
        **stated,
    )
    found: dict[str, Any] = answer["verifyOutcome"]
    return found


async def certificate_of(served: Served, certificate: str, number: int) -> str:
    """Hand one in that was examined on 10 March by somebody of whom the sheet claims nothing."""
    account = (await open_account(served.officer, number))["account"]["id"]
    facts = {"kind": "X_CERTIFICATE", "certificate": certificate, "level": "INTERMEDIATE", "credits": "8.0"}
    submitted = await submit(
        served.officer, account, title="网店运营推广", issuedOn="2026-03-20", examinedOn="2026-03-10", **facts
    )
    identifier: str = submitted["outcome"]["id"]
    return identifier


async def test_a_certificate_is_verified_by_who_examined(served: Served, certificate: str) -> None:
    officer = served.officer
    await register(officer, certificate)
    first, second, third = [await certificate_of(served, certificate, number) for number in (1, 2, 3)]
    # Before the organisation has a register here, nobody is asked for.
    assert (await verify(served, first))["outcome"]["status"] == "VERIFIED"
    registered = (await register_party(officer, code=" K1 "))["registration"]
    assert registered == {
        "party": "EXAMINER",
        "code": "K1",
        "name": "",
        "firstDay": "2026-01-01",
        "endedOn": None,
        "vetoed": False,
    }
    await register_party(officer, party="SITE", code="S1", name="沙坪坝考点")
    unnamed = await verify(served, second)
    assert (unnamed["code"], unnamed["message"]) == (
        "EXAM_PARTY_UNREGISTERED",
        "EXAMINER – was not registered with the organisation on 2026-03-10, the day of the exam.",
    )
    assert (await verify(served, second, examiner="K1", site="S2"))["code"] == "EXAM_PARTY_UNREGISTERED"
    assert (await verify(served, second, examiner="K1", site="S1"))["outcome"]["status"] == "VERIFIED"
    query = "query($id: ID!) { outcome(id: $id) { examiner site examinerLevel } }"
    # Examiners who are registered hold ADVANCED.
    assert (await officer.ask(query, id=second))["outcome"] == {
        "examiner": "K1", "site": "S1", "examinerLevel": "ADVANCED"
    }  # fmt: skip
    assert (await end_party(officer, "2026-04-01", code="S1", party="SITE", veto=True))["registration"][
        "vetoed"
    ]
    under_review = await verify(served, third, examiner="K1", site="S1")
    assert under_review["code"] == "EXAM_UNDER_REVIEW"
    judged = await verify(served, third, examiner="K1", site="S1", judged=True)
    assert judged["outcome"]["status"] == "VERIFIED"


async def test_registrations_follow_one_another(served: Served) -> None:
    officer = served.officer
    for wrong, told in (
        ({"code": " "}, "code must have 1 to 64 characters"),
        ({"code": "S1", "party": "SITE"}, "name must have 1 to 200 characters"),
        ({"code": "K1", "name": "张三"}, "an examiner is registered by code"),
    ):
        refused = await register_party(officer, **wrong)
        assert refused["code"] == "MALFORMED_INPUT"
        assert told in refused["message"]
    assert (await register_party(officer, code="K1", organisation="无此机构"))[
        "code"
    ] == "UNKNOWN_ORGANISATION"
    assert (await end_party(officer, "2026-03-01", code="K1"))["code"] == "MALFORMED_INPUT"
    await register_party(officer, code="K1")
    assert (await register_party(officer, "2026-05-01", code="K1"))["code"] == "MALFORMED_INPUT"
    assert (await end_party(officer, "2025-12-31", code="K1"))["code"] == "MALFORMED_INPUT"
    await end_party(officer, "2026-03-01", code="K1")
    assert (await end_party(officer, "2026-03-02", code="K1"))["code"] == "MALFORMED_INPUT"
    assert (await register_party(officer, "2026-02-28", code="K1"))["code"] == "MALFORMED_INPUT"
    assert (await register_party(officer, "2026-03-01", code="K1"))["registration"][
        "firstDay"
    ] == "2026-03-01"
    query = """query($r: ID!, $o: ID!, $day: Date) {
      examRegistrations(region: $r, organisation: $o, asOf: $day) { code firstDay endedOn } }"""
    kept = (await officer.ask(query, r=REGION, o=ISSUER))["examRegistrations"]
    assert kept == [
        {"code": "K1", "firstDay": "2026-01-01", "endedOn": "2026-03-01"},
        {"code": "K1", "firstDay": "2026-03-01", "endedOn": None},
    ]
    assert (await officer.ask(query, r=REGION, o=ISSUER, day="2026-02-28"))["examRegistrations"] == kept[:1]
    (error,) = await served.public.refused(query, r=REGION, o=ISSUER)
    assert error["extensions"]["code"] in {"FORBIDDEN", "UNAUTHENTICATED", "NOT_PERMITTED"}
