"""Bring a Federation 1 subgraph to the rules of Federation 2, so that later passes know only those.

Federation 1 had no @shareable, tolerated @external where it says nothing, and merged value types by
themselves. What it meant is written out here; a Federation 2 subgraph passes untouched.
Source: https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/moving-to-federation-2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.federation.composition.definitions import (
    FEDERATION,
    ROOT_TYPES,
    Applied,
    Element,
    Field,
    SubgraphSchema,
    TypeDefinition,
    named,
)
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.field_sets import parse_field_set, print_field_set
from gateway.federation.composition.field_uses import FieldUses, field_uses
from gateway.federation.composition.merge_context import string

_SHAREABLE = Applied("shareable", (), FEDERATION)


def upgrade_subgraphs(
    schemas: Sequence[SubgraphSchema],
) -> tuple[list[SubgraphSchema], list[CompositionError]]:
    """The subgraphs, all under the rules of Federation 2. Their field sets must have been validated."""
    errors: list[CompositionError] = []
    meant = [_without_idle_directives(s, errors) if s.is_federation_1 else s for s in schemas]
    uses = {schema.name: field_uses(schema) for schema in meant}
    upgraded = [_with_shareable(s, meant, uses) if s.is_federation_1 else s for s in meant]
    return upgraded, errors


def _drop(element: Element, *names: str) -> tuple[Applied, ...]:
    return tuple(a for a in element.directives if a.spec != FEDERATION or a.name not in names)


def _without_idle_directives(schema: SubgraphSchema, errors: list[CompositionError]) -> SubgraphSchema:
    """Drop what Federation 1 ignored: directives on interfaces, and @external of key fields or of no use."""
    types = {name: _bare(schema, definition) for name, definition in schema.types.items()}
    schema = replace(schema, types=types)
    schema = _with_active_field_sets(schema)
    uses = field_uses(schema)
    types = {}
    for definition in schema.types.values():
        kept = {
            field.name: _settled(field, f"{definition.name}.{field.name}", uses)
            for field in definition.fields.values()
            if not _is_unused_external(definition, field, uses)
        }
        if definition.fields and not kept:
            errors.append(
                CompositionError(
                    "TYPE_WITH_ONLY_UNUSED_EXTERNAL",
                    "has only @external fields, none of which is used",
                    "Remove the type here, or use its fields in a @key, @requires or @provides.",
                    schema.name,
                    definition.name,
                    definition.line,
                )
            )
        # `extend` was how Federation 1 referred to an entity of another subgraph: now both define it.
        directives = tuple(replace(applied, extension=False) for applied in definition.directives)
        types[definition.name] = replace(definition, fields=kept, directives=directives)
    return replace(schema, types=types)


def _bare(schema: SubgraphSchema, definition: TypeDefinition) -> TypeDefinition:
    if definition.kind == "INTERFACE":
        fields = {
            field.name: replace(field, directives=_drop(field, "external", "requires", "provides"))
            for field in definition.fields.values()
        }
        return replace(definition, directives=_drop(definition, "key", "external"), fields=fields)
    if definition.kind != "OBJECT":
        return definition
    fields = {}
    for field in definition.fields.values():
        target = schema.types.get(named(field.type))
        idle = [] if target and target.is_composite else ["provides"]
        idle += ["tag"] if field.has("external") else []
        fields[field.name] = replace(field, directives=_drop(field, *idle))
    return replace(definition, directives=_drop(definition, "external"), fields=fields)


def _is_unused_external(definition: TypeDefinition, field: Field, uses: FieldUses) -> bool:
    coordinate = f"{definition.name}.{field.name}"
    return coordinate in uses.marked_external and coordinate not in uses.used


def _settled(field: Field, coordinate: str, uses: FieldUses) -> Field:
    """A key field of an extended type is resolved here: its @external only named where it came from."""
    if coordinate in uses.marked_external and coordinate not in uses.external:
        return replace(field, directives=_drop(field, "external"))
    return field


def _with_active_field_sets(schema: SubgraphSchema) -> SubgraphSchema:
    """Reduce @requires and @provides to what is external; all else is resolved here anyway."""
    external = field_uses(schema).external
    types = {}
    for definition in schema.types.values():
        fields = {}
        for field in definition.fields.values():
            kept = []
            for applied in field.directives:
                if applied.spec == FEDERATION and applied.name in ("requires", "provides"):
                    parent = definition.name if applied.name == "requires" else named(field.type)
                    active = _active(schema, parent, parse_field_set(applied.value("fields")), external)
                    if active is not None:
                        literal = string(print_field_set(active))
                        kept.append(replace(applied, arguments=(("fields", literal),)))
                else:
                    kept.append(applied)
            fields[field.name] = replace(field, directives=tuple(kept))
        types[definition.name] = replace(definition, fields=fields)
    return replace(schema, types=types)


def _active(
    schema: SubgraphSchema, parent: str, selections: SelectionSetNode, external: frozenset[str]
) -> SelectionSetNode | None:
    kept: list[FieldNode | InlineFragmentNode] = []
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else parent
            inner = _active(schema, condition, selection.selection_set, external)
            if inner:
                kept.append(
                    InlineFragmentNode(
                        type_condition=selection.type_condition, directives=(), selection_set=inner
                    )
                )
        elif isinstance(selection, FieldNode):
            definition = schema.types.get(parent)
            field = definition.fields.get(selection.name.value) if definition else None
            is_external = f"{parent}.{selection.name.value}" in external
            if field is None or is_external or not selection.selection_set:
                if field is None or is_external:
                    kept.append(selection)
                continue
            inner = _active(schema, named(field.type), selection.selection_set, external)
            if inner:
                kept.append(
                    FieldNode(name=selection.name, arguments=selection.arguments, selection_set=inner)
                )
    return SelectionSetNode(selections=tuple(kept)) if kept else None


def _with_shareable(
    schema: SubgraphSchema, all_schemas: Sequence[SubgraphSchema], uses: Mapping[str, FieldUses]
) -> SubgraphSchema:
    """Mark what other subgraphs resolve too, as Federation 1 let them: value types whole, else by field."""
    others = [other for other in all_schemas if other.name != schema.name]
    types = {}
    for definition in schema.types.values():
        elsewhere = [other for other in others if definition.name in other.types]
        if definition.kind != "OBJECT" or not elsewhere:
            types[definition.name] = definition
        elif not definition.is_entity and definition.name not in ROOT_TYPES:
            types[definition.name] = replace(definition, directives=(*definition.directives, _SHAREABLE))
        else:
            fields = {
                field.name: _shared(field, f"{definition.name}.{field.name}", elsewhere, uses)
                for field in definition.fields.values()
            }
            types[definition.name] = replace(definition, fields=fields)
    return replace(schema, types=types)


def _shared(
    field: Field, coordinate: str, others: Sequence[SubgraphSchema], uses: Mapping[str, FieldUses]
) -> Field:
    type_name = coordinate.split(".")[0]
    shared = any(
        field.name in other.types[type_name].fields and uses[other.name].is_resolved(coordinate)
        for other in others
    )
    return replace(field, directives=(*field.directives, _SHAREABLE)) if shared else field
