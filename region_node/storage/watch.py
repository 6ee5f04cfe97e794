"""Watches for what other processes change in the database: by NOTIFY, on SQLite by its own counter.

PostgreSQL delivers a committed transaction's notices to every listener. SQLite counts the changes of
others in a number that is read without touching a table; it is read once a second, for a process and
not for each who waits, and only while anybody does.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped] # it ships no types

from region_node.service.changes import Changes
from region_node.storage.database import Database

CHANNEL: Final = "account_changes"
EVERYBODY: Final = "*"
"""The notice of a transaction that touched more accounts than it names."""
POLL_S: Final = 1.0
RECONNECT_S: Final = 1.0
CONNECT_LIMIT_S: Final = 10.0

_LOG: Final = logging.getLogger(__name__)


async def watch(database: Database, changes: Changes) -> None:
    """Tell what others change until cancelled; a database that cannot be watched is tried again."""
    while True:
        try:
            await (_poll(database, changes) if database.is_sqlite else _listen(database, changes))
        except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _LOG.debug("the database cannot be watched: %s", type(error).__name__)
        changes.tell_all()  # something may have been missed meanwhile
        await asyncio.sleep(RECONNECT_S)


async def _listen(database: Database, changes: Changes) -> None:
    """Returns when the connection is lost."""
    lost = asyncio.Event()
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url, timeout=CONNECT_LIMIT_S)
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, lambda *notice: _told(changes, notice[-1]))
        changes.tell_all()
        await lost.wait()
    finally:
        connection.terminate()


def _told(changes: Changes, account: Any) -> None:
    if account == EVERYBODY:
        changes.tell_all()
    else:
        changes.tell((str(account),))


async def _poll(database: Database, changes: Changes) -> None:
    seen: int | None = None
    with closing(sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True)) as connection:
        while True:
            if changes:
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    changes.tell_all()
                seen = version
            await asyncio.sleep(POLL_S)
