"""Merge the subgraphs' types into the supergraph's, one definition each, with its `@join__` directives.

Source: https://specs.apollo.dev/join/v0.5. Types come out in order of name; fields, members and values in
the order in which the subgraphs (in order of name) bring them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.federation.composition.definitions import (
    BUILT_IN_SCALARS,
    ROOT_TYPES,
    Applied,
    Element,
    Field,
    Kind,
    SubgraphSchema,
    TypeDefinition,
    named,
)
from gateway.federation.composition.field_sets import parse_field_set, print_field_set
from gateway.federation.composition.merge_context import (
    MergeContext,
    TypeSource,
    described,
    join,
    listed,
    named_by,
    string,
)
from gateway.federation.composition.merge_directives import merge_applied
from gateway.federation.composition.merge_fields import check_sharing, merge_field
from gateway.federation.composition.merge_values import merge_default, merge_input_type


def merge_types(context: MergeContext) -> dict[str, TypeDefinition]:
    """Every type of the supergraph, by name. Enums come last, for their use decides how they merge."""
    names = sorted({name for subgraph in context.subgraphs for name in subgraph.types} - BUILT_IN_SCALARS)
    merged: dict[str, TypeDefinition] = {}
    enums: list[str] = []
    for name in names:
        sources = context.sources(name)
        kind = _merge_kind(context, name, sources)
        if kind == "ENUM":
            enums.append(name)
        elif kind is not None:
            definition = _merge_type(context, name, kind, sources)
            if definition.fields or definition.members or kind == "SCALAR":
                merged[name] = definition
    merged = _implement_interface_objects(context, merged)
    inputs, outputs = _uses(merged.values())
    for name in enums:
        merged[name] = _merge_enum(context, name, is_input=name in inputs, is_output=name in outputs)
    return dict(sorted(merged.items()))


def _merge_kind(context: MergeContext, name: str, sources: Sequence[TypeSource]) -> Kind | None:
    kinds: dict[Kind, list[str]] = {}
    for subgraph, definition in sources:
        kind: Kind = "INTERFACE" if definition.is_interface_object else definition.kind
        kinds.setdefault(kind, []).append(subgraph.name)
    if len(kinds) == 1:
        kind = next(iter(kinds))
        if kind == "INTERFACE" and all(definition.is_interface_object for _, definition in sources):
            subgraph, definition = sources[0]
            context.findings.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                name,
                f"is an @interfaceObject in {named_by(sources)}, but no subgraph defines the interface",
                f"Define interface {name} with the same @key in its owner, or drop @interfaceObject.",
                subgraph,
                definition,
            )
            return None
        return kind
    said = "; ".join(f"{kind.lower().replace('_', ' ')} in {listed(names)}" for kind, names in kinds.items())
    context.findings.error(
        "TYPE_KIND_MISMATCH",
        name,
        f"is not of one kind: {said}",
        "Make it the same kind of type everywhere, or rename one of them.",
        *sources[0],
    )
    return None


def _merge_type(
    context: MergeContext, name: str, kind: Kind, sources: Sequence[TypeSource]
) -> TypeDefinition:
    _check_base(context, name, sources)
    merged = TypeDefinition(
        name=name,
        description=described(sources),
        kind=kind,
        directives=(
            *(item for subgraph, definition in sources for item in _join_types(subgraph, definition)),
            *(_implements(sources)),
            *(_union_members(sources)),
            *merge_applied(context, name, sources),
        ),
        interfaces=tuple(dict.fromkeys(i for _, definition in sources for i in definition.interfaces)),
        members=tuple(dict.fromkeys(m for _, definition in sources for m in definition.members)),
    )
    if kind == "INPUT_OBJECT":
        return replace(merged, fields=_merge_inputs(context, name, sources))
    if kind in ("OBJECT", "INTERFACE"):
        return replace(merged, fields=_merge_fields(context, name, kind, sources))
    return merged


def _check_base(context: MergeContext, name: str, sources: Sequence[TypeSource]) -> None:
    """Federation 1 demands that some subgraph define a type that others extend."""
    if name in ROOT_TYPES or not all(s.is_federation_1 for s, _ in sources):
        return
    if all(definition.extension or definition.has("extends") for _, definition in sources):
        context.findings.error(
            "EXTENSION_WITH_NO_BASE",
            name,
            f"is extended in {named_by(sources)}, but no subgraph defines it",
            f"Define type {name} in the subgraph that owns it, without extend.",
            *sources[0],
        )


def _join_types(subgraph: SubgraphSchema, definition: TypeDefinition) -> list[Applied]:
    stands_for = "true" if definition.is_interface_object else None
    keys = definition.applied("key")
    if not keys:
        return [join("type", graph=subgraph.graph, isInterfaceObject=stands_for)]
    extends = definition.has("extends")
    return [
        join(
            "type",
            graph=subgraph.graph,
            key=string(print_field_set(parse_field_set(key.value("fields")))),
            extension="true" if key.extension or extends else None,
            resolvable=key.literal("resolvable"),
            isInterfaceObject=stands_for,
        )
        for key in keys
    ]


def _implements(sources: Sequence[TypeSource]) -> list[Applied]:
    return [
        join("implements", graph=subgraph.graph, interface=string(interface))
        for subgraph, definition in sources
        for interface in definition.interfaces
    ]


def _union_members(sources: Sequence[TypeSource]) -> list[Applied]:
    return [
        join("unionMember", graph=subgraph.graph, member=string(member))
        for subgraph, definition in sources
        for member in definition.members
    ]


def _merge_fields(
    context: MergeContext, name: str, kind: Kind, sources: Sequence[TypeSource]
) -> dict[str, Field]:
    merged: dict[str, Field] = {}
    for field_name in dict.fromkeys(field for _, definition in sources for field in definition.fields):
        field = merge_field(context, name, field_name, sources)
        if field is None:
            continue
        merged[field_name] = field
        if kind == "OBJECT":
            check_sharing(context, name, field_name, sources)
        else:
            stand_ins = [(s, d) for s, d in sources if d.is_interface_object]
            check_sharing(context, name, field_name, stand_ins)
    return merged


def _implement_interface_objects(
    context: MergeContext, merged: Mapping[str, TypeDefinition]
) -> dict[str, TypeDefinition]:
    """Give implementations the fields that only an interface object of some subgraph resolves for them."""
    completed = dict(merged)
    for interface in merged.values():
        stand_ins = [(s, d) for s, d in context.sources(interface.name) if d.is_interface_object]
        if interface.kind != "INTERFACE" or not stand_ins:
            continue
        for definition in list(completed.values()):
            if definition.kind != "OBJECT" or interface.name not in definition.interfaces:
                continue
            added = {
                field.name: _inherited(field)
                for field in interface.fields.values()
                if field.name not in definition.fields
                and any(field.name in stand_in.fields for _, stand_in in stand_ins)
            }
            completed[definition.name] = replace(definition, fields={**definition.fields, **added})
    return completed


def _inherited(field: Field) -> Field:
    kept = tuple(item for item in field.directives if not item.name.startswith("join__"))
    return replace(field, directives=(join("field"), *kept))


def _merge_inputs(context: MergeContext, name: str, sources: Sequence[TypeSource]) -> dict[str, Field]:
    """The input fields every subgraph takes, and those that are inaccessible in any."""
    merged: dict[str, Field] = {}
    for field_name in dict.fromkeys(field for _, definition in sources for field in definition.fields):
        coordinate = f"{name}.{field_name}"
        found = [(s, d.fields[field_name]) for s, d in sources if field_name in d.fields]
        hidden = any(field.has("inaccessible") for _, field in found)
        if len(found) < len(sources) and not hidden:
            _leave_out_input(context, coordinate, field_name, sources)
            continue
        merged_type = merge_input_type(context, "FIELD_TYPE_MISMATCH", coordinate, found)
        one_type = all(field.type == merged_type for _, field in found)
        joins = [
            join("field", graph=s.graph, type=None if one_type else string(field.type))
            for s, field in ([] if one_type and len(found) == len(sources) else found)
        ]
        merged[field_name] = Field(
            name=field_name,
            description=described(found),
            directives=(*joins, *merge_applied(context, coordinate, found)),
            type=merged_type,
            default=merge_default(context, "INPUT_FIELD_DEFAULT_MISMATCH", coordinate, found),
        )
    if not merged:
        context.findings.error(
            "EMPTY_MERGED_INPUT_TYPE",
            name,
            f"has no field that {named_by(sources)} all take",
            "Give the subgraphs at least one input field in common.",
            *sources[0],
        )
    return merged


def _leave_out_input(
    context: MergeContext, coordinate: str, name: str, sources: Sequence[TypeSource]
) -> None:
    missing = [subgraph.name for subgraph, definition in sources if name not in definition.fields]
    demanding = [(s, d.fields[name]) for s, d in sources if name in d.fields and d.fields[name].required]
    if demanding:
        context.findings.error(
            "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
            coordinate,
            f"must be given in {named_by(demanding)}, but {listed(missing)} does not have it",
            f"Add the input field in {listed(missing)}, or make it nullable or give it a default.",
            *demanding[0],
        )
        return
    message = f"is left out of the supergraph, since {listed(missing)} does not have it"
    context.findings.hint("INCONSISTENT_INPUT_OBJECT_FIELD", coordinate, message)


def _uses(types: Iterable[TypeDefinition]) -> tuple[set[str], set[str]]:
    """The names of the types used as input and as output."""
    inputs: set[str] = set()
    outputs: set[str] = set()
    for definition in types:
        for field in definition.fields.values():
            (inputs if definition.kind == "INPUT_OBJECT" else outputs).add(named(field.type))
            inputs.update(named(argument.type) for argument in field.arguments.values())
    return inputs, outputs


def _merge_enum(context: MergeContext, name: str, *, is_input: bool, is_output: bool) -> TypeDefinition:
    """An output's values are those any subgraph may give; an input's those all take; both: all the same."""
    sources = context.sources(name)
    values: dict[str, Element] = {}
    for value in dict.fromkeys(v for _, definition in sources for v in definition.values):
        coordinate = f"{name}.{value}"
        found = [(s, d.values[value]) for s, d in sources if value in d.values]
        if is_input and len(found) < len(sources) and not any(v.has("inaccessible") for _, v in found):
            missing = [s.name for s, d in sources if value not in d.values]
            if is_output:
                context.findings.error(
                    "ENUM_VALUE_MISMATCH",
                    coordinate,
                    f"is not in {listed(missing)}, though {name} is used both for input and for output",
                    f"Add the value in {listed(missing)}, or mark it @inaccessible where it is.",
                    *found[0],
                )
            else:
                message = f"is left out of the supergraph, since {listed(missing)} does not take it"
                context.findings.hint("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", coordinate, message)
                continue
        values[value] = Element(
            name=value,
            description=described(found),
            directives=(
                *(join("enumValue", graph=s.graph) for s, _ in found),
                *merge_applied(context, coordinate, found),
            ),
        )
    if not values:
        context.findings.error(
            "EMPTY_MERGED_ENUM_TYPE",
            name,
            f"has no value that {named_by(sources)} all take",
            "Give the subgraphs at least one value in common.",
            *sources[0],
        )
    return TypeDefinition(
        name=name,
        description=described(sources),
        kind="ENUM",
        directives=(
            *(item for subgraph, definition in sources for item in _join_types(subgraph, definition)),
            *merge_applied(context, name, sources),
        ),
        values=values,
    )
