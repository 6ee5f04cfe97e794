"""The region's log, for everybody: signed tree heads, and proofs of what is in it and that it only grew.

Public, since a hash says nothing of an entry: its salt is shown to those alone who may read the entry.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from edge.errors import PublicError
from region_node.domain.ledger import account_of
from region_node.graph import batches
from region_node.graph.arguments import Identifier, RegionCode
from region_node.graph.context import Info
from region_node.service import log
from schema.directives import Route
from schema.merkle import ProofError

TreeSize = Annotated[
    int | None,
    strawberry.argument(description="Size of the tree to prove it in; the whole log when absent (树大小)"),
]
FirstSize = Annotated[
    int, strawberry.argument(name="from", description="Size of the earlier tree (原树大小)")
]
SecondSize = Annotated[int, strawberry.argument(name="to", description="Size of the later tree (新树大小)")]


@strawberry.type(
    description="What a region says its log was at an instant: so many entries under one root, "
    "an RFC 9162 Merkle tree with SHA-256 (树头)"
)
class TreeHead:
    region: strawberry.ID = strawberry.field(description="Whose log it is (区域代码)")
    size: int = strawberry.field(description="Ledger entries in it (分录数)")
    root: str = strawberry.field(description="Root hash, hexadecimal (根散列值)")
    signed_at: datetime = strawberry.field(description="When it was signed (签署时间)")
    signature: str | None = strawberry.field(
        description="Detached JWS, Ed25519, over the canonical JSON (RFC 8785) of region, root, size and "
        "signedAt in UTC; null where the region has no signing key (签名)"
    )


@strawberry.type(description="Proof that a ledger entry is in the region's log (存在性证明)")
class InclusionProof:
    entry: strawberry.ID = strawberry.field(description="The ledger entry (分录编号)")
    position: int = strawberry.field(description="Its place in the log, counted from 0 (位置)")
    tree_size: int = strawberry.field(description="Size of the tree it is proved in (树大小)")
    leaf_hash: str = strawberry.field(description="Hash of its leaf, hexadecimal (叶散列值)")
    hashes: list[str] = strawberry.field(
        description="What leads from the leaf to the root, leaf's side first, hexadecimal (证明路径)"
    )
    root: str = strawberry.field(description="Root hash of that tree, hexadecimal (根散列值)")
    own_salt: strawberry.Private[bytes]

    @classmethod
    def of(cls, proof: log.Inclusion) -> Self:
        return cls(
            entry=strawberry.ID(proof.leaf.entry_id),
            position=proof.leaf.position,
            tree_size=proof.size,
            leaf_hash=proof.leaf_hash.hex(),
            hashes=[one.hex() for one in proof.hashes],
            root=proof.root.hex(),
            own_salt=proof.leaf.salt,
        )

    @strawberry.field(
        description="What the leaf's content is salted with, hexadecimal: with the entry's fields it gives "
        "the leaf; null for those who may not read the entry (盐值)"
    )
    async def salt(self, info: Info) -> str | None:
        account = await info.context.load(batches.accounts, account_of(self.entry) or "")
        readable = account is not None and info.context.may_read(account.learner_id)
        return self.own_salt.hex() if readable else None


@strawberry.type(description="Proof that a region's log only grew from one size to another (一致性证明)")
class ConsistencyProof:
    from_size: int = strawberry.field(description="Size of the earlier tree (原树大小)")
    to_size: int = strawberry.field(description="Size of the later tree (新树大小)")
    from_root: str = strawberry.field(description="Root hash of the earlier tree, hexadecimal (原根散列值)")
    to_root: str = strawberry.field(description="Root hash of the later tree, hexadecimal (新根散列值)")
    hashes: list[str] = strawberry.field(
        description="What leads from the one to the other, leaves' side first, hexadecimal (证明路径)"
    )


@strawberry.type
class LogQuery:
    @strawberry.field(
        description="How a region's log stands, signed: one head for each size that it is asked at (树头)",
        directives=[Route(argument="region")],
    )
    async def tree_head(self, info: Info, region: RegionCode) -> TreeHead | None:
        info.context.require_region(region)
        async with info.context.reading() as unit:
            head = await log.tree_head(info.context.bank, unit)
        return TreeHead(
            region=strawberry.ID(head.region),
            size=head.size,
            root=head.root.hex(),
            signed_at=head.signed_at,
            signature=head.signature,
        )

    @strawberry.field(
        description="Proof that a ledger entry is in its region's log; null where there is no such entry "
        "(分录存在性证明)",
        directives=[Route(argument="entry")],
    )
    async def inclusion_proof(
        self, info: Info, entry: Identifier, tree_size: TreeSize = None
    ) -> InclusionProof | None:
        async with info.context.reading() as unit:
            try:
                proof = await log.inclusion(unit, str(entry), tree_size)
            except ProofError as error:
                raise PublicError("TREE_SIZE_INVALID", detail=str(error)) from None
        return None if proof is None else InclusionProof.of(proof)

    @strawberry.field(
        description="Proof that a region's log of size `from` is the beginning of that of size `to` "
        "(日志一致性证明)",
        directives=[Route(argument="region")],
    )
    async def consistency_proof(
        self, info: Info, region: RegionCode, first: FirstSize, second: SecondSize
    ) -> ConsistencyProof | None:
        info.context.require_region(region)
        async with info.context.reading() as unit:
            try:
                proof = await log.consistency(unit, first, second)
            except ProofError as error:
                raise PublicError("TREE_SIZE_INVALID", detail=str(error)) from None
        return ConsistencyProof(
            from_size=proof.first,
            to_size=proof.size,
            from_root=proof.first_root.hex(),
            to_root=proof.root.hex(),
            hashes=[one.hex() for one in proof.hashes],
        )
