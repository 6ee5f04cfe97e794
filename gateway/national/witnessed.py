"""The heads that the gateway keeps as a witness of the regions' logs, for everybody to see (日志见证)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from gateway.national.context import Info
from gateway.national.graph import Region, shown_region
from gateway.witness.judgement import LogStanding, Witnessed
from schema.graph import describe_enum
from schema.tree_heads import TreeHead

describe_enum(
    LogStanding,
    "What the witness has to say of a region's log (日志状态)",
    {
        "GOOD": "Signed, and it only grew since the heads kept before (正常)",
        "UNSIGNED": "It shows a head without a signature (未签名)",
        "BAD_SIGNATURE": "It shows a head whose signature does not hold by the register's key (签名无效)",
        "ROLLED_BACK": "It shows fewer entries than it had signed (日志回退)",
        "UNPROVED": "It shows more entries, and did not prove that those before are the same (未证明一致)",
        "FORKED": "It signed two heads that cannot both be true: entries were changed or removed (日志分叉)",
    },
)


@strawberry.type(description="A head as a region showed it (树头)")
class ShownHead:
    size: int = strawberry.field(description="Ledger entries in the log (分录数)")
    root: str = strawberry.field(description="Root hash, hexadecimal (根散列值)")
    signed_at: datetime = strawberry.field(description="When it was signed (签署时间)")
    signature: str | None = strawberry.field(description="The region's detached JWS over it (签名)")

    @classmethod
    def of(cls, head: TreeHead | None) -> Self | None:
        if head is None:
            return None
        return cls(size=head.size, root=head.root.hex(), signed_at=head.signed_at, signature=head.signature)


@strawberry.type(description="What this gateway keeps of a region's log, as a witness (日志见证)")
class WitnessedHead:
    code: strawberry.Private[str]
    standing: LogStanding = strawberry.field(description="Whether the log only grew (日志状态)")
    head: ShownHead | None = strawberry.field(
        description="The last head that was signed and followed from all before it (最近见证的树头)"
    )
    seen_at: datetime | None = strawberry.field(
        description="When the log was last found to stand there (最近见证时间)"
    )
    against: ShownHead | None = strawberry.field(
        description="The head that was shown and not accepted; after a fork, the evidence of it (不符的树头)"
    )

    @strawberry.field(description="Whose log it is (区域)")
    def region(self, info: Info) -> Region:
        return shown_region(info, self.code)

    @classmethod
    def of(cls, kept: Witnessed) -> Self:
        return cls(
            code=kept.region,
            standing=kept.standing,
            head=ShownHead.of(kept.head),
            seen_at=kept.seen_at,
            against=ShownHead.of(kept.against),
        )


@strawberry.type
class WitnessQuery:
    """Mixed into the national subgraph's Query."""

    @strawberry.field(
        description="The heads of regions' logs that this gateway keeps as a witness, by region (日志见证)"
    )
    def witnessed_heads(
        self,
        info: Info,
        region: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this region (区域代码)")
        ] = None,
    ) -> list[WitnessedHead]:
        return [
            WitnessedHead.of(kept)
            for code, kept in sorted(info.context.witnessed.items())
            if region in (None, code)
        ]
