"""What composition says when subgraphs do not fit together: every fault, each with its place and cure.

The codes are those that Apollo's composition established
(https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors),
so that a subgraph's owner can look them up; the sharding specification adds its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompositionError:
    """One reason why no supergraph can be made.

    `coordinate` is a schema coordinate (`Type.field(arg:)`, `@directive`), "" where none applies;
    `subgraph` is "" when the fault lies between subgraphs; `line` counts from 1 in that subgraph's
    SDL, 0 when unknown; `hint` says how to mend it.
    """

    code: str
    message: str
    hint: str = ""
    subgraph: str = ""
    coordinate: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = ":".join(part for part in (self.subgraph, str(self.line) if self.line else "") if part)
        place = " ".join(part for part in (f"[{where}]" if where else "", self.coordinate) if part)
        cure = f"\n  {self.hint}" if self.hint else ""
        return f"{self.code}{' ' + place if place else ''}: {self.message}{cure}"


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """Something that composes but that its owners may not have meant."""

    code: str
    message: str
    coordinate: str = ""


class CompositionFailedError(Exception):
    """Raised where a supergraph is needed and there is none; carries every error."""

    def __init__(self, errors: Sequence[CompositionError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)
