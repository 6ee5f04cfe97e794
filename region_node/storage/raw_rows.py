"""Rows as they are stored, for an audit: what cannot be what its column says is told, not raised.

SQLite keeps whatever bytes a column was given, so its columns are read as bytes and must be, to the
byte, how this program writes a value of their type. PostgreSQL keeps its types itself.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.storage.columns import Instant

ROWS_AT_ONCE: Final = 500


class Unreadable(ValueError):  # noqa: N818 - it says what a stored value is
    """`column` holds what is no value of its type."""

    def __init__(self, column: str) -> None:
        super().__init__(f"column {column} does not hold a value of its type")
        self.column = column


class RawRow:
    """One row by label. Raises `Unreadable` when a broken value is asked for."""

    def __init__(self, row: Any, types: Mapping[str, sa.types.TypeEngine[Any]], *, as_bytes: bool) -> None:
        self._row = row._mapping
        self._types = types
        self._as_bytes = as_bytes

    def __getitem__(self, label: str) -> Any:
        value = self._row[label]
        if value is None or not self._as_bytes:
            return value
        try:
            return _reader(self._types[label])(bytes(value))
        except (ValueError, KeyError):
            raise Unreadable(label) from None

    def shown(self, *labels: str) -> str:
        """Return the values as they are, for naming the row."""
        values = [self._row[label] for label in labels]
        return " ".join(
            one.decode(errors="backslashreplace") if isinstance(one, bytes) else str(one) for one in values
        )


async def raw_rows(
    connection: AsyncConnection,
    labelled: Mapping[str, sa.ColumnElement[Any]],
    source: sa.FromClause,
    order: Sequence[sa.ColumnElement[Any]],
) -> AsyncGenerator[RawRow, None]:
    """Stream `labelled` columns of `source`, a few hundred rows in memory at a time."""
    as_bytes = connection.dialect.name == "sqlite"
    columns = [
        (sa.cast(column, sa.LargeBinary) if as_bytes else column).label(label)
        for label, column in labelled.items()
    ]
    types = {label: column.type for label, column in labelled.items()}
    select = sa.select(*columns).select_from(source).order_by(*order)
    async with connection.stream(select.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
        async for row in rows:
            yield RawRow(row, types, as_bytes=as_bytes)


def _reader(type_: sa.types.TypeEngine[Any]) -> Callable[[bytes], Any]:
    if isinstance(type_, sa.LargeBinary):
        return bytes
    if isinstance(type_, Instant):
        return _instant
    if isinstance(type_, sa.Date):
        return _day
    if isinstance(type_, sa.Integer):
        return int
    if isinstance(type_, sa.Boolean):
        return _flag
    return bytes.decode


def _flag(stored: bytes) -> bool:
    return {b"0": False, b"1": True}[stored]


def _instant(stored: bytes) -> datetime:
    value = datetime.fromisoformat(stored.decode())
    if value.isoformat(sep=" ", timespec="microseconds") != stored.decode():
        raise ValueError
    return value.replace(tzinfo=UTC)


def _day(stored: bytes) -> date:
    value = date.fromisoformat(stored.decode())
    if value.isoformat() != stored.decode():
        raise ValueError
    return value
