"""The log as use cases and the graph need it. Sealing is storage's own: every added entry is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from region_node.domain.log import Leaf
from schema.merkle import Frontier, Node
from schema.tree_heads import TreeHead


class Log(Protocol):
    """Each method is one statement, however long the log is.

    Raises `StorageFailure` with DATABASE_DAMAGED where stored nodes do not fit together.
    """

    async def frontier(self) -> Frontier: ...
    async def leaf_of(self, entry_id: str) -> Leaf | None: ...
    async def hashes(self, nodes: Collection[Node]) -> Mapping[Node, bytes]:
        """Return the hash of every node that is asked for."""
        ...

    async def head(self, size: int, key: str) -> TreeHead | None:
        """Return the head of that size that was signed with this key."""
        ...

    async def keep(self, head: TreeHead) -> None:
        """Store a signed head, unless one of its size and key is stored already."""
        ...


class LogPositions(Protocol):
    """Where the credits of outcomes stand in the region's log."""

    async def of(self, outcome_ids: Collection[str]) -> Mapping[str, int]: ...
    async def revoked(self, first: int, beyond: int) -> Sequence[int]:
        """Return the positions, from `first` up to but not `beyond`, of outcomes that were revoked."""
        ...

    async def size(self) -> int: ...
