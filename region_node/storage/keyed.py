"""Rows found by keys: one statement for many keys, and one of its own for a single key.

PostgreSQL guesses that a list of keys has ten, so for a list of one it finds its general plan too dear and
plans anew each time, which costs more than the rows. A single key as it is, it plans once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.storage.among import among
from region_node.storage.snapshots import Row, fetch

_KEY: Final = "key"
_KEYS: Final = "keys"


class Keyed:
    """`write` makes the statement of the condition that its rows' `column` is one of the keys."""

    def __init__(
        self, column: sa.Column[str], write: Callable[[sa.ColumnElement[bool]], sa.Select[Any]]
    ) -> None:
        self._one = write(column == sa.bindparam(_KEY, type_=column.type))
        self._many = write(among(column, _KEYS))

    async def fetch(self, connection: AsyncConnection, keys: Collection[str]) -> list[Row]:
        """Return the rows of all `keys`."""
        if len(keys) == 1:
            (key,) = keys
            return await fetch(connection, self._one, {_KEY: key})
        return await fetch(connection, self._many, {_KEYS: list(keys)})
