"""What the planner does with operations made to be expensive: `python -m benchmarks.planning_worst_cases`.

Processor time from text to compiled plan, median of a few rounds, or the code it is refused with.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine
from gateway.federation.errors import FederationError

ROUNDS = 3
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
    """Planning sends nothing."""

    async def fetch(self, *_: object) -> Any:
        raise AssertionError("planning sent a request")

    fetch_piecewise = fetch


def measure(engine: Engine, text: str) -> tuple[float, str]:
    """Milliseconds, and what became of the operation. A comment makes each round's text a new one."""
    spent = []
    outcome = ""
    for number in range(ROUNDS):
        began = time.process_time()
        try:
            outcome = f"{engine.plan(f'{text} # {number}').requests} requests"
        except FederationError as refusal:
            outcome = refusal.code
        spent.append((time.process_time() - began) * 1_000)
    return statistics.median(spent), outcome


def main() -> None:
    sdl = compose([Subgraph("nodes", "", LINK + NODES), Subgraph("extra", "", LINK + EXTRA)]).sdl()
    engine = Engine(read_supergraph(sdl), Nobody())
    table = Table("operation", "ms", "outcome")
    for name, text in cases().items():
        spent_ms, outcome = measure(engine, text)
        table.add_row(name, f"{spent_ms:,.0f}", outcome)
    Console().print(table)


if __name__ == "__main__":
    main()
