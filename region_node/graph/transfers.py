"""Transfers in the graph: each side's record, and the steps by which a transfer begins, goes on and ends.

A statement comes as it was signed and is handed in as it came; whoever carries it adds nothing.
"""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from datetime import date
from typing import Annotated, Final, TypeVar

import strawberry

from edge.errors import PublicError
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.transfer import Heading, Signed, StatementKind
from region_node.domain.transfer import Transfer as Record
from region_node.domain.transfer_statements import read_heading
from region_node.graph import batches
from region_node.graph.arguments import IdempotencyKey, Identifier, RegionCode
from region_node.graph.connections import Connection, connection, page_request
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused, refused
from region_node.service.paging import Order, order_by
from region_node.service.perform import UseCase
from region_node.service.transfer_in_cases import (
    ACCEPT_TRANSFER,
    DECLINE_TRANSFER,
    REFUSE_CANCELLED,
    AcceptTransfer,
    DeclineTransfer,
    RefuseCancelled,
)
from region_node.service.transfer_out_cases import (
    CANCEL_TRANSFER,
    CONFIRM_TRANSFER,
    RESERVE_TRANSFER,
    CancelTransfer,
    ConfirmTransfer,
    ReserveTransfer,
)
from region_node.service.transfer_out_cases import TransferMoved as Moved
from region_node.service.transfer_permits import may_carry, may_see
from region_node.service.transfer_ports import Statements, TransferFilter
from schema.codes import RefusalCode
from schema.details import DetailCode, detail
from schema.directives import Route
from schema.graph import (
    Credits,
    Transfer,
    TransferMoved,
    TransferResult,
    TransferState,
    TransferStatement,
)
from schema.paging import After, Before, First, Last

C = TypeVar("C")

TRANSFER_ORDER: Final[Order] = order_by("began_on", date, descending=True)


@strawberry.input(description="What one side of a transfer stated, handed on as it came (签名声明)")
class TransferStatementInput:
    statement: str = strawberry.field(description="Canonical JSON, RFC 8785 (声明内容)")
    signature: str = strawberry.field(description="Detached JWS of the region that states it (签名)")

    def read(self) -> Signed:
        return Signed(self.statement, self.signature)


@strawberry.input(description="Where an outcome's credits are to go (转移申请)")
class ReserveTransferInput:
    to: strawberry.ID = strawberry.field(description="The target region (接收区域)")
    major: strawberry.ID | None = strawberry.field(
        default=None, description="The learner's major there: its courses are replaced (专业代码)"
    )
    expires_on: date | None = strawberry.field(
        default=None,
        description="Last day on which the target may accept; thirty days from now when absent "
        "(接受截止日期)",
    )


@strawberry.input(name="TransferFilter", description="Which transfers (转移筛选)")
class TransferFilterInput:
    state: TransferState | None = strawberry.field(
        default=None, description="Only those that stand so here (状态)"
    )
    with_region: strawberry.ID | None = strawberry.field(
        name="with", default=None, description="Only those with this region (对方区域)"
    )
    learner: strawberry.ID | None = strawberry.field(default=None, description="Only this learner (学习者)")


@strawberry.type(description="A page of transfers (学分转移列表)")
class TransferConnection(Connection[Transfer]):
    pass


@strawberry.type
class TransferQuery:
    @strawberry.field(
        description="One transfer as the books of `region`, its source or its target, have it (学分转移)",
        directives=[Route(argument="region")],
    )
    async def transfer(self, info: Info, region: RegionCode, id: Identifier) -> Transfer | None:
        context = info.context
        context.require_region(region)
        context.require(not context.caller.is_public)
        record = await context.load(batches.transfers, str(id))
        if record is None:
            raise PublicError(RefusalCode.UNKNOWN_TRANSFER.value, id=id)
        context.require(may_see(context.caller, record.heading, region))
        return await _current(context, str(id))

    @strawberry.field(
        description="Transfers from and to this region, newest first: of one learner (filter.learner), or "
        "all for its officers and auditors (学分转移列表)",
        directives=[Route(argument="region")],
    )
    async def transfers(
        self,
        info: Info,
        region: RegionCode,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            TransferFilterInput | None, strawberry.argument(description="Which ones; all when absent (筛选)")
        ] = None,
    ) -> TransferConnection | None:
        context = info.context
        context.require_region(region)
        given = filter or TransferFilterInput()
        where = TransferFilter(given.state, given.with_region, given.learner)
        of_one = where.learner_id is not None and context.may_read(where.learner_id)
        context.require(of_one or context.caller.may_read_region(region))
        request = page_request(info, TRANSFER_ORDER, first, after, last, before)
        async with context.reading() as unit:
            page = await unit.transfers.page(where, request)
            stated = await unit.transfers.statements([one.id for one in page.rows])
        return connection(
            TransferConnection,
            page,
            TRANSFER_ORDER,
            lambda record: _shown(record, stated.get(record.id, {}), region),
        )


