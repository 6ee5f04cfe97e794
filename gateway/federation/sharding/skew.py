"""Shards that run another version of the contract: what one lacks, and requests without it.

docs/SHARDING.md, section 7. Coordinates are those of the schema-coordinates specification: `Type`,
`Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from graphql import (
    DocumentNode,
    EnumValueNode,
    ListValueNode,
    ObjectValueNode,
    TypeNode,
    ValueNode,
    VariableNode,
    parse,
)

from gateway.federation.composition.supergraph import InputValue, Type
from gateway.federation.planning.plan import SelectedField, SelectedFragment, Selection
from gateway.federation.sharding.facts import ShardedSubgraph, item_of, name_of

Lacks = frozenset[str]
NOTHING: Lacks = frozenset()


class Contracts(Protocol):
    """What is known of each shard's contract."""

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        """What of the subgraph this shard does not have; `NOTHING` when that is not known."""
        ...


def lacks(facts: ShardedSubgraph, sdl: str) -> Lacks:
    """What of the subgraph a shard lacks whose own schema is `sdl`. Raises GraphQLError for no schema."""
    known = frozenset(_stated(parse(sdl, no_location=True)))
    wanted = {one for type_ in facts.supergraph.types.values() for one in _wanted(facts, type_)}
    missing = wanted - known
    return frozenset(one for one in missing if "(" not in one or one.partition("(")[0] not in missing)


def _stated(document: DocumentNode) -> Iterator[str]:
    """The coordinates of a schema, whatever the kinds of its definitions and extensions."""
    for definition in document.definitions:
        if not hasattr(definition, "name") or definition.name is None:
            continue
        name = definition.name.value
        yield name
        for field in getattr(definition, "fields", None) or ():
            yield f"{name}.{field.name.value}"
            for argument in getattr(field, "arguments", None) or ():
                yield f"{name}.{field.name.value}({argument.name.value}:)"
        for value in getattr(definition, "values", None) or ():
            yield f"{name}.{value.name.value}"


def _wanted(facts: ShardedSubgraph, type_: Type) -> Iterator[str]:
    """The coordinates of a type as the supergraph has them from this subgraph."""
    if facts.name not in type_.joins:
        return
    yield type_.name
    for field in type_.fields.values():
        if facts.field(type_.name, field.name) is not None:
            yield f"{type_.name}.{field.name}"
            yield from (f"{type_.name}.{field.name}({argument}:)" for argument in field.arguments)
    for name, value in type_.inputs.items():
        if not value.subgraphs or facts.name in value.subgraphs:
            yield f"{type_.name}.{name}"
    yield from (f"{type_.name}.{name}" for name, graphs in type_.values.items() if facts.name in graphs)


class Pruner:
    """Leaves out of one shard's selections what it lacks; `left_out` collects the coordinates, in order."""

    def __init__(self, facts: ShardedSubgraph, lacks: Lacks) -> None:
        self._facts = facts
        self._lacks = lacks
        self.left_out: dict[str, None] = {}

    def prune(self, selections: Iterable[Selection]) -> tuple[Selection, ...]:
        """What is left; empty when nothing is."""
        kept = (self._pruned(selection) for selection in selections)
        return tuple(selection for selection in kept if selection is not None)

    def _pruned(self, selection: Selection) -> Selection | None:
        if isinstance(selection, SelectedFragment):
            if selection.on in self._lacks:
                self.left_out[selection.on] = None
                return None
            inner = self.prune(selection.selections)
            return replace(selection, selections=inner) if inner else None
        missing = next(self._missing(selection), None)
        if missing is not None:
            self.left_out[missing] = None
            return None
        if not selection.selections:
            return selection
        return replace(selection, selections=self.prune(selection.selections) or (_typename(selection),))

    def _missing(self, field: SelectedField) -> Iterator[str]:
        place = f"{field.parent}.{field.name}"
        if place in self._lacks:
            yield place
        known = self._facts.supergraph.types.get(field.parent)
        arguments = known.fields[field.name].arguments if known and field.name in known.fields else {}
        for name, value in field.arguments.items():
            if f"{place}({name}:)" in self._lacks:
                yield f"{place}({name}:)"
            elif name in arguments:
                yield from self._missing_in(value, arguments[name].type)

    def _missing_in(self, value: ValueNode, node: TypeNode) -> Iterator[str]:
        type_ = self._facts.type_named(node)
        if type_ is None:
            return
        if isinstance(value, VariableNode):
            yield from self._missing_of(type_, set())
        elif isinstance(value, ListValueNode):
            for item in value.values:
                yield from self._missing_in(item, item_of(node))
        elif isinstance(value, EnumValueNode) and f"{type_.name}.{value.value}" in self._lacks:
            yield f"{type_.name}.{value.value}"
        elif isinstance(value, ObjectValueNode):
            yield from self._missing_in_object(value, type_.name, type_.inputs)

    def _missing_in_object(
        self, value: ObjectValueNode, type_name: str, inputs: Mapping[str, InputValue]
    ) -> Iterator[str]:
        for field in value.fields:
            coordinate = f"{type_name}.{field.name.value}"
            if coordinate in self._lacks:
                yield coordinate
            elif field.name.value in inputs:
                yield from self._missing_in(field.value, inputs[field.name.value].type)

    def _missing_of(self, type_: Type, seen: set[str]) -> Iterator[str]:
        """What is missing of an input type: a variable's value may use it, and is not known here."""
        if type_.name in seen:
            return
        seen.add(type_.name)
        for name, value in type_.inputs.items():
            if f"{type_.name}.{name}" in self._lacks:
                yield f"{type_.name}.{name}"
            inner = self._facts.supergraph.types.get(name_of(value.type))
            if inner is not None:
                yield from self._missing_of(inner, seen)


def _typename(field: SelectedField) -> SelectedField:
    """Something to ask an object for when nothing else is left."""
    return SelectedField("__typename", "__typename", name_of(field.type), field.type, {})
