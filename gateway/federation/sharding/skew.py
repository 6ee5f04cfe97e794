"""Shards that run another version of the contract: what one lacks, and requests without it.

docs/SHARDING.md, section 7. Coordinates are those of the schema-coordinates specification: `Type`,
`Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. With "!" after it the coordinate of an
argument or input field is one that the shard demands, and that requests may leave out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from graphql import (
    DocumentNode,
    EnumValueNode,
    InputValueDefinitionNode,
    ListValueNode,
    NonNullTypeNode,
    NullValueNode,
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
DEMANDED = "!"
UNSUPPORTED: Final = "UNSUPPORTED_BY_SHARD"
"""The code of the error that tells what a shard lacks."""


class Contracts(Protocol):
    """What is known of each shard's contract."""

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        """What of the subgraph this shard does not have; `NOTHING` when that is not known."""
        ...


def lacks(facts: ShardedSubgraph, sdl: str) -> Lacks:
    """What of the subgraph a shard lacks whose own schema is `sdl`. Raises GraphQLError for no schema."""
    document = parse(sdl, no_location=True)
    known = frozenset(_stated(document))
    wanted = {one for type_ in facts.supergraph.types.values() for one in _wanted(facts, type_)}
    missing = wanted - known
    needed = {one for type_ in facts.supergraph.types.values() for one in _needed(facts, type_)}
    demanded = {one for one in _demanded(document) if one not in needed and _owner_of(one) in wanted}
    absent = {one for one in missing if "(" not in one or one.partition("(")[0] not in missing}
    return frozenset(absent | {f"{one}{DEMANDED}" for one in demanded})


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


def _demanded(document: DocumentNode) -> Iterator[str]:
    """The arguments and input fields without which the schema takes no request."""
    for definition in document.definitions:
        for field in getattr(definition, "fields", None) or ():
            place = f"{definition.name.value}.{field.name.value}"  # type: ignore[attr-defined] # it has fields, so a name
            if isinstance(field, InputValueDefinitionNode) and _must_be_given(field):
                yield place
            for argument in getattr(field, "arguments", None) or ():
                if _must_be_given(argument):
                    yield f"{place}({argument.name.value}:)"


def _must_be_given(node: InputValueDefinitionNode) -> bool:
    return isinstance(node.type, NonNullTypeNode) and node.default_value is None


def _needed(facts: ShardedSubgraph, type_: Type) -> Iterator[str]:
    """The arguments and input fields that no valid operation on the supergraph leaves out."""
    for field in type_.fields.values():
        for name, argument in field.arguments.items():
            if isinstance(argument.type, NonNullTypeNode) and argument.default is None:
                yield f"{type_.name}.{field.name}({name}:)"
    for name, value in type_.inputs.items():
        if isinstance(value.type, NonNullTypeNode) and value.default is None:
            yield f"{type_.name}.{name}"


def _type_of(coordinate: str) -> str:
    return coordinate.partition(".")[0]


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


@dataclass(frozen=True, slots=True)
class Held:
    """What matters of the variables' values where a shard lacks something: which have none, which are null,
    and whose value it cannot take, with the coordinate why (`sharding.fit`)."""

    absent: frozenset[str] = frozenset()
    null: frozenset[str] = frozenset()
    unfit: tuple[tuple[str, str], ...] = ()


class Pruner:
    """Leaves out of one shard's selections what it lacks; `left_out` collects the coordinates, in order."""

    def __init__(
        self,
        facts: ShardedSubgraph,
        lacks: Lacks,
        variables: Mapping[str, str],
        held: Held,
    ) -> None:
        """`variables` are the printed types of those that the operation declares."""
        self._facts = facts
        self._lacks = lacks
        self._variables = variables
        self._held = held
        self._unfit = dict(held.unfit)
        self._demanded: dict[str, list[str]] = {}
        for one in sorted(one for one in lacks if one.endswith(DEMANDED)):
            self._demanded.setdefault(_owner_of(one), []).append(one)
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
        selection = self._without_silent(selection)
        missing = next(self._missing(selection), None)
        if missing is not None:
            self.left_out[missing] = None
            return None
        if not selection.selections:
            return selection
        return replace(selection, selections=self.prune(selection.selections) or (_typename(selection),))

    def _without_silent(self, field: SelectedField) -> SelectedField:
        """The field without the arguments that the shard lacks and that say nothing."""
        place = f"{field.parent}.{field.name}"
        known = self._arguments(field)
        kept = {
            name: value
            for name, value in field.arguments.items()
            if f"{place}({name}:)" not in self._lacks or not self._says_nothing(value, known[name])
        }
        return field if len(kept) == len(field.arguments) else replace(field, arguments=kept)

    def _says_nothing(self, value: ValueNode, known: InputValue) -> bool:
        if not isinstance(value, VariableNode):
            return False
        has_default = known.default is not None and not isinstance(known.default, NullValueNode)
        name = value.name.value
        return name in self._held.absent or (name in self._held.null and not has_default)

    def _arguments(self, field: SelectedField) -> Mapping[str, InputValue]:
        known = self._facts.supergraph.types.get(field.parent)
        return known.fields[field.name].arguments if known and field.name in known.fields else {}

    def _missing(self, field: SelectedField) -> Iterator[str]:
        place = f"{field.parent}.{field.name}"
        if place in self._lacks:
            yield place
        for demanded in self._demanded.get(place, ()):
            name = demanded.partition("(")[2].partition(":")[0]
            if not self._is_given(field.arguments.get(name)):
                yield demanded
        arguments = self._arguments(field)
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
            if value.name.value in self._unfit:
                yield self._unfit[value.name.value]
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
        given = {field.name.value: field.value for field in value.fields}
        for demanded in self._demanded.get(type_name, ()):
            if not self._is_given(given.get(demanded.removesuffix(DEMANDED).partition(".")[2])):
                yield demanded
        for field in value.fields:
            coordinate = f"{type_name}.{field.name.value}"
            if coordinate in self._lacks:
                yield coordinate
            elif field.name.value in inputs:
                yield from self._missing_in(field.value, inputs[field.name.value].type)

    def _is_given(self, value: ValueNode | None) -> bool:
        """Whether a value that must be there is, whatever variables hold."""
        if isinstance(value, VariableNode):
            return self._variables.get(value.name.value, "").endswith("!")
        return value is not None and not isinstance(value, NullValueNode)


def _owner_of(demanded: str) -> str:
    """The field whose argument it is, or the input type whose field."""
    return demanded.partition("(")[0] if "(" in demanded else _type_of(demanded)


def _typename(field: SelectedField) -> SelectedField:
    """Something to ask an object for when nothing else is left."""
    return SelectedField("__typename", "__typename", name_of(field.type), field.type, {})
