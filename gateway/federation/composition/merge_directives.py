"""Merge directives applied to one element in several subgraphs into those of the supergraph's element.

Each directive has its own way: a tag is kept from everyone, the dearest cost wins, scopes add up.
Directives of the sharding specification stay the subgraph's own, as `@join__directive` (join v0.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.federation.composition.definitions import (
    FEDERATION,
    SHARDING,
    Applied,
    Element,
    SubgraphSchema,
)
from gateway.federation.composition.merge_context import MergeContext, join, named_by, string

AppliedSource = tuple[SubgraphSchema, Applied]

_PRESENCE = ("inaccessible", "authenticated")
_CONJUNCTIVE = {"requiresScopes": "scopes", "policy": "policies"}


def merge_applied(
    context: MergeContext, coordinate: str, sources: Sequence[tuple[SubgraphSchema, Element]]
) -> tuple[Applied, ...]:
    """The supergraph's directives for an element, other than those that say who resolves it."""
    by_name: dict[tuple[str, str], list[AppliedSource]] = {}
    for subgraph, element in sources:
        for applied in element.directives:
            by_name.setdefault((applied.spec, applied.name), []).append((subgraph, applied))
    merged: list[Applied] = []
    for (spec, name), found in sorted(by_name.items()):
        if spec == FEDERATION:
            merged.extend(_federation(name, found))
        elif spec == SHARDING:
            merged.extend(carried(found))
        elif name == "deprecated" or name == "specifiedBy":
            merged.append(_first(context, coordinate, found))
        elif name in context.composed:
            merged.extend(_composed(context, coordinate, name, found))
    return tuple(merged)


def carried(found: Sequence[AppliedSource]) -> list[Applied]:
    """Subgraphs' own directives as `@join__directive`, equal ones together."""
    graphs: dict[Applied, list[str]] = {}
    for subgraph, applied in found:
        graphs.setdefault(Applied(applied.name, applied.arguments), []).append(subgraph.graph)
    return [
        join(
            "directive",
            graphs=f"[{', '.join(names)}]",
            name=string(applied.name),
            args=_object(applied.arguments),
        )
        for applied, names in graphs.items()
    ]


def _object(arguments: Iterable[tuple[str, str]]) -> str | None:
    body = ", ".join(f"{name}: {text}" for name, text in arguments)
    return f"{{{body}}}" if body else None


def _federation(name: str, found: Sequence[AppliedSource]) -> list[Applied]:
    applied = [item for _, item in found]
    if name == "tag":
        return [Applied(name, item.arguments) for item in dict.fromkeys(applied)]
    if name in _PRESENCE:
        return [Applied(name)]
    if name in _CONJUNCTIVE:
        return [_all_of(name, _CONJUNCTIVE[name], applied)]
    if name == "cost":
        weight = max(item.value("weight") for item in applied)
        return [Applied(name, (("weight", str(weight)),))]
    if name == "listSize":
        return [_list_size(applied)]
    if name == "context":
        return [
            Applied(name, (("name", string(f"{subgraph.name}__{item.value('name')}")),))
            for subgraph, item in found
        ]
    return []


def _strings(values: Iterable[str]) -> str:
    return f"[{', '.join(string(value) for value in values)}]"


def _all_of(name: str, argument: str, applied: Sequence[Applied]) -> Applied:
    """Alternatives of required names such that every subgraph's own requirement is met.

    Each application is a disjunction of conjunctions; their conjunction is multiplied out, and what
    another alternative already implies is dropped.
    """
    product: list[frozenset[str]] = [frozenset()]
    for item in applied:
        alternatives = [frozenset(group) for group in item.value(argument)] or [frozenset()]
        product = [left | right for left in product for right in alternatives]
    kept = [group for group in dict.fromkeys(product) if not any(other < group for other in product)]
    groups = ", ".join(_strings(sorted(group)) for group in sorted(kept, key=sorted))
    return Applied(name, ((argument, f"[{groups}]"),))


def _list_size(applied: Sequence[Applied]) -> Applied:
    def given(argument: str) -> list[Any]:
        values = (item.value(argument) for item in applied)
        return [value for value in values if value is not None]

    arguments: list[tuple[str, str]] = []
    if sizes := given("assumedSize"):
        arguments.append(("assumedSize", str(max(sizes))))
    for argument in ("slicingArguments", "sizedFields"):
        lists = given(argument)
        names = dict.fromkeys(name for names in lists for name in names)
        arguments += [(argument, _strings(names))] if lists else []
    if strict := given("requireOneSlicingArgument"):
        arguments.append(("requireOneSlicingArgument", "true" if all(strict) else "false"))
    return Applied("listSize", tuple(arguments))


def _first(context: MergeContext, coordinate: str, found: Sequence[AppliedSource]) -> Applied:
    """The first of several that should agree, with a hint when they do not."""
    distinct = list(dict.fromkeys(item for _, item in found))
    if len(distinct) > 1:
        message = f"{named_by(found)} differ on @{distinct[0].name}; the supergraph keeps {distinct[0]}"
        context.findings.hint("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", coordinate, message)
    return distinct[0]


def _composed(
    context: MergeContext, coordinate: str, name: str, found: Sequence[AppliedSource]
) -> list[Applied]:
    definitions = (subgraph.directives.get(name) for subgraph, _ in found)
    if any(definition and definition.repeatable for definition in definitions):
        return list(dict.fromkeys(item for _, item in found))
    return [_first(context, coordinate, found)]
