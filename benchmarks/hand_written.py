"""The baseline of the node: the same reads by hand, with nothing between the database and the JSON.

Three statements for the page and two for the batch, on the bare driver. No schema, no validation of
what is asked, no permissions, no snapshot, no choice of fields.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped] # it ships no types
import orjson

Rows = Sequence[Sequence[Any]]
Query = Callable[[str, Sequence[Any]], Awaitable[Rows]]

PAGE: Final = "SELECT id, status FROM accounts ORDER BY opened_on, id LIMIT {limit}"
BALANCES: Final = (
    "SELECT account_id, sum(credits) FROM ledger_entries WHERE account_id IN ({keys}) GROUP BY 1"
)
FIRST_OUTCOMES: Final = (
    "SELECT account_id, id, title, status, credits, issued_on FROM (SELECT account_id, id, title, status,"
    " credits, issued_on, row_number() OVER (PARTITION BY account_id ORDER BY issued_on, id) AS place"
    " FROM outcomes WHERE account_id IN ({keys})) AS ranked WHERE place <= {limit} ORDER BY account_id, place"
)
OUTCOMES: Final = (
    "WITH keys (owner, id) AS (VALUES {keys})"
    " SELECT account_id, outcomes.id, title, status, credits, issued_on"
    " FROM keys JOIN outcomes ON account_id = owner AND outcomes.id = keys.id"
)


def open_query(plain_url: str) -> Query:
    """Return what runs a statement on the bare driver of either database; it connects when first used."""
    return _postgresql(plain_url) if plain_url.startswith("postgresql:") else _sqlite(plain_url)


async def page(query: Query, first: int, outcomes_each: int) -> bytes:
    """A page of accounts, each with its balance and its first outcomes."""
    rows = await query(PAGE.format(limit=first + 1), ())
    shown = rows[:first]
    ids = [row[0] for row in shown]
    balances = await _balances(query, ids)
    found = await query(FIRST_OUTCOMES.format(keys=_places(ids), limit=outcomes_each), ids)
    outcomes: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for account_id, *rest in found:
        outcomes[account_id].append({"node": _outcome(*rest)})
    edges = [
        {
            "node": {
                "id": id_,
                "status": status,
                "balance": _credits(balances.get(id_, 0)),
                "outcomes": {"edges": outcomes[id_]},
            }
        }
        for id_, status in shown
    ]
    has_next = {"hasNextPage": len(rows) > first}
    return orjson.dumps({"data": {"accounts": {"edges": edges, "pageInfo": has_next}}})


async def batch(query: Query, ids: Sequence[str]) -> bytes:
    """Outcomes by their ids, each with its account's balance."""
    owners = {id_: id_.replace("-O-", "-A-").rpartition("_")[0] for id_ in ids}
    accounts = list(dict.fromkeys(owners.values()))
    pairs = ", ".join(f"(${number}, ${number + 1})" for number in range(1, 2 * len(ids), 2))
    keys = [value for id_, owner in owners.items() for value in (owner, id_)]
    rows = {row[1]: row for row in await query(OUTCOMES.format(keys=pairs), keys)}
    balances = await _balances(query, accounts)
    entities = [
        {
            **_outcome(*rows[id_][1:]),
            "account": {"id": rows[id_][0], "balance": _credits(balances.get(rows[id_][0], 0))},
        }
        for id_ in ids
    ]
    return orjson.dumps({"data": {"_entities": entities}})


async def _balances(query: Query, accounts: Sequence[str]) -> dict[str, int]:
    rows = await query(BALANCES.format(keys=_places(accounts)), accounts)
    return {account: int(tenths) for account, tenths in rows}


def _outcome(id_: str, title: str, status: str, tenths: int, issued_on: object) -> dict[str, Any]:
    return {
        "id": id_,
        "title": title,
        "status": status,
        "credits": _credits(tenths),
        "issuedOn": str(issued_on),
    }


def _credits(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"


def _places(values: Sequence[Any]) -> str:
    return ", ".join(f"${number}" for number in range(1, len(values) + 1))


def _sqlite(file: str) -> Query:
    connection = sqlite3.connect(file)

    async def query(text: str, values: Sequence[Any]) -> Rows:
        numbered = {str(number): value for number, value in enumerate(values, start=1)}
        return connection.execute(text, numbered).fetchall()

    return query


def _postgresql(url: str) -> Query:
    connection: asyncpg.Connection | None = None

    async def query(text: str, values: Sequence[Any]) -> Rows:
        nonlocal connection
        if connection is None:
            connection = await asyncpg.connect(url)
        rows: Rows = await connection.fetch(text, *values)
        return rows

    return query
