"""Check the field sets of `@key`, `@requires` and `@provides` against the subgraph that writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode, print_ast

from gateway.federation.composition.definitions import (
    Applied,
    Field,
    SubgraphSchema,
    TypeDefinition,
    named,
)
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.field_sets import parse_field_set


@dataclass(frozen=True, slots=True)
class FieldSetPlace:
    """Where a field set stands: the directive, the element that carries it, and the type it selects on."""

    schema: SubgraphSchema
    applied: Applied
    coordinate: str
    parent: str

    def fault(self, code: str, message: str, hint: str) -> CompositionError:
        """An error of this place; `code` is completed by the directive's name (KEY_…)."""
        return CompositionError(
            f"{self.applied.name.upper()}_{code}",
            f"@{self.applied.name}(fields: {self.applied.literal('fields')}): {message}",
            hint,
            self.schema.name,
            self.coordinate,
            self.applied.line,
        )


def field_set_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    """Everything wrong with the subgraph's field sets as selections."""
    for definition in schema.types.values():
        for key in definition.applied("key"):
            yield from _place_faults(FieldSetPlace(schema, key, definition.name, definition.name))
    for definition, field in schema.fields():
        coordinate = f"{definition.name}.{field.name}"
        if schema.is_federation_1 and definition.kind == "INTERFACE":
            continue  # Federation 1 ignores them there
        for applied in field.applied("requires"):
            yield from _place_faults(FieldSetPlace(schema, applied, coordinate, definition.name))
        for applied in field.applied("provides"):
            target = schema.types.get(named(field.type))
            place = FieldSetPlace(schema, applied, coordinate, named(field.type))
            if target is not None and target.is_composite:
                yield from _place_faults(place)
            elif not schema.is_federation_1:
                message = f"the field has type {field.type}, which has no fields"
                hint = "Use @provides only on a field of an object, interface or union type."
                yield CompositionError(
                    "PROVIDES_ON_NON_OBJECT_FIELD", message, hint, schema.name, coordinate, applied.line
                )


def _place_faults(place: FieldSetPlace) -> Iterator[CompositionError]:
    text = place.applied.value("fields")
    if not isinstance(text, str) or (place.applied.literal("fields") or "")[:1] != '"':
        hint = f'Write the fields as one string: @{place.applied.name}(fields: "id name").'
        yield place.fault("INVALID_FIELDS_TYPE", "the fields must be a string", hint)
        return
    try:
        selections = parse_field_set(text)
    except GraphQLError as error:
        yield place.fault("INVALID_FIELDS", error.message, 'Write names of fields, like "id owner { id }".')
        return
    yield from _selection_faults(place, place.parent, selections)


def _selection_faults(
    place: FieldSetPlace, parent: str, selections: SelectionSetNode
) -> Iterator[CompositionError]:
    for selection in selections.selections:
        if selection.directives:
            hint = "Remove the directive from the field set."
            yield place.fault("DIRECTIVE_IN_FIELDS_ARG", f"{print_ast(selection)} has a directive", hint)
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else parent
            yield from _fragment_faults(place, parent, condition, selection)
        elif isinstance(selection, FieldNode):
            yield from _field_faults(place, place.schema.types[parent], selection)
        else:
            hint = "Use an inline fragment: ... on Type { field }."
            yield place.fault("INVALID_FIELDS", "a named fragment cannot stand here", hint)


def _fragment_faults(
    place: FieldSetPlace, parent: str, condition: str, selection: InlineFragmentNode
) -> Iterator[CompositionError]:
    target = place.schema.types.get(condition)
    if target is None or not target.is_composite:
        hint = "Name an object, interface or union type of this subgraph."
        yield place.fault("INVALID_FIELDS", f"there is no composite type {condition} here", hint)
    elif not set(place.schema.possible_types(parent)) & set(place.schema.possible_types(condition)):
        hint = f"Remove the fragment: no {parent} is ever a {condition}."
        yield place.fault("INVALID_FIELDS", f"{condition} can never be found in {parent}", hint)
    else:
        yield from _selection_faults(place, condition, selection.selection_set)


