"""Arguments that a subgraph fills from a context set higher in the query (`@context`, `@fromContext`).

Source: https://specs.apollo.dev/join/v0.5, `contextArguments` of `@join__field`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.federation.composition.definitions import Field, SubgraphSchema
from gateway.federation.composition.merge_context import string

_REFERENCE = re.compile(
    r"^\s*\$(?P<name>[A-Za-z][A-Za-z0-9]*)\s*(?P<selection>[{.].*|[A-Za-z_].*)?$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class ContextReference:
    """`@fromContext(field: "$name { selection }")`, read."""

    name: str
    selection: str


def read_reference(text: str | None) -> ContextReference | None:
    """Read a reference to a context; None when it is not one."""
    match = _REFERENCE.match(text or "")
    if match is None or not (match["selection"] or "").strip():
        return None
    return ContextReference(match["name"], match["selection"].strip())


def context_arguments(subgraph: SubgraphSchema, field: Field) -> str | None:
    """The literal for `contextArguments`, None when no argument comes from a context."""
    found = []
    for argument in field.arguments.values():
        for applied in argument.applied("fromContext"):
            reference = read_reference(applied.value("field"))
            if reference is None:
                continue
            found.append(
                f"{{context: {string(f'{subgraph.name}__{reference.name}')}, name: {string(argument.name)},"
                f" type: {string(argument.type)}, selection: {string(reference.selection)}}}"
            )
    return f"[{', '.join(found)}]" if found else None
