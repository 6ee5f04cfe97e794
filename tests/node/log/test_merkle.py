"""The log's tree and its proofs: published values, and a recursion copied from the RFC's definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import merkle
from schema.merkle import Frontier, Node, ProofError, Range

# The eight inputs that implementations of RFC 6962 compare their trees by, and the roots they agree on.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# draft-ietf-plants-merkle-tree-certs, "Subtree Test Vectors": one SHA-256 over every proof of every tree.
VECTORS_SIZE = 130
SUBTREE_HASHES = "b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81"
SUBTREE_INCLUSIONS = "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"
SUBTREE_CONSISTENCIES = "10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74"

LEAVES = st.lists(st.binary(max_size=3), min_size=1, max_size=40)


class Log:
    """A whole log in memory, its nodes kept as a database would keep them."""

    def __init__(self, entries: list[bytes]) -> None:
        self.frontiers = [Frontier()]
        self.nodes: dict[Node, bytes] = {}
        for entry in entries:
            longer, completed = self.frontiers[-1].append(merkle.leaf_hash(entry))
            assert not self.nodes.keys() & dict(completed).keys()
            self.nodes |= completed
            self.frontiers.append(longer)

    def root(self, size: int) -> bytes:
        return self.frontiers[size].root

    def hash_of(self, leaves: Range) -> bytes:
        return merkle.fold([self.nodes[node] for node in merkle.covering(leaves)])

    def prove(self, ranges: tuple[Range, ...]) -> tuple[bytes, ...]:
        return merkle.prove(ranges, self.nodes.__getitem__)


def mth(entries: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1."""
    if len(entries) < 2:
        return sha256(b"\x00" + entries[0]).digest() if entries else sha256().digest()
    middle = largest_power_below(len(entries))
    return sha256(b"\x01" + mth(entries[:middle]) + mth(entries[middle:])).digest()


def path(position: int, entries: list[bytes]) -> list[bytes]:
    """RFC 9162, section 2.1.3.1."""
    if len(entries) == 1:
        return []
    middle = largest_power_below(len(entries))
    if position < middle:
        return [*path(position, entries[:middle]), mth(entries[middle:])]
    return [*path(position - middle, entries[middle:]), mth(entries[:middle])]


def subproof(first: int, entries: list[bytes], *, known: bool) -> list[bytes]:
    """RFC 9162, section 2.1.4.1."""
    if first == len(entries):
        return [] if known else [mth(entries)]
    middle = largest_power_below(len(entries))
    if first <= middle:
        return [*subproof(first, entries[:middle], known=known), mth(entries[middle:])]
    return [*subproof(first - middle, entries[middle:], known=False), mth(entries[:middle])]


def largest_power_below(size: int) -> int:
    return max(1 << power for power in range(size.bit_length() + 1) if 1 << power < size)


def test_the_roots_that_implementations_agree_on() -> None:
    log = Log([bytes.fromhex(text) for text in INPUTS])
    assert [log.root(size).hex() for size in range(9)] == ROOTS


@given(LEAVES, st.data())
def test_it_is_the_recursion_of_the_rfc(entries: list[bytes], data: st.DataObject) -> None:
    log, size = Log(entries), len(entries)
    position = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    assert log.root(size) == mth(entries)
    included = log.prove(merkle.inclusion_ranges(position, size))
    assert list(included) == path(position, entries)
    merkle.verify_inclusion(position, size, merkle.leaf_hash(entries[position]), included, mth(entries))
    consistent = log.prove(merkle.consistency_ranges(first, size))
    assert list(consistent) == subproof(first, entries, known=True)
    merkle.verify_consistency(first, size, mth(entries[:first]), mth(entries), consistent)


