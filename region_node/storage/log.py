"""The log in SQL (service/log_ports.py). Rows are only ever added; a proof reads O(log n) of them.

Who seals holds the log until its transaction ends, so that positions have no gaps, no two leaves
share one, and whoever sees a leaf sees all before it. On SQLite the one writer holds it anyway; on
PostgreSQL it is an advisory lock, taken as the transaction's last deed (docs/decisions/0005).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.ledger import LedgerEntry, account_of
from region_node.domain.log import SALT_BYTES, Leaf, leaf_content
from region_node.service.failures import StorageCode, StorageFailure
from region_node.storage.snapshots import fetch
from region_node.storage.tables import table_of
from region_node.storage.tables_log import LogLeafRow, LogNodeRow, TreeHeadRow
from schema.merkle import Frontier, Node, covering, leaf_hash
from schema.merkle import Range as Leaves
from schema.tree_heads import TreeHead

LEVELS_LIMIT: Final = 48
"""Levels of the tree: room for 2^48 leaves."""

_LOCK: Final = 0x4C4F47  # any number that no other advisory lock of this database has
_LEAVES = table_of(LogLeafRow)
_NODES = table_of(LogNodeRow)
_HEADS = table_of(TreeHeadRow)

Row = dict[str, Any]


def _last_of_each_level() -> sa.Select[Any]:
    """One index look-up for each level that there can be, instead of a scan for those there are."""
    levels = (
        sa.values(sa.column("level", sa.Integer), name="levels", literal_binds=True)
        .data([(level,) for level in range(LEVELS_LIMIT)])
        .cte("levels")
    )
    same = _NODES.alias("same_level")
    last = sa.select(sa.func.max(same.c.number)).where(same.c.level == levels.c.level).scalar_subquery()
    return sa.select(_NODES.c.level, _NODES.c.number, _NODES.c.hash).join_from(
        levels, _NODES, sa.and_(_NODES.c.level == levels.c.level, _NODES.c.number == last)
    )


_LAST: Final = _last_of_each_level()


class SqlLog:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._noted: list[LedgerEntry] = []

    def note(self, entries: Iterable[LedgerEntry]) -> None:
        """Remember entries that were added in this transaction: `seal` makes leaves of them."""
        self._noted += entries

    async def seal(self) -> None:
        """Append the noted entries to the log, in their order; nothing where there are none."""
        if not self._noted:
            return
        if self._connection.dialect.name != "sqlite":
            await self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _, leaves, nodes = grown(await self.frontier(), self._noted)
        await self._connection.execute(sa.insert(_LEAVES), leaves)
        await self._connection.execute(sa.insert(_NODES), nodes)
        self._noted.clear()

    async def frontier(self) -> Frontier:
        rows = await fetch(self._connection, _LAST, {})
        stored = {Node(level, number): hash_ for level, number, hash_ in rows}
        size = max((node.number + 1 for node in stored if node.level == 0), default=0)
        return Frontier(size, tuple(_held(stored, node) for node in covering(Leaves(0, size))))

    async def leaf_of(self, entry_id: str) -> Leaf | None:
        account = account_of(entry_id)
        if account is None:
            return None
        number = int(entry_id.rpartition("_")[2])
        select = sa.select(_LEAVES).where(_LEAVES.c.account_id == account, _LEAVES.c.number == number)
        row = (await self._connection.execute(select)).one_or_none()
        return None if row is None else Leaf(entry_id, row.position, row.salt)

    async def hashes(self, nodes: Collection[Node]) -> Mapping[Node, bytes]:
        # SQLite would read the whole table for an IN over pairs; for these it looks into the key's index.
        each = (sa.and_(_NODES.c.level == level, _NODES.c.number == number) for level, number in nodes)
        rows = await self._connection.execute(sa.select(_NODES).where(sa.or_(sa.false(), *each)))
        stored = {Node(row.level, row.number): row.hash for row in rows}
        return {node: _held(stored, node) for node in nodes}

    async def head(self, size: int, key: str) -> TreeHead | None:
        select = sa.select(_HEADS).where(_HEADS.c.size == size, _HEADS.c.key == key)
        row = (await self._connection.execute(select)).one_or_none()
        return None if row is None else head_of(row)

    async def keep(self, head: TreeHead) -> None:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        await self._connection.execute(
            dialect.insert(_HEADS)
            .values(
                size=head.size,
                key=head.key,
                root=head.root,
                signed_at=head.signed_at,
                signature=head.signature,
            )
            .on_conflict_do_nothing()
        )


def head_of(row: Any) -> TreeHead:
    region = row.key.partition("#")[0]
    return TreeHead(region, row.size, row.root, row.signed_at, row.key, row.signature)


def grown(frontier: Frontier, entries: Iterable[LedgerEntry]) -> tuple[Frontier, list[Row], list[Row]]:
    """Append entries, each with a salt of its own; return the new frontier, leaf rows and node rows."""
    leaves: list[Row] = []
    nodes: list[Row] = []
    for entry in entries:
        salt = secrets.token_bytes(SALT_BYTES)
        leaves.append(
            {
                "account_id": entry.account_id,
                "number": entry.number,
                "position": frontier.size,
                "salt": salt,
            }
        )
        frontier, completed = frontier.append(leaf_hash(leaf_content(entry, salt)))
        nodes += [{"level": node.level, "number": node.number, "hash": hash_} for node, hash_ in completed]
    return frontier, leaves, nodes


def _held(stored: Mapping[Node, bytes], node: Node) -> bytes:
    """Return the node's hash; a log in which it is missing must be looked at, and not be added to."""
    try:
        return stored[node]
    except KeyError:
        raise StorageFailure(StorageCode.DAMAGED) from None
