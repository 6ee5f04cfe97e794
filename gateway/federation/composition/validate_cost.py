"""Check `@cost` and `@listSize`. Source: https://specs.apollo.dev/cost/v0.1."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.federation.composition.definitions import (
    Applied,
    Field,
    SubgraphSchema,
    named,
    nullable,
)
from gateway.federation.composition.errors import CompositionError


def cost_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    """What a subgraph says of costs that means nothing."""
    for definition, field in schema.fields():
        coordinate = f"{definition.name}.{field.name}"
        if definition.kind == "INTERFACE":
            for applied in field.applied("cost"):
                yield CompositionError(
                    "COST_APPLIED_TO_INTERFACE_FIELD",
                    "@cost does not apply to a field of an interface",
                    "Put @cost on the fields of the implementing types.",
                    schema.name,
                    coordinate,
                    applied.line,
                )
        for applied in field.applied("listSize"):
            for code, message, hint in _list_size_faults(schema, field, applied):
                yield CompositionError(
                    f"LIST_SIZE_{code}", message, hint, schema.name, coordinate, applied.line
                )


def _list_size_faults(
    schema: SubgraphSchema, field: Field, applied: Applied
) -> Iterator[tuple[str, str, str]]:
    """Code, message and hint of each fault."""
    sized = applied.value("sizedFields")
    assumed = applied.value("assumedSize")
    if not sized and not nullable(field.type).startswith("["):
        message = f"has type {field.type}, which is no list"
        yield "APPLIED_TO_NON_LIST", message, "Name the lists inside it with sizedFields, or drop @listSize."
    if assumed is not None and assumed < 0:
        yield "INVALID_ASSUMED_SIZE", f"has the assumed size {assumed}", "Give a number that is not negative."
    for name in applied.value("slicingArguments") or ():
        argument = field.arguments.get(name)
        if argument is None:
            taken = ", ".join(field.arguments) or "none"
            yield "INVALID_SLICING_ARGUMENT", f"has no argument {name}", f"Its arguments: {taken}."
        elif nullable(argument.type) != "Int":
            message = f"has the slicing argument {name} of type {argument.type}"
            yield "INVALID_SLICING_ARGUMENT", message, "Name an argument of type Int or Int!."
    target = schema.types.get(named(field.type))
    if sized and (target is None or target.kind not in ("OBJECT", "INTERFACE")):
        message = f"has sized fields, though its type {field.type} has no fields"
        yield "INVALID_SIZED_FIELD", message, "Drop sizedFields."
    elif sized and target is not None:
        for name in sized:
            inner = target.fields.get(name)
            if inner is None:
                message = f"names {name}, which {target.name} does not have"
                yield "INVALID_SIZED_FIELD", message, f"Its fields: {', '.join(target.fields)}."
            elif not nullable(inner.type).startswith("["):
                message = f"names {target.name}.{name} of type {inner.type}, which is no list"
                yield "APPLIED_TO_NON_LIST", message, "Name fields that are lists."
