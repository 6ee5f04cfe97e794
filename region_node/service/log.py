"""What a region shows of its log: signed tree heads, and proofs against them (RFC 9162, section 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from region_node.domain.log import Leaf
from region_node.service.ports import Bank, Unit
from schema.merkle import (
    ProofError,
    Range,
    consistency_ranges,
    covering,
    inclusion_ranges,
    prove,
)
from schema.tree_heads import TreeHead


@dataclass(frozen=True, slots=True)
class Inclusion:
    """`hashes` lead from the leaf at `leaf.position` to `root`, that of the first `size` leaves."""

    leaf: Leaf
    size: int
    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Consistency:
    """`hashes` lead from `first_root`, of the first `first` leaves, to `root`, of the first `size`."""

    first: int
    size: int
    first_root: bytes
    root: bytes
    hashes: tuple[bytes, ...]


async def tree_head(bank: Bank, unit: Unit) -> TreeHead:
    """Return the head of the log as `unit` sees it, signed where the region has a key.

    One head is signed and stored for each size that somebody asks at, so that a region never says two
    things of one log. Raises `StorageFailure` where it cannot be stored.
    """
    frontier = await unit.log.frontier()
    head = TreeHead(bank.region, frontier.size, frontier.root, bank.clock.now())
    if bank.signer is None:
        return head
    kept = await unit.log.head(head.size, bank.signer.key)
    if kept is not None:
        return kept
    signed = replace(head, key=bank.signer.key, signature=bank.signer.sign(head.statement()))
    async with bank.units.write() as writing:
        await writing.log.keep(signed)
        return await writing.log.head(head.size, bank.signer.key) or signed


async def inclusion(unit: Unit, entry_id: str, size: int | None) -> Inclusion | None:
    """Prove that an entry is among the first `size` leaves, of all when None; None for no entry of ours.

    Raises `schema.merkle.ProofError` where the log is shorter, or the entry comes later in it.
    """
    leaf = await unit.log.leaf_of(entry_id)
    if leaf is None:
        return None
    size = await _within(unit, size)
    ranges = inclusion_ranges(leaf.position, size)
    own = Range(leaf.position, leaf.position + 1)
    leaf_hash, root, *hashes = await _roots(unit, (own, Range(0, size), *ranges))
    return Inclusion(leaf, size, leaf_hash, tuple(hashes), root)


async def consistency(unit: Unit, first: int, size: int) -> Consistency:
    """Prove that the log of `first` leaves begins the log of `size`. Raises `ProofError`."""
    ranges = consistency_ranges(first, await _within(unit, size))
    first_root, root, *hashes = await _roots(unit, (Range(0, first), Range(0, size), *ranges))
    return Consistency(first, size, first_root, root, tuple(hashes))


async def _within(unit: Unit, size: int | None) -> int:
    """Return `size`, the whole log's when None. Raises `ProofError` where the log is shorter."""
    whole = (await unit.log.frontier()).size
    if size is not None and size > whole:
        raise ProofError(f"the log has {whole} entries, not {size}")
    return whole if size is None else size


async def _roots(unit: Unit, ranges: Sequence[Range]) -> tuple[bytes, ...]:
    stored = await unit.log.hashes({node for leaves in ranges for node in covering(leaves)})
    return prove(ranges, stored.__getitem__)
