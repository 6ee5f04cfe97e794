"""Read composition cases from text, so that each stands as the SDL its owner would write.

A file holds any number of cases:

    ==== CODE coordinate — title    (or a title alone)
    --- name version
    SDL

A part named `expect` is no subgraph, but what the supergraph must say: one fact a line (see
`supergraph_difference`), or `no` and the beginning of a fact it must not say.

With a version (`2.3`) the subgraph links federation in that version with every directive, on the line of
its first definition; without one its SDL stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.federation.composition.compose import Subgraph
from gateway.federation.composition.specifications import FEDERATION_DIRECTIVES

FOLDER = Path(__file__).parent
EXPECT = "expect"


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `code` and `coordinate` are what its header names."""

    code: str
    coordinate: str
    title: str
    subgraphs: tuple[Subgraph, ...]
    expected: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()


def link(version: str) -> str:
    """A link to federation that imports all it has in a version, on one line."""
    major, minor = version.split(".")
    names = [k.name for k in FEDERATION_DIRECTIVES.values() if k.since <= (int(major), int(minor))]
    imports = ", ".join(f'"@{name}"' for name in names)
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v{version}", import: [{imports}]) '


def subgraphs(text: str) -> tuple[Subgraph, ...]:
    """Read the subgraphs of one case."""
    found = []
    for part in text.split("\n--- ")[1:]:
        head, _, body = part.partition("\n")
        name, _, version = head.strip().partition(" ")
        if name == EXPECT:
            continue
        found.append(Subgraph(name, f"http://{name}.example", (link(version) if version else "") + body))
    return tuple(found)


def read_cases(folder: str) -> Iterator[Case]:
    """Every case of every file of a folder beside this module."""
    for path in sorted((FOLDER / folder).glob("*.txt")):
        for text in f"\n{path.read_text()}".split("\n==== ")[1:]:
            head, _, body = text.partition("\n")
            what, _, title = head.rpartition(" — ")
            code, _, coordinate = what.strip().partition(" ")
            expected = body.partition(f"\n--- {EXPECT}\n")[2].splitlines()
            yield Case(code, coordinate, title.strip(), subgraphs(f"\n{body}"), tuple(expected))
