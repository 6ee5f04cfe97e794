"""Merge types of fields, arguments and input fields: what all subgraphs can give, what all can take.

An output keeps the widest of the types, an input the narrowest (GraphQL's variance), so whatever the
supergraph promises holds in each subgraph. An argument or input field that some subgraph lacks is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gateway.federation.composition.definitions import DirectiveDefinition, Field, SubgraphSchema
from gateway.federation.composition.merge_context import (
    FieldSource,
    MergeContext,
    described,
    listed,
    named_by,
)
from gateway.federation.composition.merge_directives import merge_applied

ArgumentsSource: TypeAlias = tuple[SubgraphSchema, Field] | tuple[SubgraphSchema, DirectiveDefinition]


def merge_output_type(context: MergeContext, coordinate: str, sources: Sequence[FieldSource]) -> str:
    """The widest of the sources' types; FIELD_TYPE_MISMATCH when there is none."""
    merged = sources[0][1].type
    for _, field in sources[1:]:
        if context.is_subtype(merged, field.type):
            merged = field.type
        elif not context.is_subtype(field.type, merged):
            _mismatch(context, "FIELD_TYPE_MISMATCH", coordinate, sources)
            return merged
    if any(field.type != merged for _, field in sources):
        context.findings.hint(
            "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
            coordinate,
            f"has type {merged} in the supergraph, a narrower one in some of {named_by(sources)}",
        )
    return merged


def merge_input_type(
    context: MergeContext, code: str, coordinate: str, sources: Sequence[FieldSource]
) -> str:
    """The narrowest of the sources' types; `code` when there is none."""
    merged = sources[0][1].type
    for _, field in sources[1:]:
        if context.is_subtype(field.type, merged):
            merged = field.type
        elif not context.is_subtype(merged, field.type):
            _mismatch(context, code, coordinate, sources)
            return merged
    return merged


def _mismatch(context: MergeContext, code: str, coordinate: str, sources: Sequence[FieldSource]) -> None:
    types = "; ".join(f'{field.type} in "{subgraph.name}"' for subgraph, field in sources)
    context.findings.error(
        code,
        coordinate,
        f"has types that no one type covers: {types}",
        "Give it one type in all these subgraphs (it may differ in non-null marks, or be an implementation"
        " or member of the others').",
    )


def merge_default(
    context: MergeContext, code: str, coordinate: str, sources: Sequence[FieldSource]
) -> str | None:
    """The default value all sources agree on, none where some have none; `code` when they differ."""
    given = {field.default for _, field in sources} - {None}
    if len(given) > 1:
        values = "; ".join(f'{field.default or "none"} in "{subgraph.name}"' for subgraph, field in sources)
        hint = "Give it the same default value in all these subgraphs."
        context.findings.error(code, coordinate, f"has different default values: {values}", hint)
    lacking = [subgraph.name for subgraph, field in sources if field.default is None]
    if given and lacking:
        message = f"has no default in the supergraph, since it has none in {listed(lacking)}"
        context.findings.hint("INCONSISTENT_DEFAULT_VALUE_PRESENCE", coordinate, message)
        return None
    return sources[0][1].default


def merge_arguments(
    context: MergeContext, coordinate: str, sources: Sequence[ArgumentsSource], *, directive: bool = False
) -> dict[str, Field]:
    """The arguments that every source takes. One set from the context is no argument of the supergraph."""
    merged: dict[str, Field] = {}
    for name in dict.fromkeys(name for _, field in sources for name in field.arguments):
        place = f"{coordinate}({name}:)"
        found = [(subgraph, field.arguments[name]) for subgraph, field in sources if name in field.arguments]
        contextual = [subgraph for subgraph, argument in found if argument.has("fromContext")]
        if contextual:
            _check_contextual(context, place, sources, name)
            continue
        if len(found) < len(sources):
            _leave_out_argument(context, place, sources, name)
            continue
        merged[name] = Field(
            name=name,
            description=described(found),
            directives=() if directive else merge_applied(context, place, found),
            type=merge_input_type(context, "FIELD_ARGUMENT_TYPE_MISMATCH", place, found),
            default=merge_default(context, "FIELD_ARGUMENT_DEFAULT_MISMATCH", place, found),
        )
    return merged


def _check_contextual(
    context: MergeContext, place: str, sources: Sequence[ArgumentsSource], name: str
) -> None:
    for subgraph, field in sources:
        argument = field.arguments.get(name)
        if argument is None or argument.has("fromContext"):
            continue
        if argument.required:
            context.findings.error(
                "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
                place,
                f'is set from the context in another subgraph, but must be given in "{subgraph.name}"',
                "Apply @fromContext to it here too, or make it nullable or give it a default.",
                subgraph,
                argument,
            )
        else:
            context.findings.hint(
                "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
                place,
                f'is left out of the supergraph; "{subgraph.name}" will use its default',
            )


def _leave_out_argument(
    context: MergeContext, place: str, sources: Sequence[ArgumentsSource], name: str
) -> None:
    missing = [subgraph.name for subgraph, field in sources if name not in field.arguments]
    demanding = [
        (subgraph, field.arguments[name])
        for subgraph, field in sources
        if name in field.arguments and field.arguments[name].required
    ]
    if demanding:
        subgraph, argument = demanding[0]
        context.findings.error(
            "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
            place,
            f"must be given in {named_by(demanding)}, but {listed(missing)} does not have it",
            f"Add the argument in {listed(missing)}, or make it nullable or give it a default.",
            subgraph,
            argument,
        )
        return
    message = f"is left out of the supergraph, since {listed(missing)} does not have it"
    context.findings.hint("INCONSISTENT_ARGUMENT_PRESENCE", place, message)
