"""Check the merged schema: what no subgraph does wrong by itself, but all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import build_ast_schema, parse, validate_schema

from gateway.federation.composition.definitions import SubgraphSchema, TypeDefinition
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.merge_context import listed
from gateway.federation.composition.merge_subgraphs import MergedSchema
from gateway.federation.composition.validate_authorisation import transitive_authorisation_faults
from gateway.federation.composition.validate_inaccessible import inaccessible_faults


def validate_merged(merged: MergedSchema, sdl: str) -> list[CompositionError]:
    """Every fault of the merged schema; GraphQL's own rules are looked at last, on its `sdl`."""
    errors = [
        *_implementation_faults(merged),
        *_interface_key_faults(merged),
        *_runtime_type_faults(merged),
        *inaccessible_faults(merged.types),
        *transitive_authorisation_faults(merged.subgraphs, merged.types),
    ]
    return errors or list(_graphql_faults(sdl))


def _implementation_faults(merged: MergedSchema) -> Iterator[CompositionError]:
    for definition in merged.types.values():
        for name in definition.interfaces:
            interface = merged.types.get(name)
            missing = [f for f in interface.fields if f not in definition.fields] if interface else []
            for field in missing:
                declaring = _where(merged.subgraphs, name, field)
                implementing = [
                    s.name
                    for s in merged.subgraphs
                    if definition.name in s.types and name in s.types[definition.name].interfaces
                ]
                yield CompositionError(
                    "INTERFACE_FIELD_NO_IMPLEM",
                    f"is declared in {listed(declaring)}, but {definition.name}, which implements {name} in"
                    f" {listed(implementing)}, has it in no subgraph",
                    f"Add {field} to {definition.name} in one of the subgraphs, or remove it from {name}.",
                    coordinate=f"{name}.{field}",
                )


def _where(subgraphs: Sequence[SubgraphSchema], type_name: str, field: str) -> list[str]:
    return [s.name for s in subgraphs if type_name in s.types and field in s.types[type_name].fields]


def _interface_key_faults(merged: MergedSchema) -> Iterator[CompositionError]:
    """A subgraph that resolves an interface by key must know every type the interface may turn out to be."""
    for subgraph in merged.subgraphs:
        for definition in subgraph.types.values():
            keys = [key for key in definition.applied("key") if key.value("resolvable", True) is not False]
            if definition.kind != "INTERFACE" or not keys:
                continue
            known = set(subgraph.possible_types(definition.name))
            unknown = [
                d.name
                for d in merged.types.values()
                if d.kind == "OBJECT" and definition.name in d.interfaces and d.name not in known
            ]
            if unknown:
                yield CompositionError(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f"has a @key here, but {listed(unknown)}, which implements it elsewhere, is unknown",
                    f"Define {listed(unknown)} in this subgraph too, with the same @key.",
                    subgraph.name,
                    definition.name,
                    keys[0].line,
                )
            yield from _interface_object_faults(merged, subgraph, definition)


def _interface_object_faults(
    merged: MergedSchema, subgraph: SubgraphSchema, interface: TypeDefinition
) -> Iterator[CompositionError]:
    for other in merged.subgraphs:
        stand_in = other.types.get(interface.name)
        if stand_in is None or not stand_in.is_interface_object:
            continue
        implementing = [
            d.name for d in other.types.values() if d.name in subgraph.possible_types(interface.name)
        ]
        if implementing:
            yield CompositionError(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f"is an @interfaceObject, but its implementation {listed(implementing)} is defined here too",
                f"Move the fields of {listed(implementing)} to {interface.name}, or define the interface.",
                other.name,
                interface.name,
                stand_in.line,
            )


def _runtime_type_faults(merged: MergedSchema) -> Iterator[CompositionError]:
    """A shared field of an abstract type must be able to give the same object in each subgraph."""
    for definition in merged.types.values():
        if definition.kind != "OBJECT":
            continue
        for name in definition.fields:
            sources = [
                (s, set(s.possible_types(target)))
                for s in merged.subgraphs
                if definition.name in s.types
                and (field := s.types[definition.name].fields.get(name))
                and not field.has("external")
                and (s.name, f"{definition.name}.{name}") not in merged.overrides.taken
                and (target := field.type.strip("[]!")) in s.types
                and s.types[target].is_composite
                and not s.types[target].is_interface_object
            ]
            if len(sources) > 1 and not set.intersection(*(possible for _, possible in sources)):
                said = "; ".join(f'{", ".join(sorted(p))} in "{s.name}"' for s, p in sources)
                yield CompositionError(
                    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
                    f"is shared, but may be of no object type common to its subgraphs: {said}",
                    "Let the subgraphs have at least one possible type in common, or resolve it in one only.",
                    coordinate=f"{definition.name}.{name}",
                )


def _graphql_faults(sdl: str) -> Iterator[CompositionError]:
    schema = build_ast_schema(parse(sdl, no_location=True), assume_valid_sdl=True)
    for fault in validate_schema(schema):
        yield CompositionError(
            "INVALID_GRAPHQL",
            f"the supergraph would not be valid: {fault.message}",
            "Bring the subgraphs' definitions of this type in line with each other.",
        )
