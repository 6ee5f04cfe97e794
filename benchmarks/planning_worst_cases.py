"""What the planner does with operations made to be expensive, and whether the event loop goes on meanwhile.

Processor time from text to compiled plan, median over the rounds, or the code it is refused with; then
the same through the engine as a request comes, beside a task that looks at the clock in every turn of
the loop: the longest time between two looks.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Final

from benchmarks.results import Result, Row
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
}
NOTES: Final = (
    "CPU: from text to compiled plan, median. The gateway's limits of depth and aliases would refuse most.",
)
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


async def longest_stop_ms(engine: Engine, text: str) -> float:
    """The longest time between two turns of the event loop while the operation is read and planned."""
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
    await engine.run(Request(f"{text} # watched"), RequestContext())
    await asyncio.sleep(0)  # what was planned on the spot shows in the look after it
    watching.cancel()
    return max(stops) * 1_000


async def run(quick: bool, rounds: int) -> Result:
    """Measure every case."""
    sdl = compose([Subgraph("nodes", "", LINK + NODES), Subgraph("extra", "", LINK + EXTRA)]).sdl()
    engine = Engine(read_supergraph(sdl), Dispatcher(Nobody()))
    rows: list[Row] = []
    for name, text in cases().items():
        spent_ms, outcome = measure(engine, text, 1 if quick else min(rounds, ROUNDS))
        stood_ms = await longest_stop_ms(engine, text)
        rows.append(
            {
                "operation": name,
                "median_ms": round(spent_ms, 1),
                "outcome": outcome,
                "stood_ms": round(stood_ms, 1),
            }
        )
    return Result("worst_cases", "Operations made to be expensive", COLUMNS, rows, NOTES, quick)
