"""Agreements in the graph: this side's copies, and the handshake by which they come about."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self, TypeVar

import strawberry

from edge.errors import PublicError
from region_node.domain import agreements as domain
from region_node.graph import published_batches as batches
from region_node.graph.arguments import IdempotencyKey, Identifier, KnownAt, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused
from region_node.service.agreement_cases import (
    END_AGREEMENT,
    PROPOSE_AGREEMENT,
    SIGN_AGREEMENT,
    SUSPEND_AGREEMENT,
    EndAgreement,
    ProposeAgreement,
    SignAgreement,
    SuspendAgreement,
)
from region_node.service.perform import UseCase
from schema import agreements as terms
from schema.agreements import ANY, AgreementTerms, ScopeItem
from schema.codes import RefusalCode
from schema.directives import Route
from schema.graph import AgreementKind, AgreementStatus, OutcomeKind, SkillLevel

C = TypeVar("C")

Reason = Annotated[str, strawberry.argument(description="Why, for the other side to read (原因)")]


@strawberry.type(description="One line of what an agreement covers (协议范围)")
class AgreementScope:
    certificate: strawberry.ID | None = strawberry.field(
        description="Certificate code; null covers every certificate (证书代码；空为全部)"
    )
    levels: list[SkillLevel] = strawberry.field(description="Levels; empty covers all (等级；空为全部)")
    kinds: list[OutcomeKind] = strawberry.field(
        description="Kinds of outcome; empty covers all (成果类型；空为全部)"
    )
    flexible: bool = strawberry.field(description="Whether flexible credits are covered (是否含柔性学分)")
    rate_percent: int = strawberry.field(description="Credits are scaled by this, in percent (折算比例)")

    @classmethod
    def of(cls, item: ScopeItem) -> Self:
        return cls(
            certificate=None if item.certificate == ANY else strawberry.ID(item.certificate),
            levels=list(item.levels),
            kinds=list(item.kinds),
            flexible=item.flexible,
            rate_percent=item.rate_percent,
        )


@strawberry.type(description="One step of this side's copy of an agreement (协议变更记录)")
class AgreementEvent:
    status: AgreementStatus = strawberry.field(description="Status from then on (此后状态)")
    on: date = strawberry.field(description="Day from which it holds (生效日期)")
    recorded_at: datetime = strawberry.field(description="When the bank recorded it (记录时间)")
    reason: str = strawberry.field(description="Why, where it was said (原因)")

    @classmethod
    def of(cls, event: domain.AgreementEvent) -> Self:
        return cls(status=event.status, on=event.on, recorded_at=event.recorded_at, reason=event.reason)


@strawberry.type(description="This region's signed copy of an agreement with another (互认协议)")
class Agreement:
    id: strawberry.ID = strawberry.field(description="Identifier of this side's copy (协议编号)")
    partner: strawberry.ID = strawberry.field(name="with", description="The other region (对方区域)")
    kind: AgreementKind = strawberry.field(description="Alliance or paired assistance (类型)")
    accepts: strawberry.ID | None = strawberry.field(
        description="For paired assistance, the side that accepts; null where both do (认可方)"
    )
    status: AgreementStatus = strawberry.field(description="How this copy stands (状态)")
    scope: list[AgreementScope] = strawberry.field(
        description="What it covers; the first line that fits decides (范围)"
    )
    first_day: date = strawberry.field(description="First day in force (生效日期)")
    last_day: date | None = strawberry.field(
        description="Last day of the terms, included; null where no end is set (截止日期，含当日)"
    )
    suspended_on: date | None = strawberry.field(description="First day of its suspension (中止日期)")
    ended_on: date | None = strawberry.field(description="First day after its early end (终止日期)")
    version: int = strawberry.field(description="Version of the terms; each succeeds the one before (版本)")
    notice_days: int = strawberry.field(
        description="Days between saying that one suspends or ends it, and doing so (通知期天数)"
    )
    terms_hash: str = strawberry.field(
        description="SHA-256 of the terms (RFC 8785): equal where both copies agree (条款散列值)"
    )

    @classmethod
    def of(cls, agreement: terms.Agreement, region: str) -> Self:
        signed = agreement.terms
        return cls(
            id=strawberry.ID(agreement.id),
            partner=strawberry.ID(domain.partner_of(agreement, region)),
            kind=signed.kind,
            accepts=None if signed.accepts is None else strawberry.ID(signed.accepts),
            status=agreement.status,
            scope=[AgreementScope.of(item) for item in signed.scope],
            first_day=signed.first_day,
            last_day=signed.last_day,
            suspended_on=agreement.suspended_on,
            ended_on=agreement.ended_on,
            version=signed.version,
            notice_days=signed.notice_days,
            terms_hash=signed.hash(),
        )

    @strawberry.field(
        description="This region's detached JWS over the canonical terms (RFC 8785); null while it has not "
        "signed, or where it has no signing key (签名)"
    )
    async def signature(self, info: Info) -> str | None:
        events = await info.context.load(batches.agreement_events, str(self.id)) or ()
        return next((event.signature for event in events if event.signature is not None), None)

    @strawberry.field(description="Every step of this copy, oldest first (变更记录)")
    async def history(self, info: Info) -> list[AgreementEvent]:
        events = await info.context.load(batches.agreement_events, str(self.id))
        return [AgreementEvent.of(event) for event in events or ()]


@strawberry.input(description="One line of what an agreement covers (协议范围)")
class AgreementScopeInput:
    certificate: strawberry.ID | None = strawberry.field(
        default=None, description="Certificate code; every certificate when absent (证书代码；缺省为全部)"
    )
    levels: list[SkillLevel] = strawberry.field(
        default_factory=list, description="Levels; all when empty (等级；空为全部)"
    )
    kinds: list[OutcomeKind] = strawberry.field(
        default_factory=list, description="Kinds of outcome; all when empty (成果类型；空为全部)"
    )
    flexible: bool = strawberry.field(
        default=True, description="Whether flexible credits are covered (是否含柔性学分)"
    )
    rate_percent: int = strawberry.field(
        default=100, description="Scale credits by this, 1 to 100 percent (折算比例)"
    )

    def item(self) -> ScopeItem:
        return ScopeItem(
            certificate=self.certificate or ANY,
            levels=tuple(self.levels),
            kinds=tuple(self.kinds),
            flexible=self.flexible,
            rate_percent=self.rate_percent,
        )


@strawberry.input(description="The terms both sides sign (协议条款)")
class AgreementTermsInput:
    partner: strawberry.ID = strawberry.field(name="with", description="The other region (对方区域)")
    kind: AgreementKind = strawberry.field(description="Alliance or paired assistance (类型)")
    first_day: date = strawberry.field(description="First day in force (生效日期)")
    accepts: strawberry.ID | None = strawberry.field(
        default=None, description="For paired assistance, the side that accepts (认可方)"
    )
    scope: list[AgreementScopeInput] = strawberry.field(
        default_factory=lambda: [AgreementScopeInput()],
        description="What it covers, line by line; everything when absent (范围)",
    )
    last_day: date | None = strawberry.field(
        default=None, description="Last day in force, included; no end when absent (截止日期，含当日)"
    )
    version: int = strawberry.field(
        default=1, description="Version of the terms, one above the one it succeeds (版本)"
    )
    notice_days: int = strawberry.field(
        default=0, description="Days' notice before a side suspends or ends it, 0 to 1000 (通知期天数)"
    )

    def terms(self, region: str) -> AgreementTerms:
        one, other = sorted((region, str(self.partner)))
        return AgreementTerms(
            parties=(one, other),
            kind=self.kind,
            accepts=self.accepts,
            scope=tuple(line.item() for line in self.scope),
            first_day=self.first_day,
            last_day=self.last_day,
            version=self.version,
            notice_days=self.notice_days,
        )


@strawberry.type(description="This side's copy was proposed or moved (协议已变更)")
class AgreementChanged:
    agreement: Agreement = strawberry.field(description="The copy after the change (协议)")


AgreementResult = Annotated[
    AgreementChanged | Refused,
    strawberry.union("AgreementResult", description="The copy after the change, or why not (协议结果)"),
]


@strawberry.type
class AgreementQuery:
    @strawberry.field(
        description="This region's copies of its agreements (互认协议)", directives=[Route(argument="region")]
    )
    async def agreements(
        self,
        info: Info,
        region: RegionCode,
        with_: Annotated[
            strawberry.ID | None,
            strawberry.argument(name="with", description="Only those with this region (对方区域)"),
        ] = None,
        status: Annotated[
            AgreementStatus | None, strawberry.argument(description="Only those that stand so (状态)")
        ] = None,
        known_at: KnownAt = None,
    ) -> list[Agreement] | None:
        info.context.require_region(region)
        return await agreements_of(info.context, with_, status, known_at)

    @strawberry.field(description="One agreement (互认协议)", directives=[Route(argument="id")])
    async def agreement(self, info: Info, id: Identifier) -> Agreement | None:
        found = await info.context.load(batches.agreements, str(id))
        if found is None:
            raise PublicError(RefusalCode.UNKNOWN_AGREEMENT.value, id=id)
        return Agreement.of(found, info.context.bank.region)


@strawberry.type
class AgreementMutation:
    @strawberry.mutation(
        description="Take terms into this region's books as its unsigned copy; its officers (提议协议)",
        directives=[Route(argument="region")],
    )
    async def propose_agreement(
        self,
        info: Info,
        region: RegionCode,
        terms: Annotated[AgreementTermsInput, strawberry.argument(description="The terms (协议条款)")],
        idempotency_key: IdempotencyKey,
    ) -> AgreementResult | None:
        info.context.require_region(region)
        command = ProposeAgreement(terms.terms(region))
        return await _move(info.context, PROPOSE_AGREEMENT, command, idempotency_key)

    @strawberry.mutation(
        description="Sign this region's copy; its officers (签署协议)", directives=[Route(argument="id")]
    )
    async def sign_agreement(
        self, info: Info, id: Identifier, idempotency_key: IdempotencyKey
    ) -> AgreementResult | None:
        command = SignAgreement(id)
        return await _move(info.context, SIGN_AGREEMENT, command, idempotency_key)

    @strawberry.mutation(
        description="Stop relying on an agreement, after the notice that its terms give; its officers "
        "(中止协议)",
        directives=[Route(argument="id")],
    )
    async def suspend_agreement(
        self,
        info: Info,
        id: Identifier,
        idempotency_key: IdempotencyKey,
        from_: Annotated[
            date | None,
            strawberry.argument(
                name="from", description="First day; the first that the notice allows when absent (中止日期)"
            ),
        ] = None,
        reason: Reason = "",
    ) -> AgreementResult | None:
        command = SuspendAgreement(id, from_, reason)
        return await _move(info.context, SUSPEND_AGREEMENT, command, idempotency_key)

    @strawberry.mutation(
        description="End an agreement after a last day, which still counts; its officers (终止协议)",
        directives=[Route(argument="id")],
    )
    async def end_agreement(
        self,
        info: Info,
        id: Identifier,
        last_day: Annotated[date, strawberry.argument(description="Its last day, included (最后一日)")],
        idempotency_key: IdempotencyKey,
        reason: Reason = "",
    ) -> AgreementResult | None:
        command = EndAgreement(id, last_day, reason)
        return await _move(info.context, END_AGREEMENT, command, idempotency_key)


async def agreements_of(
    context: Context,
    partner: str | None = None,
    status: AgreementStatus | None = None,
    known_at: datetime | None = None,
) -> list[Agreement]:
    async with context.reading() as unit:
        if known_at is None:
            found = await unit.agreements.all(partner, status)
        else:
            copies = await unit.agreements.all(partner)
            steps = await unit.agreements.events([copy.id for copy in copies])
            known = (terms.as_known(copy, steps.get(copy.id, ()), known_at) for copy in copies)
            found = tuple(copy for copy in known if copy is not None and status in (None, copy.status))
    return [Agreement.of(agreement, context.bank.region) for agreement in found]


async def _move(
    context: Context, use_case: UseCase[C, terms.Agreement], command: C, key: str
) -> AgreementChanged | Refused:
    def shown(agreement: terms.Agreement) -> AgreementChanged:
        return AgreementChanged(agreement=Agreement.of(agreement, context.bank.region))

    return await change(context, use_case, command, key, shown)
