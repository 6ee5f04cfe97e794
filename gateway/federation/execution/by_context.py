"""Divides the entities of a fetch by what stands above them, where its variables depend on that.

A variable has one value in a request. Entities below objects with other values (`@fromContext`) are
therefore asked for in other requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import NonNullTypeNode

from gateway.federation.execution.gather import Entities, Gatherer, Object, identity_of, may_be
from gateway.federation.planning.plan import ContextVariable, Fetch

Lineage = tuple[Object, ...]


def divide(fetch: Fetch, gatherer: Gatherer, root: Object) -> list[tuple[dict[str, Any], Entities]]:
    """For each set of values: the values by variable, and the entities below them.

    Where a value that may not be null is null, there is nothing to ask.
    """
    parts: dict[Any, tuple[dict[str, Any], list[Object]]] = {}
    for lineage in _lineages(fetch, root):
        values = {one.name: _value(lineage, one) for one in fetch.contexts}
        if any(values[one.name] is None and isinstance(one.type, NonNullTypeNode) for one in fetch.contexts):
            continue
        parts.setdefault(identity_of(values), (values, []))[1].append(lineage[-1])
    return [(values, gatherer.name(objects)) for values, objects in parts.values()]


def _lineages(fetch: Fetch, root: Object) -> Iterator[Lineage]:
    """Each object at the fetch's path after those above it, the root first."""
    found: list[Lineage] = [(root,)]
    for step in fetch.path:
        found = [
            (*lineage, below)
            for lineage in found
            for below in _opened(lineage[-1].get(step.key))
            if step.types is None or may_be(below, step.types)
        ]
    yield from found


def _opened(value: Any) -> Iterator[Object]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _opened(one)


def _value(lineage: Lineage, context: ContextVariable) -> Any:
    value: Any = lineage[context.depth]
    for key in context.keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
