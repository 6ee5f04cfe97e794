"""Reasons that the bank wrote are told by code and in the reader's language; people's as they wrote them."""

from __future__ import annotations

from typing import Any

import pytest

from region_node.domain.bank_reasons import FORMS, BankReason, read, write
from tests.node.bank import close_case, deposited, open_account, step
from tests.node.conftest import Asker, Served

HISTORY = """query($a: ID!, $o: ID!) {
  account(id: $a) { history { status reason reasonCode reasonSubject } }
  outcome(id: $o) { history { step reason reasonCode reasonSubject } } }"""


@pytest.mark.parametrize("code", BankReason)
def test_what_is_written_is_read_again(code: BankReason) -> None:
    facts = {"subject": "320000-O-X2_7", "finding": "UPHELD"}
    named = {name: value for name, value in facts.items() if f"{{{name}}}" in FORMS[code][0]}
    found = read(write(code, **named))
    assert found is not None
    assert (found.code, found.facts) == (code, named)
    assert all(value in found.told("zh") for value in named.values())


@pytest.mark.parametrize(
    "text", ["", "Opened", "opened by mistake", "case closed", "derives from my diary", "replaced by X"]
)
def test_what_people_write_is_theirs(text: str) -> None:
    assert read(text) is None


async def told(asker: Asker, language: str, **given: str) -> dict[str, Any]:
    body = await asker.post(HISTORY, given, accept_language=language)
    found: dict[str, Any] = body["data"]
    return found


async def test_a_history_in_two_languages(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    source = await deposited(served.officer, account)
    resting = await deposited(served.officer, account, title="直播", derivedFrom=[source])
    revoked = await step(served.officer, "revokeOutcome", source, ground="FRAUD", reason="bought")
    case = revoked["case"]["id"]
    await close_case(served.officer, case, "UPHELD")
    await step(served.officer, "freezeAccount", account, reason="asked by the court")
    english = await told(served.officer, "en", a=account, o=resting)
    assert [(one["reasonCode"], one["reasonSubject"]) for one in english["account"]["history"]] == [
        ("OPENED", None),
        ("CASE_OPENED", case),
        ("CASE_DECIDED", case),
        (None, None),
    ]
    kept = ["opened", f"case {case}", f"case {case}: UPHELD", "asked by the court"]
    assert [one["reason"] for one in english["account"]["history"]] == kept
    assert english["outcome"]["history"][-1] == {
        "step": "FLAGGED",
        "reason": f"derives from {source}, which was revoked",
        "reasonCode": "DERIVES_FROM",
        "reasonSubject": source,
    }
    chinese = await told(served.officer, "zh", a=account, o=resting)
    told_ = ["开户", f"案件 {case} 立案", f"案件 {case} 已结：UPHELD", "asked by the court"]
    assert [one["reason"] for one in chinese["account"]["history"]] == told_
    assert chinese["outcome"]["history"][-1]["reason"] == f"来源成果 {source} 已被撤销"
