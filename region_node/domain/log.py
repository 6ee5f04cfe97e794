"""The region's log: every ledger entry is a leaf of one Merkle tree (schema/merkle.py), in order of sealing.

A leaf's content is the entry as the graph shows it, and a salt that is drawn for it. A hash in the
log therefore tells nothing of the entry to those who have neither, though entries are few in kind
and easily guessed; and whoever was shown both can build the leaf again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Final

from region_node.domain.canonical import canonical
from region_node.domain.ledger import LedgerEntry
from schema.credits import format_credits

SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where in the log an entry is, counted from 0, and the salt of its content."""

    entry_id: str
    position: int
    salt: bytes


def leaf_content(entry: LedgerEntry, salt: bytes) -> bytes:
    """Return the canonical JSON (RFC 8785) of an entry: the contract's fields, instants in UTC."""
    return canonical(
        {
            "accountId": entry.account_id,
            "balanceAfter": format_credits(entry.balance_after),
            "credits": format_credits(entry.credits),
            "id": entry.id,
            "kind": entry.kind.value,
            "memo": entry.memo,
            "outcomeId": entry.outcome_id,
            "postedAt": entry.posted_at.astimezone(UTC).isoformat(),
            "postedOn": entry.posted_on.isoformat(),
            "reverses": entry.reverses,
            "salt": salt.hex(),
        }
    )
