"""Whatever is changed in the stored history, by whatever means, an audit finds and names."""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from region_node import app
from region_node.domain.audit import Fault
from region_node.storage.database import Database
from region_node.storage.metadata import METADATA
from region_node.storage.seals import SEAL
from tests.cli.conftest import Run, run
from tests.node.bank import deposited, open_account, step
from tests.node.conftest import Asker, Served, serving
from tests.node.databases import REGION, Engine
from tests.node.examining import end_party, register_party
from tests.node.published import (
    agree,
    end,
    mutate,
    publish,
    register,
    retire,
    rule,
    set_framework,
    set_map,
    set_policy,
    veto,
)

__all__ = ["run"]

IN_THE_LOG = ("ledger_entries", "log_leaves", "log_nodes", "tree_heads")
SEALED = tuple(table.name for table in METADATA.sorted_tables if SEAL in table.c)
COLUMNS_TRIED = 1
"""Columns of each sealed table in which a bit is flipped, others on either database."""
HEAD = f'{{ treeHead(region: "{REGION}") {{ size }} }}'


@pytest.fixture
async def written(engine: Engine, keys_file: Any, token_key: Any, certificate: str) -> AsyncIterator[Served]:
    """A bank with a little of everything that an audit reads."""
    async with serving(engine.fresh(), keys_file, token_key, signing_key="44" * 32) as served:
        for number in range(3):
            account = (await open_account(served.officer, number))["account"]["id"]
            outcomes = [
                await deposited(served.officer, account, title=f"course {number} {place}")
                for place in range(2 + number)
            ]
            await step(served.officer, "revokeOutcome", outcomes[1], ground="ERROR", reason="r")
            await served.public.ask(HEAD)
        await fill_history(served.officer, certificate)
        yield served


async def fill_history(officer: Asker, certificate: str) -> None:
    """Something in every table of history that is no part of the log."""
    await end(officer, await agree(officer), "2026-06-30", reason="r")
    await register(officer, certificate)
    await publish(officer, rule(certificate, "网店运营", "4.0"), rule(certificate, "网络营销", "4.0"))
    await retire(officer, certificate, "2026-05-31")
    types = {"year": "Int!", "from": "Date!"}
    given: dict[str, Any] = {"year": 2025, "from": "2026-07-01"}
    await mutate(officer, "concludeReview", types, "__typename", **given)
    await register_party(officer, "2026-04-01", code="K1")
    await end_party(officer, "2026-06-01", code="K1")
    await veto(officer, "北京鸿科经纬科技有限公司", "2026-06-01", reason="r")
    await set_policy(officer)
    await set_framework(officer)
    await set_map(officer, {"4": ["5"]})
    account = (await open_account(officer, 7))["account"]["id"]
    facts = {"kind": "X_CERTIFICATE", "certificate": certificate, "level": "INTERMEDIATE", "credits": "8.0"}
    source = await deposited(officer, account, issuedOn="2026-03-20", **facts)
    await deposited(officer, account, title="rests on it", derivedFrom=[source])
    assert (await step(officer, "convertOutcome", source, major="530701"))["__typename"] == "OutcomeChanged"


async def faults_of(served: Served) -> list[Fault]:
    found: list[Fault] = []
    read: list[tuple[int, int]] = []
    count = await app.audit(served.node.settings, found.append, lambda *done: read.append(done))
    assert count == len(found)
    assert read[-1][0] == read[-1][1] == len(read)
    return found


