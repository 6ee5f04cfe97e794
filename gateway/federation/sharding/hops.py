"""Brings back what rows could not answer of the spanning entities they refer to (docs/SHARDING.md, 3.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from gateway.federation.planning.plan import Fetch
from gateway.federation.sharding.coverage import DispatchContext, Gathered, Missing, Path
from gateway.federation.sharding.programme import Hop
from gateway.federation.sharding.route import Representations

Send = Callable[[Fetch, Mapping[str, Any], Sequence[Representations], DispatchContext], Awaitable[Gathered]]


async def follow(
    hop: Hop, data: Mapping[str, Any], variables: Mapping[str, Any], context: DispatchContext, send: Send
) -> Gathered:
    """Fetch the hop's fields for every entity at its path, once each, and add them to `data` in place.

    Returns the errors and what is missing, with paths in `data`.
    """
    representations: dict[bytes, tuple[int, dict[str, Any]]] = {}
    places: list[Path] = []
    wanted: list[tuple[dict[str, Any], int]] = []
    errors: list[dict[str, Any]] = []
    for entity, path in _walk(data, hop.path, ()):
        if not all(added in entity for _, added in hop.key):
            continue
        key = {name: entity.pop(added) for name, added in hop.key}
        if not all(_fits(value, name in hop.composite) for name, value in key.items()):
            extensions = {"code": "SHARD_INVALID_REPLY"}
            message = f"A row refers to a {hop.type_name} by a key that is none."
            errors.append({"message": message, "path": list(path), "extensions": extensions})
            continue
        identity = orjson.dumps(key)
        if identity not in representations:
            representations[identity] = (len(places), {"__typename": hop.type_name, **key})
            places.append(path)
        wanted.append((entity, representations[identity][0]))
    if not wanted:
        return Gathered(None, tuple(errors))
    reply = await send(hop.fetch, variables, [[each for _, each in representations.values()]], context)
    found = (reply.data or {}).get("_entities") or [None] * len(places)
    for entity, position in wanted:
        entity.update(found[position] or {})
    return Gathered(
        None,
        (*errors, *({**error, "path": list(_placed(error["path"], places))} for error in reply.errors)),
        missing=tuple(Missing(each.shard, each.reason, _placed(each.path, places)) for each in reply.missing),
    )


def _fits(value: Any, is_composite: bool) -> bool:
    """Whether a row's value can be a part of a key: no other shard is asked with what cannot."""
    return isinstance(value, dict if is_composite else (str, int))


def _walk(value: Any, path: Path, walked: tuple[str | int, ...]) -> Iterator[tuple[dict[str, Any], Path]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, path, (*walked, index))
    elif isinstance(value, dict):
        if not path:
            yield value, walked
        else:
            yield from _walk(value.get(str(path[0])), path[1:], (*walked, path[0]))


def _placed(path: Path, places: Sequence[Path]) -> Path:
    """A path below `_entities`, moved to the first place where its entity stands."""
    position = path[1] if len(path) > 1 else 0
    return (*places[int(position)], *path[2:])
