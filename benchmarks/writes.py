"""Writes a second at one node, each with its place in the Merkle log, against the same rows by hand.

A write is `verifyOutcome`: the outcome's step, a DEPOSIT in the ledger, the leaf and the nodes of the log
that prove it, the first answer to the idempotency key, all in one transaction that is on the disk before it
is answered. Without the log it is the same, but for leaf and nodes. By hand it is one transaction on the
bare driver with three statements: the outcome's status, its event, the entry; no key, no lock, no check,
no seal, no proof.

After each run the log is held against the ledger: as many leaves as deposits, and the last one proved.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped] # it ships no types
import sqlalchemy as sa

from benchmarks.filled_bank import BEGAN, OUTCOMES_EACH, REGION, FilledBank, databases, filled_bank
from benchmarks.node_reads import OFFICER
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, Measured, take_turns
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from edge.serving import settle
from region_node.domain.log import leaf_content
from region_node.graph.executor import NodeExecutor
from region_node.service.log import inclusion
from region_node.service.ports import Bank
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import OutcomeRow
from region_node.storage.unit_of_work import SqlUnit, SqlUnits
from schema.ids import make_id
from schema.merkle import leaf_hash, verify_inclusion

WRITES: Final = 60
QUICK_WRITES: Final = 4
CONCURRENT: Final = (1, 8)
NUMBER: Final = OUTCOMES_EACH + 1
CREDITS: Final = 20
BALANCE_AFTER: Final = sum(10 + each for each in range(1, NUMBER)) + CREDITS
TITLE: Final = "网络营销 7"
DAY: Final = date(2026, 1, 2)
VERIFY: Final = """mutation($id: ID!, $key: String!) {
  verifyOutcome(id: $id, idempotencyKey: $key) { __typename } }"""
BY_HAND: Final = (
    "UPDATE outcomes SET status = 'VERIFIED' WHERE account_id = $1 AND id = $2",
    (
        "INSERT INTO outcome_events (account_id, outcome_id, number, step, on_day, recorded_at, actor,"
        " reason) VALUES ($1, $2, 2, 'VERIFIED', $3, $4, 'by hand', '')"
    ),
    (
        "INSERT INTO ledger_entries (account_id, number, id, kind, credits, posted_on, posted_at,"
        " balance_after, outcome_id, memo) VALUES ($1, $2, $3, 'DEPOSIT', $4, $5, $6, $7, $8, $9)"
    ),
)
COLUMNS: Final = {
    "database": "database",
    "writes": "writes",
    "concurrent": "at a time",
    "per_s": "writes per second",
    "cpu_us": "CPU µs of this process",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "ratio": "CPU ratio",
    "time_ratio": "time ratio",
}
NOTES: Final = (
    "Every commit is on the disk before its answer (PostgreSQL as it comes, SQLite with synchronous=FULL).",
    "Ratios: to the same rows by hand, as many at a time.",
)

Write = Callable[[], Awaitable[Any]]


async def run(quick: bool, rounds: int) -> Result:
    """Measure; raises AssertionError where a write is refused, or the log does not prove the last one."""
    load = min(rounds, 5), QUICK_WRITES if quick else WRITES
    rows: list[Row] = []
    with databases() as urls:
        for name, url in urls.items():
            # Each contender has accounts of its own, one more round than is counted.
            accounts = 3 * len(CONCURRENT) * (load[0] + 1) * load[1]
            async with filled_bank(url, accounts) as bank:
                await _hand_in(bank)
                rows += await _measured(name, bank, *load)
    return Result("writes", "Writes of a node, each with its proof", COLUMNS, rows, NOTES, quick)


async def _hand_in(bank: FilledBank) -> None:
    """One more outcome on each account, to be verified."""
    rows = [
        {
            "account_id": account,
            "id": _outcome(account),
            "learner_id": f"L-{number}",
            "identity": f"{number} more",
            "kind": "COURSE",
            "title": TITLE,
            "status": "SUBMITTED",
            "credits": CREDITS,
            "core_credits": CREDITS,
            "flexible_credits": 0,
            "issued_on": DAY,
            "examined_on": DAY,
            "submitted_on": DAY,
            "derived_from": "[]",
            "flagged": False,
        }
        for number, account in enumerate(bank.accounts)
    ]
    async with bank.node.database.write() as connection:
        await connection.execute(sa.insert(table_of(OutcomeRow)), rows)


def _outcome(account: str) -> str:
    return make_id(REGION, "O", f"{account.rpartition('-')[2]}_{NUMBER}")


def _entry(account: str) -> str:
    return make_id(REGION, "E", f"{account.rpartition('-')[2]}_{NUMBER}")


async def _measured(database: str, bank: FilledBank, rounds: int, requests: int) -> list[Row]:
    left = iter(bank.accounts)
    written: list[str] = []
    unproved = replace(bank.node.bank, units=_WithoutLog(bank.node.database))
    rows: list[Row] = []
    settle()
    for concurrent in CONCURRENT:
        by_hand, close = await _by_hand(bank.plain_url, left, concurrent)
        try:
            measured = await take_turns(
                [
                    Contender("with its proof", _by_node(bank.node.bank, left, written)),
                    Contender("without the log", _by_node(unproved, left, [])),
                    Contender("by hand", by_hand),
                ],
                Load(rounds, requests, concurrent),
            )
        finally:
            await close()
        base = measured["by hand"]
        rows += [_row(database, name, concurrent, found, base) for name, found in measured.items()]
    await _proved(bank, written)
    return rows


class _WithoutLog(SqlUnits):
    """Transactions whose entries are not sealed."""

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqlUnit, None]:
        async with super().write() as unit:
            unit.log.note = _forget  # type: ignore[assignment, method-assign] # what is not noted is not sealed
            yield unit


def _forget(_entries: object) -> None:
    """Note nothing."""


def _by_node(bank: Bank, left: Iterator[str], written: list[str]) -> Write:
    executor = NodeExecutor(bank, Limits())

    async def write() -> None:
        account = next(left)
        outcome = _outcome(account)
        context = CallContext(OFFICER, float("inf"), Trace("0" * 32, "0" * 16))
        answer = await executor.execute(Operation(VERIFY, {"id": outcome, "key": outcome}), context)
        assert isinstance(answer, ExecutionResult)
        assert answer.data["verifyOutcome"]["__typename"] == "OutcomeChanged", answer
        written.append(account)

    return write


async def _by_hand(
    plain_url: str, left: Iterator[str], concurrent: int
) -> tuple[Write, Callable[[], Awaitable[None]]]:
    if not plain_url.startswith("postgresql:"):
        return _by_hand_in_sqlite(plain_url, left)
    pool = await asyncpg.create_pool(plain_url, min_size=concurrent, max_size=concurrent)

    async def write() -> None:
        account = next(left)
        async with pool.acquire() as connection, connection.transaction():
            for statement, values in zip(BY_HAND, _values(account, BEGAN), strict=True):
                await connection.execute(statement, *values)

    return write, pool.close


def _by_hand_in_sqlite(file: str, left: Iterator[str]) -> tuple[Write, Callable[[], Awaitable[None]]]:
    """In a thread for each write, as drivers of an event loop do it."""

    def one(account: str) -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in zip(BY_HAND, _values(account, str(BEGAN)), strict=True):
                connection.execute(statement.replace("$", "?"), values)
            connection.execute("COMMIT")

    async def write() -> None:
        await asyncio.to_thread(one, next(left))

    async def close() -> None:
        """Each write closes its own connection."""

    return write, close


def _values(account: str, at: datetime | str) -> tuple[tuple[Any, ...], ...]:
    outcome = _outcome(account)
    entry = _entry(account)
    day = DAY if isinstance(at, datetime) else DAY.isoformat()
    return (
        (account, outcome),
        (account, outcome, day, at),
        (account, NUMBER, entry, CREDITS, day, at, BALANCE_AFTER, outcome, TITLE),
    )


async def _proved(bank: FilledBank, written: list[str]) -> None:
    """As many leaves as writes of the node, and the last of them is in the tree of them all."""
    async with bank.node.bank.units.read() as unit:
        frontier = await unit.log.frontier()
        assert frontier.size == len(written), f"{frontier.size} leaves for {len(written)} writes"
        entry = (await unit.ledger.by_ids([_entry(written[-1])]))[_entry(written[-1])]
        proof = await inclusion(unit, entry.id, None)
    assert proof is not None
    leaf = leaf_hash(leaf_content(entry, proof.leaf.salt))
    verify_inclusion(proof.leaf.position, proof.size, leaf, proof.hashes, frontier.root)


def _row(database: str, name: str, concurrent: int, found: Measured, base: Measured) -> Row:
    return {
        "database": database,
        "writes": name,
        "concurrent": concurrent,
        "per_s": round(1e6 / found.wall_us),
        "cpu_us": round(found.cpu_us, 1),
        "p50_ms": round(found.p50_ms, 2),
        "p99_ms": round(found.p99_ms, 2),
        "ratio": round(found.cpu_us / base.cpu_us, 2),
        "time_ratio": round(found.wall_us / base.wall_us, 2),
    }
