"""Says in the client's terms where something belongs that a subgraph said of its own reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

from gateway.federation.execution.gather import Entities, Object, located_at
from gateway.federation.planning.plan import Fetch, Output, Plan, SelectedField

Place = tuple[str | int, ...]

PLACES_LIMIT: Final = 100
"""Places at which one error about one entity is repeated: an entity may stand in a response many times."""

DOWNSTREAM_ERROR: Final = "DOWNSTREAM_SERVICE_ERROR"


def places(
    plan: Plan, fetch: Fetch, entities: Entities | None, root: Object, path: Sequence[str | int]
) -> list[Place]:
    """Where in the response `path` of the fetch's reply is. It may be in many places, or nowhere known.

    `path` begins below the reply's data; for an entity fetch with `_entities` and an index. What is
    said of a whole root reply (it has no path) is said of each field that it left without a value, or
    where it left none, of each that it was asked for.
    """
    if entities is None and not path and fetch.path == ():
        keys = [one.key for one in fetch.selections if isinstance(one, SelectedField)]
        poorer = [key for key in keys if root.get(key) is None]
        return [client_path(plan.outputs, (key,)) for key in poorer or keys]
    rest: Sequence[str | int] = path
    wanted: set[int] | None = None
    if entities is not None:
        rest = ()
        asked = entities.objects
        if len(path) > 1 and isinstance(path[1], int) and 0 <= path[1] < len(asked):
            asked, rest = [asked[path[1]]], path[2:]
        wanted = {id(one) for objects in asked for one in objects}
    found = (
        place
        for at in fetch.paths
        for one, place in located_at(root, at)
        if wanted is None or id(one) in wanted
    )
    return [client_path(plan.outputs, (*place, *rest)) for place in islice(found, PLACES_LIMIT)]


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
