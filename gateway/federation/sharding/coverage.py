"""Which shards one request asked, which answered, and what is missing because one did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.federation.transport import Reply

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Missing:
    """One shard's part that is not in the answer. `path` is where that part would have been."""

    shard: str
    reason: str
    path: Path


@dataclass(frozen=True, slots=True)
class Gathered(Reply):
    """The one reply made of the shards' replies.

    Paths in `errors` and `missing` are those of the fetch's own reply (`_entities`, index in the
    representations given, ...); the caller moves both to the places in the response.
    """

    missing: tuple[Missing, ...] = ()


def _place(missing: Missing) -> tuple[object, ...]:
    """Where it stands among the others: by shard and path, so that nothing depends on what came first."""
    return missing.shard, [(isinstance(key, str), key) for key in missing.path], missing.reason


@dataclass(slots=True)
class Coverage:
    """The record of one client request, filled by its fetches: the truth about who is in the answer.

    `open` are the requests to a shard that a fetch which is taken piece by piece still waits for, or that
    were given up unread.
    """

    asked: dict[str, None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    open: Counter[str] = field(default_factory=Counter)

    def ask(self, shard: str) -> None:
        self.asked[shard] = None

    def miss(self, missing: Missing, path: Path) -> None:
        """Record `missing` at its `path` in the response."""
        self.missing.append(Missing(missing.shard, missing.reason, path))

    def extension(self) -> dict[str, Any] | None:
        """The value of `extensions.coverage`; None when the request touched no shard."""
        if not self.asked:
            return None
        if not self.missing and not self.open:
            return {"asked": len(self.asked), "answered": len(self.asked), "missing": []}
        absent = {missing.shard for missing in self.missing}.union(+self.open)
        return {
            "asked": len(self.asked),
            "answered": len(self.asked) - len(absent & self.asked.keys()),
            "missing": [
                {"shard": missing.shard, "reason": missing.reason, "path": list(missing.path)}
                for missing in sorted(self.missing, key=_place)
            ],
        }


class DispatchContext(Protocol):
    """What a fetch needs to know of the client's request it is part of."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def deadline_s(self) -> float: ...

    @property
    def coverage(self) -> Coverage: ...