@strawberry.type
class TransferMutation:
    @strawberry.mutation(
        description="Take an outcome's credits out of its account and export them to another region; the "
        "learner or the region's officers (预留并转出)",
        directives=[Route(argument="outcome")],
    )
    async def reserve_transfer(
        self,
        info: Info,
        outcome: Annotated[strawberry.ID, strawberry.argument(description="Which one (学习成果)")],
        input: Annotated[ReserveTransferInput, strawberry.argument(description="Where to (转移申请)")],
        idempotency_key: IdempotencyKey,
    ) -> TransferResult | None:
        context = info.context
        if context.caller.is_public:
            return refused(context.not_permitted(), context.locale)
        held = await context.load(batches.outcomes, str(outcome))
        if held is None:
            return refused(refuse(RefusalCode.UNKNOWN_OUTCOME, id=outcome), context.locale)
        if not context.caller.may_act_for_learner(held.learner_id, context.bank.region):
            return refused(context.not_permitted(), context.locale)
        command = ReserveTransfer(str(outcome), input.to, input.major, input.expires_on)
        return await _move(context, RESERVE_TRANSFER, command, idempotency_key)

    @strawberry.mutation(
        description="Answer an export by this region's own rules, once and for ever: a repeat gets the same "
        "receipt; the learner or officers of either region (接收转入)",
        directives=[Route(argument="region")],
    )
    async def accept_transfer(
        self,
        info: Info,
        region: RegionCode,
        export: Annotated[
            TransferStatementInput, strawberry.argument(description="The source's export (转出声明)")
        ],
        idempotency_key: IdempotencyKey,
        judged: Annotated[
            bool,
            strawberry.argument(
                description="An officer of this region lets stand what refers it to a person (人工同意)"
            ),
        ] = False,
    ) -> TransferResult | None:
        context = info.context
        context.require_region(region)
        permitted = not judged or context.caller.acts_for_region(region)
        command = AcceptTransfer(export.read(), judged)
        return await _carry(context, ACCEPT_TRANSFER, command, export, idempotency_key, permitted)

    @strawberry.mutation(
        description="Refuse an export for ever: this region's officers; or, on the source's cancellation, "
        "promise never to accept it: whoever may carry it (拒绝转入)",
        directives=[Route(argument="region")],
    )
    async def decline_transfer(
        self,
        info: Info,
        region: RegionCode,
        idempotency_key: IdempotencyKey,
        export: Annotated[
            TransferStatementInput | None,
            strawberry.argument(description="The source's export, to be declined (转出声明)"),
        ] = None,
        cancellation: Annotated[
            TransferStatementInput | None,
            strawberry.argument(description="Or the source's cancellation (撤回声明)"),
        ] = None,
    ) -> TransferResult | None:
        context = info.context
        context.require_region(region)
        if export is not None and cancellation is None:
            declining = DeclineTransfer(export.read())
            permitted = context.caller.acts_for_region(region)
            return await _carry(context, DECLINE_TRANSFER, declining, export, idempotency_key, permitted)
        if cancellation is not None and export is None:
            refusing = RefuseCancelled(cancellation.read())
            return await _carry(context, REFUSE_CANCELLED, refusing, cancellation, idempotency_key)
        either = detail(DetailCode.EITHER_EXPORT_OR_CANCELLATION)
        return refused(refuse(RefusalCode.MALFORMED_INPUT, detail=either), context.locale)

    @strawberry.mutation(
        description="End a transfer by the target's receipt: what it did not accept comes home; the learner "
        "or officers of either region (确认转移)",
        directives=[Route(argument="id")],
    )
    async def confirm_transfer(
        self,
        info: Info,
        id: Identifier,
        receipt: Annotated[
            TransferStatementInput, strawberry.argument(description="The target's receipt (接收回执)")
        ],
        idempotency_key: IdempotencyKey,
    ) -> TransferResult | None:
        command = ConfirmTransfer(receipt.read())
        return await _carry(info.context, CONFIRM_TRANSFER, command, receipt, idempotency_key, of=str(id))

    @strawberry.mutation(
        description="Ask for a transfer's credits back; they come home once the target has said that it did "
        "not accept them; the learner or the region's officers (撤回转移)",
        directives=[Route(argument="id")],
    )
    async def cancel_transfer(
        self, info: Info, id: Identifier, idempotency_key: IdempotencyKey
    ) -> TransferResult | None:
        context = info.context
        if context.caller.is_public:
            return refused(context.not_permitted(), context.locale)
        record = await context.load(batches.transfers, str(id))
        if record is None or not record.outgoing:
            return refused(refuse(RefusalCode.UNKNOWN_TRANSFER, id=id), context.locale)
        if not context.caller.may_act_for_learner(record.heading.learner_id, context.bank.region):
            return refused(context.not_permitted(), context.locale)
        return await _move(context, CANCEL_TRANSFER, CancelTransfer(str(id)), idempotency_key)


