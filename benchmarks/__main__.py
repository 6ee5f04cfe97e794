"""Runs the benchmarks: a table for each on the terminal, its JSON and its picture in a folder."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Final

import uvicorn
from rich.console import Console

from benchmarks import (
    federated,
    lookups,
    memory,
    node_at_size,
    node_reads,
    pictures,
    planning,
    planning_worst_cases,
    profile,
    recognition,
    sheet_import,
    transcript,
    writes,
)
from benchmarks.results import Result, read

Benchmark = Callable[[bool, int], Coroutine[None, None, Result]]

NAMES: Final = (
    "transcript",
    "recognition",
    "lookups",
    "node_reads",
    "writes",
    "node_at_size",
    "sheet_import",
    "federated",
    "planning",
    "worst_cases",
    "memory",
    "profile",
)
ROUNDS: Final = 9
QUICK_ROUNDS: Final = 1
WIDTH_CHARACTERS: Final = 150
FOLDER: Final = Path("var/benchmarks")


def main() -> None:
    """Run those named on the command line, or all."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given"
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    parser.add_argument("--rounds", type=int, help=f"rounds by turns ({ROUNDS}; quick {QUICK_ROUNDS})")
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"folder of JSON and pictures ({FOLDER})")
    parser.add_argument("--rivals", type=Path, help="benchmarks/rivals, copied, after `npm install` (Node)")
    parser.add_argument(
        "--learners", type=int, help=f"of the bank of node_at_size ({node_at_size.LEARNERS:,})"
    )
    parser.add_argument("--only", choices=node_at_size.DATABASES, help="one database for node_at_size")
    parser.add_argument("--redraw", action="store_true", help="draw the pictures of the folder's JSON again")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(NAMES)):
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_CHARACTERS)
    benchmarks = _benchmarks(given.rivals, given.learners, given.only)
    for name in given.names or NAMES:
        if given.redraw:
            result = read(given.to / f"{name}.json")
        else:
            with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
                result = runner.run(benchmarks[name](given.quick, rounds))
            result.write(given.to)
        result.print(console)
        console.print(f"  picture: {pictures.draw(result, given.to)}", style="dim", highlight=False)


def _benchmarks(rivals: Path | None, learners: int | None, only: str | None) -> dict[str, Benchmark]:
    return {
        "transcript": transcript.run,
        "recognition": recognition.run,
        "lookups": lookups.run,
        "node_reads": node_reads.run,
        "writes": writes.run,
        "node_at_size": partial(node_at_size.run, learners=learners, rivals=rivals, only=only),
        "sheet_import": sheet_import.run,
        "federated": partial(federated.run, rivals=rivals),
        "planning": partial(planning.run, rivals=rivals),
        "worst_cases": planning_worst_cases.run,
        "memory": memory.run,
        "profile": profile.run,
    }


if __name__ == "__main__":
    main()
