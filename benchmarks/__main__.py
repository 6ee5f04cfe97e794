"""Runs the benchmarks: a table for each on the terminal, its JSON and its picture in a folder."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Final

import uvicorn
from rich.console import Console

from benchmarks import node_reads, pictures, recognition, transcript
from benchmarks.results import Result

Benchmark = Callable[[bool, int], Coroutine[None, None, Result]]

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "transcript": transcript.run,
    "recognition": recognition.run,
    "node_reads": node_reads.run,
}
ROUNDS: Final = 9
WIDTH_CHARACTERS: Final = 150
QUICK_ROUNDS: Final = 1
PUBLISHED: Final = Path("docs/pictures")
SCRATCH: Final = Path("var/benchmarks")


def main() -> None:
    """Run those named on the command line, or all."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="a smoke test: its figures mean nothing")
    parser.add_argument("--rounds", type=int, help=f"rounds by turns ({ROUNDS}; quick {QUICK_ROUNDS})")
    parser.add_argument("--to", type=Path, help=f"folder of JSON and pictures ({PUBLISHED}; quick {SCRATCH})")
    given = parser.parse_args()
    folder = given.to or (SCRATCH if given.quick else PUBLISHED)
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_CHARACTERS)
    for name in given.names or BENCHMARKS:
        with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
            result = runner.run(BENCHMARKS[name](given.quick, rounds))
        result.print(console)
        result.write(folder)
        console.print(f"  picture: {pictures.draw(result, folder)}", style="dim", highlight=False)


if __name__ == "__main__":
    main()