async def _carry(
    context: Context,
    use_case: UseCase[C, Moved],
    command: C,
    carried: TransferStatementInput,
    key: str,
    permitted: bool = True,
    *,
    of: str | None = None,
) -> TransferMoved | Refused:
    """Hand in a statement for whoever may carry it; its signature is checked where it is relied on."""
    heading = _heading(carried)
    if isinstance(heading, Refusal):
        return refused(heading, context.locale)
    if of is not None and heading.transfer != of:
        other = detail(DetailCode.STATEMENT_OF_OTHER_TRANSFER, transfer=heading.transfer)
        return refused(refuse(RefusalCode.STATEMENT_INVALID, detail=other), context.locale)
    if not (permitted and may_carry(context.caller, heading)):
        return refused(context.not_permitted(), context.locale)
    return await _move(context, use_case, command, key)


def _heading(carried: TransferStatementInput) -> Heading | Refusal:
    try:
        return read_heading(carried.statement)
    except ValueError as error:
        unreadable = detail(DetailCode.STATEMENT_UNREADABLE, found=str(error).splitlines()[0])
        return refuse(RefusalCode.STATEMENT_INVALID, detail=unreadable)


async def _move(
    context: Context, use_case: UseCase[C, Moved], command: C, key: str
) -> TransferMoved | Refused:
    """Make the step; what is shown is how the transfer stands now, also where it had been made before."""
    answer = await context.perform(use_case, command, key)
    if isinstance(answer, Refusal):
        return refused(answer, context.locale)
    return TransferMoved(transfer=await _current(context, answer.id))


async def _current(context: Context, identifier: str) -> Transfer:
    record = await context.load(batches.transfers, identifier)
    assert record is not None  # noqa: S101 - it was found or made just now, and none is ever deleted
    stated = await context.load(batches.transfer_statements, identifier)
    return _shown(record, stated or {}, context.bank.region)


def _shown(record: Record, stated: Statements, region: str) -> Transfer:
    heading = record.heading
    return Transfer(
        id=strawberry.ID(heading.transfer),
        region=strawberry.ID(region),
        from_region=strawberry.ID(heading.issuer),
        to_region=strawberry.ID(heading.accepter),
        state=record.state,
        learner_id=strawberry.ID(heading.learner_id),
        outcome_id=strawberry.ID(heading.outcome_id),
        credits=Credits(heading.credits),
        credits_accepted=Credits(record.accepted),
        verdict=record.verdict,
        reasons=list(record.reasons),
        began_on=record.began_on,
        expires_on=heading.expires_on,
        entry=None if record.entry_id is None else strawberry.ID(record.entry_id),
        statements=[
            TransferStatement(kind=kind.value, statement=signed.statement, signature=signed.signature)
            for kind in StatementKind
            if (signed := stated.get(kind)) is not None
        ],
    )
