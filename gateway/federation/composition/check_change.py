"""Compare two versions of a schema: a client API, a subgraph or a supergraph (taken as its API).

What counts as breaking or dangerous follows graphql-core's `find_schema_changes`, with coordinates;
a subgraph's federation directives are compared as well (`check_directive_change`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import print_schema

from gateway.federation.composition.api_schema import build_api_schema
from gateway.federation.composition.change import SEVERITIES, Change
from gateway.federation.composition.check_directive_change import compare_directives
from gateway.federation.composition.definitions import (
    DirectiveDefinition,
    Element,
    Field,
    SubgraphSchema,
    TypeDefinition,
)
from gateway.federation.composition.errors import CompositionFailedError
from gateway.federation.composition.parse_subgraph import parse_subgraph
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.composition.validate_subgraph import validate_field_sets

_KINDS = {
    "SCALAR": "a scalar",
    "OBJECT": "an object type",
    "INTERFACE": "an interface",
    "UNION": "a union",
    "ENUM": "an enum",
    "INPUT_OBJECT": "an input type",
}


def compare(old_sdl: str, new_sdl: str) -> list[Change]:
    """Every change, worst first, then by coordinate.

    Raises `CompositionFailedError` when either is no valid schema, `SupergraphError` for a supergraph
    that cannot be read.
    """
    old, new = _read("old", old_sdl), _read("new", new_sdl)
    changes = [*_types(old.types, new.types), *_directives(old, new)]
    return sorted(changes, key=lambda c: (SEVERITIES.index(c.kind), c.coordinate, c.code, c.message))


def _read(name: str, sdl: str) -> SubgraphSchema:
    if "enum join__Graph" in sdl:
        sdl = print_schema(build_api_schema(read_supergraph(sdl)))
    schema, errors = parse_subgraph(name, "", name, sdl)
    errors = errors or (validate_field_sets(schema) if schema else [])
    if schema is None or errors:
        raise CompositionFailedError(errors)
    return schema


def _types(old: Mapping[str, TypeDefinition], new: Mapping[str, TypeDefinition]) -> Iterator[Change]:
    for name, definition in old.items():
        if name not in new:
            yield Change("breaking", "TYPE_REMOVED", name, "was removed")
        elif new[name].kind != definition.kind:
            message = f"was {_KINDS[definition.kind]}, is {_KINDS[new[name].kind]}"
            yield Change("breaking", "TYPE_CHANGED_KIND", name, message)
        else:
            yield from _type(definition, new[name])
    for name in new:
        if name not in old:
            yield Change("safe", "TYPE_ADDED", name, "was added")


def _type(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    name = old.name
    yield from _element(name, old, new)
    for interface in old.interfaces:
        if interface not in new.interfaces:
            yield Change("breaking", "IMPLEMENTED_INTERFACE_REMOVED", name, f"implements {interface} no more")
    for interface in new.interfaces:
        if interface not in old.interfaces:
            yield Change("dangerous", "IMPLEMENTED_INTERFACE_ADDED", name, f"now implements {interface}")
    for member in old.members:
        if member not in new.members:
            yield Change("breaking", "TYPE_REMOVED_FROM_UNION", name, f"{member} is no member any more")
    for member in new.members:
        if member not in old.members:
            yield Change("dangerous", "TYPE_ADDED_TO_UNION", name, f"{member} is a new member")
    for value in old.values.values():
        place = f"{name}.{value.name}"
        if value.name not in new.values:
            yield Change("breaking", "VALUE_REMOVED_FROM_ENUM", place, "was removed")
        else:
            yield from _element(place, value, new.values[value.name])
    for added in new.values:
        if added not in old.values:
            yield Change("dangerous", "VALUE_ADDED_TO_ENUM", f"{name}.{added}", "was added")
    fields = _input_fields if old.kind == "INPUT_OBJECT" else _output_fields
    yield from fields(old, new)


def _output_fields(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name, field in old.fields.items():
        place = f"{old.name}.{name}"
        after = new.fields.get(name)
        if after is None:
            yield Change("breaking", "FIELD_REMOVED", place, "was removed")
            continue
        yield from _element(place, field, after)
        yield from _output_change(place, field, after)
        yield from _arguments(place, field.arguments, after.arguments)
    for name in new.fields:
        if name not in old.fields:
            yield Change("safe", "FIELD_ADDED", f"{old.name}.{name}", "was added")


def _input_fields(old: TypeDefinition, new: TypeDefinition) -> Iterator[Change]:
    for name, field in old.fields.items():
        place = f"{old.name}.{name}"
        after = new.fields.get(name)
        if after is None:
            yield Change("breaking", "FIELD_REMOVED", place, "was removed")
        else:
            yield from _element(place, field, after)
            yield from _input_change("FIELD_CHANGED_KIND", "INPUT_FIELD_DEFAULT_VALUE", place, field, after)
    for name, field in new.fields.items():
        if name not in old.fields:
            place = f"{old.name}.{name}"
            if field.required:
                yield Change("breaking", "REQUIRED_INPUT_FIELD_ADDED", place, "was added and must be given")
            else:
                yield Change("dangerous", "OPTIONAL_INPUT_FIELD_ADDED", place, "was added")


def _arguments(parent: str, old: Mapping[str, Field], new: Mapping[str, Field]) -> Iterator[Change]:
    for name, argument in old.items():
        place = f"{parent}({name}:)"
        after = new.get(name)
        if after is None:
            yield Change("breaking", "ARG_REMOVED", place, "was removed")
        else:
            yield from _element(place, argument, after)
            yield from _input_change("ARG_CHANGED_KIND", "ARG_DEFAULT_VALUE", place, argument, after)
    for name, argument in new.items():
        if name not in old:
            place = f"{parent}({name}:)"
            if argument.required:
                yield Change("breaking", "REQUIRED_ARG_ADDED", place, "was added and must be given")
            else:
                yield Change("dangerous", "OPTIONAL_ARG_ADDED", place, "was added")


def _output_change(place: str, old: Field, new: Field) -> Iterator[Change]:
    if old.type != new.type:
        safe = _narrows(old.type, new.type)
        code = "FIELD_CHANGED_KIND_SAFE" if safe else "FIELD_CHANGED_KIND"
        message = f"had type {old.type}, has {new.type}"
        yield Change("safe" if safe else "breaking", code, place, message)


def _input_change(type_code: str, default_code: str, place: str, old: Field, new: Field) -> Iterator[Change]:
    """The worst of what changed: the type, else the default."""
    types = f"had type {old.type}, has {new.type}"
    if old.type != new.type and not _narrows(new.type, old.type):
        yield Change("breaking", type_code, place, types)
    elif old.default != new.default and old.default is None:
        yield Change("safe", f"{default_code}_ADDED", place, f"now has the default {new.default}")
    elif old.default != new.default:
        message = f"had the default {old.default}, has {new.default or 'none'}"
        yield Change("dangerous", f"{default_code}_CHANGE", place, message)
    elif old.type != new.type:
        yield Change("safe", f"{type_code}_SAFE", place, types)


def _narrows(old: str, new: str) -> bool:
    """Whether an output of the new type is always one of the old, whatever named types implement."""
    if new.endswith("!"):
        return _narrows(old.removesuffix("!"), new[:-1])
    if old.endswith("!") or old.startswith("[") != new.startswith("["):
        return False
    return _narrows(old[1:-1], new[1:-1]) if old.startswith("[") else old == new


def _element(place: str, old: Element, new: Element) -> Iterator[Change]:
    if (old.description or "") != (new.description or ""):
        yield Change("safe", "DESCRIPTION_CHANGED", place, "is described otherwise")
    yield from compare_directives(place, old, new)


def _directives(old: SubgraphSchema, new: SubgraphSchema) -> Iterator[Change]:
    for name, directive in old.directives.items():
        if name not in new.directives:
            yield Change("breaking", "DIRECTIVE_REMOVED", f"@{name}", "was removed")
        else:
            yield from _directive(directive, new.directives[name])
    for name in new.directives:
        if name not in old.directives:
            yield Change("safe", "DIRECTIVE_ADDED", f"@{name}", "was added")


def _directive(old: DirectiveDefinition, new: DirectiveDefinition) -> Iterator[Change]:
    place = f"@{old.name}"
    for location in old.locations:
        if location not in new.locations:
            yield Change(
                "breaking", "DIRECTIVE_LOCATION_REMOVED", place, f"cannot stand on {location} any more"
            )
    for location in new.locations:
        if location not in old.locations:
            yield Change("safe", "DIRECTIVE_LOCATION_ADDED", place, f"can stand on {location}")
    if old.repeatable and not new.repeatable:
        yield Change("breaking", "DIRECTIVE_REPEATABLE_REMOVED", place, "cannot be repeated any more")
    if new.repeatable and not old.repeatable:
        yield Change("safe", "DIRECTIVE_REPEATABLE_ADDED", place, "can be repeated")
    yield from _arguments(place, old.arguments, new.arguments)
