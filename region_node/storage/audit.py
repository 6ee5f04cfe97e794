"""Reads all stored history in one snapshot and holds it against itself: books, log, heads, steps, seals.

Rows are streamed; what is kept is one account's entries and what the tree's checks need.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.audit import Books, Fault, Nodes, PostedEntry, Steps, unlike_leaf
from region_node.domain.ledger import EntryKind, LedgerEntry
from region_node.domain.log import SALT_BYTES
from region_node.domain.outcome import OutcomeStatus
from region_node.service.failures import StorageCode, StorageFailure
from region_node.service.signer import Signer
from region_node.storage.audit_transfers import TRANSFERS, Keys, faults_of_row, joined
from region_node.storage.database import Database
from region_node.storage.log import head_of
from region_node.storage.metadata import METADATA
from region_node.storage.raw_rows import RawRow, Unreadable, raw_rows
from region_node.storage.seals import COUNTED_LATER, SEAL, seal_of
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import (
    AccountEventRow,
    AccountRow,
    LedgerEntryRow,
    OutcomeEventRow,
    OutcomeRow,
    OutcomeUseRow,
)
from region_node.storage.tables_log import LogLeafRow, LogNodeRow, TreeHeadRow
from region_node.storage.tables_recognition import AgreementEventRow, AgreementRow
from schema.agreements import terms_from_plain
from schema.ids import region_of
from schema.merkle import Node, Range, covering, fold

NO_KEYS: Final[Keys] = MappingProxyType({})
STRUCTURE_FAULTS_LIMIT: Final = 100

_ENTRIES, _LEAVES, _NODES = table_of(LedgerEntryRow), table_of(LogLeafRow), table_of(LogNodeRow)
_HEADS, _USES = table_of(TreeHeadRow), table_of(OutcomeUseRow)
_ACCOUNTS, _OUTCOMES = table_of(AccountRow), table_of(OutcomeRow)
_ACCOUNT_EVENTS, _OUTCOME_EVENTS = table_of(AccountEventRow), table_of(OutcomeEventRow)
_AGREEMENTS, _AGREEMENT_EVENTS = table_of(AgreementRow), table_of(AgreementEventRow)
_SEALED: Final = tuple(table for table in METADATA.sorted_tables if SEAL in table.c)
_NUMBERED_LATER: Final = (_ACCOUNT_EVENTS, _OUTCOME_EVENTS, _AGREEMENT_EVENTS)
_READ: Final = (
    *(_ENTRIES, _LEAVES, _NODES, _HEADS, _USES, _ACCOUNT_EVENTS, _OUTCOME_EVENTS),
    *(_AGREEMENTS, _AGREEMENT_EVENTS, TRANSFERS),
    *_SEALED,
)
"""A table stands here once for each check that reads it."""

Progress = Callable[[int, int], None]
"""Called with how many rows were read and how many there are, each time some more were."""


async def audit(
    database: Database, signer: Signer | None, progress: Progress, partner_keys: Keys = NO_KEYS
) -> AsyncGenerator[Fault, None]:
    """Give every fault of the stored history. Raises `StorageFailure` where it cannot be read at all."""
    try:
        async with database.read() as connection:
            one = _Audit(connection, signer, progress, partner_keys)
            async with aclosing(one.faults()) as faults:
                async for fault in faults:
                    yield fault
    except StorageFailure as failure:
        if failure.code is not StorageCode.DAMAGED:
            raise
        yield Fault("database", "file", f"cannot be read to its end: {failure.__cause__ or failure}")


class _Audit:
    def __init__(
        self, connection: AsyncConnection, signer: Signer | None, progress: Progress, partner_keys: Keys
    ) -> None:
        self._connection = connection
        self._signer = signer
        self._partner_keys = partner_keys
        self._progress = progress
        self._read = self._all = self._leaves = 0

    async def faults(self) -> AsyncGenerator[Fault, None]:
        for table in _READ:
            count = await self._connection.execute(sa.select(sa.func.count()).select_from(table))
            self._all += int(count.scalar_one())
        for check in (
            self._structure,
            self._entries,
            self._positions,
            self._nodes,
            self._heads,
            self._uses,
            self._account_steps,
            self._outcome_steps,
            self._transfers,
            self._agreements,
            self._agreement_steps,
            self._seals,
        ):
            async with aclosing(check()) as found:
                async for fault in found:
                    yield fault

    async def _structure(self) -> AsyncGenerator[Fault, None]:
        """Let SQLite hold its indexes and pages against its tables; PostgreSQL keeps checksums of its own."""
        if self._connection.dialect.name != "sqlite":
            return
        told = await self._connection.exec_driver_sql(f"PRAGMA integrity_check({STRUCTURE_FAULTS_LIMIT})")
        for (line,) in told:
            if line != "ok":
                yield Fault("database", "file", line)

    async def _rows(
        self,
        table: sa.Table,
        source: sa.FromClause,
        others: Mapping[str, sa.ColumnElement[Any]],
        order: tuple[sa.ColumnElement[Any], ...] = (),
    ) -> AsyncGenerator[RawRow, None]:
        """Stream every row of `table` with columns of `others`, in the order of its key unless told."""
        labelled = {column.name: column for column in table.c} | dict(others)
        rows = raw_rows(self._connection, labelled, source, order or tuple(table.primary_key))
        async with aclosing(rows):
            async for row in rows:
                self._read += 1
                self._progress(self._read, self._all)
                yield row

    async def _entries(self) -> AsyncGenerator[Fault, None]:
        source = (
            _ENTRIES.outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _ENTRIES.c.account_id)
            .outerjoin(
                _LEAVES,
                sa.and_(_LEAVES.c.account_id == _ENTRIES.c.account_id, _LEAVES.c.number == _ENTRIES.c.number),
            )
            .outerjoin(_NODES, sa.and_(_NODES.c.level == 0, _NODES.c.number == _LEAVES.c.position))
            .outerjoin(
                _OUTCOMES,
                sa.and_(
                    _OUTCOMES.c.account_id == _ENTRIES.c.account_id, _OUTCOMES.c.id == _ENTRIES.c.outcome_id
                ),
            )
        )
        others = {
            "account": _ACCOUNTS.c.id,
            "position": _LEAVES.c.position,
            "salt": _LEAVES.c.salt,
            "hash": _NODES.c.hash,
            "deposited": _OUTCOMES.c.credits,
        }
        books = Books()
        async for row in self._rows(_ENTRIES, source, others):
            try:
                posted = _posted(row)
            except Unreadable as broken:
                yield Fault("ledger_entries", row.shown("account_id", "number"), str(broken))
                continue
            for fault in books.check(posted):
                yield fault
            if posted.position is not None and posted.leaf_hash != posted.stored_hash:
                around = await self._hashes({Node(0, posted.position ^ 1), Node(1, posted.position >> 1)})
                yield unlike_leaf(
                    posted,
                    around.get(Node(0, posted.position ^ 1)),
                    around.get(Node(1, posted.position >> 1)),
                )

    async def _positions(self) -> AsyncGenerator[Fault, None]:
        source = _LEAVES.outerjoin(
            _ENTRIES,
            sa.and_(_ENTRIES.c.account_id == _LEAVES.c.account_id, _ENTRIES.c.number == _LEAVES.c.number),
        )
        expected = 0
        async for row in self._rows(_LEAVES, source, {"entry": _ENTRIES.c.id}, (_LEAVES.c.position,)):
            self._leaves += 1
            name = row.shown("account_id", "number")
            try:
                position, salt, entry = row["position"], row["salt"], row["entry"]
            except Unreadable as broken:
                yield Fault("log_leaves", name, str(broken))
                continue
            if position != expected:
                yield Fault("log_leaves", name, f"is at position {position}; {expected} comes next")
            if entry is None:
                yield Fault("log_leaves", name, "there is no such entry in ledger_entries")
            if len(salt) != SALT_BYTES:
                yield Fault("log_leaves", name, f"its salt has {len(salt)} bytes")
            expected = position + 1

    async def _nodes(self) -> AsyncGenerator[Fault, None]:
        left, right = _NODES.alias("left_node"), _NODES.alias("right_node")

        def child(side: sa.FromClause, place: int) -> sa.ColumnElement[bool]:
            return sa.and_(side.c.level == _NODES.c.level - 1, side.c.number == _NODES.c.number * 2 + place)

        source = _NODES.outerjoin(left, child(left, 0)).outerjoin(right, child(right, 1))
        nodes, counts = Nodes(self._leaves), dict[int, int]()
        async for row in self._rows(_NODES, source, {"left": left.c.hash, "right": right.c.hash}):
            try:
                node = Node(row["level"], row["number"])
            except Unreadable as broken:
                yield Fault("log_nodes", row.shown("level", "number"), str(broken))
                continue
            counts[node.level] = counts.get(node.level, 0) + 1
            for fault in nodes.check(node, row["hash"], row["left"], row["right"]):
                yield fault
        for level in range(self._leaves.bit_length()):
            found, needed = counts.get(level, 0), self._leaves >> level
            if found < needed:
                yield Fault("log_nodes", f"{level} {found}", f"level {level} has {found} of {needed} nodes")

    async def _heads(self) -> AsyncGenerator[Fault, None]:
        async for row in self._rows(_HEADS, _HEADS, {}):
            name = row.shown("size", "key")
            try:
                head = head_of(_Read(row))
            except Unreadable as broken:
                yield Fault("tree_heads", name, str(broken))
                continue
            nodes = covering(Range(0, head.size)) if head.size >= 0 else ()
            stored = await self._hashes(set(nodes))
            if head.size < 0 or fold([stored.get(node, b"") for node in nodes]) != head.root:
                yield Fault("tree_heads", name, f"the log of that size has not the root {head.root.hex()}")
            if self._signer is None:
                yield Fault("tree_heads", name, "its signature cannot be checked: no signing_key is set")
            elif head.key != self._signer.key:
                yield Fault("tree_heads", name, f"is signed by another key than {self._signer.key}")
            elif not self._signer.holds(head.statement(), head.signature or ""):
                yield Fault("tree_heads", name, "its signature does not hold")

    async def _uses(self) -> AsyncGenerator[Fault, None]:
        source = _USES.outerjoin(
            _ENTRIES, sa.and_(_ENTRIES.c.account_id == _USES.c.account_id, _ENTRIES.c.id == _USES.c.entry_id)
        )
        others = {"entry": _ENTRIES.c.id, "of": _ENTRIES.c.outcome_id, "day": _ENTRIES.c.posted_on}
        async for row in self._rows(_USES, source, others):
            name = row.shown("account_id", "outcome_id")
            try:
                told = (row["entry_id"], row["outcome_id"], row["used_on"])
                if told != (row["entry"], row["of"], row["day"]):
                    yield Fault("outcome_uses", name, f"entry {told[0]} is not its use on {told[2]}")
            except Unreadable as broken:
                yield Fault("outcome_uses", name, str(broken))

    async def _account_steps(self) -> AsyncGenerator[Fault, None]:
        source = _ACCOUNT_EVENTS.outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _ACCOUNT_EVENTS.c.account_id)
        steps = Steps("account_events", "accounts")
        async for row in self._rows(_ACCOUNT_EVENTS, source, {"now": _ACCOUNTS.c.status}):
            try:
                told = (row["account_id"], row["number"], row["status"], row["now"])
                _ = row["on_day"], row["recorded_at"], row["actor"], row["reason"]
            except Unreadable as broken:
                yield Fault("account_events", row.shown("account_id", "number"), str(broken))
                continue
            for fault in steps.check(*told):
                yield fault
        for fault in steps.finish():
            yield fault

    async def _outcome_steps(self) -> AsyncGenerator[Fault, None]:
        source = _OUTCOME_EVENTS.outerjoin(
            _OUTCOMES,
            sa.and_(
                _OUTCOMES.c.account_id == _OUTCOME_EVENTS.c.account_id,
                _OUTCOMES.c.id == _OUTCOME_EVENTS.c.outcome_id,
            ),
        )
        statuses = {status.value for status in OutcomeStatus}
        steps = Steps("outcome_events", "outcomes")
        async for row in self._rows(_OUTCOME_EVENTS, source, {"now": _OUTCOMES.c.status}):
            try:
                of, number, step, now = row["outcome_id"], row["number"], row["step"], row["now"]
                _ = row["on_day"], row["recorded_at"], row["actor"], row["reason"], row["ground"]
            except Unreadable as broken:
                yield Fault("outcome_events", row.shown("outcome_id", "number"), str(broken))
                continue
            if step not in statuses and step != "FLAGGED":
                yield Fault("outcome_events", f"{of} {number}", f"{step} is no step")
            for fault in steps.check(of, number, step if step in statuses else None, now):
                yield fault
        for fault in steps.finish():
            yield fault

    async def _transfers(self) -> AsyncGenerator[Fault, None]:
        source, others = joined()
        async for row in self._rows(TRANSFERS, source, others):
            for fault in faults_of_row(row, self._signer, self._partner_keys):
                yield fault

    async def _agreements(self) -> AsyncGenerator[Fault, None]:
        """Hold the terms of each copy against their own hash, by which both sides compare them."""
        async for row in self._rows(_AGREEMENTS, _AGREEMENTS, {}):
            name = row.shown("id")
            try:
                told = [row[column] for column in _AGREEMENTS.c.keys()]  # noqa: SIM118 - a table's columns
                terms, hash_ = terms_from_plain(orjson.loads(row["terms"])), row["terms_hash"]
            except (ValueError, KeyError, TypeError) as broken:
                yield Fault("agreements", name, f"cannot be read: {broken!r}")
                continue
            partners = {party for party in terms.parties if party != region_of(told[0] or "")}
            if (terms.hash(), terms.first_day, partners) != (hash_, row["first_day"], {row["partner"]}):
                yield Fault("agreements", name, "its terms are not those of its hash, partner or first day")

    async def _agreement_steps(self) -> AsyncGenerator[Fault, None]:
        source = _AGREEMENT_EVENTS.outerjoin(
            _AGREEMENTS, _AGREEMENTS.c.id == _AGREEMENT_EVENTS.c.agreement_id
        )
        steps = Steps("agreement_events", "agreements")
        async for row in self._rows(_AGREEMENT_EVENTS, source, {"now": _AGREEMENTS.c.status}):
            try:
                told = (row["agreement_id"], row["number"], row["status"], row["now"])
            except Unreadable as broken:
                yield Fault("agreement_events", row.shown("agreement_id", "number"), str(broken))
                continue
            for fault in steps.check(*told):
                yield fault
        for fault in steps.finish():
            yield fault

    async def _seals(self) -> AsyncGenerator[Fault, None]:
        """Hold every row of history that bears a seal against it (storage/seals.py)."""
        for table in _SEALED:
            counted_later = {COUNTED_LATER} if table in _NUMBERED_LATER else set()
            names = [column.name for column in table.c if column.name not in counted_later]
            keys = [column.name for column in table.primary_key]
            async for row in self._rows(table, table, {}):
                try:
                    values = {name: row[name] for name in names}
                except Unreadable as broken:
                    yield Fault(table.name, row.shown(*keys), str(broken))
                    continue
                if values[SEAL] is not None and values[SEAL] != seal_of(values):
                    yield Fault(table.name, row.shown(*keys), "is not what was sealed when it was written")

    async def _hashes(self, nodes: set[Node]) -> dict[Node, bytes]:
        each = (sa.and_(_NODES.c.level == level, _NODES.c.number == number) for level, number in nodes)
        rows = await self._connection.execute(sa.select(_NODES).where(sa.or_(sa.false(), *each)))
        return {Node(row.level, row.number): row.hash for row in rows}


class _Read:
    """A raw row whose columns are attributes, as functions over rows want them."""

    def __init__(self, row: RawRow) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return self._row[name]


def _posted(row: RawRow) -> PostedEntry:
    try:
        kind = EntryKind(row["kind"])
    except ValueError:
        raise Unreadable("kind") from None
    entry = LedgerEntry(
        id=row["id"],
        account_id=row["account_id"],
        number=row["number"],
        kind=kind,
        credits=row["credits"],
        posted_on=row["posted_on"],
        posted_at=row["posted_at"],
        balance_after=row["balance_after"],
        outcome_id=row["outcome_id"],
        reverses=row["reverses"],
        memo=row["memo"],
    )
    return PostedEntry(
        entry=entry,
        has_account=row["account"] is not None,
        position=row["position"],
        salt=row["salt"],
        stored_hash=row["hash"],
        deposited=row["deposited"],
    )
