"""An account is opened once for each learner, and its life is a list of dated steps."""

from __future__ import annotations

from datetime import date

from tests.node.bank import open_account, step
from tests.node.conftest import Served, citizen_number


async def test_officer_opens_an_account_and_anybody_permitted_reads_it(served: Served) -> None:
    opened = await open_account(served.officer, order=1, group="VETERAN")
    account = opened["account"]
    assert account["id"].startswith("320000-A-")
    assert account["learner"]["id"].startswith("L-")
    assert len(account["learner"]["id"]) == 28
    shown = await served.learner(account["learner"]["id"]).ask(
        "query($id: ID!) { account(id: $id) { id status group openedOn balance history { status on } } }",
        id=account["id"],
    )
    assert shown["account"] == {
        "id": account["id"],
        "status": "OPEN",
        "group": "VETERAN",
        "openedOn": "2026-06-01",
        "balance": "0.0",
        "history": [{"status": "OPEN", "on": "2026-06-01"}],
    }


async def test_one_learner_has_one_account_until_it_is_closed(served: Served) -> None:
    first = (await open_account(served.officer, order=1))["account"]
    again = await open_account(served.officer, order=1)
    assert again["code"] == "ACCOUNT_EXISTS"
    assert first["id"] in again["message"]
    closed = await step(served.officer, "closeAccount", first["id"], reason="moved away")
    assert closed["account"]["status"] == "CLOSED"
    second = (await open_account(served.officer, order=1))["account"]
    assert second["id"] != first["id"]
    assert second["learner"] == first["learner"]


async def test_every_step_is_kept_with_its_day(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    served.clock.go_to(date(2026, 6, 2))
    await step(served.officer, "freezeAccount", account, reason="a question")
    assert (await step(served.officer, "freezeAccount", account, reason="again"))["code"] == "ACCOUNT_FROZEN"
    assert (await step(served.officer, "closeAccount", account, reason="no"))["code"] == "ACCOUNT_FROZEN"
    served.clock.go_to(date(2026, 6, 3))
    await step(served.officer, "unfreezeAccount", account, reason="answered")
    data = await served.officer.ask(
        "query($id: ID!) { account(id: $id) { history { status on reason } } }", id=account
    )
    assert data["account"]["history"] == [
        {"status": "OPEN", "on": "2026-06-01", "reason": "opened"},
        {"status": "FROZEN", "on": "2026-06-02", "reason": "a question"},
        {"status": "OPEN", "on": "2026-06-03", "reason": "answered"},
    ]


async def test_the_citizen_number_is_checked_and_shown_masked_to_officers_only(served: Served) -> None:
    number = citizen_number(7)
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    refused = await open_account(served.officer, citizenNumber=wrong)
    assert refused["code"] == "INVALID_CITIZEN_NUMBER"
    account = (await open_account(served.officer, citizenNumber=f" {number.lower()} "))["account"]["id"]
    query = "query($id: ID!) { account(id: $id) { citizenNumberMasked } }"
    shown = await served.officer.ask(query, id=account)
    assert shown["account"]["citizenNumberMasked"] == f"999999{'*' * 10}{number[-2:]}"
    (error,) = await served.portal.refused(query, id=account)
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["path"] == ["account", "citizenNumberMasked"]


async def test_the_citizen_number_is_nowhere_in_the_books(served: Served) -> None:
    number = citizen_number(7)
    await open_account(served.officer, order=7, key="k")
    async with served.node.database.read() as connection:
        tables = ("accounts", "answers", "account_events")
        rows = [
            str(row)
            for table in tables
            for row in await connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - our names
        ]
    assert len(rows) == 3
    assert not [row for row in rows if number in row or number[6:14] in row]
