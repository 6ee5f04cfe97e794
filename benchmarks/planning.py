"""Cold planning of the federation benchmark's query: a text not seen before, to its plan.

Parsing, validation and planning, for an operation under another name each time, so that no cache knows
it. With --rivals also Apollo's planner (`rivals/plan.mjs`), in batches that take turns with ours.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.federated import QUERY, supergraph
from benchmarks.federated_subgraphs import SDL
from benchmarks.results import Result, Row
from edge.serving import settle
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest

TIMES: Final = 100
QUICK_TIMES: Final = 5
BATCHES: Final = 5
COLUMNS: Final = {"planner": "planner", "median_ms": "median ms", "first_ms": "first ms", "ratio": "of ours"}
NOTES: Final = (
    "Median: over batches that took turns; the first plan of each batch is of a program just started.",
)


async def run(quick: bool, rounds: int, rivals: Path | None = None) -> Result:
    times, batches = (QUICK_TIMES, 1) if quick else (TIMES, min(rounds, BATCHES))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        sdl = supergraph(dict.fromkeys(SDL, 4200))
        (folder / "supergraph.graphql").write_text(sdl, encoding="utf-8")
        (folder / "query.graphql").write_text(QUERY, encoding="utf-8")
        planners: dict[str, Callable[[], list[float]]] = {"this gateway": lambda: ours(sdl, times)}
        if rivals is not None:
            planners["@apollo/query-planner"] = lambda: theirs(rivals, folder, times)
        taken: dict[str, list[list[float]]] = {name: [] for name in planners}
        for _ in range(batches):
            for name, plan in planners.items():
                taken[name].append(plan())
    return Result("planning", "Cold planning of the same query", COLUMNS, _rows(taken), NOTES, quick)


def _rows(taken: Mapping[str, list[list[float]]]) -> list[Row]:
    medians = {name: median(one for batch in batches for one in batch) for name, batches in taken.items()}
    base = medians["this gateway"]
    return [
        {
            "planner": name,
            "median_ms": round(found, 2),
            "first_ms": round(median(batch[0] for batch in taken[name]), 2),
            "ratio": round(found / base, 2),
        }
        for name, found in medians.items()
    ]


class Nobody:
    """Planning sends nothing."""

    async def send(self, request: ShardRequest) -> Reply:
        raise AssertionError(request)


def ours(sdl: str, times: int) -> list[float]:
    """Milliseconds of each planning by a new engine."""
    engine = Engine(read_supergraph(sdl), Dispatcher(Nobody()))
    settle()
    taken = []
    for number in range(times):
        text = QUERY.replace("TestQuery", f"TestQuery{number}")
        begun = time.perf_counter()
        engine.plan(text)
        taken.append((time.perf_counter() - begun) * 1e3)
    return taken


def theirs(rivals: Path, folder: Path, times: int) -> list[float]:
    """Milliseconds of each planning by Apollo's planner in a new process."""
    files = [str(folder / "supergraph.graphql"), str(folder / "query.graphql")]
    command = ["node", "plan.mjs", *files, str(times)]
    ended = subprocess.run(command, cwd=rivals, capture_output=True, check=True)  # noqa: S603 # what the caller installed
    taken: list[float] = json.loads(ended.stdout)
    return taken
