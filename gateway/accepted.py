"""Which version of a signed register was taken up last, so that no restart goes back to an older one.

Kept where the gateway keeps heads (`gateway.witness.book`): one small row, which all workers share.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

BUSY_TIMEOUT_S: Final = 5.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS accepted (
  subgraph TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  digest BLOB NOT NULL
)"""
_KEEP: Final = """
INSERT INTO accepted (subgraph, version, digest) VALUES (?, ?, ?)
ON CONFLICT (subgraph) DO UPDATE SET version = excluded.version, digest = excluded.digest
WHERE excluded.version > accepted.version"""


class Accepted(NamedTuple):
    """A version of a register, and the SHA-256 of what was signed."""

    version: int
    digest: bytes


class AcceptedRegisters:
    """Called from any thread. In memory, for one process alone, where `file` is None.

    Raises `sqlite3.Error` where the file cannot be used.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._connection = sqlite3.connect(
            ":memory:" if file is None else file,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        self._connection.execute(_TABLE)

    def close(self) -> None:
        self._connection.close()

    def newest(self, subgraph: str, accepted: Accepted) -> Accepted:
        """Keep `accepted` if it is newer than what is kept of this subgraph; return what then is."""
        self._connection.execute(_KEEP, (subgraph, *accepted))
        row = self._connection.execute("SELECT version, digest FROM accepted WHERE subgraph = ?", (subgraph,))
        return Accepted(*row.fetchone())
