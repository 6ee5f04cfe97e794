"""What was revoked by mistake is handed in again; what was revoked for fraud, or was used, is not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from region_node.storage.tables import table_of
from region_node.storage.tables_bank import OutcomeRow
from tests.node.bank import close_case, deposited, open_account, step, submit
from tests.node.conftest import Served
from tests.node.published import publish, rule

MAJOR = "530701"


def certified(certificate: str) -> dict[str, Any]:
    return {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广",
        "credits": "8.0",
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "certificateNumber": "No. 7",
    }


async def test_after_a_mistake(served: Served, certificate: str) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    given = certified(certificate)
    first = await deposited(served.officer, account, **given)
    assert (await submit(served.officer, account, **given))["code"] == "OUTCOME_EXISTS"
    await step(served.officer, "revokeOutcome", first, ground="ERROR", reason="wrong account")
    # The paper may be anybody's now: here it is another learner's.
    other = (await open_account(served.officer, 2))["account"]["id"]
    second = await deposited(served.officer, other, **given)
    assert second != first
    assert (await submit(served.officer, account, **given))["code"] == "OUTCOME_EXISTS"
    query = "query($a: ID!, $b: ID!) { a: account(id: $a) { balance } b: account(id: $b) { balance } }"
    balances = await served.officer.ask(query, a=account, b=other)
    assert balances == {"a": {"balance": "0.0"}, "b": {"balance": "8.0"}}


async def test_not_after_fraud(served: Served, certificate: str) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    given = certified(certificate)
    first = await deposited(served.officer, account, **given)
    revoked = await step(served.officer, "revokeOutcome", first, ground="FRAUD", reason="bought")
    await close_case(served.officer, revoked["case"]["id"], "DISMISSED")
    assert (await submit(served.officer, account, **given))["code"] == "OUTCOME_EXISTS"


async def test_not_once_it_was_used(served: Served, certificate: str) -> None:
    """Its courses are on the account still, for a person to look at: the paper may not give them twice."""
    account = (await open_account(served.officer))["account"]["id"]
    given = certified(certificate)
    await publish(served.officer, rule(certificate, "网店运营", "8.0"))
    first = await deposited(served.officer, account, **given)
    await step(served.officer, "convertOutcome", first, major=MAJOR)
    await step(served.officer, "revokeOutcome", first, ground="ERROR", reason="typed twice")
    assert (await submit(served.officer, account, **given))["code"] == "OUTCOME_EXISTS"


async def test_what_was_revoked_before_this_was_so(served: Served, certificate: str) -> None:
    """Older books keep the identity of what was revoked: migrating releases what was a mistake, alone."""
    account = (await open_account(served.officer))["account"]["id"]
    first = await deposited(served.officer, account, **certified(certificate))
    others = [await deposited(served.officer, account, title=title) for title in ("英语", "数学")]
    outcomes = table_of(OutcomeRow)
    identities = sa.select(outcomes.c.id, outcomes.c.identity)
    async with served.node.database.read() as connection:
        before = {row.id: row.identity for row in await connection.execute(identities)}
    await step(served.officer, "revokeOutcome", first, ground="ERROR", reason="wrong account")
    await step(served.officer, "revokeOutcome", others[0], ground="FRAUD", reason="bought")

    def upgrade(connection: sa.Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            import_module("region_node.storage.migrations.versions.0012_released").upgrade()

    async with served.node.database.write() as connection:
        as_it_was = sa.update(outcomes).where(outcomes.c.id == first).values(identity=before[first])
        await connection.execute(as_it_was)
        await connection.run_sync(upgrade)
        after = {row.id: row.identity for row in await connection.execute(identities)}
    assert after == before | {first: first}
