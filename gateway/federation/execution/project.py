"""Reads the response out of the result tree: the client's names, order and types, nulls bubbled.

A plan's outputs are compiled to closures that expect everything to be as the schema says and stop
at the first value that is not. Only then `complete` goes over the tree again, slowly: it puts null
where the specification wants it (section 6.4.4) and says why, and where, in the client's terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from graphql import ListTypeNode, NonNullTypeNode, TypeNode

from gateway.federation.composition.supergraph import Kind
from gateway.federation.document.operation import ALWAYS, Conditions
from gateway.federation.execution.write_reader import (
    INLINED_FIELDS_LIMIT,
    INLINED_LEVELS_LIMIT,
    FieldRead,
    size_of,
    write_reader,
)
from gateway.federation.planning.capability import named_type
from gateway.federation.planning.plan import Output

Object = dict[str, Any]
Read = Callable[[Any], Any]
Members = Mapping[str, tuple[str, ...]]

LEAF_CLASSES: Final[dict[str, frozenset[type]]] = {
    "Int": frozenset((int,)),
    "Float": frozenset((int, float)),
    "String": frozenset((str,)),
    "Boolean": frozenset((bool,)),
    "ID": frozenset((str, int)),
}


class UnexpectedValue(Exception):  # noqa: N818 # no error of the program: a signal to take the slow way
    """A value is not as the schema says."""


@dataclass(frozen=True, slots=True)
class PublicTypes:
    """What the API schema says of types: their kinds, what abstract ones can be, and enums' values."""

    possible: Mapping[str, frozenset[str]]
    enum_values: Mapping[str, frozenset[str]]
    kinds: Mapping[str, Kind]


def holds(conditions: Conditions, variables: Mapping[str, Any]) -> bool:
    """Whether any of the alternatives holds."""
    return conditions == ALWAYS or any(
        all(variables.get(one.variable) is one.value for one in alternative) for alternative in conditions
    )


def held_in_order(outputs: tuple[Output, ...], variables: Mapping[str, Any]) -> list[Output]:
    """The outputs whose conditions hold, in the order of the response (section 6.3.2)."""
    held = [one for one in outputs if holds(one.conditions, variables)]
    if any(one.places for one in held):
        held.sort(key=lambda one: _place(one, variables))
    return held


def _place(one: Output, variables: Mapping[str, Any]) -> int:
    return min((place.order for place in one.places if holds((place.when,), variables)), default=one.place)


def compile_outputs(
    types: PublicTypes, parent: str, outputs: tuple[Output, ...], variables: Mapping[str, Any]
) -> Read:
    """Reads an object of (declared) type `parent`. Outputs whose conditions do not hold are left out."""
    held = held_in_order(outputs, variables)
    if types.kinds.get(parent) is Kind.OBJECT:
        return _compile_object(types, held, variables, parent)
    possible = types.possible.get(parent) or frozenset((parent,))
    if all(one.types is None for one in held):
        # Whatever the type, the same is read; it may not even be known.
        untold = not any(one.field == "__typename" for one in held)
        return _compile_alike(_compile_object(types, held, variables, None), possible, untold=untold)
    by_outputs: dict[tuple[int, ...], Read] = {}
    by_type: dict[str, Read] = {}
    for name in sorted(possible):
        own = [one for one in held if one.types is None or name in one.types]
        alike = tuple(map(id, own))
        if alike not in by_outputs:
            by_outputs[alike] = _compile_object(types, own, variables, None)
        by_type[name] = by_outputs[alike]

    def read(value: Any) -> Object:
        try:
            read_object = by_type[value["__typename"]]
        except (KeyError, TypeError):
            raise UnexpectedValue from None
        return read_object(value)  # type: ignore[no-any-return] # what readers of objects give

    return read


def _compile_alike(read_object: Read, possible: frozenset[str], *, untold: bool) -> Read:
    """Reads an object of any of these types in one way; `untold`: also one that does not tell its type."""
    told: frozenset[str | None] = possible | {None} if untold else possible

    def read(value: Any) -> Object:
        try:
            is_possible = value.get("__typename") in told
        except (AttributeError, TypeError):
            raise UnexpectedValue from None
        if not is_possible:
            raise UnexpectedValue
        return read_object(value)  # type: ignore[no-any-return] # what readers of objects give

    return read


def _compile_object(
    types: PublicTypes, outputs: list[Output], variables: Mapping[str, Any], typename: str | None
) -> Read:
    """Reads an object of the type, or (None) of one that the object itself tells."""
    return write_reader(_fields(types, outputs, variables, typename), UnexpectedValue)


def _fields(
    types: PublicTypes, outputs: list[Output], variables: Mapping[str, Any], typename: str | None
) -> tuple[FieldRead, ...]:
    return tuple(_field(types, one, variables, typename) for one in outputs)


