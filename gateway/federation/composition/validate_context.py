"""Check `@context` and `@fromContext`: a context has a plain name, is set, and gives what is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode

from gateway.federation.composition.definitions import (
    Field,
    SubgraphSchema,
    TypeDefinition,
    named,
    nullable,
)
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.field_sets import parse_field_set
from gateway.federation.composition.merge_contexts import ContextReference, read_reference


class _Wrong(Exception):  # noqa: N818 - a reason carried a few frames up, not an error to show
    """Why a selection from a context is not a value for the argument."""


def context_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    """What is wrong with a subgraph's contexts."""
    contexts: dict[str, list[TypeDefinition]] = {}
    for definition in schema.types.values():
        for applied in definition.applied("context"):
            name = applied.value("name")
            contexts.setdefault(name, []).append(definition)
            if not (isinstance(name, str) and name.isascii() and name.isalnum() and name[0].isalpha()):
                yield CompositionError(
                    "CONTEXT_NAME_INVALID",
                    f"{name!r} cannot name a context",
                    "Use letters and digits, a letter first, and no underscore.",
                    schema.name,
                    definition.name,
                    applied.line,
                )
    for definition, field in schema.fields():
        for argument in field.arguments.values():
            for applied in argument.applied("fromContext"):
                reference = applied.value("field")
                fault = _argument_fault(schema, contexts, definition, argument, reference)
                if fault is not None:
                    code, message, hint = fault
                    coordinate = f"{definition.name}.{field.name}({argument.name}:)"
                    yield CompositionError(code, message, hint, schema.name, coordinate, applied.line)


def _argument_fault(
    schema: SubgraphSchema,
    contexts: dict[str, list[TypeDefinition]],
    definition: TypeDefinition,
    argument: Field,
    text: str | None,
) -> tuple[str, str, str] | None:
    reference = read_reference(text)
    if reference is None:
        message = f"{text!r} names no context and selection"
        return "NO_CONTEXT_IN_SELECTION", message, 'Write it like "$context { field }".'
    if reference.name not in contexts:
        message = f"the context {reference.name} is never set"
        hint = f'Put @context(name: "{reference.name}") on a type above {definition.name}.'
        return "CONTEXT_NOT_SET", message, hint
    if not any(key.value("resolvable", True) is not False for key in definition.applied("key")):
        message = (
            f"{definition.name} has no resolvable @key, so it cannot be fetched with the context's value"
        )
        return "CONTEXT_NO_RESOLVABLE_KEY", message, f"Give {definition.name} a resolvable @key."
    if argument.default is not None:
        message = "an argument from the context cannot have a default"
        return "CONTEXT_INVALID_SELECTION", message, "Remove the default."
    try:
        _check_selection(schema, reference, contexts[reference.name], argument)
    except (_Wrong, GraphQLError) as error:
        wanted = nullable(argument.type)
        hint = f"Let the argument be nullable, and select one {wanted} of each type that sets the context."
        return "CONTEXT_INVALID_SELECTION", str(error), hint
    return None


def _check_selection(
    schema: SubgraphSchema, reference: ContextReference, places: Sequence[TypeDefinition], argument: Field
) -> None:
    selections = parse_field_set(reference.selection)
    for place in places:
        for found in _value_types(schema, place, selections):
            # Where no type above sets the context there is no value, so that it is null at best.
            if not _fits(nullable(found), argument.type):
                raise _Wrong(f"{place.name} gives a value of type {nullable(found)}, not {argument.type}")


def _value_types(
    schema: SubgraphSchema, parent: TypeDefinition, selections: SelectionSetNode
) -> Iterator[str]:
    """The types of the one value that a selection gives, one for each type it may be taken from."""
    fields = [node for node in selections.selections if isinstance(node, FieldNode)]
    fragments = [node for node in selections.selections if isinstance(node, InlineFragmentNode)]
    if len(fields) > 1 or (fields and fragments):
        raise _Wrong("more than one field is selected")
    for node in fields:
        if node.alias or node.directives:
            raise _Wrong("aliases and directives cannot stand here")
        field = parent.fields.get(node.name.value)
        if field is None:
            raise _Wrong(f"{parent.name} has no field {node.name.value}")
        if node.selection_set is None:
            yield field.type
            continue
        target = schema.types[named(field.type)]
        for inner in _value_types(schema, target, node.selection_set):
            yield field.type.replace(target.name, inner).replace("!!", "!")
    for fragment in fragments:
        condition = fragment.type_condition.name.value if fragment.type_condition else parent.name
        if condition not in schema.types:
            raise _Wrong(f"there is no type {condition}")
        if parent.kind != "OBJECT" or condition in (parent.name, *parent.interfaces):
            yield from _value_types(schema, schema.types[condition], fragment.selection_set)


def _fits(value: str, argument: str) -> bool:
    """Whether a value of one type can be given where the other is taken."""
    if argument.endswith("!"):
        return value.endswith("!") and _fits(value[:-1], argument[:-1])
    value = nullable(value)
    if value.startswith("[") and argument.startswith("["):
        return _fits(value[1:-1], argument[1:-1])
    return value == argument
