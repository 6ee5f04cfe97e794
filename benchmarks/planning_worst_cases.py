"""What the planner does with operations made to be expensive, and what others feel of it meanwhile.

Processor time from text to compiled plan, median over the rounds, or the code it is refused with; then
the same through the engine as a request comes, beside a task that looks at the clock in every turn of
the loop: the longest time between two looks. Then a served gateway is asked it, under another name each
time, while somebody asks something simple, one request after the other: how long that one waits.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import orjson

from benchmarks.processes import free_port, running
from benchmarks.results import Result, Row
from benchmarks.stub_server import serve
from creditbank.demo.processes import Programs
from edge.serving import settle
from gateway.clients.exchange import PooledExchange
from gateway.clients.settings import HttpSettings
from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, Request, RequestContext
from gateway.federation.errors import FederationError
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest

ROUNDS: Final = 3
COLUMNS: Final = {
    "operation": "operation",
    "median_ms": "CPU ms to its plan",
    "outcome": "outcome",
    "stood_ms": "longest stop of the loop, ms",
    "p50_ms": "a simple request meanwhile: p50 ms",
    "p99_ms": "p99 ms",
}
NOTES: Final = (
    "CPU: from text to compiled plan, median. The gateway's limits of depth and aliases would refuse most.",
)
SIMPLE: Final = "{ any { id } }"
NOTHING: Final = "nothing"
"""The row of a gateway that is asked nothing but the simple request."""
IDLE_REQUESTS: Final = 200
IDLE_S: Final = 2.0
UNLIMITED: Final = {
    "limits": dict.fromkeys(("tokens", "depth", "aliases", "directives", "root_fields"), 15_000)
    | {"time_ms": 60_000},
    "clients": {"deduplication": {"flights": 0}},
}
HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))
TIME_S: Final = 90.0
Ask = Callable[[str], Awaitable[Any]]
KINDS = [f"K{i}" for i in range(100)]
FIELDS = "id: ID! next: Node other(x: Int): Any"
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
NODES = "\n".join(
    [
        "type Query { any: Node }",
        f"interface Node {{ {FIELDS} }}",
        f"union Any = {' | '.join(KINDS)}",
        *(f'type {k} implements Node @key(fields: "id") {{ {FIELDS} own{k}: {k} }}' for k in KINDS),
    ]
)
EXTRA = "\n".join(f'type {k} @key(fields: "id") {{ id: ID! extra{k}: Int }}' for k in KINDS)
SDL = {"nodes": NODES, "extra": EXTRA}


def cases() -> dict[str, str]:
    aliases = " ".join(f"a{i}: other(x: {i}) {{ __typename }}" for i in range(1_000))
    side_by_side = " ".join(f"...F{i}" for i in range(200))
    spread = " ".join(f"... on {k} {{ extra{k} own{k} {{ next {{ id }} }} }}" for k in KINDS)
    return {
        "100 levels deep": "{ any " + "{ next " * 100 + "{ id }" + " }" * 101,
        "1,000 levels deep": "{ any " + "{ next " * 1_000 + "{ id }" + " }" * 1_001,
        "1,000 aliases of a union": f"{{ any {{ {aliases} }} }}",
        "200 fragments side by side": f"{{ any {{ {side_by_side} }} }} "
        + " ".join(f"fragment F{i} on Node {{ next {{ id a{i}: id }} }}" for i in range(200)),
        "200 fragments in a row": "{ any { ...F0 } } "
        + " ".join(f"fragment F{i} on Node {{ next {{ id }} ...F{i + 1} }}" for i in range(200))
        + " fragment F200 on Node { id }",
        "200 fragments, doubling": "{ any { ...F0 } } "
        + " ".join(
            f"fragment F{i} on Node {{ a: next {{ ...F{i + 1} }} b: next {{ ...F{i + 1} }} }}"
            for i in range(200)
        )
        + " fragment F200 on Node { id }",
        "100 types, each its own fields": f"{{ any {{ {spread} }} }}",
        "100 types within 100 types": f"{{ any {{ {spread} next {{ {spread} next {{ {spread} }} }} }} }}",
    }


class Nobody:
    """Subgraphs that have nothing."""

    async def send(self, request: ShardRequest) -> Reply:
        return Reply({})


def measure(engine: Engine, text: str, rounds: int) -> tuple[float, str]:
    """Milliseconds, and what became of the operation. A comment makes each round's text a new one."""
    spent = []
    outcome = ""
    for number in range(rounds):
        began = time.process_time()
        try:
            outcome = f"{engine.plan(f'{text} # {number}').requests} requests"
        except FederationError as refusal:
            outcome = refusal.code
        spent.append((time.process_time() - began) * 1_000)
    return median(spent), outcome


