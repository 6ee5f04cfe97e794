"""Where a query can go: which subgraphs can be asked about one object, and which of its fields they resolve.

Terms. A *position* is a subgraph that holds the object, with the fields it provides only on this path.
From it others are reached by keys whose fields can be had from the positions reached so far; what
`@requires` names must be had likewise. `runtime` is always an object type: what is reached for an
abstract type is asked for each of its object types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.federation.composition.definitions import (
    BUILT_IN,
    ROOT_TYPES,
    Applied,
    SubgraphSchema,
    TypeDefinition,
    named,
)
from gateway.federation.composition.field_sets import parse_field_set, print_field_set
from gateway.federation.composition.field_uses import FieldUses
from gateway.federation.composition.merge_context import Overrides
from gateway.federation.composition.merge_contexts import read_reference


@dataclass(frozen=True, slots=True)
class Position:
    """A subgraph where the object is at hand; `provided` is a field set resolved here on this path only."""

    subgraph: str
    provided: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key by which a subgraph can be entered. `by_interface`: without knowing the object's own type."""

    subgraph: str
    type: str
    key: Applied
    by_interface: bool


class Reachability:
    """Answers for one set of subgraphs. `labels_on`: whether progressive overrides are in force."""

    def __init__(
        self,
        subgraphs: Sequence[SubgraphSchema],
        uses: Mapping[str, FieldUses],
        overrides: Overrides,
        merged: Mapping[str, TypeDefinition],
        *,
        labels_on: bool,
    ) -> None:
        self._subgraphs = {subgraph.name: subgraph for subgraph in subgraphs}
        self._uses = uses
        self._overrides = overrides
        self._merged = merged
        self._labels_on = labels_on
        self._contexts = _contexts(merged)
        self._reached: dict[tuple[str, Position], tuple[Position, ...]] = {}
        self._open: set[tuple[str, Position]] = set()
        self._required: set[tuple[str, Position, str]] = set()
        self._cycles = 0

    def roots(self, root: str) -> tuple[Position, ...]:
        """The positions from which a root type's fields start."""
        return tuple(Position(s.name) for s in self._subgraphs.values() if root in s.types)

    def local_types(self, subgraph: str, runtime: str) -> tuple[TypeDefinition, ...]:
        """What a subgraph knows an object as: its type, or the interface objects that stand for it."""
        schema = self._subgraphs[subgraph]
        own = schema.types.get(runtime)
        if own is not None:
            return (own,)
        interfaces = self._merged[runtime].interfaces
        return tuple(
            schema.types[name]
            for name in interfaces
            if name in schema.types and schema.types[name].is_interface_object
        )

    def reach(self, runtime: str, start: Position) -> tuple[Position, ...]:
        """Every position that an object at `start` can be asked from, `start` first."""
        if runtime in ROOT_TYPES:
            return (start, *(p for p in self.roots(runtime) if p.subgraph != start.subgraph))
        known = self._reached.get((runtime, start))
        if known is not None:
            return known
        if (runtime, start) in self._open:
            self._cycles += 1
            return (start,)
        self._open.add((runtime, start))
        cycles = self._cycles
        reached = [start]
        entries = [entry for entry in self.entries(runtime) if entry.subgraph != start.subgraph]
        while usable := [entry for entry in entries if self.can_enter(runtime, entry, reached)]:
            reached += [Position(name) for name in dict.fromkeys(entry.subgraph for entry in usable)]
            entries = [e for e in entries if all(e.subgraph != p.subgraph for p in reached)]
        if start.provided and self.can_reenter(runtime, start.subgraph, reached):
            reached.append(Position(start.subgraph))
        self._open.discard((runtime, start))
        # What was found while an outer question of the same kind stood open may be too little to remember.
        if cycles == self._cycles or not self._open:
            self._reached[runtime, start] = tuple(reached)
        return tuple(reached)

    def entries(self, runtime: str) -> Iterator[Entry]:
        """The keys by which the object can be looked up, in every subgraph."""
        interfaces = self._merged[runtime].interfaces
        for schema in self._subgraphs.values():
            own = [(d, d.is_interface_object) for d in self.local_types(schema.name, runtime)]
            shared = [
                (schema.types[name], True)
                for name in interfaces
                if runtime in schema.types
                and name in schema.types[runtime].interfaces
                and schema.types[name].is_entity
            ]
            for definition, by_interface in (*own, *shared):
                for key in definition.applied("key"):
                    if key.value("resolvable", True) is not False:
                        yield Entry(schema.name, definition.name, key, by_interface)

    def can_enter(self, runtime: str, entry: Entry, reached: Sequence[Position]) -> bool:
        """Whether the key's fields, and the type name it needs, can be had from the positions reached."""
        if not entry.by_interface and not self.knows_type(runtime, reached):
            return False
        return self.can_select(runtime, parse_field_set(entry.key.value("fields")), reached)

    def knows_type(self, runtime: str, reached: Iterable[Position]) -> bool:
        """Whether some position knows the object's own type, not only an interface object for it."""
        return any(runtime in self._subgraphs[position.subgraph].types for position in reached)

    def can_reenter(self, runtime: str, subgraph: str, reached: Sequence[Position]) -> bool:
        """Whether the object can be looked up in a subgraph once more, with what was fetched elsewhere."""
        entries = [entry for entry in self.entries(runtime) if entry.subgraph == subgraph]
        return any(self.can_enter(runtime, entry, reached) for entry in entries)

    def can_select(
        self,
        runtime: str,
        selections: SelectionSetNode,
        reached: Sequence[Position],
        *,
        travel: bool = True,
    ) -> bool:
        """Whether all selected fields can be had from the positions reached, or by `travel` from there."""
        for selection in selections.selections:
            if isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                applies = condition is None or self._is_a(runtime, condition.name.value)
                if applies and not self.can_select(runtime, selection.selection_set, reached, travel=travel):
                    return False
            elif isinstance(selection, FieldNode) and not self._can_take(
                runtime, selection, reached, travel=travel
            ):
                return False
        return True

    def _can_take(self, runtime: str, node: FieldNode, reached: Sequence[Position], *, travel: bool) -> bool:
        name = node.name.value
        if name == "__typename":
            return True
        targets = [t for position in reached for t in self.follow(runtime, position, name)]
        selections = node.selection_set
        if not targets or not selections:
            return bool(targets)
        found = self.narrow(targets)
        return self._all_can_apply(selections, found) and all(
            any(
                self.can_select(inner, selections, self.reach(inner, p) if travel else (p,), travel=travel)
                for p in positions
            )
            for inner, positions in found.items()
        )

    def _all_can_apply(self, selections: SelectionSetNode, runtimes: Iterable[str]) -> bool:
        """Whether each fragment has an object it could apply to, so that it can be written in a query."""
        runtimes = list(runtimes)
        conditions = (
            selection.type_condition.name.value
            for selection in selections.selections
            if isinstance(selection, InlineFragmentNode) and selection.type_condition
        )
        return bool(runtimes) and all(
            any(self._is_a(runtime, condition) for runtime in runtimes) for condition in conditions
        )

    def follow(self, runtime: str, position: Position, name: str) -> Iterator[tuple[Position, str]]:
        """Where a field leads from one position: the position there and the field's type in that subgraph."""
        schema = self._subgraphs[position.subgraph]
        for definition in self.local_types(position.subgraph, runtime):
            field = definition.fields.get(name)
            if field is None:
                continue
            coordinate = f"{definition.name}.{name}"
            provided = self._provided(runtime, position.provided, name)
            if coordinate in self._uses[schema.name].external and provided is None:
                continue
            if self.is_moved(schema.name, coordinate):
                continue
            requires = field.applied("requires")
            if requires and not self._can_require(runtime, position, name, requires[0]):
                continue
            provides = field.applied("provides")
            sets = [text for text in (provided, *(p.value("fields") for p in provides)) if text]
            yield Position(schema.name, " ".join(sets)), named(field.type)

    def contexts_of(self, runtime: str) -> frozenset[str]:
        """The contexts that an object of this type sets for what is selected below it."""
        return self._contexts.get(runtime, frozenset())

    def contexts_needed(self, runtime: str, position: Position, name: str) -> frozenset[str]:
        """The contexts that a field takes arguments from in one subgraph."""
        if not self._contexts:
            return frozenset()
        references = (
            read_reference(applied.value("field"))
            for definition in self.local_types(position.subgraph, runtime)
            if name in definition.fields
            for argument in definition.fields[name].arguments.values()
            for applied in argument.applied("fromContext")
        )
        return frozenset(f"{position.subgraph}__{found.name}" for found in references if found)

    def holders(self, runtime: str, name: str) -> tuple[str, ...]:
        """The subgraphs that resolve a field of an object type, whether or not they can be entered."""
        return tuple(
            schema.name
            for schema in self._subgraphs.values()
            for definition in self.local_types(schema.name, runtime)
            if name in definition.fields
            and f"{definition.name}.{name}" not in self._uses[schema.name].external
        )

    def is_moved(self, subgraph: str, coordinate: str) -> bool:
        """Whether another subgraph resolves the field in this one's place, by @override."""
        taken = self._overrides.taken.get((subgraph, coordinate))
        if taken is not None:
            return taken.label is None or self._labels_on
        if (subgraph, coordinate) not in self._overrides.taking or self._labels_on:
            return False
        return any(
            of == coordinate and override.by == subgraph and override.label is not None
            for (_, of), override in self._overrides.taken.items()
        )

    def _can_require(self, runtime: str, position: Position, name: str, requires: Applied) -> bool:
        """Whether what a field requires can be had from its subgraph, and brought back there by a key."""
        step = (runtime, position, name)
        if step in self._required:
            self._cycles += 1
            return False
        self._required.add(step)
        selections = parse_field_set(requires.value("fields"))
        reached = self.reach(runtime, position)
        # What this path provides needs no other subgraph, and so no key to come back by.
        possible = self.can_select(runtime, selections, (position,), travel=False) or (
            self.can_select(runtime, selections, reached)
            and (runtime in ROOT_TYPES or self.can_reenter(runtime, position.subgraph, reached))
        )
        self._required.discard(step)
        return possible

    def _provided(self, runtime: str, provided: str, name: str) -> str | None:
        """What a path provides under a field: "" for a leaf, None when it does not provide the field."""
        if not provided:
            return None
        found = list(self._provided_under(runtime, parse_field_set(provided), name))
        return " ".join(text for text in found if text) if found else None

    def _provided_under(self, runtime: str, selections: SelectionSetNode, name: str) -> Iterator[str]:
        for selection in selections.selections:
            if isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._is_a(runtime, condition.name.value):
                    yield from self._provided_under(runtime, selection.selection_set, name)
            elif isinstance(selection, FieldNode) and selection.name.value == name:
                yield print_field_set(selection.selection_set) if selection.selection_set else ""

    def _is_a(self, runtime: str, name: str) -> bool:
        definition = self._merged.get(name)
        return (
            runtime == name
            or name in self._merged[runtime].interfaces
            or (definition is not None and runtime in definition.members)
        )

    def narrow(self, targets: Iterable[tuple[Position, str]]) -> dict[str, tuple[Position, ...]]:
        """The object types that the targets may turn out to be, each with the positions where it can."""
        found: dict[str, dict[Position, None]] = {}
        for position, type_name in targets:
            for runtime in self.runtime_types(position.subgraph, type_name):
                found.setdefault(runtime, {})[position] = None
        return {runtime: tuple(positions) for runtime, positions in found.items()}

    def runtime_types(self, subgraph: str, type_name: str) -> tuple[str, ...]:
        """The object types of the supergraph that a subgraph's type may turn out to be."""
        schema = self._subgraphs[subgraph]
        definition = schema.types.get(type_name)
        if definition is None or not definition.is_composite:
            return ()
        if definition.is_interface_object:
            return tuple(
                d.name for d in self._merged.values() if d.kind == "OBJECT" and type_name in d.interfaces
            )
        return tuple(name for name in schema.possible_types(type_name) if name in self._merged)


def _contexts(merged: Mapping[str, TypeDefinition]) -> dict[str, frozenset[str]]:
    """For each object type the contexts it sets, by itself, its interfaces and its unions; none left out."""
    found: dict[str, set[str]] = {}
    for definition in merged.values():
        names = {applied.value("name") for applied in definition.applied("context", BUILT_IN)}
        if names:
            for runtime in merged.values():
                if (
                    runtime is definition
                    or runtime.name in definition.members
                    or definition.name in runtime.interfaces
                ):
                    found.setdefault(runtime.name, set()).update(names)
    return {name: frozenset(names) for name, names in found.items()}
