"""What was written as history bears the hash of itself, so that an audit sees whatever was changed since.

A seal is the SHA-256 of the row's canonical JSON, kept in its column `seal`. It shows what a fault of the
disk or a careless hand did. Who writes row and seal alike is found by nothing in the same database;
for the ledger somebody else keeps the heads of its log (gateway/witness).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlmodel import Field, SQLModel

from region_node.domain.canonical import hash_of
from region_node.storage.columns import text_key

SEAL: Final = "seal"
COUNTED_LATER: Final = "number"
"""A step is numbered by the statement that inserts it; that none is missing, its numbers show."""


class Sealed(SQLModel):
    """A table whose rows are sealed. None stands in rows that were written before there were seals."""

    seal: str | None = Field(default=None, sa_type=text_key(64))


def sealed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its seal. It is to hold every column but `number`, where that is counted later."""
    return {**row, SEAL: seal_of(row)}


def seal_of(row: Mapping[str, Any]) -> str:
    """Return the seal of a row's values, 64 hex digits; `seal` itself is not among them."""
    return hash_of({name: _plain(value) for name, value in row.items() if name != SEAL})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
