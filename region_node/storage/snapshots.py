"""Connections that read, kept open between requests: BEGIN, the statements, COMMIT, and nothing besides.

SQLAlchemy's pool asks a connection whether it lives before it hands it out, and takes each step through a
greenlet: that was more than half of a small read. Here BEGIN is the question. When it fails, nothing has
been asked yet, so another connection is taken, and whoever reads does not notice.

Statements that are written once are sent straight to the driver (`fetch`), others through SQLAlchemy on
the same connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from region_node.service.failures import StorageCode, StorageFailure
from region_node.storage.failures import translate
from region_node.storage.written import written

_BEGIN: Final = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN"}
_DIRECT: Final = "direct"

Row = Sequence[Any]
Connect = Callable[[AsyncEngine], Awaitable[AsyncConnection]]


@dataclass(frozen=True, slots=True)
class _Direct:
    """A connection's driver: what runs a statement, and what returns the rows of one."""

    run: Callable[[str], Awaitable[Any]]
    rows: Callable[..., Awaitable[Sequence[Row]]]


class Snapshots:
    """The connections that read. `connect` opens one; as many are kept as were in use at once."""

    def __init__(self, engine: AsyncEngine, connect: Connect) -> None:
        self._engine = engine
        self._connect = connect
        self._idle: list[AsyncConnection] = []
        self._generation = 0

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection, None]:
        """A read-only transaction over one snapshot. Raises `StorageFailure`."""
        try:
            connection = await self._begun()
            generation = self._generation
            try:
                yield connection
            except Exception:
                await self._leave(connection, generation)
                raise
            except BaseException:
                await _discard(connection)  # a statement may still be running
                raise
            await self._leave(connection, generation)
        except Exception as error:
            meaning = translate(error)
            if meaning is error:
                raise
            if isinstance(meaning, StorageFailure) and meaning.code != StorageCode.BUSY:
                # A connection that was opened to a full or damaged disk would stay so.
                await self.close()
            raise meaning from error

    async def close(self) -> None:
        """Close what is idle now, and what is in use when it has been used. The next read opens anew."""
        self._generation += 1
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()
        await self._engine.dispose()

    async def _begun(self) -> AsyncConnection:
        begin = _BEGIN[self._engine.dialect.name]
        while self._idle:
            connection = self._idle.pop()
            try:
                await _direct(connection).run(begin)
            except Exception:
                await _discard(connection)  # it died while nobody used it
            except BaseException:
                await _discard(connection)
                raise
            else:
                return connection
        connection = await self._connect(self._engine)
        try:
            driver = (await connection.get_raw_connection()).driver_connection
            connection.info[_DIRECT] = _DRIVERS[self._engine.dialect.name](driver)
            await _direct(connection).run(begin)
        except BaseException:
            await _discard(connection)
            raise
        return connection

    async def _leave(self, connection: AsyncConnection, generation: int) -> None:
        """Keep the connection for the next, unless it broke or is of those that are to be closed."""
        if generation != self._generation or connection.invalidated:
            await _discard(connection)
            return
        try:
            await _direct(connection).run("ROLLBACK")
        except Exception:
            await _discard(connection)  # what was read has been read
        except BaseException:
            await _discard(connection)
            raise
        else:
            self._idle.append(connection)


async def fetch(
    connection: AsyncConnection, statement: sa.Select[Any], given: Mapping[str, Any]
) -> list[Row]:
    """Return the rows of a statement that is written once and run again and again, its columns in order."""
    known = written(statement, connection.dialect)
    values = known.values(given)
    direct: _Direct | None = connection.info.get(_DIRECT)
    if direct is None:  # it writes: SQLAlchemy is to know of every step of its transaction
        return known.read((await connection.exec_driver_sql(known.text, values)).all())
    for heard in connection.engine.sync_engine.dispatch.before_cursor_execute:
        heard(connection.sync_connection, None, known.text, values, None, False)
    return known.read(await direct.rows(known.text, values))


def _direct(connection: AsyncConnection) -> _Direct:
    direct: _Direct = connection.info[_DIRECT]
    return direct


def _postgresql(driver: Any) -> _Direct:
    async def rows(text: str, values: Sequence[Any]) -> Sequence[Row]:
        found: Sequence[Row] = await driver.fetch(text, *values)
        return found

    return _Direct(driver.execute, rows)


def _sqlite(driver: Any) -> _Direct:
    return _Direct(driver.execute_fetchall, driver.execute_fetchall)


_DRIVERS: Final[Mapping[str, Callable[[Any], _Direct]]] = {"postgresql": _postgresql, "sqlite": _sqlite}


async def _discard(connection: AsyncConnection) -> None:
    """Close it to its end, also where whoever waits for that is cancelled."""
    closing = asyncio.ensure_future(_close(connection))
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await asyncio.gather(closing, return_exceptions=True)
        raise


async def _close(connection: AsyncConnection) -> None:
    try:
        if not connection.invalidated:
            await connection.invalidate()
    finally:
        await connection.close()
