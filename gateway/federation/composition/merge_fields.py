"""Merge one output field over the subgraphs that have it, and say which resolves it how (`@join__field`)."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.federation.composition.definitions import Applied, Field, SubgraphSchema
from gateway.federation.composition.field_sets import parse_field_set, print_field_set
from gateway.federation.composition.merge_context import (
    FieldSource,
    MergeContext,
    TypeSource,
    described,
    join,
    listed,
    named_by,
    string,
)
from gateway.federation.composition.merge_contexts import context_arguments
from gateway.federation.composition.merge_directives import merge_applied
from gateway.federation.composition.merge_values import merge_arguments, merge_output_type


def merge_field(
    context: MergeContext, type_name: str, name: str, types: Sequence[TypeSource]
) -> Field | None:
    """The supergraph's field; None when no subgraph resolves it."""
    coordinate = f"{type_name}.{name}"
    sources = [(s, t.fields[name]) for s, t in types if name in t.fields]
    resolved = [(s, f) for s, f in sources if not context.is_external(s, coordinate)]
    if not resolved:
        subgraph, field = sources[0]
        context.findings.error(
            "EXTERNAL_MISSING_ON_BASE",
            coordinate,
            f"is marked @external in {named_by(sources)}, but no other subgraph resolves it",
            "Define the field in the subgraph that resolves it, or drop @external.",
            subgraph,
            field,
        )
        return None
    merged_type = merge_output_type(context, coordinate, resolved)
    arguments = merge_arguments(context, coordinate, resolved)
    merged = Field(
        name=name,
        description=described(resolved),
        type=merged_type,
        arguments=arguments,
        directives=(),
    )
    _check_external(context, coordinate, merged, sources)
    joins = _joins(context, coordinate, merged, types)
    return Field(
        name=name,
        description=merged.description,
        type=merged_type,
        arguments=arguments,
        directives=(*joins, *merge_applied(context, coordinate, resolved)),
    )


def _check_external(
    context: MergeContext, coordinate: str, merged: Field, sources: Sequence[FieldSource]
) -> None:
    """An external field must look as it does where it is resolved."""
    alike = all(
        field.type == merged.type
        for subgraph, field in sources
        if not context.is_external(subgraph, coordinate)
    )
    for subgraph, field in sources:
        if not context.is_external(subgraph, coordinate):
            continue
        if field.type != merged.type and (alike or not context.is_subtype(field.type, merged.type)):
            context.findings.error(
                "EXTERNAL_TYPE_MISMATCH",
                coordinate,
                f"is marked @external with type {field.type}, but is resolved as {merged.type}",
                f"Write its type as {merged.type}.",
                subgraph,
                field,
            )
        for name, argument in merged.arguments.items():
            own = field.arguments.get(name)
            if own is None:
                code, wrong = "EXTERNAL_ARGUMENT_MISSING", f"lacks the argument {name}: {argument.type}"
            elif not context.is_subtype(argument.type, own.type):
                code, wrong = "EXTERNAL_ARGUMENT_TYPE_MISMATCH", f"has the argument {name}: {own.type}"
            elif own.default != argument.default:
                code = "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"
                wrong = f"has the default {own.default or 'none'} for {name}"
            else:
                continue
            default = f" = {argument.default}" if argument.default else ""
            context.findings.error(
                code,
                f"{coordinate}({name}:)",
                f"is marked @external and {wrong}, unlike where it is resolved",
                f"Write the argument as {name}: {argument.type}{default}.",
                subgraph,
                field,
            )


def _joins(
    context: MergeContext, coordinate: str, merged: Field, types: Sequence[TypeSource]
) -> list[Applied]:
    """`@join__field`s, one for each subgraph with the field; none when every subgraph simply resolves it."""
    if all(
        _is_plain(context, subgraph, coordinate, t.fields.get(merged.name), merged) for subgraph, t in types
    ):
        return []
    same_type = all(
        field.type == merged.type
        for subgraph, t in types
        if (field := t.fields.get(merged.name)) and not context.is_external(subgraph, coordinate)
    )
    joins: list[Applied] = []
    for subgraph, definition in types:
        field = definition.fields.get(merged.name)
        override = context.overrides.taken.get((subgraph.name, coordinate))
        if field is None or (override and not override.used and not override.label):
            continue
        joins.append(_join(context, subgraph, coordinate, field, same_type=same_type))
    return joins


def _is_plain(
    context: MergeContext, subgraph: SubgraphSchema, coordinate: str, field: Field | None, merged: Field
) -> bool:
    """Whether nothing need be said of this subgraph: it has the type, and resolves the field as merged."""
    return (
        field is not None
        and field.type == merged.type
        and (subgraph.name, coordinate) not in context.overrides.taken
        and not context.is_external(subgraph, coordinate)
        and not any(field.has(name) for name in ("requires", "provides"))
        and not any(argument.has("fromContext") for argument in field.arguments.values())
    )


def _join(
    context: MergeContext, subgraph: SubgraphSchema, coordinate: str, field: Field, *, same_type: bool
) -> Applied:
    def field_set(directive: str) -> str | None:
        applied = field.applied(directive)
        return string(print_field_set(parse_field_set(applied[0].value("fields")))) if applied else None

    override = field.applied("override") if (subgraph.name, coordinate) in context.overrides.taking else ()
    taken = context.overrides.taken.get((subgraph.name, coordinate))
    label = override[0].literal("label") if override else None
    if taken and taken.label:
        label = string(taken.label)
    return join(
        "field",
        graph=subgraph.graph,
        requires=field_set("requires"),
        provides=field_set("provides"),
        type=None if same_type else string(field.type),
        external="true" if context.is_external(subgraph, coordinate) else None,
        override=override[0].literal("from") if override else None,
        usedOverridden="true" if taken and taken.used else None,
        overrideLabel=label,
        contextArguments=context_arguments(subgraph, field),
    )


def check_sharing(context: MergeContext, type_name: str, name: str, types: Sequence[TypeSource]) -> None:
    """A field that several subgraphs resolve must be shareable in each of them.

    An interface object resolves its fields for every implementation of the interface.
    """
    coordinate = f"{type_name}.{name}"
    interfaces = dict.fromkeys(i for _, definition in types for i in definition.interfaces)
    stand_ins = [(s, d) for i in interfaces for s, d in context.sources(i) if d.is_interface_object]
    resolving: list[tuple[SubgraphSchema, str, Field]] = []
    for subgraph, definition in (*types, *stand_ins):
        field = definition.fields.get(name)
        own = f"{definition.name}.{name}"
        if field is None or (subgraph.name, own) in context.overrides.taken:
            continue
        if context.uses[subgraph.name].is_resolved(own):
            resolving.append((subgraph, own, field))
    alone = [(s, own, f) for s, own, f in resolving if own not in context.uses[s.name].shareable]
    if len(resolving) > 1 and alone:
        subgraph, _, field = alone[0]
        names = listed(s.name for s, _, _ in alone)
        context.findings.error(
            "INVALID_FIELD_SHARING",
            coordinate,
            f"is resolved by {listed(s.name for s, _, _ in resolving)}, but is not @shareable in {names}",
            f"Mark it @shareable in {names} if all give the same value; otherwise"
            " resolve it in one subgraph (@external in the others, or @override to move it).",
            subgraph,
            field,
        )
