"""Where the witness keeps heads: one small SQLite file, which several workers share.

Everything here blocks: it is called from a thread. A row changes only from what the writer read, so
that of two workers one wins and no head is ever replaced by an older one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.witness.judgement import LogStanding, Witnessed, nothing_kept
from schema.tree_heads import TreeHead

BUSY_TIMEOUT_S: Final = 5.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS witnessed (
  region TEXT PRIMARY KEY,
  asked_at REAL NOT NULL,
  kept TEXT
)"""


class WitnessBook:
    """What is kept of each region. In memory, for one process alone, where `file` is None.

    Raises `sqlite3.Error` where the file cannot be used.
    """

    def __init__(self, file: Path | None) -> None:
        self._connection = sqlite3.connect(
            ":memory:" if file is None else file,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_TABLE)

    def close(self) -> None:
        self._connection.close()

    def all(self) -> dict[str, Witnessed]:
        rows = self._connection.execute("SELECT region, kept FROM witnessed WHERE kept IS NOT NULL")
        return {region: _read(region, kept) for region, kept in rows.fetchall()}

    def claim(self, region: str, at: float, interval_s: float) -> bool:
        """Take the next asking of a region; False where somebody asked it less than an interval ago.

        `at` is the time of the machine's clock, in seconds.
        """
        with self._transaction():
            self._connection.execute(
                "INSERT OR IGNORE INTO witnessed (region, asked_at) VALUES (?, ?)", (region, at - interval_s)
            )
            taken = self._connection.execute(
                "UPDATE witnessed SET asked_at = ? WHERE region = ? AND asked_at <= ?",
                (at, region, at - interval_s),
            )
        return taken.rowcount == 1

    def replace(self, old: Witnessed, new: Witnessed) -> bool:
        """Keep `new` in the place of `old`; False where something else is kept by now."""
        before = None if old == nothing_kept(old.region) else _write(old)
        changed = self._connection.execute(
            "UPDATE witnessed SET kept = ? WHERE region = ? AND kept IS ?", (_write(new), new.region, before)
        )
        return changed.rowcount == 1

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _write(kept: Witnessed) -> str:
    plain = {
        "standing": kept.standing.value,
        "head": _plain(kept.head),
        "seenAt": kept.seen_at.isoformat() if kept.seen_at else None,
        "against": _plain(kept.against),
    }
    return orjson.dumps(plain).decode()


def _read(region: str, text: str) -> Witnessed:
    plain: dict[str, Any] = orjson.loads(text)
    seen_at = plain["seenAt"]
    return Witnessed(
        region,
        LogStanding(plain["standing"]),
        _head(region, plain["head"]),
        None if seen_at is None else datetime.fromisoformat(seen_at),
        _head(region, plain["against"]),
    )


def _plain(head: TreeHead | None) -> dict[str, Any] | None:
    if head is None:
        return None
    return {
        "size": head.size,
        "root": head.root.hex(),
        "signedAt": head.signed_at.isoformat(),
        "signature": head.signature,
    }


def _head(region: str, plain: dict[str, Any] | None) -> TreeHead | None:
    if plain is None:
        return None
    signed_at = datetime.fromisoformat(plain["signedAt"])
    return TreeHead(
        region, plain["size"], bytes.fromhex(plain["root"]), signed_at, signature=plain["signature"]
    )
