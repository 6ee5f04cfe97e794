"""What is known of who is where: which shards can hold an entity that spans them (docs/SHARDING.md, 10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Memberships(Protocol):
    """What shards said of their members."""

    def may_hold(self, subgraph: str, type_name: str, key: str, shards: Sequence[str]) -> Sequence[str]:
        """Those of `shards`, in their order, that may hold the entity of this type and key.

        Only a shard that certainly does not hold it is left out; of one that has said nothing, or
        nothing that still holds, that is never known.
        """
        ...


class Unknown:
    """Nothing is known: every shard may hold anything."""

    def may_hold(self, subgraph: str, type_name: str, key: str, shards: Sequence[str]) -> Sequence[str]:
        return shards
