"""Field sets: the selections that `@key`, `@requires` and `@provides` name as strings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from graphql import (
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from gateway.federation.composition.definitions import Field, SubgraphSchema, TypeDefinition, named


@lru_cache(maxsize=4096)
def parse_field_set(text: str) -> SelectionSetNode:
    """The selections of a field set; braces around it are optional. Raises GraphQLError."""
    body = text.strip()
    document = parse(body if body.startswith("{") else f"{{ {body} }}")
    return cast("OperationDefinitionNode", document.definitions[0]).selection_set


def print_field_set(selections: SelectionSetNode) -> str:
    """A field set on one line, without its outer braces."""
    return " ".join(print_ast(selections).split())[1:-1].strip()


def walk_field_set(
    schema: SubgraphSchema, parent: str, selections: SelectionSetNode
) -> Iterator[tuple[TypeDefinition, Field, FieldNode]]:
    """Every known field of a field set with the type it is selected on, outer ones first."""
    definition = schema.types.get(parent)
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else parent
            yield from walk_field_set(schema, condition, selection.selection_set)
        elif isinstance(selection, FieldNode) and definition:
            field = definition.fields.get(selection.name.value)
            if field is None:
                continue
            yield definition, field, selection
            if selection.selection_set:
                yield from walk_field_set(schema, named(field.type), selection.selection_set)


def coordinates_of(schema: SubgraphSchema, parent: str, text: str) -> Iterator[str]:
    """The coordinates of a field set's fields; one of an interface stands for its implementations' too."""
    for definition, field, _ in walk_field_set(schema, parent, parse_field_set(text)):
        yield f"{definition.name}.{field.name}"
        if definition.kind == "INTERFACE":
            yield from (
                f"{name}.{field.name}"
                for name in schema.possible_types(definition.name)
                if field.name in schema.types[name].fields
            )