def flipped(value: Any, chance: random.Random, *, as_bytes: bool) -> Any:
    """Change one bit of a value; where the database checks types, one that leaves it a value."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(8))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1 << chance.randrange(8))
    if isinstance(value, date):
        return value + timedelta(days=1 << chance.randrange(8))
    changed = bytearray(value if isinstance(value, bytes) else value.encode())
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8 if as_bytes else 4)
    return bytes(changed) if as_bytes else changed.decode()


class Vandal:
    """Has the database itself, and no scruple: its guards are dropped first."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self._database = database
        self._chance = chance

    async def drop_guards(self) -> None:
        for table in (*IN_THE_LOG, *SEALED):
            for name in ("update", "delete") if self._database.is_sqlite else ("change",):
                on = "" if self._database.is_sqlite else f" ON {table}"
                await self._run(f"DROP TRIGGER {table}_no_{name}{on}")
        if not self._database.is_sqlite:
            for one in METADATA.sorted_tables:
                for key in one.foreign_keys:
                    name = f"{one.name}_{key.parent.name}_fkey"
                    await self._run(f"ALTER TABLE {one.name} DROP CONSTRAINT {name}")

    async def flip(
        self, table: sa.Table, column: str
    ) -> tuple[list[str], Callable[[], Awaitable[Any]]] | None:
        """Flip a bit in a random row; return what still names the row, and what mends it.

        None where every row is empty there.
        """
        names = table.c.keys()
        rows = await self._run(f"SELECT {', '.join(names)} FROM {table.name}")  # noqa: S608 - our own names
        having = [row for row in rows if row[names.index(column)] not in (None, "", b"")]
        if not having:
            return None
        for _ in range(50):
            row = dict(zip(names, self._chance.choice(having), strict=True))
            key = {one.name: row[one.name] for one in table.primary_key}
            is_blob = isinstance(table.c[column].type, sa.LargeBinary)
            value = flipped(row[column], self._chance, as_bytes=is_blob or self._database.is_sqlite)
            try:
                await self._set(table, column, value, key)
            except (IntegrityError, sqlite3.IntegrityError):
                continue  # another row has that key
            changed = {**key, **({column: value} if column in key else {})}
            named = [_text(part) for name, part in key.items() if name != column]
            return named, partial(self._set, table, column, row[column], changed)
        raise AssertionError(f"no bit of {table.name}.{column} could be flipped")

    async def _set(self, table: sa.Table, column: str, value: Any, key: dict[str, Any]) -> None:
        text = isinstance(value, bytes) and not isinstance(table.c[column].type, sa.LargeBinary)
        new = "CAST(:new AS TEXT)" if text and self._database.is_sqlite else ":new"
        texts = {name for name, part in key.items() if isinstance(part, bytes)}
        where = " AND ".join(
            f"{name} = {f'CAST(:key_{name} AS TEXT)' if name in texts else f':key_{name}'}" for name in key
        )
        given = {"new": value, **{f"key_{name}": part for name, part in key.items()}}
        await self._run(f"UPDATE {table.name} SET {column} = {new} WHERE {where}", given)  # noqa: S608 - likewise

    async def _run(self, statement: str, given: dict[str, Any] | None = None) -> list[Any]:
        if self._database.is_sqlite:
            with closing(sqlite3.connect(self._database.url.database or "")) as plain, plain:
                plain.text_factory = bytes
                return plain.execute(statement, given or {}).fetchall()
        async with self._database.engines[1].begin() as connection:
            done = await connection.execute(sa.text(statement), given or {})
            return list(done) if done.returns_rows else []


def _text(part: Any) -> str:
    return part.decode(errors="backslashreplace") if isinstance(part, bytes) else str(part)


async def test_any_flipped_bit_of_what_is_sealed_is_found_and_named(written: Served) -> None:
    chance = random.Random(written.node.database.is_sqlite)  # noqa: S311 - the same bits each time
    vandal = Vandal(written.node.database, chance)
    assert await faults_of(written) == []
    await vandal.drop_guards()
    for table in (METADATA.tables[name] for name in (*IN_THE_LOG, *SEALED)):
        columns = table.c.keys()
        for column in columns if table.name in IN_THE_LOG else chance.sample(columns, COLUMNS_TRIED):
            flip = await vandal.flip(table, column)
            if flip is None:
                continue
            named, mend = flip
            told = [str(fault) for fault in await faults_of(written)]
            # A step out of its place is named by whose step it is.
            parts = named[-1:] if column == "number" else named
            found = any(table.name in one and all(part in one for part in parts) for one in told)
            assert found, (table.name, column, named, told)
            await mend()
    assert await faults_of(written) == []