def _field(
    types: PublicTypes, output: Output, variables: Mapping[str, Any], typename: str | None
) -> FieldRead:
    if output.field == "__typename":
        return FieldRead(output.name, "__typename", required=False, typename=typename)
    kind, required = output.type, False
    if isinstance(kind, NonNullTypeNode):
        kind, required = kind.type, True
    name = named_type(kind)
    is_leaf = not (isinstance(kind, ListTypeNode) or output.outputs or output.field.startswith("__"))
    if is_leaf and name in LEAF_CLASSES:
        return FieldRead(output.name, output.key, required, classes=LEAF_CLASSES[name])
    if is_leaf and name in types.enum_values:
        return FieldRead(output.name, output.key, required, values=types.enum_values[name])
    is_composite = types.kinds.get(name) in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)
    if is_leaf and not is_composite:
        return FieldRead(output.name, output.key, required)  # a scalar of the schema's own: as it comes
    if types.kinds.get(name) is Kind.OBJECT and not output.field.startswith("__") and output.first is None:
        objects = _objects(types, output, kind, required, variables)
        if objects is not None:
            return objects
    complete = _compile_value(types, output, kind, variables)
    return FieldRead(output.name, output.key, required, complete=complete)


def _objects(
    types: PublicTypes, output: Output, kind: TypeNode, required: bool, variables: Mapping[str, Any]
) -> FieldRead | None:
    """A field of one object, or of a list of them, of one type; None for lists of lists."""
    whole, in_list, items_required = kind, isinstance(kind, ListTypeNode), False
    if isinstance(kind, ListTypeNode):
        items_required = isinstance(kind.type, NonNullTypeNode)
        kind = kind.type.type if isinstance(kind.type, NonNullTypeNode) else kind.type
        if isinstance(kind, ListTypeNode):
            return None
    held = held_in_order(output.outputs, variables)
    fields = _fields(types, held, variables, named_type(kind))
    size, depth = size_of(fields)
    if size > INLINED_FIELDS_LIMIT or depth > INLINED_LEVELS_LIMIT:
        complete = write_reader(fields, UnexpectedValue)
        if isinstance(whole, ListTypeNode):
            complete = _compile_list(complete, whole.type)
        return FieldRead(output.name, output.key, required, complete=complete)
    return FieldRead(
        output.name, output.key, required, fields=fields, in_list=in_list, items_required=items_required
    )


def _compile_value(types: PublicTypes, output: Output, kind: TypeNode, variables: Mapping[str, Any]) -> Read:
    """Reads a value that is not null."""
    if output.field.startswith("__"):
        return lambda value: value  # introspection, complete already
    if isinstance(kind, NonNullTypeNode):
        kind = kind.type
    if isinstance(kind, ListTypeNode):
        items = replace(output, first=None) if output.first is not None else output
        read = _compile_list(_compile_value(types, items, kind.type, variables), kind.type)
        return read if output.first is None else _compile_first(read, output.first)
    name = named_type(kind)
    if output.outputs or types.kinds.get(name) in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION):
        return compile_outputs(types, name, output.outputs, variables)
    if name in LEAF_CLASSES:
        return _compile_leaf(LEAF_CLASSES[name])
    if name in types.enum_values:
        return _compile_enum(types.enum_values[name])
    return lambda value: value


def _compile_list(complete: Read, kind: TypeNode) -> Read:
    if isinstance(kind, NonNullTypeNode):

        def read_all(values: Any) -> list[Any]:
            if values.__class__ is not list or None in values:
                raise UnexpectedValue
            return [complete(value) for value in values]

        return read_all

    def read(values: Any) -> list[Any]:
        if values.__class__ is not list:
            raise UnexpectedValue
        return [None if value is None else complete(value) for value in values]

    return read


def _compile_first(read: Read, count: int) -> Read:
    def read_first(values: Any) -> Any:
        return read(values[:count] if values.__class__ is list else values)

    return read_first


def item_type(output: Output) -> TypeNode:
    """The type of the items of an output's list."""
    kind = output.type.type if isinstance(output.type, NonNullTypeNode) else output.type
    return kind.type if isinstance(kind, ListTypeNode) else kind


def compile_item(types: PublicTypes, output: Output) -> Read:
    """Reads one item of the output's list. The reader raises `UnexpectedValue` also for a null."""
    kind = item_type(output)
    required = isinstance(kind, NonNullTypeNode)
    read = _compile_value(types, replace(output, first=None), kind, {})

    def read_item(value: Any) -> Any:
        if value is None:
            if required:
                raise UnexpectedValue
            return None
        return read(value)

    return read_item


def _compile_leaf(classes: frozenset[type]) -> Read:
    def read(value: Any) -> Any:
        if value.__class__ not in classes:
            raise UnexpectedValue
        return value

    return read


def _compile_enum(values: frozenset[str]) -> Read:
    def read(value: Any) -> Any:
        if value.__class__ is not str or value not in values:
            raise UnexpectedValue
        return value

    return read
