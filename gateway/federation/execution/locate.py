"""Says in the client's terms where something belongs that a subgraph said of its own reply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.federation.execution.gather import Entities, Object, located_at
from gateway.federation.planning.plan import Fetch, Output, Plan

Place = tuple[str | int, ...]

PLACES_LIMIT: Final = 100
"""Places at which one error about one entity is repeated: an entity may stand in a response many times."""

DOWNSTREAM_ERROR: Final = "DOWNSTREAM_SERVICE_ERROR"


def places(
    plan: Plan, fetch: Fetch, entities: Entities | None, root: Object, path: Sequence[str | int]
) -> list[Place]:
    """Where in the response `path` of the fetch's reply is. It may be in many places, or nowhere known.

    `path` begins below the reply's data; for an entity fetch with `_entities` and an index.
    """
    rest: Sequence[str | int] = path
    if entities is None:
        prefixes = [place for _, place in _first(located_at(root, fetch.path))]
    elif len(path) > 1 and isinstance(path[1], int) and 0 <= path[1] < len(entities.objects):
        wanted = {id(one) for one in entities.objects[path[1]]}
        found = (here for here in located_at(root, fetch.path) if id(here[0]) in wanted)
        prefixes = [place for _, place in _first(found)]
        rest = path[2:]
    else:
        wanted = {id(one) for objects in entities.objects for one in objects}
        found = (here for here in located_at(root, fetch.path) if id(here[0]) in wanted)
        prefixes = [place for _, place in _first(found)]
        rest = ()
    return [client_path(plan.outputs, (*prefix, *rest)) for prefix in prefixes]


def _first(found: Iterator[tuple[Object, Place]]) -> Iterator[tuple[Object, Place]]:
    for _ in range(PLACES_LIMIT):
        one = next(found, None)
        if one is None:
            return
        yield one


def client_path(outputs: tuple[Output, ...], path: Sequence[str | int]) -> Place:
    """A path of the result tree with the client's names; it ends where the client asked for nothing more."""
    named: list[str | int] = []
    level = outputs
    for part in path:
        if isinstance(part, int):
            named.append(part)
            continue
        matching = [one for one in level if one.key == part]
        if not matching:
            break
        named.append(matching[0].name)
        level = tuple(inner for one in matching for inner in one.outputs)
    return tuple(named)


def located_error(error: Mapping[str, Any], subgraph: str, place: Place | None) -> dict[str, Any]:
    """A subgraph's error as an entry of the response: its origin in `extensions.service`, with a code."""
    extensions = {"code": DOWNSTREAM_ERROR, **(error.get("extensions") or {}), "service": subgraph}
    entry: dict[str, Any] = {"message": str(error.get("message", ""))}
    if place:
        entry["path"] = list(place)
    return {**entry, "extensions": extensions}
