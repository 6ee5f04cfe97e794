"""The ledger is only ever added to, and the database itself sees to it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from tests.node.bank import deposited, open_account
from tests.node.conftest import Served


@pytest.mark.parametrize("table", ["ledger_entries", "outcome_events", "account_events"])
async def test_no_row_of_the_books_can_be_changed_or_deleted(served: Served, table: str) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    await deposited(served.officer, account)
    database = served.node.database
    statements = [f"UPDATE {table} SET account_id = account_id", f"DELETE FROM {table}"]  # noqa: S608
    if not database.is_sqlite:
        statements.append(f"TRUNCATE {table}")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as connection:
                await connection.exec_driver_sql(statement)
    async with database.read() as connection:
        count = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608
        assert count.scalar_one() >= 1


async def test_a_lookup_cannot_write(served: Served) -> None:
    with pytest.raises(Exception, match=r"DATABASE_READ_ONLY"):
        async with served.node.database.read() as connection:
            await connection.exec_driver_sql("DELETE FROM answers")


async def test_the_ledger_is_read_forwards_and_backwards(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    for number in range(1, 6):
        await deposited(served.officer, account, title=f"course {number}", credits=f"{number}.0")
    data = await served.officer.ask(
        """query($a: ID!) { account(id: $a) {
          balance
          first: ledger(first: 2) { edges { node { credits } } pageInfo { hasNextPage endCursor } }
          last: ledger(last: 2) { edges { node { credits balanceAfter } } pageInfo { hasPreviousPage } }
        } }""",
        a=account,
    )
    shown = data["account"]
    assert shown["balance"] == "15.0"
    assert [edge["node"]["credits"] for edge in shown["first"]["edges"]] == ["1.0", "2.0"]
    assert shown["last"]["edges"] == [
        {"node": {"credits": "4.0", "balanceAfter": "10.0"}},
        {"node": {"credits": "5.0", "balanceAfter": "15.0"}},
    ]
    assert shown["last"]["pageInfo"]["hasPreviousPage"] is True
    more = await served.officer.ask(
        """query($a: ID!, $after: String) { ledger(account: $a, first: 2, after: $after) {
          edges { node { credits } } pageInfo { hasNextPage hasPreviousPage } } }""",
        a=account,
        after=shown["first"]["pageInfo"]["endCursor"],
    )
    assert [edge["node"]["credits"] for edge in more["ledger"]["edges"]] == ["3.0", "4.0"]
    assert more["ledger"]["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}
