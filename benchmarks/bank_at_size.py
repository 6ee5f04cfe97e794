"""A bank of any size, kept between runs: rows by the database's own series, the Merkle log by COPY.

Every learner has one account, five outcomes, and ten ledger entries: five deposits and then five
conversions. Every value is a function of the learner's number, so the entries of the log are known
without being read. A bank that was made once is brought to the present revision of the schema.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped] # it ships no types
import orjson
from pydantic import SecretStr
from rich.progress import Progress

from benchmarks.filled_bank import BEGAN, FIRST_DAY, REGION
from catalogue.sample import load_sample
from region_node.app import Node
from region_node.domain.ledger import EntryKind, LedgerEntry
from region_node.domain.log import SALT_BYTES, leaf_content
from region_node.service.vault import KEY_BYTES
from region_node.settings import NodeSettings
from region_node.storage.migrate import migrate
from schema.merkle import Frontier, leaf_hash

OUTCOMES_EACH: Final = 5
ENTRIES_EACH: Final = 2 * OUTCOMES_EACH
LEARNERS_AT_ONCE: Final = 5_000
CONVERTED_TENTHS: Final = 5
READY: Final = "ready.json"

ACCOUNTS: Final = """
INSERT INTO accounts (id, learner_id, citizen_sealed, citizen_index, learner_group, status, opened_on)
{with}SELECT '{region}-A-B' || {pad}, 'L-' || n, {bytes}, 'index ' || n, 'IN_WORK', 'OPEN', {opened}
FROM {learners}"""
OUTCOMES: Final = """
INSERT INTO outcomes (account_id, id, learner_id, identity, kind, title, status, credits, core_credits,
  flexible_credits, issued_on, examined_on, submitted_on, derived_from, flagged)
{with}SELECT '{region}-A-B' || {pad}, '{region}-O-B' || {pad} || '_' || place, 'L-' || n, n || ' ' || place,
  'COURSE', '网络营销 ' || place, 'VERIFIED', 10 + place, 10 + place, 0, {issued}, {issued}, {issued},
  '[]', {no}
FROM {learners} CROSS JOIN {places} WHERE place <= 5"""
ENTRIES: Final = """
INSERT INTO ledger_entries (account_id, number, id, kind, credits, posted_on, posted_at, balance_after,
  outcome_id, memo)
{with}SELECT '{region}-A-B' || {pad}, place, '{region}-E-B' || {pad} || '_' || place,
  CASE WHEN place <= 5 THEN 'DEPOSIT' ELSE 'CONVERSION' END,
  CASE WHEN place <= 5 THEN 10 + place ELSE -5 END, {posted}, {began},
  CASE WHEN place <= 5 THEN 10 * place + place * (place + 1) / 2 ELSE 90 - 5 * place END,
  '{region}-O-B' || {pad} || '_' || (CASE WHEN place <= 5 THEN place ELSE place - 5 END), 'made'
FROM {learners} CROSS JOIN {places}"""
WORDS: Final = {
    "sqlite": {
        "with": "WITH RECURSIVE learners(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM learners"
        " WHERE n < {last}), places(place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places"
        " WHERE place < 10) ",
        "learners": "learners",
        "places": "places",
        "pad": "printf('%07d', n)",
        "bytes": "x'7365616c6564'",
        "day": "date('2020-01-01', '+' || ({days}) || ' days')",
        "began": "'2026-01-01 00:00:00.000000'",
        "no": "0",
    },
    "postgresql": {
        "with": "",
        "learners": "generate_series({first}, {last}) AS learners(n)",
        "places": "generate_series(1, 10) AS places(place)",
        "pad": "lpad(n::text, 7, '0')",
        "bytes": "'sealed'::bytea",
        "day": "date '2020-01-01' + ({days})",
        "began": "timestamptz '2026-01-01 00:00:00+00'",
        "no": "false",
    },
}


@dataclass(frozen=True, slots=True)
class SizedBank:
    """A node over a bank of so many learners, numbered from 0."""

    node: Node
    url: str
    learners: int

    def account(self, number: int) -> str:
        return f"{REGION}-A-B{number:07}"

    def outcome(self, number: int, place: int) -> str:
        return f"{REGION}-O-B{number:07}_{place}"


@asynccontextmanager
async def bank_at_size(
    url: str, folder: Path, learners: int, progress: Progress
) -> AsyncGenerator[SizedBank, None]:
    """The bank in this database, made unless `folder`, which is this size's own, says that it is there."""
    settings = NodeSettings(
        region=REGION,
        database_url=url,
        catalogue=Path("unused"),
        encryption_key=SecretStr("11" * KEY_BYTES),
        index_key=SecretStr("22" * KEY_BYTES),
        pseudonym_key=SecretStr("33" * KEY_BYTES),
    )
    node = Node(settings, bundle=load_sample())
    bank = SizedBank(node, url, learners)
    ready = folder / READY
    try:
        await migrate(node.database, REGION, BEGAN)
        if not ready.is_file():
            await node.database.close()  # SQLite changes its journal only for one who is alone
            frontier = await _fill(url, learners, progress)
            async with node.bank.units.read() as unit:
                assert (await unit.log.frontier()).root == frontier.root, "the log is not what was written"
            ready.write_bytes(orjson.dumps({"learners": learners}))
        yield bank
    finally:
        await node.database.close()


