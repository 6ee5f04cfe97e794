"""The transfer fields of the national subgraph: a client's one request for all steps of a transfer."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, input
from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from gateway.national.context import Info
from gateway.national.transfers import Carried, TransferAsked
from schema.codes import ReasonCode, RefusalCode, say
from schema.graph import Refused, Transfer, TransferMoved, TransferResult
from schema.ids import region_of


@strawberry.input(description="Which outcome's credits are to go where (学分转移申请)")
class TransferInput:
    outcome: strawberry.ID = strawberry.field(description="The outcome; its region is the source (学习成果)")
    to: strawberry.ID = strawberry.field(description="Code of the target region (接收区域)")
    major: strawberry.ID | None = strawberry.field(
        default=None, description="The learner's major there: its courses are replaced (专业)"
    )
    expires_on: date | None = strawberry.field(
        default=None,
        description="Last day on which the target may accept; thirty days from now when absent "
        "(接受截止日期)",
    )


@strawberry.type
class TransferMutation:
    """Mixed into the national subgraph's Mutation."""

    @strawberry.mutation(
        description="Move an outcome's credits to another region: reserved, accepted and confirmed in one "
        "request. Where a bank does not answer, the same request with the same key goes on; the learner or "
        "the source region's officers (学分转移)"
    )
    async def transfer(
        self,
        info: Info,
        input: Annotated[TransferInput, strawberry.argument(description="What to move (转移申请)")],
        idempotency_key: Annotated[
            str,
            strawberry.argument(
                description="Names this transfer: a repeat goes on with it, 1 to 128 characters (幂等键)"
            ),
        ],
    ) -> TransferResult | None:
        registered = info.context.published.ground().regions
        region = region_of(input.outcome) or ""
        if region not in registered:
            return _refused(info, RefusalCode.UNKNOWN_OUTCOME, id=input.outcome[:80])
        if input.to not in registered:
            reason = ReasonCode.UNKNOWN_REGION.value
            return _refused(info, RefusalCode.NOT_COVERED, to=input.to[:20], reason=reason)
        asked = TransferAsked(input.outcome, region, input.to, input.major, input.expires_on, idempotency_key)
        carried = await info.context.transfers.begin(asked, info.context.asking)
        return _shown(info, carried)

    @strawberry.mutation(
        description="Carry a transfer to its end, whoever began it, and also one that its source is "
        "cancelling; the learner or officers of either region (续办学分转移)"
    )
    async def resume_transfer(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The transfer (转移编号)")],
    ) -> TransferResult | None:
        region = region_of(id) or ""
        if region not in info.context.published.ground().regions:
            return _refused(info, RefusalCode.UNKNOWN_TRANSFER, id=id[:80])
        return _shown(info, await info.context.transfers.resume(region, id, info.context.asking))


def _shown(info: Info, carried: Carried) -> TransferMoved | Refused | None:
    """What came of it, and beside it, which bank's silence kept it from its end."""
    if carried.silent is not None:
        info.context.tell_silent_region(info.path.as_list(), carried.silent)
    record = carried.record
    return TransferMoved(transfer=record) if isinstance(record, Transfer) else record


def _refused(info: Info, code: RefusalCode, **facts: object) -> Refused:
    return Refused(code=code, message=say(code, info.context.asking.language, **facts))
