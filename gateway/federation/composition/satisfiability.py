"""Every query of the supergraph's API must have an answer: walk all paths, refuse what no path resolves.

From each root type the walk follows every field from all positions at once, and remembers for each
object type the sets of positions it has come with: having come with fewer, it need not come again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.federation.composition.definitions import ROOT_TYPES, Field, TypeDefinition, named
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.example_query import Step, example_query
from gateway.federation.composition.field_uses import FieldUses
from gateway.federation.composition.merge_subgraphs import MergedSchema
from gateway.federation.composition.reachability import Position, Reachability
from gateway.federation.composition.unreachable import reasons

STATE_LIMIT = 200_000
"""How many (object type, positions) the walk looks at before it gives up with an error."""

ERROR_LIMIT = 50
"""How many unreachable fields are reported; one missing key can make hundreds."""


@dataclass(frozen=True, slots=True)
class _State:
    runtime: str
    positions: frozenset[Position]
    path: tuple[Step, ...]


def validate_satisfiability(merged: MergedSchema, uses: Mapping[str, FieldUses]) -> list[CompositionError]:
    """The fields of the API that some query could not get."""
    found: dict[tuple[str, str], CompositionError] = {}
    progressive = any(override.label for override in merged.overrides.taken.values())
    for labels_on in (False, True) if progressive else (False,):
        reachability = Reachability(
            merged.subgraphs, uses, merged.overrides, merged.types, labels_on=labels_on
        )
        for error in _walk(merged.types, reachability):
            found.setdefault((error.coordinate, error.code), error)
            if len(found) >= ERROR_LIMIT:
                return list(found.values())
    return list(found.values())


def _walk(types: Mapping[str, TypeDefinition], reachability: Reachability) -> Iterator[CompositionError]:
    seen: dict[str, list[frozenset[Position]]] = {}
    waiting: deque[_State] = deque()
    for root in ROOT_TYPES:
        if root in types:
            waiting.append(_State(root, frozenset(reachability.roots(root)), ()))
    visited = 0
    while waiting:
        state = waiting.popleft()
        before = seen.setdefault(state.runtime, [])
        if any(positions <= state.positions for positions in before):
            continue
        seen[state.runtime] = [p for p in before if not state.positions <= p] + [state.positions]
        visited += 1
        if visited > STATE_LIMIT:
            yield CompositionError(
                "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
                f"more than {STATE_LIMIT} ways through the supergraph had to be looked at",
                "Reduce the number of subgraphs that share the same fields without a common key.",
            )
            return
        yield from _expand(types, reachability, state, waiting)


def _expand(
    types: Mapping[str, TypeDefinition],
    reachability: Reachability,
    state: _State,
    waiting: deque[_State],
) -> Iterator[CompositionError]:
    definition = types[state.runtime]
    starts = sorted(state.positions, key=lambda position: (position.subgraph, position.provided))
    reached = [reachability.reach(state.runtime, start) for start in starts]
    for field in definition.fields.values():
        if field.has("inaccessible", ""):
            continue
        targets = [
            target
            for positions in reached
            for position in positions
            for target in reachability.follow(state.runtime, position, field.name)
        ]
        path = (*state.path, Step(definition, field))
        if not targets:
            yield _unreachable(types, reachability, state, field, path)
            continue
        for runtime, positions in reachability.narrow(targets).items():
            if not types[runtime].has("inaccessible", "") and _returns(types, field, runtime):
                waiting.append(_State(runtime, frozenset(positions), path))


def _returns(types: Mapping[str, TypeDefinition], field: Field, runtime: str) -> bool:
    declared = types.get(named(field.type))
    return (
        declared is not None
        and not declared.has("inaccessible", "")
        and (
            runtime == declared.name
            or runtime in declared.members
            or declared.name in types[runtime].interfaces
        )
    )


def _unreachable(
    types: Mapping[str, TypeDefinition],
    reachability: Reachability,
    state: _State,
    field: Field,
    path: tuple[Step, ...],
) -> CompositionError:
    tried = "\n".join(reasons(reachability, state.runtime, state.positions, field.name))
    return CompositionError(
        "SATISFIABILITY_ERROR",
        f"no subgraph can resolve it for this query:\n{example_query(types, path)}\n{tried}",
        "Add a @key that leads to a subgraph resolving the field, or mark the field @shareable"
        " and resolve it where the query arrives.",
        coordinate=f"{state.runtime}.{field.name}",
    )