async def _fill(url: str, learners: int, progress: Progress) -> Frontier:
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    bar = progress.add_task(
        f"{kind}: {learners:,} learners, {learners * ENTRIES_EACH:,} entries", total=learners
    )
    if kind == "sqlite":
        return _fill_sqlite(url.removeprefix("sqlite:///"), learners, progress, bar)
    return await _fill_postgresql(url, learners, progress, bar)


def _fill_sqlite(file: str, learners: int, progress: Progress, bar: Any) -> Frontier:
    frontier = Frontier()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-500000"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('accounts', 'outcomes', 'ledger_entries', 'log_leaves')"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for first in range(0, learners, LEARNERS_AT_ONCE):
            last = min(learners, first + LEARNERS_AT_ONCE) - 1
            connection.execute("BEGIN")
            for statement in statements("sqlite", first, last):
                connection.execute(statement)
            frontier, leaves, nodes = _log(frontier, range(first, last + 1))
            connection.executemany("INSERT INTO log_leaves VALUES (?, ?, ?, ?)", leaves)
            connection.executemany("INSERT INTO log_nodes VALUES (?, ?, ?)", nodes)
            connection.execute("COMMIT")
            progress.update(bar, completed=last + 1)
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode=WAL")
    return frontier


async def _fill_postgresql(url: str, learners: int, progress: Progress, bar: Any) -> Frontier:
    frontier = Frontier()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # foreign keys hold by making
        await connection.execute("SET synchronous_commit = off")
        indexes = await connection.fetch(
            "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS sql FROM pg_index"
            " WHERE NOT indisprimary AND indrelid::regclass::text IN"
            " ('accounts', 'outcomes', 'ledger_entries', 'log_leaves')"
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for first in range(0, learners, LEARNERS_AT_ONCE):
            last = min(learners, first + LEARNERS_AT_ONCE) - 1
            async with connection.transaction():
                for statement in statements("postgresql", first, last):
                    await connection.execute(statement)
                frontier, leaves, nodes = _log(frontier, range(first, last + 1))
                await connection.copy_records_to_table("log_leaves", records=leaves)
                await connection.copy_records_to_table("log_nodes", records=nodes)
            progress.update(bar, completed=last + 1)
        for index in indexes:
            await connection.execute(index["sql"])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return frontier


def statements(kind: str, first: int, last: int) -> Iterator[str]:
    """What makes accounts, outcomes and entries of the learners `first … last`."""
    words = WORDS[kind]
    filled = {
        **{
            name: word.format(first=first, last=last, days="")
            for name, word in words.items()
            if name != "day"
        },
        "region": REGION,
        "opened": words["day"].format(days="n % 2000"),
        "issued": words["day"].format(days="n % 1000 + 7 * place"),
        "posted": words["day"].format(days="n % 1000 + 7 * place"),
    }
    for statement in (ACCOUNTS, OUTCOMES, ENTRIES):
        yield statement.format(**filled)


def _log(frontier: Frontier, numbers: range) -> tuple[Frontier, list[Sequence[Any]], list[Sequence[Any]]]:
    leaves: list[Sequence[Any]] = []
    nodes: list[Sequence[Any]] = []
    for number in numbers:
        salts = secrets.token_bytes(SALT_BYTES * ENTRIES_EACH)
        for place in range(1, ENTRIES_EACH + 1):
            salt = salts[SALT_BYTES * (place - 1) : SALT_BYTES * place]
            entry = entry_of(number, place)
            leaves.append((entry.account_id, place, frontier.size, salt))
            frontier, completed = frontier.append(leaf_hash(leaf_content(entry, salt)))
            nodes += [(node.level, node.number, hash_) for node, hash_ in completed]
    return frontier, leaves, nodes


def entry_of(number: int, place: int) -> LedgerEntry:
    """The entry that `ENTRIES` makes."""
    deposited = place <= OUTCOMES_EACH
    outcome = place if deposited else place - OUTCOMES_EACH
    return LedgerEntry(
        id=f"{REGION}-E-B{number:07}_{place}",
        account_id=f"{REGION}-A-B{number:07}",
        number=place,
        kind=EntryKind.DEPOSIT if deposited else EntryKind.CONVERSION,
        credits=10 + place if deposited else -CONVERTED_TENTHS,
        posted_on=FIRST_DAY + timedelta(days=number % 1000 + 7 * place),
        posted_at=BEGAN,
        balance_after=10 * place + place * (place + 1) // 2 if deposited else 90 - 5 * place,
        outcome_id=f"{REGION}-O-B{number:07}_{outcome}",
        memo="made",
    )
