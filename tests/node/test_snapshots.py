"""Reads of a database: one snapshot each, on connections that are kept, and replaced when they have died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.service.failures import StorageCode, StorageFailure
from region_node.storage.database import Database, DatabaseLimits
from region_node.storage.snapshots import fetch
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import AccountEventRow, AccountRow
from tests.node.databases import Engine, Postgresql

ACCOUNTS = table_of(AccountRow)
EVENTS = table_of(AccountEventRow)
AT = datetime(2026, 6, 1, 4, 30, tzinfo=UTC)
IDS = sa.select(ACCOUNTS.c.id, ACCOUNTS.c.opened_on).order_by(ACCOUNTS.c.id)
STEPS = sa.select(EVENTS.c.recorded_at, EVENTS.c.on_day).where(EVENTS.c.recorded_at <= sa.bindparam("at"))
LIMITS = DatabaseLimits(readers=2, busy_timeout_ms=200)


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[Database]:
    one = Database(engine.fresh(), LIMITS)
    yield one
    await one.close()


async def add(database: Database, id_: str) -> None:
    row = {
        "id": id_,
        "learner_id": f"L-{id_}",
        "citizen_sealed": b"sealed",
        "citizen_index": f"index {id_}",
        "learner_group": "IN_WORK",
        "status": "OPEN",
        "opened_on": date(2026, 1, 2),
    }
    step = {"account_id": id_, "number": 1, "status": "OPEN", "on_day": date(2026, 1, 2)}
    async with database.write() as connection:
        await connection.execute(sa.insert(ACCOUNTS).values(row))
        await connection.execute(
            sa.insert(EVENTS).values(**step, recorded_at=AT, actor="a", reason="", seal="s")
        )


async def ids(connection: AsyncConnection) -> list[str]:
    return [id_ for id_, _ in await fetch(connection, IDS, {})]


async def test_all_statements_of_a_read_see_one_state(database: Database) -> None:
    await add(database, "a")
    async with database.read() as first:
        assert await ids(first) == ["a"]
        await add(database, "b")
        async with database.read() as second:
            assert await ids(second) == ["a", "b"]
        assert await ids(first) == ["a"]
        assert len((await first.execute(IDS)).all()) == 1
    async with database.read() as third:
        assert await ids(third) == ["a", "b"]


async def test_what_is_sent_to_the_driver_comes_back_as_sqlalchemy_gives_it(database: Database) -> None:
    await add(database, "a")
    given: dict[str, Any] = {"at": AT}
    async with database.read() as connection:
        assert [tuple(row) for row in await fetch(connection, STEPS, given)] == [
            tuple(row) for row in await connection.execute(STEPS, given)
        ]
        assert [tuple(row) for row in await fetch(connection, STEPS, given)] == [(AT, date(2026, 1, 2))]
    async with database.write() as connection:
        assert len(await fetch(connection, STEPS, given)) == 1


async def test_a_read_writes_nothing(database: Database) -> None:
    with pytest.raises(StorageFailure) as refused:
        async with database.read() as connection:
            await connection.execute(sa.delete(ACCOUNTS))
    assert refused.value.code is StorageCode.READ_ONLY


async def test_no_more_at_once_than_there_are_places(database: Database) -> None:
    async with database.read(), database.read():
        with pytest.raises(StorageFailure) as busy:
            async with database.read():
                pass
        assert busy.value.code is StorageCode.BUSY
    async with database.read(), database.read():
        pass


async def test_whoever_waits_for_a_place_gets_the_next_one(database: Database) -> None:
    entered = asyncio.Event()

    async def third() -> list[str]:
        async with database.read() as connection:
            entered.set()
            return await ids(connection)

    async with database.read():
        async with database.read():
            waiting = asyncio.create_task(third())
            await asyncio.sleep(0)
            assert not entered.is_set()
        assert await waiting == []


async def fail_after_reading(database: Database) -> None:
    async with database.read() as connection:
        await ids(connection)
        raise LookupError


async def test_a_read_that_fails_leaves_its_connection_fit_for_the_next(database: Database) -> None:
    missing: sa.Select[Any] = sa.select(sa.column("x")).select_from(sa.table("nowhere"))
    for _ in range(LIMITS.readers + 1):
        with pytest.raises(StorageFailure) as failed:
            async with database.read() as connection:
                await fetch(connection, missing, {})
        assert failed.value.code is StorageCode.NOT_MIGRATED
        with pytest.raises(LookupError):
            await fail_after_reading(database)
        async with database.read() as connection:
            assert await ids(connection) == []


async def test_a_read_that_is_cancelled_leaves_nothing_open(database: Database) -> None:
    started = asyncio.Event()

    async def read_for_ever() -> None:
        async with database.read() as connection:
            await ids(connection)
            started.set()
            await asyncio.Event().wait()

    for _ in range(LIMITS.readers + 1):
        reading = asyncio.create_task(read_for_ever())
        await started.wait()
        started.clear()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    await add(database, "a")
    async with database.read() as connection:
        assert await ids(connection) == ["a"]


async def test_connections_that_died_are_replaced_before_anything_is_asked(
    database_engines: dict[str, Engine],
) -> None:
    engine = database_engines["postgresql"]
    assert isinstance(engine, Postgresql)
    database = Database(engine.fresh(), LIMITS)

    def kill() -> None:
        name = database.url.database
        engine.server.psql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608
        )

    async def lose_it() -> None:
        async with database.read() as connection:
            await ids(connection)
            kill()
            await ids(connection)  # two snapshots are not one: this is told

    try:
        async with database.read() as one, database.read() as other:
            assert (await ids(one), await ids(other)) == ([], [])
        kill()
        async with database.read() as connection:
            assert await ids(connection) == []
        with pytest.raises(StorageFailure) as lost:
            await lose_it()
        assert lost.value.code is StorageCode.UNREACHABLE
        async with database.read() as connection:
            assert await ids(connection) == []
    finally:
        await database.close()
