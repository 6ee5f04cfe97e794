"""What each field of a subgraph is to federation: external, provided, part of a key, shareable, used.

Computed once per subgraph, since validation, merging and satisfiability all ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.federation.composition.definitions import SubgraphSchema, named
from gateway.federation.composition.field_sets import coordinates_of


@dataclass(frozen=True, slots=True)
class FieldUses:
    """Sets of field coordinates (`Type.field`) of one subgraph.

    `external`: resolved elsewhere. A key field of an extended type, though marked so, is not one.
    `provided`: external, but resolved here under some field with `@provides`.
    `shareable`: may be resolved by other subgraphs too. `used`: named in any field set, or implementing
    an interface's field.
    """

    marked_external: frozenset[str]
    external: frozenset[str]
    provided: frozenset[str]
    keyed: frozenset[str]
    required: frozenset[str]
    shareable: frozenset[str]
    used: frozenset[str]

    def is_resolved(self, coordinate: str) -> bool:
        """Whether the subgraph can resolve the field, at least under some path."""
        return coordinate not in self.external or coordinate in self.provided


def _key_fields(schema: SubgraphSchema, *, of_extensions: bool = False) -> Iterator[str]:
    for definition in schema.types.values():
        for key in definition.applied("key"):
            if not of_extensions or key.extension or definition.has("extends"):
                yield from coordinates_of(schema, definition.name, key.value("fields"))


def _provided_fields(schema: SubgraphSchema) -> Iterator[str]:
    for _, field in schema.fields():
        for provides in field.applied("provides"):
            yield from coordinates_of(schema, named(field.type), provides.value("fields"))


def _required_fields(schema: SubgraphSchema) -> Iterator[str]:
    for definition, field in schema.fields():
        for requires in field.applied("requires"):
            yield from coordinates_of(schema, definition.name, requires.value("fields"))


def _implementing_fields(schema: SubgraphSchema) -> Iterator[str]:
    for definition in schema.types.values():
        for interface in definition.interfaces:
            yield from (f"{definition.name}.{name}" for name in schema.types[interface].fields)


def _shareable_fields(schema: SubgraphSchema) -> Iterator[str]:
    for definition, field in schema.fields():
        if field.has("shareable") or definition.has("shareable"):
            yield f"{definition.name}.{field.name}"


def field_uses(schema: SubgraphSchema) -> FieldUses:
    """Compute the uses of a subgraph's fields. Its field sets must have been validated."""
    marked = frozenset(
        f"{definition.name}.{field.name}"
        for definition, field in schema.fields()
        if field.has("external") or definition.has("external")
    )
    external = marked - frozenset(_key_fields(schema, of_extensions=True))
    keyed = frozenset(_key_fields(schema))
    provided = frozenset(_provided_fields(schema))
    required = frozenset(_required_fields(schema))
    return FieldUses(
        marked_external=marked,
        external=external,
        provided=provided & external,
        keyed=keyed,
        required=required,
        shareable=frozenset(_shareable_fields(schema)) | keyed | (provided & marked),
        used=keyed | provided | required | frozenset(_implementing_fields(schema)),
    )
