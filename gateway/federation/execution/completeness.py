"""All or nothing, where a client demands it: an error instead of a part (docs/SHARDING.md, 6.5).

A field under `@complete`, or the whole response with `extensions: {"complete": true}`, lacks something when
an error that names a shard stands at, above or below it, or when time was up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.federation.errors import DEADLINE_EXCEEDED, INCOMPLETE
from gateway.federation.sharding.coverage import Missing
from gateway.federation.sharding.skew import UNSUPPORTED

MISSING: Final = "SHARD_"
"""How the codes begin of a shard that is missing."""

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something is missing at `path` because of `shard`; None where it is not known whose it would be.

    `anywhere`: the error stands at the first of several places, since a shard that is missing is told once
    for all entities that it was asked for. Then positions in lists tell nothing.
    """

    path: Place
    shard: str | None
    anywhere: bool = False

    def concerns(self, place: Place) -> bool:
        path = self.path
        if self.anywhere:
            path, place = _names(path), _names(place)
        shorter = min(len(path), len(place))
        return path[:shorter] == place[:shorter]


def _names(path: Place) -> Place:
    return tuple(step for step in path if isinstance(step, str))


def gaps(errors: Iterable[Mapping[str, Any]], missing: Iterable[Missing] = ()) -> list[Gap]:
    """What the errors of a response say is missing from it, and what coverage says: a shard that refused
    tells so in words of its own, whose codes may be any."""
    found = [Gap(tuple(each.path), each.shard, anywhere=True) for each in missing]
    for error in errors:
        extensions = error.get("extensions") or {}
        shard, code = extensions.get("shard"), str(extensions.get("code"))
        if shard is not None or code == DEADLINE_EXCEEDED:
            told_once = code == UNSUPPORTED or code.startswith(MISSING)
            found.append(Gap(tuple(error.get("path") or ()), shard, told_once))
    return found


def incomplete(missing: Sequence[Gap], place: Place = ()) -> dict[str, Any]:
    """The error that stands for what is not given in part; without a place, for the response."""
    shards = sorted({gap.shard for gap in missing if gap.shard is not None})
    whose = f"the parts of {', '.join(shards)} are missing" if shards else "time was up"
    message = f"Not given in part, as was demanded: {whose}. Ask again later, or without completeness."
    extensions = {"code": INCOMPLETE, "shards": shards}
    entry: dict[str, Any] = {"message": message, "extensions": extensions}
    return {"message": message, "path": list(place), "extensions": extensions} if place else entry
