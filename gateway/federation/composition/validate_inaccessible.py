"""Check that hiding `@inaccessible` elements leaves a whole API.

Source: https://specs.apollo.dev/inaccessible/v0.2, section "Producing the API schema".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.federation.composition.definitions import (
    BUILT_IN,
    Element,
    Field,
    TypeDefinition,
    constant,
    named,
    nullable,
)
from gateway.federation.composition.errors import CompositionError


def _hidden(element: Element) -> bool:
    return element.has("inaccessible", BUILT_IN)


@dataclass(frozen=True, slots=True)
class _Input:
    """An argument or input field in its place."""

    coordinate: str
    field: Field


def inaccessible_faults(types: Mapping[str, TypeDefinition]) -> Iterator[CompositionError]:
    """What the merged schema hides wrongly."""
    if not any(_hides(definition) for definition in types.values()):
        return
    for definition in types.values():
        if _hidden(definition):
            if definition.name == "Query":
                hint = "Hide single fields of Query instead."
                message = "the query root type cannot be @inaccessible"
                yield CompositionError("QUERY_ROOT_TYPE_INACCESSIBLE", message, hint, coordinate="Query")
        else:
            yield from _type_faults(types, definition)


def _hides(definition: TypeDefinition) -> bool:
    elements = [definition, *definition.values.values()]
    for field in definition.fields.values():
        elements += [field, *field.arguments.values()]
    return any(_hidden(element) for element in elements)


def _type_faults(
    types: Mapping[str, TypeDefinition], definition: TypeDefinition
) -> Iterator[CompositionError]:
    children: list[Element] = [*definition.fields.values(), *definition.values.values()]
    children += [types[name] for name in definition.members if name in types]
    if children and all(_hidden(child) for child in children):
        hint = f"Mark {definition.name} @inaccessible too, or leave something of it visible."
        message = "is visible, but everything in it is @inaccessible"
        yield CompositionError("ONLY_INACCESSIBLE_CHILDREN", message, hint, coordinate=definition.name)
    for field in definition.fields.values():
        coordinate = f"{definition.name}.{field.name}"
        if definition.kind == "INPUT_OBJECT":
            yield from _input_faults(types, _Input(coordinate, field))
        elif not _hidden(field):
            yield from _reference_faults(types, coordinate, field.type)
            for argument in field.arguments.values():
                yield from _input_faults(types, _Input(f"{coordinate}({argument.name}:)", argument))
        yield from _implementation_faults(types, definition, field)


def _reference_faults(
    types: Mapping[str, TypeDefinition], coordinate: str, type_text: str
) -> Iterator[CompositionError]:
    target = types.get(named(type_text))
    if target is not None and _hidden(target):
        message = f"is visible, but its type {target.name} is @inaccessible"
        hint = f"Mark {coordinate} @inaccessible too, or make {target.name} visible."
        yield CompositionError("REFERENCED_INACCESSIBLE", message, hint, coordinate=coordinate)


def _input_faults(types: Mapping[str, TypeDefinition], place: _Input) -> Iterator[CompositionError]:
    field, coordinate = place.field, place.coordinate
    if _hidden(field):
        if field.required:
            message = "must be given, but is @inaccessible, so that no client can give it"
            hint = "Make it nullable, give it a default, or make it visible."
            yield CompositionError("REQUIRED_INACCESSIBLE", message, hint, coordinate=coordinate)
        return
    yield from _reference_faults(types, coordinate, field.type)
    if field.default is not None:
        for hidden in _hidden_in(types, field.type, constant(field.default)):
            message = f"is visible, but its default {field.default} uses {hidden}, which is @inaccessible"
            hint = f"Choose another default, mark {coordinate} @inaccessible, or make {hidden} visible."
            yield CompositionError("DEFAULT_VALUE_USES_INACCESSIBLE", message, hint, coordinate=coordinate)


def _hidden_in(types: Mapping[str, TypeDefinition], type_text: str, value: Any) -> Iterator[str]:
    """The hidden enum values and input fields that a constant uses."""
    inner = nullable(type_text)
    if inner.startswith("["):
        for item in value if isinstance(value, list) else [value]:
            yield from _hidden_in(types, inner[1:-1], item)
        return
    definition = types.get(inner)
    if definition is None:
        return
    if definition.kind == "ENUM":
        if value in definition.values and _hidden(definition.values[value]):
            yield f"{inner}.{value}"
    elif definition.kind == "INPUT_OBJECT" and isinstance(value, dict):
        for name, item in value.items():
            field = definition.fields.get(name)
            if field is not None and _hidden(field):
                yield f"{inner}.{name}"
            elif field is not None:
                yield from _hidden_in(types, field.type, item)


def _implementation_faults(
    types: Mapping[str, TypeDefinition], definition: TypeDefinition, field: Field
) -> Iterator[CompositionError]:
    """What an interface shows, its visible implementations must show."""
    for name in definition.interfaces:
        interface = types.get(name)
        if interface is None or _hidden(interface) or field.name not in interface.fields:
            continue
        shown = interface.fields[field.name]
        if _hidden(shown):
            continue
        if _hidden(field):
            coordinate = f"{definition.name}.{field.name}"
            message = f"is @inaccessible, but {name}.{field.name}, which it implements, is visible"
            hint = f"Hide {name}.{field.name} too, or make {coordinate} visible."
            yield CompositionError("IMPLEMENTED_BY_INACCESSIBLE", message, hint, coordinate=coordinate)
            continue
        for argument in field.arguments.values():
            own = shown.arguments.get(argument.name)
            if own is not None and _hidden(argument) and not _hidden(own):
                coordinate = f"{definition.name}.{field.name}({argument.name}:)"
                message = f"is @inaccessible, but {name}.{field.name}({argument.name}:) is visible"
                hint = f"Hide {name}.{field.name}({argument.name}:) too, or make {coordinate} visible."
                yield CompositionError("IMPLEMENTED_BY_INACCESSIBLE", message, hint, coordinate=coordinate)
