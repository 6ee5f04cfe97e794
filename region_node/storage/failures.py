"""Which driver errors mean what: two drivers' vocabularies become one (service/failures.py)."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

import asyncpg  # type: ignore[import-untyped] # it ships no types
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from region_node.service.failures import Conflict, StorageCode, StorageFailure

# The first phrase found in SQLite's message decides (sqlite.org/rescode.html).
_SQLITE: Final = (
    ("locked", StorageCode.BUSY),
    ("busy", StorageCode.BUSY),
    ("disk is full", StorageCode.FULL),
    ("readonly", StorageCode.READ_ONLY),
    ("malformed", StorageCode.DAMAGED),
    ("not a database", StorageCode.DAMAGED),
    ("disk I/O error", StorageCode.UNREACHABLE),
    ("unable to open", StorageCode.UNREACHABLE),
    ("no such table", StorageCode.NOT_MIGRATED),
    ("no such column", StorageCode.NOT_MIGRATED),
)
# SQLSTATE or its class (PostgreSQL manual, appendix A).
_POSTGRESQL: Final = {
    "25006": StorageCode.READ_ONLY,
    "42P01": StorageCode.NOT_MIGRATED,
    "42703": StorageCode.NOT_MIGRATED,
    "53100": StorageCode.FULL,
    "55P03": StorageCode.BUSY,
    "57014": StorageCode.BUSY,
    "08": StorageCode.UNREACHABLE,
    "28": StorageCode.UNREACHABLE,
    "3D": StorageCode.UNREACHABLE,
    "53": StorageCode.BUSY,
    "57": StorageCode.UNREACHABLE,
    "58": StorageCode.UNREACHABLE,
    "XX": StorageCode.DAMAGED,
}
_DRIVERS_OWN: Final = (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError)
_RUN_AGAIN: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock


def translate(error: Exception) -> Exception:
    """Return what `error` means to the bank; an error that storage does not know is returned as it is."""
    if isinstance(error, PoolTimeoutError):
        return StorageFailure(StorageCode.BUSY)
    if isinstance(error, OSError):
        code = StorageCode.FULL if error.errno == errno.ENOSPC else StorageCode.UNREACHABLE
        return StorageFailure(code)
    if isinstance(error, _DRIVERS_OWN):
        return _of_driver(error)
    if not isinstance(error, DBAPIError):
        return error
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, IntegrityError):
        # Decided on one state and saved in another; and a trigger's refusal is nobody's race.
        return error if "append-only" in str(error.orig) else Conflict()
    if state in _RUN_AGAIN:
        return Conflict()
    meaning = _by_state(state) if state else _by_phrase(str(error.orig))
    if meaning is None and (error.connection_invalidated or isinstance(error, InterfaceError)):
        meaning = StorageCode.UNREACHABLE
    return error if meaning is None else StorageFailure(meaning)


def _of_driver(error: Exception) -> Exception:
    """What a statement raised that was sent straight to the driver: one that reads."""
    state = getattr(error, "sqlstate", None)
    if state in _RUN_AGAIN:
        return Conflict()
    if isinstance(error, asyncpg.InterfaceError):
        return StorageFailure(StorageCode.UNREACHABLE)
    meaning = _by_state(state) if state else _by_phrase(str(error))
    return error if meaning is None else StorageFailure(meaning)


def _by_state(state: str) -> StorageCode | None:
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])


def _by_phrase(message: str) -> StorageCode | None:
    return next((code for phrase, code in _SQLITE if phrase in message), None)
