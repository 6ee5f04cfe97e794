"""Runs the experiments: a table with each figure's aim, its JSON and its picture in a folder."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any, Final

import uvicorn
from rich.console import Console

from benchmarks import pictures
from benchmarks.resilience.experiments import EXPERIMENTS
from benchmarks.results import Result

FOLDER: Final = Path("var/benchmarks")
ROUNDS: Final = 3
SECONDS: Final = 2.0
QUICK_SECONDS: Final = 0.5
COLUMNS: Final = {
    "experiment": "experiment",
    "figure": "figure",
    "value": "seen",
    "aim": "aim",
    "holds": "holds",
}
NOTES: Final = (
    "Regions and gateway are processes of their own; each ratio is of what took turns in one run (median).",
)


async def run(names: list[str], rounds: int, seconds: float, *, quick: bool) -> Result:
    rows: list[dict[str, Any]] = []
    for name in names:
        rows += [measured.row() async for measured in EXPERIMENTS[name](rounds, seconds)]
    title = "A gateway whose regions fail, and with too many clients"
    return Result("resilience", title, COLUMNS, rows, NOTES, quick)


def main() -> None:
    """Run those named on the command line, or all."""
    parser = argparse.ArgumentParser("python -m benchmarks.resilience", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(EXPERIMENTS)}; all when none"
    )
    parser.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds by turns ({ROUNDS})")
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"folder of JSON and picture ({FOLDER})")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(EXPERIMENTS)):
        parser.error(f"there is no experiment {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}")
    rounds, seconds = (1, QUICK_SECONDS) if given.quick else (given.rounds, SECONDS)
    with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
        result = runner.run(run(given.names or list(EXPERIMENTS), rounds, seconds, quick=given.quick))
    result.write(given.to)
    console = Console()
    if not console.is_terminal:
        console = Console(width=150)
    result.print(console)
    console.print(f"  picture: {pictures.draw(result, given.to)}", style="dim", highlight=False)


if __name__ == "__main__":
    main()
