"""A Merkle tree over an append-only log: RFC 9162, section 2.1, with SHA-256.

What is complete never changes: a subtree of 2^level leaves, once full, keeps its hash for ever. So
those hashes are stored as they come to be (two for each leaf, on average), and a proof needs the
few of them that cover its ranges, about twice the logarithm of the log's size at most. Nothing
here reads or writes; positions count from 0, and a hash is 32 bytes.

Inclusion and consistency are one thing: that the tree of leaves `start … end - 1` is part of the
tree of the first `size`. For inclusion it is one leaf, for consistency it begins at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves."""


class ProofError(ValueError):
    """There is no such proof, or the proof that was given does not hold; the message says which."""


class Node(NamedTuple):
    """A complete subtree: the 2^level leaves that begin at number · 2^level."""

    level: int
    number: int


class Range(NamedTuple):
    """The leaves `start … end - 1`."""

    start: int
    end: int


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """What must be known of a log to append to it: the hashes of `covering(Range(0, size))`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[Node, bytes], ...]]:
        """Return the longer log's frontier, and the nodes that this leaf hash completed, itself first."""
        level, number, top = 0, self.size, leaf
        hashes = list(self.hashes)
        completed = [(Node(0, number), leaf)]
        while number & 1:
            top = node_hash(hashes.pop(), top)
            level, number = level + 1, number >> 1
            completed.append((Node(level, number), top))
        return Frontier(self.size + 1, (*hashes, top)), tuple(completed)

    @property
    def root(self) -> bytes:
        return fold(self.hashes)


def covering(leaves: Range) -> tuple[Node, ...]:
    """Return the fewest complete subtrees that make up `leaves`, left to right."""
    nodes, start = [], leaves.start
    while start < leaves.end:
        room = (leaves.end - start).bit_length() - 1
        level = room if start == 0 else min(room, (start & -start).bit_length() - 1)
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return tuple(nodes)


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of a `covering`."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def inclusion_ranges(position: int, size: int) -> tuple[Range, ...]:
    """Return the ranges whose roots prove that the leaf at `position` is among the first `size`.

    Raises `ProofError` where it is not (RFC 9162, section 2.1.3.1).
    """
    return _proof_ranges(Range(position, position + 1), size)


def consistency_ranges(first: int, size: int) -> tuple[Range, ...]:
    """Return the ranges whose roots prove that the log of `first` leaves begins the log of `size`.

    Raises `ProofError` unless 0 < first ≤ size (RFC 9162, section 2.1.4.1).
    """
    return subtree_consistency_ranges(0, first, size)


def subtree_consistency_ranges(start: int, end: int, size: int) -> tuple[Range, ...]:
    """Return the ranges whose roots prove the tree of `start … end - 1` to be part of that of `size`.

    The tree of no leaves is part of any and needs no proof. Raises `ProofError`.
    """
    if 0 < start == end <= size:
        return ()
    return _proof_ranges(Range(start, end), size)


def prove(ranges: Sequence[Range], hash_of: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """Return the roots of `ranges`, the nodes of their coverings being known to `hash_of`."""
    return tuple(fold([hash_of(node) for node in covering(leaves)]) for leaves in ranges)


def verify_inclusion(position: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise `ProofError` unless `leaf` is shown to be at `position` under `root` (section 2.1.3.2)."""
    if len(leaf) != HASH_BYTES:
        raise ProofError(f"a leaf hash has {HASH_BYTES} bytes")
    _verify(Range(position, position + 1), size, leaf, proof, root)


def verify_consistency(first: int, size: int, first_root: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `ProofError` unless the log of `size` leaves is shown to begin with that of `first`.

    Nothing is shown of a log from its empty beginning: `first` is above 0 (section 2.1.4.2).
    """
    _verify(Range(0, first), size, first_root, proof, root)


def verify_subtree_consistency(
    start: int, end: int, size: int, part_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `ProofError` unless the tree of `start … end - 1` is shown to be part of that of `size`."""
    if start == end:
        if end > size or proof or part_root != EMPTY_ROOT:
            raise ProofError("an empty tree has the empty root, and nothing more is shown of it")
        return
    _verify(Range(start, end), size, part_root, proof, root)


def verify_subtree_inclusion(
    position: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `ProofError` unless `leaf` is shown to be at `position` in the subtree `start … end - 1`."""
    if not is_subtree(Range(start, end)):
        raise ProofError(f"leaves {start} to {end} are no subtree")
    verify_inclusion(position - start, end - start, leaf, proof, root)


def is_subtree(leaves: Range) -> bool:
    """Can `leaves` be a node, perhaps one that still grows, of some tree?"""
    start, end = leaves
    if start > end:
        return False
    return start in (0, end) or (start & -start) >= end - start


class _Step(NamedTuple):
    """One node on the way up: its other child, on which side that is, and whether the part holds it too."""

    other: Range
    on_left: bool
    shared: bool


def _way_up(part: Range, size: int) -> tuple[Range, tuple[_Step, ...]]:
    """Return the node where the way from `part` begins, and the steps from there to the root of `size`.

    It begins at the part itself or, where no one node of the tree holds the part, at its last node.
    """
    if not 0 <= part.start < part.end <= size:
        raise ProofError(f"leaves {part.start} to {part.end} are not a part of {size}")
    steps = []
    at = Range(0, size)
    while at != part:
        middle = at.start + _split(at.end - at.start)
        left, right = Range(at.start, middle), Range(middle, at.end)
        if part.end <= middle:
            steps.append(_Step(right, on_left=False, shared=False))
            at = left
            continue
        shared = part.start < middle
        if shared and part.start != at.start:
            raise ProofError(f"leaves {part.start} to {part.end} are no subtree")
        steps.append(_Step(left, on_left=True, shared=shared))
        at, part = right, Range(max(part.start, middle), part.end)
    return at, tuple(reversed(steps))


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _proof_ranges(part: Range, size: int) -> tuple[Range, ...]:
    begins, steps = _way_up(part, size)
    known = begins == part
    return (*(() if known else (begins,)), *(step.other for step in steps))


def _verify(part: Range, size: int, part_root: bytes, proof: Sequence[bytes], root: bytes) -> None:
    begins, steps = _way_up(part, size)
    if any(len(one) != HASH_BYTES for one in proof):
        raise ProofError(f"a hash has {HASH_BYTES} bytes")
    known = begins == part
    if len(proof) != len(steps) + (not known):
        raise ProofError(f"a proof of {len(proof)} hashes; {len(steps) + (not known)} are needed")
    given: Iterator[bytes] = iter(proof)
    old = new = part_root if known else next(given)
    for step, other in zip(steps, given, strict=True):
        new = node_hash(other, new) if step.on_left else node_hash(new, other)
        old = node_hash(other, old) if step.shared else old
    if old != part_root:
        raise ProofError("the proof leads to another root of the part")
    if new != root:
        raise ProofError("the proof leads to another root")
