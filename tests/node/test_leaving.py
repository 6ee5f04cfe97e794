"""Work that nobody waits for any more ends: in the database too, whichever it is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from joserfc.jwk import OKPKey
from sqlalchemy.ext.asyncio import AsyncConnection

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.operation import CallContext
from edge.tracing import trace_of
from region_node.app import Node
from region_node.graph.context import Context
from region_node.service.failures import StorageCode, StorageFailure
from region_node.service.ports import Unit
from region_node.storage.database import Database, DatabaseLimits
from region_node.storage.ledger import SqlStatistics
from region_node.storage.snapshots import fetch
from tests.node.conftest import node_settings, serving
from tests.node.databases import Engine
from tests.serving import Servers

TEST_LIMIT_S: Final = 30.0
Way = Callable[[AsyncConnection, Engine], Coroutine[Any, Any, None]]

TURNS: Final = 12
"""Turns of the loop from asking for a connection until the statement runs, and some more."""


def endless_select(engine: Engine) -> sa.Select[Any]:
    if engine.name == "postgresql":
        return sa.select(sa.cast(sa.func.pg_sleep(1_000_000), sa.Text))
    numbers = sa.select(sa.literal_column("1").label("x")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.x + sa.literal_column("1")))
    return sa.select(sa.func.count()).select_from(numbers)


async def by_sqlalchemy(connection: AsyncConnection, engine: Engine) -> None:
    await connection.execute(endless_select(engine))


async def straight(connection: AsyncConnection, engine: Engine) -> None:
    """As what is written once is run: past SQLAlchemy."""
    await fetch(connection, endless_select(engine), {})


WAYS: Final = [by_sqlalchemy, straight]


async def run_endless(database: Database, engine: Engine, way: Way = by_sqlalchemy) -> None:
    async with database.read() as connection:
        await way(connection, engine)


@pytest.mark.parametrize("way", WAYS)
async def test_a_statement_ends_whenever_nobody_waits_for_it_any_more(engine: Engine, way: Way) -> None:
    database = Database(engine.fresh())
    async with asyncio.timeout(TEST_LIMIT_S):
        for turns in range(TURNS):
            running = asyncio.create_task(run_endless(database, engine, way))
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait((running,))
            assert running.cancelled()
        async with database.read() as connection:
            assert (await connection.execute(sa.text("SELECT 1"))).scalar() == 1
        await database.close()


async def test_postgresql_ends_a_statement_by_itself(database_engines: dict[str, Engine]) -> None:
    """Nobody is there to cancel it: a node that hangs, or whose machine is gone."""
    engine = database_engines["postgresql"]
    database = Database(engine.fresh(), DatabaseLimits(statement_timeout_ms=50))
    async with asyncio.timeout(TEST_LIMIT_S):
        with pytest.raises(StorageFailure) as ended:
            await run_endless(database, engine)
    assert ended.value.code is StorageCode.BUSY
    await database.close()


@pytest.fixture(params=WAYS)
def endless(
    engine: Engine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> dict[str, threading.Semaphore]:
    """The statement behind `statistics` never ends by itself; says when it begins and has ended."""
    told = {"begun": threading.Semaphore(0), "ended": threading.Semaphore(0)}

    async def sums(self: SqlStatistics) -> Any:
        told["begun"].release()
        try:
            await request.param(self._connection, engine)
        finally:
            told["ended"].release()

    monkeypatch.setattr(SqlStatistics, "sums", sums)
    return told


async def test_a_deadline_ends_the_statement(
    engine: Engine, endless: dict[str, threading.Semaphore], keys_file: Path, token_key: OKPKey
) -> None:
    async with asyncio.timeout(TEST_LIMIT_S), serving(engine.fresh(), keys_file, token_key) as served:
        answer = await served.public.post("{ statistics { accounts } }", x_deadline_ms="100")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["DEADLINE_EXCEEDED"]
    assert endless["ended"].acquire(blocking=False)


def test_a_client_that_hangs_up_ends_the_statement(
    engine: Engine, endless: dict[str, threading.Semaphore], keys_file: Path
) -> None:
    node = Node(node_settings(engine.fresh(), keys_file, limits={"time_ms": 600_000}), bundle=load_sample())
    with Servers() as servers:
        served = servers.start(node.app)
        writer = servers.call(asked(served.port, b'{"query": "{ statistics { accounts } }"}'))
        assert endless["begun"].acquire(timeout=TEST_LIMIT_S)
        servers.loop.call_soon_threadsafe(writer.close)
        assert endless["ended"].acquire(timeout=TEST_LIMIT_S)


async def asked(port: int, body: bytes) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
    return writer


async def test_what_a_loader_has_begun_ends_with_its_request(
    engine: Engine, endless: dict[str, threading.Semaphore], keys_file: Path, token_key: OKPKey
) -> None:
    """A loader loads in a task of its own, and the request's snapshot must not end before it."""

    async def batch(unit: Unit, keys: list[str]) -> dict[str, str]:
        await unit.statistics.sums()
        return {}

    async with asyncio.timeout(TEST_LIMIT_S), serving(engine.fresh(), keys_file, token_key) as served:
        call = CallContext(Caller(Role.PORTAL, "portal"), float("inf"), trace_of(None))

        async def ask() -> None:
            async with Context(call, served.node.bank) as context:
                await context.load(batch, "key")

        for turns in range(TURNS):
            asking = asyncio.create_task(ask())
            await asyncio.to_thread(endless["begun"].acquire)
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait((asking,))
            assert asking.cancelled()
            assert endless["ended"].acquire(blocking=False)
