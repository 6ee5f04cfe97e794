"""What must be true of a bank's stored history, checked row by row; no row is needed twice.

Every check says which row of which table is not as it must be. Storage streams the rows
(storage/audit.py), in the order that a check asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from region_node.domain.ledger import EntryKind, LedgerEntry, account_of, entry_id
from region_node.domain.log import leaf_content
from schema.merkle import HASH_BYTES, Node, leaf_hash, node_hash


@dataclass(frozen=True, slots=True)
class Fault:
    """`row` is the row's key as text; `what` says what is wrong with it, for people."""

    table: str
    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.what}"


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """An entry and what other tables say of it; None where they have no such row.

    `position` and `salt` are its leaf's; `deposited` are the tenths of its outcome.
    """

    entry: LedgerEntry
    has_account: bool
    position: int | None
    salt: bytes | None
    stored_hash: bytes | None
    deposited: int | None

    @property
    def leaf_hash(self) -> bytes:
        return leaf_hash(leaf_content(self.entry, self.salt or b""))


@dataclass(slots=True)
class Books:
    """Checks entries that come account after account, each account's by number."""

    account: str = ""
    number: int = 0
    balance: int = 0
    position: int = -1
    credits_of: dict[str, int] = field(default_factory=dict)
    """Entries of this account that were seen, with their amounts."""

    def check(self, posted: PostedEntry) -> Iterator[Fault]:
        entry = posted.entry
        if entry.account_id != self.account:
            self.account, self.number, self.balance, self.position = entry.account_id, 0, 0, -1
            self.credits_of = {}
        for what in (*self._numbered(entry), *self._summed(entry), *_linked(posted), *self._sealed(posted)):
            yield Fault("ledger_entries", f"{entry.account_id} {entry.number}", what)
        self.credits_of[entry.id] = entry.credits

    def _numbered(self, entry: LedgerEntry) -> Iterator[str]:
        if entry.number != self.number + 1:
            yield f"comes after number {self.number} of its account"
        self.number = entry.number
        if entry.account_id.count("-") != 2 or entry.id != entry_id(entry.account_id, entry.number):
            yield f"its id is {entry.id}, not what its account and number make"

    def _summed(self, entry: LedgerEntry) -> Iterator[str]:
        if entry.balance_after != self.balance + entry.credits:
            yield f"balance_after is {entry.balance_after}; its account's entries sum to " + str(
                self.balance + entry.credits
            )
        self.balance = entry.balance_after
        if entry.reverses is not None and self.credits_of.get(entry.reverses) != -entry.credits:
            yield f"reverses {entry.reverses}, which is no earlier entry of the opposite amount"

    def _sealed(self, posted: PostedEntry) -> Iterator[str]:
        if posted.position is None:
            yield "has no leaf in log_leaves"
            return
        if posted.position <= self.position:
            yield f"is in the log at {posted.position}, before an earlier entry at {self.position}"
        self.position = posted.position


def _linked(posted: PostedEntry) -> Iterator[str]:
    entry = posted.entry
    if not posted.has_account:
        yield f"there is no account {entry.account_id}"
    if entry.outcome_id is None or account_of(entry.outcome_id) != entry.account_id:
        return
    if posted.deposited is None:
        yield f"there is no outcome {entry.outcome_id}"
    elif entry.kind is EntryKind.DEPOSIT and posted.deposited != entry.credits:
        yield f"deposits {entry.credits} tenths of outcome {entry.outcome_id}, which has {posted.deposited}"


def unlike_leaf(posted: PostedEntry, sibling: bytes | None, parent: bytes | None) -> Fault:
    """Say what changed where an entry does not give its leaf's hash.

    The node above is the witness: the entry and its neighbour give it still, or the stored hash does.
    """
    entry = posted.entry
    position = posted.position or 0
    if sibling is not None and parent is not None:
        pair = (posted.leaf_hash, sibling) if position % 2 == 0 else (sibling, posted.leaf_hash)
        if node_hash(*pair) == parent:
            return Fault("log_nodes", f"0 {position}", f"its hash is not that of entry {entry.id}")
    what = f"its content, or its salt or position in log_leaves, is not what was sealed at {position}"
    return Fault("ledger_entries", f"{entry.account_id} {entry.number}", what)


@dataclass(slots=True)
class Nodes:
    """Checks stored nodes that come level after level, each level's by number, for a log of `size`."""

    size: int
    level: int = -1
    number: int = -1

    def check(self, node: Node, stored: bytes, left: bytes | None, right: bytes | None) -> Iterator[Fault]:
        row = f"{node.level} {node.number}"
        if node.level != self.level:
            self.level, self.number = node.level, -1
        if node.number != self.number + 1:
            yield Fault("log_nodes", f"{node.level} {self.number + 1}", f"is missing before {row}")
        self.number = node.number
        if (node.number + 1) << node.level > self.size:
            yield Fault("log_nodes", row, f"covers leaves that a log of {self.size} does not have")
        if len(stored) != HASH_BYTES:
            yield Fault("log_nodes", row, f"its hash has {len(stored)} bytes")
        if node.level and (left is None or right is None or node_hash(left, right) != stored):
            yield Fault("log_nodes", row, "is not the hash of the two nodes below it")


@dataclass(slots=True)
class Steps:
    """Checks that the steps of one thing, which come in order, end where the thing stands now."""

    table: str
    kept_in: str
    of: str = ""
    number: int = 0
    ends: str = ""
    stands: str | None = None

    def check(self, of: str, number: int, status: str | None, stands: str | None) -> Iterator[Fault]:
        """`status` is what this step leads to, None where it leaves it; `stands` is the status now."""
        if of != self.of:
            yield from self.finish()
            self.of, self.number, self.ends, self.stands = of, 0, "", stands
        if number != self.number + 1:
            yield Fault(self.table, f"{of} {number}", f"comes after step {self.number}")
        self.number, self.ends = number, status or self.ends

    def finish(self) -> Iterator[Fault]:
        if self.of and self.ends != self.stands:
            what = f"its steps in {self.table} end as {self.ends}, and it stands as {self.stands}"
            yield Fault(self.kept_in, self.of, what)