def _field_faults(
    place: FieldSetPlace, parent: TypeDefinition, node: FieldNode
) -> Iterator[CompositionError]:
    name = node.name.value
    if name == "__typename":
        return
    field = parent.fields.get(name)
    if field is None:
        near = get_close_matches(name, parent.fields, 1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Define {parent.name}.{name} in this subgraph."
        if place.applied.name in ("requires", "provides"):
            hint += " A field resolved elsewhere is defined here with @external."
        yield place.fault("INVALID_FIELDS", f"{parent.name} has no field {name}", hint)
        return
    if node.alias:
        yield place.fault("INVALID_FIELDS", f"{name} has an alias", "Remove the alias.")
    yield from _argument_faults(place, field, node)
    target = place.schema.types.get(named(field.type))
    composite = target is not None and target.is_composite
    if place.applied.name == "key" and target and target.kind in ("UNION", "INTERFACE"):
        hint = "Use fields of scalar, enum or object type in a key."
        message = f"{parent.name}.{name} has type {field.type}, which cannot be compared"
        yield place.fault("FIELDS_SELECT_INVALID_TYPE", message, hint)
    elif composite and not node.selection_set:
        hint = f"Say which of its fields: {name} {{ ... }}."
        yield place.fault("INVALID_FIELDS", f"{name} of type {field.type} needs a selection", hint)
    elif node.selection_set and not composite:
        hint = f"Write {name} alone."
        yield place.fault("INVALID_FIELDS", f"{name} of type {field.type} has no fields to select", hint)
    elif node.selection_set:
        yield from _selection_faults(place, named(field.type), node.selection_set)


def _argument_faults(place: FieldSetPlace, field: Field, node: FieldNode) -> Iterator[CompositionError]:
    if place.applied.name in ("key", "provides") and field.arguments:
        hint = f"Leave {field.name} out of the field set, or remove its arguments."
        message = f"{field.name} takes arguments"
        yield place.fault("FIELDS_HAS_ARGS", message, hint)
        return
    given = {argument.name.value for argument in node.arguments or ()}
    for name in sorted(given - set(field.arguments)):
        hint = f"Remove it; {field.name} takes {', '.join(field.arguments) or 'no arguments'}."
        yield place.fault("INVALID_FIELDS", f"{field.name} has no argument {name}", hint)
    for argument in field.arguments.values():
        if argument.required and argument.name not in given:
            hint = f"Write {field.name}({argument.name}: ...)."
            yield place.fault("INVALID_FIELDS", f"{field.name} needs its argument {argument.name}", hint)


def leaf_faults(
    schema: SubgraphSchema, is_resolved_here: Callable[[str], bool]
) -> Iterator[CompositionError]:
    """Leaves that `@requires` and `@provides` name though the subgraph resolves them itself anyway."""
    for definition, field in schema.fields():
        coordinate = f"{definition.name}.{field.name}"
        for name, parent in (("requires", definition.name), ("provides", named(field.type))):
            for applied in field.applied(name):
                place = FieldSetPlace(schema, applied, coordinate, parent)
                for leaf in _own_leaves(
                    schema, parent, parse_field_set(applied.value("fields")), is_resolved_here
                ):
                    hint = f"Mark {leaf} @external, or leave it out of @{name}: this subgraph resolves it."
                    yield place.fault("FIELDS_MISSING_EXTERNAL", f"{leaf} is not @external", hint)


def _own_leaves(
    schema: SubgraphSchema,
    parent: str,
    selections: SelectionSetNode,
    is_resolved_here: Callable[[str], bool],
) -> Iterator[str]:
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else parent
            yield from _own_leaves(schema, condition, selection.selection_set, is_resolved_here)
        elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
            coordinate = f"{parent}.{selection.name.value}"
            definition = schema.types[parent]
            if not is_resolved_here(coordinate):
                continue
            if selection.selection_set:
                target = named(definition.fields[selection.name.value].type)
                yield from _own_leaves(schema, target, selection.selection_set, is_resolved_here)
            elif not _some_external(schema, definition, selection.name.value, is_resolved_here):
                yield coordinate


def _some_external(
    schema: SubgraphSchema, definition: TypeDefinition, name: str, is_resolved_here: Callable[[str], bool]
) -> bool:
    """Whether an interface's field is external in some implementation: that is where @external goes."""
    return definition.kind == "INTERFACE" and any(
        not is_resolved_here(f"{implementation}.{name}")
        for implementation in schema.possible_types(definition.name)
    )
