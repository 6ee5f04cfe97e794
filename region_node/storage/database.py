"""The one door to the database: engines, transactions, and what their failures mean.

Two pools on either engine. Readers get a snapshot (snapshots.py) in which the database itself refuses
to write, so that a lookup cannot change anything. Writers take their lock when they begin:
on SQLite there is one at a time anyway, and an upgrade from reading to writing would fail
at a bad moment; on PostgreSQL use cases lock the account they change.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from region_node.service.failures import StorageCode, StorageFailure
from region_node.storage.failures import translate
from region_node.storage.line import Line
from region_node.storage.snapshots import Snapshots

READERS_LIMIT: Final = 16
WRITERS_LIMIT: Final = 8
WAITING_LIMIT: Final = 512
BUSY_TIMEOUT_MS: Final = 3_000
INTERRUPT_AGAIN_S: Final = 0.02

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class DatabaseUrlError(ValueError):
    """The setting names no database that a node can keep its books in."""


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """How many transactions may be open at once and how many wait for that, how long one waits for a lock,
    and how long PostgreSQL works at one statement; 0: to its end. Readers and writers wait apart.

    Whoever does not wait any longer has a statement ended on either engine. The last limit is for a
    server whose client has no chance to say so any more."""

    readers: int = READERS_LIMIT
    writers: int = WRITERS_LIMIT
    waiting: int = WAITING_LIMIT
    busy_timeout_ms: int = BUSY_TIMEOUT_MS
    statement_timeout_ms: int = 0


class Database:
    """A pool of readers and a pool of writers. Nothing connects until it is first used."""

    def __init__(self, url: str, limits: DatabaseLimits = DatabaseLimits()) -> None:
        self.url = _with_driver(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        make = _sqlite_engine if self.is_sqlite else _postgresql_engine
        self._readers = make(self.url, limits, read_only=True)
        self._writers = make(self.url, limits, read_only=False)
        self._to_read = _line(limits.readers, limits)
        self._to_write = _line(1 if self.is_sqlite else limits.writers, limits)
        self._snapshots = Snapshots(self._readers, _connected)

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """Readers and writers: for tests that count statements."""
        return self._readers, self._writers

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection, None]:
        """A read-only transaction over one snapshot. Raises `StorageFailure`."""
        async with self._to_read.place(), self._snapshots.read() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[AsyncConnection, None]:
        """A transaction that commits when the block ends well. Raises `StorageFailure`, `Conflict`."""
        async with self._to_write.place(), _transaction(self._writers) as connection:
            yield connection

    async def close(self) -> None:
        await self._snapshots.close()
        await self._writers.dispose()


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection, None]:
    try:
        connection = await _connected(engine)
        async with aclosing(connection), connection.begin():
            yield connection
    except Exception as error:
        meaning = translate(error)
        if meaning is error:
            raise
        if isinstance(meaning, StorageFailure) and meaning.code != StorageCode.BUSY:
            # A connection that was opened to a full or read-only disk would stay so.
            await engine.dispose()
        raise meaning from error


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    """Take a connection, or be cancelled and leave none behind.

    A driver that is cancelled while it opens one forgets it, and SQLite's thread would work on for
    a loop that may be gone. So opening goes on to its end, and its connection back to the pool.
    """
    opening = asyncio.ensure_future(_started(engine))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        (opened,) = await asyncio.gather(opening, return_exceptions=True)
        if isinstance(opened, AsyncConnection):
            await opened.close()
        raise


async def _started(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def _line(places: int, limits: DatabaseLimits) -> Line:
    return Line(places, waiting_limit=limits.waiting, patience_ms=limits.busy_timeout_ms)


def _with_driver(url: str) -> URL:
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseUrlError(f"{url!r} is not a database URL") from error
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise DatabaseUrlError(
            f"{parsed.render_as_string()} names neither sqlite:///FILE nor postgresql://HOST/NAME"
        )
    if driver == _DRIVERS["sqlite"] and parsed.database in (None, "", ":memory:"):
        raise DatabaseUrlError("a bank needs a file: sqlite:///PATH")
    return parsed.set(drivername=driver)


def _sqlite_engine(url: URL, limits: DatabaseLimits, *, read_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=limits.readers if read_only else 1,
        max_overflow=0,
        pool_timeout=limits.busy_timeout_ms / 1000,
    )
    pragmas = [
        "PRAGMA foreign_keys=ON",
        f"PRAGMA busy_timeout={limits.busy_timeout_ms}",
        "PRAGMA synchronous=FULL",  # an acknowledged write survives a power cut, in WAL mode too
        "PRAGMA query_only=ON" if read_only else "PRAGMA journal_mode=WAL",
    ]

    def on_connect(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # the driver would begin transactions at its own moments
        cursor = dbapi_connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    stopping: set[asyncio.Task[None]] = set()

    def on_invalidate(dbapi_connection: Any, _record: Any, _error: BaseException | None) -> None:
        """It is thrown away, and closes when its thread has ended the statement that nobody waits for."""
        task = asyncio.ensure_future(_stop(dbapi_connection.driver_connection))
        stopping.add(task)
        task.add_done_callback(stopping.discard)

    sa.event.listen(engine.sync_engine, "connect", on_connect)
    sa.event.listen(engine.sync_engine, "invalidate", on_invalidate)
    if not read_only:  # Snapshots begins those that read
        sa.event.listen(engine.sync_engine, "begin", on_begin)
    return engine


async def _stop(driver: aiosqlite.Connection) -> None:
    """Interrupt whatever a connection's thread runs until it is closed. Once may be too early: the
    statement may still be on its way to the thread."""
    with suppress(ValueError, sqlite3.ProgrammingError):  # it is closed
        while True:
            await driver.interrupt()
            await asyncio.sleep(INTERRUPT_AGAIN_S)


def _postgresql_engine(url: URL, limits: DatabaseLimits, *, read_only: bool) -> AsyncEngine:
    server_settings = {
        "application_name": "creditbank-node",
        "lock_timeout": str(limits.busy_timeout_ms),
        "statement_timeout": str(limits.statement_timeout_ms),
    }
    if read_only:
        server_settings["default_transaction_read_only"] = "on"
    return create_async_engine(
        url,
        pool_size=limits.readers if read_only else limits.writers,
        max_overflow=0,
        pool_timeout=limits.busy_timeout_ms / 1000,
        # Snapshots begins those that read, which at once asks whether they live.
        pool_pre_ping=not read_only,
        isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
        connect_args={
            "timeout": limits.busy_timeout_ms / 1000,
            "server_settings": server_settings,
        },
    )