async def test_what_was_left_out_or_put_in_is_found_and_named(written: Served) -> None:
    vandal = Vandal(written.node.database, random.Random(2))  # noqa: S311 - the same rows each time
    await vandal.drop_guards()
    for table, delete, told in (
        ("ledger_entries", "number = 3", "there is no such entry in ledger_entries"),
        ("log_leaves", "position = 4", "has no leaf in log_leaves"),
        ("log_nodes", "level = 1 AND number = 2", "log_nodes 1 2: is missing"),
    ):
        rows = f"FROM {table} WHERE {delete}"
        await vandal._run(f"CREATE TABLE kept AS SELECT * {rows}")
        await vandal._run(f"DELETE {rows}")
        assert any(told in str(fault) for fault in await faults_of(written)), table
        await vandal._run(f"INSERT INTO {table} SELECT * FROM kept")  # noqa: S608 - our own names
        await vandal._run("DROP TABLE kept")
    assert await faults_of(written) == []
    account = (await open_account(written.officer, 9))["account"]["id"]
    await vandal._run(
        "INSERT INTO ledger_entries SELECT :a, 1, :e, 'AWARD', 80, posted_on, posted_at, 80, NULL, NULL, ''"
        " FROM ledger_entries LIMIT 1",
        {"a": account, "e": f"{account.replace('-A-', '-E-')}_1"},
    )
    (fault,) = await faults_of(written)
    assert (fault.table, fault.row, fault.what) == (
        "ledger_entries",
        f"{account} 1",
        "has no leaf in log_leaves",
    )


async def test_a_bank_that_was_changed_as_it_stands_now_is_found(written: Served) -> None:
    """What is updated in the course of business is held against the steps that led there."""
    for table, change in (
        ("outcomes", "UPDATE outcomes SET status = 'VERIFIED' WHERE status = 'REVOKED'"),
        ("accounts", "UPDATE accounts SET status = 'FROZEN'"),
        ("ledger_entries", "UPDATE outcomes SET credits = 90, core_credits = 90 - flexible_credits"),
        ("agreements", "UPDATE agreements SET terms = REPLACE(terms, '100', '50')"),
        ("agreements", "UPDATE agreements SET status = 'SIGNED'"),
    ):
        vandal = Vandal(written.node.database, random.Random(3))  # noqa: S311 - draws nothing
        await vandal._run(change)
        assert table in {fault.table for fault in await faults_of(written)}


async def test_a_bit_flipped_in_the_file_itself_is_found(
    sqlite: Engine, keys_file: Path, token_key: Any, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite.fresh()
    async with serving(url, keys_file, token_key) as served:
        account = (await open_account(served.officer))["account"]["id"]
        for place in range(4):
            await deposited(served.officer, account, title=f"very special course {place}")
        settings = served.node.settings
    file = Path(url.removeprefix("sqlite:///"))
    for name in ("region", "database_url", "catalogue"):
        monkeypatch.setenv(f"CREDITBANK_NODE_{name.upper()}", str(getattr(settings, name)))
    for name in ("encryption_key", "index_key", "pseudonym_key"):
        monkeypatch.setenv(f"CREDITBANK_NODE_{name.upper()}", getattr(settings, name).get_secret_value())
    sound = await asyncio.to_thread(run, "node", "audit")
    assert sound.status == 0
    assert "every one is as it was written" in sound.out
    flip_in_file(file)
    broken = await asyncio.to_thread(run, "node", "audit")
    assert broken.status == 1
    assert f"ledger_entries {account} " in broken.out
    assert "1 faults in the stored history" in broken.err


def flip_in_file(file: Path) -> None:
    """Flip a bit of the memo of one ledger entry, found by the columns before it."""
    whole = bytearray(file.read_bytes())
    row = re.search(rb"DEPOSIT.{1,2}2026-06-012026[^{]+?very special", whole, re.DOTALL)
    assert row is not None
    whole[row.end() - 1] ^= 1
    file.write_bytes(whole)