async def longest_stop_ms(engine: Engine, text: str | None, rounds: int) -> float:
    """The longest time between two turns of the event loop while the operation is read and planned.

    Without one: in `IDLE_S`, which is what the machine's other programs do to it.
    """
    stops = [0.0]

    async def watch() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            stops.append(now - last)
            last = now

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    if text is None:
        await asyncio.sleep(IDLE_S)
    for number in range(rounds if text is not None else 0):
        await engine.run(Request(f"{text} # watched {number}"), RequestContext())
        await asyncio.sleep(0)  # what was planned on the spot shows in the look after it
    watching.cancel()
    return max(stops) * 1_000


async def simple_beside_ms(ask: Ask, text: str | None, rounds: int) -> list[float]:
    """How long simple requests take, one after the other, while the operation is asked some times."""
    taken: list[float] = []

    async def costly() -> None:
        for number in range(rounds):
            await ask(f"{text} # asked {number}")

    asking = asyncio.create_task(costly()) if text is not None else None
    for number in count():
        if asking.done() if asking is not None else number == IDLE_REQUESTS:
            break
        began = time.perf_counter()
        await ask(SIMPLE)
        taken.append((time.perf_counter() - began) * 1_000)
    if asking is not None:
        await asking
    return taken


@asynccontextmanager
async def served() -> AsyncIterator[Ask]:
    """A gateway before subgraphs that have nothing, in processes of their own; gives what asks it."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ports = stack.enter_context(running("benchmarks.planning_worst_cases")).told
        file, config, port = folder / "supergraph.graphql", folder / "gateway.json", free_port()
        file.write_text(supergraph({name: f"http://127.0.0.1:{ports[name]}/" for name in SDL}))
        config.write_bytes(orjson.dumps(UNLIMITED))
        command = [
            "gateway",
            "serve",
            "--supergraph",
            str(file),
            "--config",
            str(config),
            "--port",
            str(port),
        ]
        programs = stack.enter_context(Programs(folder))
        programs.start("gateway", port, [*command, "--port", str(port)])
        await asyncio.to_thread(programs.await_ready, lambda _: None)
        exchange = PooledExchange(HttpSettings())
        stack.push_async_callback(exchange.aclose)

        async def ask(text: str) -> Any:
            body = orjson.dumps({"query": text})
            answer = await exchange.post(f"http://127.0.0.1:{port}/graphql", HEADERS, body, TIME_S)
            return json.loads(answer.body)

        assert await ask(SIMPLE) == {"data": {"any": None}}
        yield ask


async def run(quick: bool, rounds: int) -> Result:
    """Measure every case."""
    rounds = 1 if quick else min(rounds, ROUNDS)
    engine = Engine(read_supergraph(supergraph(dict.fromkeys(SDL, ""))), Dispatcher(Nobody()))
    settle()
    rows: list[Row] = []
    async with served() as ask:
        stood_ms = await longest_stop_ms(engine, None, rounds)
        taken = await simple_beside_ms(ask, None, rounds)
        rows.append(_row(NOTHING, taken, stood_ms=round(stood_ms, 1)))
        for name, text in cases().items():
            spent_ms, outcome = measure(engine, text, rounds)
            stood_ms = await longest_stop_ms(engine, text, rounds)
            taken = await simple_beside_ms(ask, text, rounds)
            planned: dict[str, float | str] = {
                "median_ms": round(spent_ms, 1),
                "outcome": outcome,
                "stood_ms": round(stood_ms, 1),
            }
            rows.append(_row(name, taken, **planned))
    return Result("worst_cases", "Operations made to be expensive", COLUMNS, rows, NOTES, quick)


def supergraph(urls: Mapping[str, str]) -> str:
    return compose([Subgraph(name, url, LINK + SDL[name]) for name, url in urls.items()]).sdl()


def _row(name: str, taken: list[float], **planned: float | str) -> Row:
    return {
        "operation": name,
        **{column: planned.get(column, "") for column in ("median_ms", "outcome", "stood_ms")},
        "p50_ms": round(median(taken), 1),
        "p99_ms": round(quantiles(taken, n=100)[98] if len(taken) > 1 else taken[0], 1),
    }


if __name__ == "__main__":
    asyncio.run(serve({name: lambda _: {"data": {"any": None}} for name in SDL}))
