"""The same key never does a thing twice: a repeat gets the first answer, another request is refused."""

from __future__ import annotations

import asyncio
from datetime import date

from edge.caller import Role
from tests.node.bank import deposited, new_key, open_account, step, submit
from tests.node.conftest import Served


async def test_a_repeat_gets_the_first_answer_whatever_happened_since(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    key = new_key()
    first = await submit(served.officer, account, key=key)
    await step(served.officer, "verifyOutcome", first["outcome"]["id"])
    again = await submit(served.officer, account, key=key)
    assert again["outcome"]["status"] == "SUBMITTED"
    assert again["outcome"]["id"] == first["outcome"]["id"]
    data = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { outcomes { totalCount } } }", a=account
    )
    assert data["account"]["outcomes"]["totalCount"] == 1


async def test_a_refusal_is_an_answer_too(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    await step(served.officer, "freezeAccount", account, reason="r")
    key = new_key()
    assert (await submit(served.officer, account, key=key))["code"] == "ACCOUNT_FROZEN"
    await step(served.officer, "unfreezeAccount", account, reason="r")
    assert (await submit(served.officer, account, key=key))["code"] == "ACCOUNT_FROZEN"
    assert (await submit(served.officer, account))["outcome"]["status"] == "SUBMITTED"


async def test_a_key_used_for_another_request_is_refused(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    key = new_key()
    outcome = (await submit(served.officer, account, key=key))["outcome"]["id"]
    other_body = await submit(served.officer, account, key=key, credits="3.0")
    other_kind = await step(served.officer, "verifyOutcome", outcome, key=key)
    assert (other_body["code"], other_kind["code"]) == ("IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_REUSED")


async def test_keys_belong_to_their_caller(served: Served) -> None:
    opened = (await open_account(served.officer))["account"]
    officer, learner = served.officer, served.learner(opened["learner"]["id"])
    first = await submit(officer, opened["id"], key="1", title="one")
    second = await submit(learner, opened["id"], key="1", title="two")
    assert first["outcome"]["id"] != second["outcome"]["id"]


async def test_keys_have_a_length(sqlite_served: Served) -> None:
    served = sqlite_served
    account = (await open_account(served.officer))["account"]["id"]
    data = await served.officer.ask(
        'mutation($a: ID!) { freezeAccount(id: $a, reason: "r", idempotencyKey: "") {'
        " ... on Refusal { code message } } }",
        a=account,
    )
    assert data["freezeAccount"]["code"] == "MALFORMED_INPUT"
    assert (await step(served.officer, "freezeAccount", account, key="k" * 129, reason="r"))["code"] == (
        "MALFORMED_INPUT"
    )
    assert (await step(served.officer, "freezeAccount", account, key="k" * 128, reason="r"))["account"]


async def test_many_at_once_with_one_key_do_it_once(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    key = new_key()
    answers = await asyncio.gather(*(submit(served.officer, account, key=key) for _ in range(12)))
    assert len({answer["outcome"]["id"] for answer in answers}) == 1
    outcome = answers[0]["outcome"]["id"]
    key = new_key()
    await asyncio.gather(*(step(served.officer, "verifyOutcome", outcome, key=key) for _ in range(12)))
    data = await served.officer.ask("query($a: ID!) { account(id: $a) { balance } }", a=account)
    assert data["account"]["balance"] == "2.0"


async def test_many_at_once_with_different_keys_still_do_it_once(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    outcome = (await submit(served.officer, account))["outcome"]["id"]
    answers = await asyncio.gather(*(step(served.officer, "verifyOutcome", outcome) for _ in range(12)))
    assert sorted(answer.get("code", "done") for answer in answers) == ["OUTCOME_STATUS"] * 11 + ["done"]
    opened = await asyncio.gather(*(open_account(served.officer, 9) for _ in range(8)))
    assert sorted(answer.get("code", "done") for answer in opened) == ["ACCOUNT_EXISTS"] * 7 + ["done"]


async def test_work_on_one_account_at_once_loses_nothing(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    await asyncio.gather(
        *(deposited(served.officer, account, title=f"course {number}") for number in range(10))
    )
    data = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { balance"
        " ledger(first: 20) { edges { node { balanceAfter } } } } }",
        a=account,
    )
    assert data["account"]["balance"] == "20.0"
    running = [edge["node"]["balanceAfter"] for edge in data["account"]["ledger"]["edges"]]
    assert running == [f"{2 * number}.0" for number in range(1, 11)]


async def test_a_repeat_is_answered_on_another_day(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    key = new_key()
    first = await submit(served.officer, account, key=key)
    served.clock.go_to(date(2027, 1, 1))
    assert (await submit(served.officer, account, key=key))["outcome"]["id"] == first["outcome"]["id"]


async def test_the_portal_changes_nothing(sqlite_served: Served) -> None:
    served = sqlite_served
    opened = (await open_account(served.officer))["account"]
    for asker in (
        served.portal,
        served.public,
        served.asker(Role.AUDITOR, region="320000"),
        served.asker(Role.OFFICER, region="310000"),
        served.learner("L-SOMEBODYELSE"),
    ):
        assert (await submit(asker, opened["id"]))["code"] == "NOT_PERMITTED"
        assert (await step(asker, "freezeAccount", opened["id"], reason="r"))["code"] == "NOT_PERMITTED"
