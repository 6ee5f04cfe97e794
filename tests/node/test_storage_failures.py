"""A database that cannot serve: a typed error, nothing lost or half done, and no restart needed after."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from tests.node.bank import new_key, open_account
from tests.node.conftest import Served, serving
from tests.node.databases import Engine, Postgresql

SUBMIT = """mutation($a: ID!, $k: String!, $t: String!) {
  submitOutcome(account: $a, idempotencyKey: $k,
    input: {kind: COURSE, title: $t, credits: "1.0", issuedOn: "2026-01-01"}
  ) { ... on OutcomeChanged { outcome { id } } } }"""


@pytest.fixture
async def impatient(sqlite: Engine, keys_file: Path, token_key: OKPKey) -> AsyncIterator[Served]:
    """A node on SQLite that does not wait long for a lock."""
    async with serving(sqlite.fresh(), keys_file, token_key, busy_timeout_ms=50) as one:
        yield one


def file_of(served: Served) -> str:
    file = served.node.database.url.database
    assert file is not None
    return file


def damage(file: Path) -> None:
    file.write_bytes(b"this is no database, it only stands where one was" * 100)


async def outcomes(served: Served, account: str) -> int:
    data = await served.officer.ask(
        "query($a: ID!) { account(id: $a) { outcomes { totalCount } } }", a=account
    )
    count: int = data["account"]["outcomes"]["totalCount"]
    return count


async def fails_then_succeeds(served: Served, account: str, title: str, code: str, restore: Any) -> None:
    """A write fails with `code`; after `restore` the same request with the same key is made, once."""
    given = {"a": account, "k": new_key(), "t": title}
    before = await outcomes(served, account)
    body = await served.officer.post(SUBMIT, given)
    (error,) = body["errors"]
    assert error["extensions"]["code"] == code
    assert "idempotency key" in error["extensions"]["hint"]
    assert await outcomes(served, account) == before
    restore()
    first = await served.officer.ask(SUBMIT, **given)
    again = await served.officer.ask(SUBMIT, **given)
    assert first == again
    assert await outcomes(served, account) == before + 1


async def test_a_locked_database(impatient: Served) -> None:
    account = (await open_account(impatient.officer))["account"]["id"]
    other = sqlite3.connect(file_of(impatient), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def release() -> None:
        other.execute("ROLLBACK")
        other.close()

    await fails_then_succeeds(impatient, account, "locked", "DATABASE_BUSY", release)


async def test_a_full_database(impatient: Served) -> None:
    """SQLite's own limit of pages gives the very error of a disk without space."""
    account = (await open_account(impatient.officer))["account"]["id"]
    async with impatient.node.database.write() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    limit = f"PRAGMA max_page_count={pages}"
    async with impatient.node.database.write() as connection:
        await connection.exec_driver_sql(limit)
    # Filled by titles until no page is left; what was acknowledged before stays.
    kept = 0
    for number in range(200):
        body = await impatient.officer.post(SUBMIT, {"a": account, "k": new_key(), "t": f"{number:0200}"})
        if "errors" in body:
            break
        kept += 1
    else:
        pytest.fail("the database never filled")
    assert body["errors"][0]["extensions"]["code"] == "DATABASE_FULL"
    assert await outcomes(impatient, account) == kept
    # The failure closed the connection, and with it the limit: the next write has space again.
    first = await impatient.officer.ask(SUBMIT, a=account, k=new_key(), t="after")
    assert first["submitOutcome"]["outcome"]["id"]


async def test_a_read_only_database(impatient: Served) -> None:
    account = (await open_account(impatient.officer))["account"]["id"]
    async with impatient.node.database.write() as connection:
        await connection.exec_driver_sql("PRAGMA query_only=ON")
    await fails_then_succeeds(impatient, account, "read-only", "DATABASE_READ_ONLY", lambda: None)


async def test_a_damaged_database(impatient: Served) -> None:
    await impatient.node.database.close()
    damage(Path(file_of(impatient)))
    (error,) = await impatient.officer.refused("{ statistics { accounts } }")
    assert error["extensions"]["code"] == "DATABASE_DAMAGED"


async def test_a_database_that_is_not_there(sqlite: Engine, keys_file: Path, token_key: OKPKey) -> None:
    async with serving("sqlite:////nowhere/at/all.sqlite", keys_file, token_key) as served:
        (error,) = await served.officer.refused("{ statistics { accounts } }")
        assert error["extensions"]["code"] == "DATABASE_UNREACHABLE"
        ready = await served.client.get("/health/ready")
        assert ready.status_code == 503
        assert "DATABASE_UNREACHABLE" in ready.text


async def test_a_read_only_postgresql(
    database_engines: dict[str, Engine], keys_file: Path, token_key: OKPKey
) -> None:
    engine = database_engines["postgresql"]
    assert isinstance(engine, Postgresql)
    url = engine.fresh()
    name = url.split("/")[3].split("?")[0]
    async with serving(url, keys_file, token_key) as served:
        account = (await open_account(served.officer))["account"]["id"]

        def read_only(on: str) -> None:
            engine.server.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = {on}")

        read_only("on")
        await served.node.database.close()  # a fail-over gives new connections

        await fails_then_succeeds(
            served, account, "read-only", "DATABASE_READ_ONLY", lambda: read_only("off")
        )


async def test_postgresql_that_drops_its_connections(
    database_engines: dict[str, Engine], keys_file: Path, token_key: OKPKey
) -> None:
    """Connections that a restart or a fail-over closed are replaced, unseen by callers."""
    engine = database_engines["postgresql"]
    assert isinstance(engine, Postgresql)
    url = engine.fresh()
    name = url.split("/")[3].split("?")[0]
    async with serving(url, keys_file, token_key) as served:
        account = (await open_account(served.officer))["account"]["id"]
        assert await outcomes(served, account) == 0
        engine.server.psql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
        )
        made = await served.officer.ask(SUBMIT, a=account, k=new_key(), t="after")
        assert made["submitOutcome"]["outcome"]["id"]
        assert await outcomes(served, account) == 1


async def test_postgresql_with_a_locked_account(
    database_engines: dict[str, Engine], keys_file: Path, token_key: OKPKey
) -> None:
    async with serving(
        database_engines["postgresql"].fresh(), keys_file, token_key, busy_timeout_ms=1_000
    ) as served:
        account = (await open_account(served.officer))["account"]["id"]
        async with served.node.bank.units.write() as unit:
            await unit.accounts.lock(account)
            body = await served.officer.post(SUBMIT, {"a": account, "k": "the-key", "t": "locked"})
            assert body["errors"][0]["extensions"]["code"] == "DATABASE_BUSY"
        made = await served.officer.ask(SUBMIT, a=account, k="the-key", t="locked")
        assert made["submitOutcome"]["outcome"]["id"]
