"""Which shards there are: the engine's view of whatever registry lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

Standing = Literal["ACTIVE", "DRAINING", "SUSPENDED"]


class Shards(Protocol):
    """Lists the shards of a subgraph. What it returns is never changed; a change is a new mapping."""

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        """Each shard's standing by its name, in shard order: ascending by code point."""
        ...


def shard_named(value: object, shards: Mapping[str, Standing]) -> str | None:
    """The shard that a value names: itself, or as an ID's prefix up to the first "-"."""
    text = "" if value is None else str(value)
    if text in shards:
        return text
    prefix, dash, _ = text.partition("-")
    return prefix if dash and prefix in shards else None
