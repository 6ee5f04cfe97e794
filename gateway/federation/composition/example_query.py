"""Write a query that takes a given path through the API, to show what could not be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import parse, print_ast

from gateway.federation.composition.definitions import Field, TypeDefinition, named, nullable

_VALUES = {
    "ID": '"<any id>"',
    "String": '"a string"',
    "Int": "42",
    "Float": "3.14",
    "Boolean": "true",
}
_DEPTH_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A field of the path, with the object type it is selected on."""

    parent: TypeDefinition
    field: Field


def example_query(types: Mapping[str, TypeDefinition], path: Sequence[Step]) -> str:
    """The query, formatted; required arguments are filled with values that fit."""
    last = path[-1].field
    target = types.get(named(last.type))
    text = "{ __typename }" if target is not None and target.is_composite else ""
    for index in range(len(path) - 1, -1, -1):
        step = path[index]
        text = f"{{ {step.field.name}{_arguments(types, step.field)} {text} }}"
        if index and named(path[index - 1].field.type) != step.parent.name:
            text = f"{{ ... on {step.parent.name} {text} }}"
    return print_ast(parse(f"{path[0].parent.name.lower()} {text}"))


def _arguments(types: Mapping[str, TypeDefinition], field: Field) -> str:
    given = [f"{a.name}: {_value(types, a.type, 0)}" for a in field.arguments.values() if a.required]
    return f"({', '.join(given)})" if given else ""


def _value(types: Mapping[str, TypeDefinition], type_text: str, depth: int) -> str:
    inner = nullable(type_text)
    if inner.startswith("["):
        return "[]" if depth >= _DEPTH_LIMIT else f"[{_value(types, inner[1:-1], depth + 1)}]"
    definition = types.get(inner)
    if definition is not None and definition.kind == "ENUM":
        return next(name for name, value in definition.values.items() if not value.has("inaccessible", ""))
    if definition is not None and definition.kind == "INPUT_OBJECT":
        if depth >= _DEPTH_LIMIT:
            return "{}"
        required = [field for field in definition.fields.values() if field.required]
        return f"{{{', '.join(f'{f.name}: {_value(types, f.type, depth + 1)}' for f in required)}}}"
    return _VALUES.get(inner, '"a value"')
