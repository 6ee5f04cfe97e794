"""Resident memory of a process whose engine is asked 100,000 operations, each of another text.

Every tenth is large enough to be planned in a thread. What is remembered is bounded in number, so memory
grows until the caches are full and then stays: the last row is compared with the row at which they are.
"""

from __future__ import annotations

from typing import Any, Final

import psutil  # type: ignore[import-untyped] # it ships no types

from benchmarks.federated import supergraph
from benchmarks.federated_subgraphs import SDL
from benchmarks.results import Result, Row
from edge.serving import settle
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, EngineLimits, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest

OPERATIONS: Final = 100_000
QUICK_OPERATIONS: Final = 4_000
ROWS: Final = 20
LARGE_EVERY: Final = 10
COLUMNS: Final = {
    "operations": "distinct operations",
    "plans": "plans remembered",
    "rss_mb": "resident MB",
    "ratio": "of when the caches were full",
}
NOTES: Final = ("Memory of the whole process: interpreter, libraries, engine and its caches.",)


class Silent:
    """Subgraphs that have nothing."""

    async def send(self, request: ShardRequest) -> Reply:
        return Reply({})


def operation(number: int) -> str:
    """A text that no other number has."""
    if number % LARGE_EVERY:
        return f"query Q{number} {{ topProducts {{ upc name }} }}"
    aliases = " ".join(f"a{number}_{alias}: topProducts {{ upc name }}" for alias in range(30))
    return f"query Q{number} {{ {aliases} }}"


async def run(quick: bool, rounds: int) -> Result:
    """Measure once: what is asked is the same in each round, and only the first begins with empty caches."""
    total = QUICK_OPERATIONS if quick else OPERATIONS
    limits = EngineLimits()
    engine = Engine(
        read_supergraph(supergraph(dict.fromkeys(SDL, 4200))), Dispatcher(Silent()), limits=limits
    )
    settle()
    process = psutil.Process()
    rows: list[dict[str, Any]] = []
    for number in range(1, total + 1):
        await engine.run(Request(operation(number)), RequestContext())
        if number % (total // ROWS) == 0:
            rss_mb = process.memory_info().rss / 1e6
            rows.append(
                {"operations": number, "plans": min(number, limits.plans), "rss_mb": round(rss_mb, 1)}
            )
    return Result("memory", "Memory over distinct operations", COLUMNS, _compared(rows, limits), NOTES, quick)


def _compared(rows: list[dict[str, Any]], limits: EngineLimits) -> list[Row]:
    full = next((row for row in rows if row["operations"] >= limits.plans), rows[-1])
    return [{**row, "ratio": round(row["rss_mb"] / full["rss_mb"], 2)} for row in rows]
