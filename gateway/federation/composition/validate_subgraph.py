"""Check one subgraph by itself: federation's directives where they mean something, and only there."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.federation.composition.definitions import (
    BUILT_IN_SCALARS,
    Applied,
    Element,
    SubgraphSchema,
    TypeDefinition,
)
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.field_sets import parse_field_set, print_field_set
from gateway.federation.composition.field_uses import FieldUses, field_uses
from gateway.federation.composition.validate_authorisation import interface_authorisation_faults
from gateway.federation.composition.validate_context import context_faults
from gateway.federation.composition.validate_cost import cost_faults
from gateway.federation.composition.validate_field_sets import field_set_faults, leaf_faults

_MERGED = ("tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize")


def validate_field_sets(schema: SubgraphSchema) -> list[CompositionError]:
    """What must hold before anything can be asked of the subgraph's fields."""
    return list(field_set_faults(schema))


def validate_subgraph(schema: SubgraphSchema) -> list[CompositionError]:
    """What is wrong with a Federation 2 subgraph; its field sets have been validated."""
    uses = field_uses(schema)
    return [
        *_built_in_faults(schema),
        *_external_faults(schema, uses),
        *_interface_faults(schema),
        *_shareable_faults(schema),
        *_interface_object_faults(schema),
        *cost_faults(schema),
        *context_faults(schema),
        *interface_authorisation_faults(schema),
        *leaf_faults(schema, lambda coordinate: coordinate not in uses.marked_external),
    ]


def _fault(
    schema: SubgraphSchema,
    code: str,
    coordinate: str,
    message: str,
    hint: str,
    at: Element | Applied,
) -> CompositionError:
    return CompositionError(code, message, hint, schema.name, coordinate, at.line)


def _built_in_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    for definition in schema.types.values():
        if definition.name in BUILT_IN_SCALARS and definition.has("inaccessible"):
            message = "a built-in type cannot be @inaccessible"
            hint = "Remove @inaccessible: GraphQL itself needs the type."
            yield _fault(schema, "DISALLOWED_INACCESSIBLE", definition.name, message, hint, definition)


def _external_faults(schema: SubgraphSchema, uses: FieldUses) -> Iterator[CompositionError]:
    for definition, field in schema.fields():
        coordinate = f"{definition.name}.{field.name}"
        if definition.kind == "INTERFACE":
            if field.has("external"):
                hint = "Remove @external: a field of an interface is resolved by its implementations."
                message = "@external does not apply to a field of an interface"
                yield _fault(schema, "EXTERNAL_ON_INTERFACE", coordinate, message, hint, field)
            continue
        if not field.has("external"):
            continue
        if field.has("provides"):
            yield _fault(
                schema,
                "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
                coordinate,
                "is @external and @provides, though a field resolved elsewhere provides nothing here",
                "Drop one of the two directives.",
                field,
            )
        if coordinate not in uses.used:
            yield _fault(
                schema,
                "EXTERNAL_UNUSED",
                coordinate,
                "is @external, but no @key, @requires or @provides names it and no interface needs it",
                "Remove the field from this subgraph, or @external if the subgraph resolves it.",
                field,
            )
        for name in _MERGED:
            if field.has(name):
                yield _fault(
                    schema,
                    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL",
                    coordinate,
                    f"is @external and @{name}; the latter is taken from where the field is resolved",
                    f"Move @{name} to the subgraph that resolves the field.",
                    field,
                )


def _interface_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    """Directives that a field or type of an interface cannot carry."""
    for definition in schema.types.values():
        if definition.kind != "INTERFACE":
            continue
        if definition.is_entity and schema.federation < (2, 3):
            yield _fault(
                schema,
                "KEY_UNSUPPORTED_ON_INTERFACE",
                definition.name,
                "@key on an interface needs federation v2.3",
                "Link federation v2.3 or later, or put @key on the implementing types only.",
                definition,
            )
        elif definition.is_entity:
            yield from _key_faults(schema, definition)
        for field in definition.fields.values():
            for name in ("requires", "provides"):
                if field.has(name):
                    yield _fault(
                        schema,
                        f"{name.upper()}_UNSUPPORTED_ON_INTERFACE",
                        f"{definition.name}.{field.name}",
                        f"@{name} does not apply to a field of an interface",
                        f"Put @{name} on the fields of the implementing types.",
                        field,
                    )


def _key_faults(schema: SubgraphSchema, interface: TypeDefinition) -> Iterator[CompositionError]:
    """An interface's key must be one of each of its implementations."""
    for key in interface.applied("key"):
        wanted = print_field_set(parse_field_set(key.value("fields")))
        for name in schema.possible_types(interface.name):
            implementation = schema.types[name]
            same = [
                own
                for own in implementation.applied("key")
                if print_field_set(parse_field_set(own.value("fields"))) == wanted
                and own.value("resolvable", True) == key.value("resolvable", True)
            ]
            if not same:
                yield _fault(
                    schema,
                    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                    interface.name,
                    f'has the key "{wanted}", but its implementation {name} does not',
                    f'Add @key(fields: "{wanted}") to {name}.',
                    key,
                )


def _shareable_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    for definition, field in schema.fields():
        if not field.has("shareable"):
            continue
        coordinate = f"{definition.name}.{field.name}"
        if definition.kind == "INTERFACE":
            message = "@shareable does not apply to a field of an interface"
            hint = "Put @shareable on the fields of the implementing types."
            yield _fault(schema, "INVALID_SHAREABLE_USAGE", coordinate, message, hint, field)
        elif definition.name == "Subscription":
            message = "a subscription has one source, so it cannot be @shareable"
            hint = "Resolve the subscription in one subgraph only."
            yield _fault(schema, "INVALID_FIELD_SHARING", coordinate, message, hint, field)


def _interface_object_faults(schema: SubgraphSchema) -> Iterator[CompositionError]:
    for definition in schema.types.values():
        if definition.is_interface_object and not definition.is_entity:
            yield _fault(
                schema,
                "INTERFACE_OBJECT_USAGE_ERROR",
                definition.name,
                "is an @interfaceObject without a @key",
                "Add the @key that the interface has in the subgraph that owns it.",
                definition,
            )