@given(LEAVES, st.data())
def test_a_proof_with_any_bit_changed_does_not_hold(entries: list[bytes], data: st.DataObject) -> None:
    log, size = Log(entries), len(entries)
    position = data.draw(st.integers(0, size - 1))
    parts = [
        merkle.leaf_hash(entries[position]),
        *log.prove(merkle.inclusion_ranges(position, size)),
        log.root(size),
    ]
    leaf, *proof, root = flipped(parts, data)
    with pytest.raises(ProofError):
        merkle.verify_inclusion(position, size, leaf, proof, root)
    first = data.draw(st.integers(1, size))
    parts = [log.root(first), *log.prove(merkle.consistency_ranges(first, size)), log.root(size)]
    first_root, *proof, root = flipped(parts, data)
    with pytest.raises(ProofError):
        merkle.verify_consistency(first, size, first_root, root, proof)


def flipped(parts: list[bytes], data: st.DataObject) -> list[bytes]:
    which = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(parts[which])
    changed[bit // 8] ^= 1 << bit % 8
    return [*parts[:which], bytes(changed), *parts[which + 1 :]]


@given(st.integers(0, 2**40), st.integers(1, 2**40))
def test_a_proof_costs_the_logarithm_of_the_log(position: int, size: int) -> None:
    if position >= size:
        position %= size
    limit = 2 * size.bit_length()
    for ranges in (merkle.inclusion_ranges(position, size), merkle.consistency_ranges(position + 1, size)):
        nodes = [node for leaves in ranges for node in merkle.covering(leaves)]
        assert len(nodes) <= limit
        assert all((node.number + 1) << node.level <= size for node in nodes)


@pytest.mark.parametrize(("part", "size"), [((0, 0), 0), ((0, 0), 5), ((3, 2), 5), ((0, 6), 5), ((5, 6), 5)])
def test_there_is_no_proof_of_what_is_not_so(part: tuple[int, int], size: int) -> None:
    with pytest.raises(ProofError):
        merkle.subtree_consistency_ranges(*part, size)
    with pytest.raises(ProofError):
        merkle.verify_consistency(part[1], 3, merkle.EMPTY_ROOT, merkle.EMPTY_ROOT, [b"\x00" * 32])


def test_a_proof_of_another_length_does_not_hold() -> None:
    log = Log([b"a", b"b", b"c"])
    proof = log.prove(merkle.inclusion_ranges(0, 3))
    for wrong in (proof[:1], (*proof, proof[0]), (proof[0], proof[1][:31])):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(0, 3, merkle.leaf_hash(b"a"), wrong, log.root(3))


def test_every_subtree_and_every_proof_of_one_is_as_published() -> None:
    log = Log([bytes([number]) for number in range(VECTORS_SIZE)])
    hashes, inclusions, consistencies = sha256(), sha256(), sha256()
    subtrees = [
        Range(start, end)
        for end in range(VECTORS_SIZE + 1)
        for start in range(end + 1)
        if merkle.is_subtree(Range(start, end))
    ]
    for start, end in subtrees:
        root = log.hash_of(Range(start, end))
        hashes.update(f"[{start}, {end}) {root.hex()}\n".encode())
        for position in range(start, end):
            proof = log.prove(
                tuple(
                    Range(leaves.start + start, leaves.end + start)
                    for leaves in merkle.inclusion_ranges(position - start, end - start)
                )
            )
            inclusions.update(line(f"{position} [{start}, {end})", proof))
            leaf = merkle.leaf_hash(bytes([position]))
            merkle.verify_subtree_inclusion(position, start, end, leaf, proof, root)
    for size in range(VECTORS_SIZE + 1):
        for start, end in subtrees:
            if end <= size:
                ranges = () if start == end else merkle.subtree_consistency_ranges(start, end, size)
                proof = log.prove(ranges)
                consistencies.update(line(f"[{start}, {end}) {size}", proof))
                part = log.hash_of(Range(start, end))
                merkle.verify_subtree_consistency(start, end, size, part, log.root(size), proof)
    assert hashes.hexdigest() == SUBTREE_HASHES
    assert inclusions.hexdigest() == SUBTREE_INCLUSIONS
    assert consistencies.hexdigest() == SUBTREE_CONSISTENCIES


def line(begin: str, proof: tuple[bytes, ...]) -> bytes:
    return (" ".join([begin, *(one.hex() for one in proof)]) + "\n").encode()
