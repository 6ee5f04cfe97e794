"""Whatever is changed of a transfer that was stored, an audit finds and names."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from region_node import app
from tests.node.conftest import Served
from tests.node.transfers.conftest import Two, stated

CHANGES = {
    "issuer": "330000",
    "accepter": "330000",
    "learner_id": "L-OTHER",
    "outcome_id": "320000-O-OTHER_1",
    "credits": 79,
    "expires_on": "2026-07-02",
    "state": "REFUSED",
    "accepted": 59,
    "verdict": "EXPIRED",
    "reasons": "[]",
    "entry_id": "320000-E-OTHER_1",
}


async def faults_of(served: Served) -> list[str]:
    faults: list[str] = []
    await app.audit(served.node.settings, lambda fault: faults.append(str(fault)), lambda _done, _of: None)
    return faults


@pytest.fixture
async def ended(sqlite_two: Two) -> Two:
    """One transfer of each end, and one that is still on its way."""
    two = sqlite_two
    completed = await two.reserve(await two.outcome())
    await two.confirm(completed["id"], stated(await two.accept(stated(completed, "EXPORT")), "RECEIPT"))
    cancelled = await two.reserve(await two.outcome(issuedOn="2026-03-21"))
    promised = await two.decline(cancellation=stated(await two.cancel(cancelled["id"]), "CANCELLATION"))
    await two.confirm(cancelled["id"], stated(promised, "RECEIPT"))
    await two.reserve(await two.outcome(issuedOn="2026-03-22"))
    return two


async def test_an_untouched_book_has_no_fault(two: Two) -> None:
    exported = await two.reserve(await two.outcome())
    assert await faults_of(two.source) == []
    accepted = await two.accept(stated(exported, "EXPORT"))
    await two.confirm(exported["id"], stated(accepted, "RECEIPT"))
    assert await faults_of(two.source) == await faults_of(two.target) == []


async def test_every_change_is_found(ended: Two) -> None:
    for served in (ended.source, ended.target):
        assert await faults_of(served) == []
        file = str(served.node.database.url.database)
        with closing(sqlite3.connect(file, isolation_level=None)) as books:
            (transfer, *_) = books.execute("SELECT id FROM transfers WHERE accepted = 60").fetchone()
            for column, value in CHANGES.items():
                was = _put(books, column, transfer, value)
                assert any(transfer in fault for fault in await faults_of(served)), column
                _put(books, column, transfer, was)
            books.execute("DROP TRIGGER transfer_statements_no_update")
            kinds = books.execute("SELECT DISTINCT kind FROM transfer_statements").fetchall()
            for (kind,) in kinds:
                for column in ("statement", "signature"):
                    await _spoil(served, books, kind, column)
        assert await faults_of(served) == []


def _put(books: sqlite3.Connection, column: str, transfer: str, value: Any) -> Any:
    """Write a value; return the other one that stood there."""
    was = books.execute(f"SELECT {column} FROM transfers WHERE id = ?", (transfer,)).fetchone()[0]  # noqa: S608
    assert was != value
    books.execute(f"UPDATE transfers SET {column} = ? WHERE id = ?", (value, transfer))  # noqa: S608
    return was


async def _spoil(served: Served, books: sqlite3.Connection, kind: str, column: str) -> None:
    """Change one character in the middle, and put it back."""
    where = "WHERE kind = ? AND transfer_id = ?"
    transfer, text = books.execute(
        f"SELECT transfer_id, {column} FROM transfer_statements WHERE kind = ?",  # noqa: S608
        (kind,),
    ).fetchone()
    middle = len(text) // 2
    spoilt = text[:middle] + ("a" if text[middle] != "a" else "b") + text[middle + 1 :]
    books.execute(f"UPDATE transfer_statements SET {column} = ? {where}", (spoilt, kind, transfer))  # noqa: S608
    assert any(transfer in fault for fault in await faults_of(served)), (kind, column)
    books.execute(f"UPDATE transfer_statements SET {column} = ? {where}", (text, kind, transfer))  # noqa: S608
