"""Counts the SQL statements of a block, on any engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from region_node.storage.database import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Give a list that grows by the text of each statement that reads or writes rows."""
    seen: list[str] = []

    def saw(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engines = [engine.sync_engine for engine in database.engines]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", saw)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", saw)
