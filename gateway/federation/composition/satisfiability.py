"""Every query of the supergraph's API must have an answer: walk all paths, refuse what no path resolves.

From each root type the walk follows every field from all positions at once, and remembers for each
object type the sets of positions it has come with: having come with fewer, it need not come again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.federation.composition.definitions import BUILT_IN, ROOT_TYPES, Field, TypeDefinition, named
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.example_query import Step, example_query
from gateway.federation.composition.field_uses import FieldUses
from gateway.federation.composition.merge_subgraphs import MergedSchema
from gateway.federation.composition.reachability import Position, Reachability
from gateway.federation.composition.unreachable import reasons

STATE_LIMIT = 100_000
"""How many (object type, positions) the walk looks at before it gives up with an error."""

ERROR_LIMIT = 50
"""How many unreachable fields are reported; one missing key can make hundreds."""


@dataclass(frozen=True, slots=True)
class _State:
    runtime: str
    positions: frozenset[Position]
    contexts: frozenset[str]
    path: tuple[Step, ...]

    def is_no_easier_than(self, other: _State) -> bool:
        """Whether all that this one has to go by, the other has too."""
        return self.positions <= other.positions and self.contexts <= other.contexts


def validate_satisfiability(
    merged: MergedSchema, uses: Mapping[str, FieldUses], state_limit: int = STATE_LIMIT
) -> list[CompositionError]:
    """The fields of the API that some query could not get."""
    found: dict[tuple[str, str], CompositionError] = {}
    progressive = any(override.label for override in merged.overrides.taken.values())
    for labels_on in (False, True) if progressive else (False,):
        reachability = Reachability(
            merged.subgraphs, uses, merged.overrides, merged.types, labels_on=labels_on
        )
        for error in _Walk(merged.types, reachability, state_limit).errors():
            found.setdefault((error.coordinate, error.code), error)
            if len(found) >= ERROR_LIMIT:
                return list(found.values())
    return list(found.values())


class _Walk:
    """One walk through the supergraph."""

    def __init__(
        self, types: Mapping[str, TypeDefinition], reachability: Reachability, state_limit: int
    ) -> None:
        self._types = types
        self._reachability = reachability
        self._limit = state_limit
        self._seen: dict[str, list[_State]] = {}
        self._waiting: deque[_State] = deque()
        self._visited = 0

    def errors(self) -> Iterator[CompositionError]:
        for root in ROOT_TYPES:
            if root in self._types:
                self._come(_State(root, frozenset(self._reachability.roots(root)), frozenset(), ()))
        while self._waiting:
            if self._visited > self._limit:
                yield CompositionError(
                    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
                    f"more than {self._limit} ways through the supergraph would have to be looked at",
                    "Reduce the number of subgraphs that share the same fields without a common key.",
                )
                return
            yield from self._expand(self._waiting.popleft())

    def _come(self, state: _State) -> None:
        """Arrive at a type: worth a look unless it was reached before with no more to go by than now."""
        before = self._seen.setdefault(state.runtime, [])
        if not any(known.is_no_easier_than(state) for known in before):
            harder = [known for known in before if not state.is_no_easier_than(known)]
            self._seen[state.runtime] = [*harder, state]
            self._visited += 1
            self._waiting.append(state)

    def _expand(self, state: _State) -> Iterator[CompositionError]:
        definition = self._types[state.runtime]
        starts = sorted(state.positions, key=lambda position: (position.subgraph, position.provided))
        reached = [self._reachability.reach(state.runtime, start) for start in starts]
        everywhere = dict.fromkeys(position for positions in reached for position in positions)
        contexts = state.contexts | self._reachability.contexts_of(state.runtime)
        for field in definition.fields.values():
            if field.has("inaccessible", BUILT_IN):
                continue
            targets = [
                target
                for position in everywhere
                if self._reachability.contexts_needed(state.runtime, position, field.name) <= state.contexts
                for target in self._reachability.follow(state.runtime, position, field.name)
            ]
            path = (*state.path, Step(definition, field))
            if not targets:
                yield self._unreachable(state, field, path)
            elif named(field.type) in self._types:
                for runtime, positions in self._reachability.narrow(targets).items():
                    if self._returns(field, runtime):
                        self._come(_State(runtime, frozenset(positions), contexts, path))

    def _returns(self, field: Field, runtime: str) -> bool:
        """Whether the API lets a field be an object of this type."""
        declared = self._types[named(field.type)]
        return not (
            declared.has("inaccessible", BUILT_IN) or self._types[runtime].has("inaccessible", BUILT_IN)
        ) and (
            runtime == declared.name
            or runtime in declared.members
            or declared.name in self._types[runtime].interfaces
        )

    def _unreachable(self, state: _State, field: Field, path: tuple[Step, ...]) -> CompositionError:
        tried = "\n".join(reasons(self._reachability, state.runtime, state.positions, field.name))
        return CompositionError(
            "SATISFIABILITY_ERROR",
            f"no subgraph can resolve it for this query:\n{example_query(self._types, path)}\n{tried}",
            "Add a @key that leads to a subgraph resolving the field, or mark the field @shareable"
            " and resolve it where the query arrives.",
            coordinate=f"{state.runtime}.{field.name}",
        )
