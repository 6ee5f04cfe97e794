"""Compare composition with the reference implementation, on this folder's cases and on generated ones.

Run by hand, since it needs Node and a folder where `npm install @apollo/composition` was run:

    python -m tests.engine.composition.against_reference FOLDER --seed 1 --examples 500

Prints what differs and a summary. A supergraph differs when one states a fact that the other does not; a
refusal, when the sets of codes differ.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from gateway.federation.composition.compose import Subgraph, compose
from tests.engine.composition.cases import read_cases
from tests.engine.composition.generate import Generator
from tests.engine.composition.supergraph_difference import differences

_PROGRAM = """
const {composeServices} = require('@apollo/composition'), {parse} = require('graphql');
const cases = JSON.parse(require('fs').readFileSync(0));
const run = services => {
  try {
    const result = composeServices(services.map(s => ({name: s[0], url: s[1], typeDefs: parse(s[2])})));
    return result.errors ? result.errors.map(e => e.extensions?.code ?? e.message) : result.supergraphSdl;
  } catch (e) { return [e.message]; }
};
console.log(JSON.stringify(cases.map(run)));
"""


def reference(folder: str, cases: Sequence[Sequence[Subgraph]]) -> list[str | list[str]]:
    """For each case the reference's supergraph, or the codes of its errors."""
    asked = json.dumps([[(s.name, s.url, s.sdl) for s in case] for case in cases])
    command = ["node", "-e", _PROGRAM]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, cwd=folder, check=True)  # noqa: S603 - a program of our own, run by hand
    found: list[str | list[str]] = json.loads(answer.stdout)
    return found


def compared(case: Sequence[Subgraph], theirs: str | list[str]) -> Iterator[str]:
    """How the two answers differ; nothing when they do not."""
    result = compose(case)
    ours = sorted({error.code for error in result.errors})
    codes = [] if isinstance(theirs, str) else sorted(set(theirs))
    if ours != codes:
        yield f"refused with {', '.join(codes) or 'nothing'}; here with {', '.join(ours) or 'nothing'}"
    elif isinstance(theirs, str) and result.supergraph_sdl:
        yield from differences(theirs, result.supergraph_sdl)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", help="where @apollo/composition is installed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=500)
    options = parser.parse_args()
    named = [(str(case), case.subgraphs) for folder in ("composed", "refused") for case in read_cases(folder)]
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.examples)
    named += [(f"generated {seed}", tuple(Generator(Random(seed)).subgraphs())) for seed in seeds]  # noqa: S311 - replays
    answers = reference(options.folder, [case for _, case in named])
    counts: Counter[str] = Counter()
    for (name, case), theirs in zip(named, answers, strict=True):
        found = list(compared(case, theirs))
        verdict = "composed" if isinstance(theirs, str) else "refused"
        counts[f"{verdict}, {'different' if found else 'alike'}"] += 1
        if found:
            print(f"{name}:", *found, sep="\n  ")  # noqa: T201 - this is a command
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))  # noqa: T201 - likewise


if __name__ == "__main__":
    main()
