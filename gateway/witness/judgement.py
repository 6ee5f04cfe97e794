"""Whether a head that a region shows now agrees with the one that was kept. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from schema.merkle import ProofError, verify_consistency
from schema.tree_heads import TreeHead


class LogStanding(StrEnum):
    """What the witness has to say of a region's log. The values are stable codes."""

    GOOD = "GOOD"
    UNSIGNED = "UNSIGNED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    ROLLED_BACK = "ROLLED_BACK"
    UNPROVED = "UNPROVED"
    FORKED = "FORKED"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What is kept of one region's log.

    `head` is the last one that was signed and followed from all before it; None before the first.
    `seen_at` is when the log was last found to stand there. `against` is the head that was shown and not
    accepted, where one was: for a fork both are signed, and the region cannot deny it.
    """

    region: str
    standing: LogStanding
    head: TreeHead | None = None
    seen_at: datetime | None = None
    against: TreeHead | None = None


def nothing_kept(region: str) -> Witnessed:
    return Witnessed(region, LogStanding.GOOD)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a region gave to prove that it grew; `hashes` is None where it refused."""

    hashes: Sequence[bytes] | None


def needs_proof(kept: Witnessed, shown: TreeHead) -> bool:
    """Is `shown` longer than what is kept, so that growth is to be proved? From nothing, nothing can be."""
    return kept.head is not None and 0 < kept.head.size < shown.size


def judge(
    kept: Witnessed, shown: TreeHead, *, signed: bool | None, proof: Proof | None, now: datetime
) -> Witnessed:
    """Return what is to be kept now that the region showed this head.

    `signed`: does its signature hold by the register's key? None where one of the two is missing: nobody
    can be held to such a head. `proof` is given where `needs_proof` says so. A fork, once seen, stays:
    the two heads are evidence, and only a person can say what is to follow.
    """
    if kept.standing is LogStanding.FORKED:
        return kept
    if not signed:
        standing = LogStanding.UNSIGNED if signed is None else LogStanding.BAD_SIGNATURE
        return replace(kept, standing=standing, against=shown)
    last = kept.head
    if last is None or last.size == 0 or (last.size, last.root) == (shown.size, shown.root):
        return Witnessed(kept.region, LogStanding.GOOD, shown, now)
    if shown.size == last.size:
        return replace(kept, standing=LogStanding.FORKED, against=shown)
    if shown.size < last.size:
        return replace(kept, standing=LogStanding.ROLLED_BACK, against=shown)
    if proof is None or proof.hashes is None:
        return replace(kept, standing=LogStanding.UNPROVED, against=shown)
    try:
        verify_consistency(last.size, shown.size, last.root, shown.root, proof.hashes)
    except ProofError:
        return replace(kept, standing=LogStanding.FORKED, against=shown)
    return Witnessed(kept.region, LogStanding.GOOD, shown, now)
