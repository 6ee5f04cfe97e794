"""A node's page of accounts and its batch of entities, against the same reads written by hand.

    page    50 accounts, each with its balance and its first 5 outcomes
    batch   200 outcomes by their ids, as a gateway asks `_entities`, each with its account's balance

Both are run through the node's executor (parsing, validation, permissions, snapshot, resolvers) to the
bytes of the answer, on SQLite and on PostgreSQL. SQL statements are counted for a short and a long
list: a count that grows with the list would be a statement for each row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import orjson
import sqlalchemy as sa

from benchmarks.filled_bank import REGION, FilledBank, databases, filled_bank
from benchmarks.hand_written import batch, open_query, page
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, take_turns
from edge.caller import Caller, Role
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from edge.serving import settle
from region_node.graph.executor import NodeExecutor
from region_node.storage.database import Database

ACCOUNTS: Final = 5_000
QUICK_ACCOUNTS: Final = 250
REQUESTS: Final = 30
QUICK_REQUESTS: Final = 3
OUTCOMES_SHOWN: Final = 5
OFFICER: Final = Caller(Role.OFFICER, "benchmark", region=REGION)

PAGE: Final = """query Page($region: ID!, $first: Int!) {
  accounts(region: $region, first: $first) {
    edges { node { id status balance
      outcomes(first: 5) { edges { node { id title status credits issuedOn } } } } }
    pageInfo { hasNextPage }
  }
}"""
BATCH: Final = """query($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on LearningOutcome { id title status credits issuedOn account { id balance } }
  }
}"""
COLUMNS: Final = {
    "database": "database",
    "read": "read",
    "statements_short": "SQL, short list",
    "statements_long": "SQL, long list",
    "cpu_us": "node CPU µs",
    "p50_ms": "node ms",
    "by_hand_cpu_us": "by hand CPU µs",
    "by_hand_ms": "by hand ms",
    "ratio": "CPU ratio",
    "time_ratio": "time ratio",
}
NOTES: Final = (
    "Short and long lists: 10 and 50 accounts, 20 and 200 keys; the times are those of the long ones.",
    "CPU: of this process; a PostgreSQL server's own is not in it, on either side.",
    "By hand: the same content by hand-written SQL on the bare driver and orjson, one connection.",
)

Ask = Callable[[], Awaitable[bytes]]


async def run(quick: bool, rounds: int) -> Result:
    """Measure; raises AssertionError where node and hand-written reads differ, or statements grow."""
    rows: list[Row] = []
    load = Load(rounds, QUICK_REQUESTS if quick else REQUESTS, 1)
    with databases() as urls:
        for name, url in urls.items():
            async with filled_bank(url, QUICK_ACCOUNTS if quick else ACCOUNTS) as bank:
                rows += await _measured(name, bank, load)
    title = "Reads of a node against the same reads written by hand"
    return Result("node_reads", title, COLUMNS, rows, NOTES, quick)


async def _measured(database: str, bank: FilledBank, load: Load) -> list[Row]:
    asking = Asking(bank)
    query = open_query(bank.plain_url)
    keys = bank.outcomes[:: max(1, len(bank.outcomes) // 200)][:200]
    reads: dict[str, tuple[Ask, Ask, Ask]] = {
        "page of 50 accounts": (
            lambda: asking.page(10),
            lambda: asking.page(50),
            lambda: page(query, 50, OUTCOMES_SHOWN),
        ),
        "batch of 200 entities": (
            lambda: asking.batch(keys[:20]),
            lambda: asking.batch(keys),
            lambda: batch(query, keys),
        ),
    }
    return [await _row(database, read, bank, load, *asks) for read, asks in reads.items()]


async def _row(
    database: str, read: str, bank: FilledBank, load: Load, short: Ask, long: Ask, by_hand: Ask
) -> Row:
    assert orjson.loads(await long()) == orjson.loads(await by_hand()), f"{database}, {read}: not the same"
    counts = [await statements(bank.node.database, ask) for ask in (short, long)]
    assert counts[0] == counts[1], f"{database}, {read}: statements grow with the list: {counts}"
    settle()  # as a node that serves does
    measured = await take_turns([Contender("node", long), Contender("by hand", by_hand)], load)
    node, hand = measured["node"], measured["by hand"]
    return {
        "database": database,
        "read": read,
        "statements_short": counts[0],
        "statements_long": counts[1],
        **node.plain(),
        "by_hand_cpu_us": round(hand.cpu_us, 1),
        "by_hand_ms": round(hand.p50_ms, 3),
        "ratio": round(node.cpu_us / hand.cpu_us, 2),
        "time_ratio": round(node.p50_ms / hand.p50_ms, 2),
    }


class Asking:
    """Asks a node's executor, as one of its officers."""

    def __init__(self, bank: FilledBank) -> None:
        self._executor = NodeExecutor(bank.node.bank, Limits())

    async def page(self, first: int) -> bytes:
        return await self._ask(PAGE, {"region": REGION, "first": first})

    async def batch(self, ids: Sequence[str]) -> bytes:
        representations = [{"__typename": "LearningOutcome", "id": id_} for id_ in ids]
        return await self._ask(BATCH, {"representations": representations})

    async def _ask(self, query: str, variables: dict[str, Any]) -> bytes:
        context = CallContext(OFFICER, float("inf"), Trace("0" * 32, "0" * 16))
        result = await self._executor.execute(Operation(query, variables), context)
        assert isinstance(result, ExecutionResult)
        assert not result.errors, result.errors
        return orjson.dumps({"data": result.data})


async def statements(database: Database, ask: Ask) -> int:
    """Count the statements that read or write rows while something is asked."""
    with _statements(database) as seen:
        await ask()
    return len(seen)


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def saw(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engines = [engine.sync_engine for engine in database.engines]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", saw)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", saw)
