"""A learning outcome as the graph shows it, and the pages of outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from catalogue.graph import Certificate
from region_node.domain import outcome as domain
from region_node.domain.outcome import OutcomeStatus, OutcomeStep, RevocationGround
from region_node.graph import batches
from region_node.graph.arguments import AsOf, KnownAt
from region_node.graph.connections import Connection, connection
from region_node.graph.context import Batch, Context, Info
from region_node.graph.enums import OutcomeOrder
from region_node.graph.filters import OutcomeFilterInput
from region_node.graph.ledger import LedgerEntry
from region_node.graph.needs import need
from region_node.graph.reasons import Explained
from region_node.graph.states import OutcomeState, outcome_state
from region_node.service.paging import Order, Page, PageRequest, order_by
from schema.directives import ShardKey
from schema.graph import Credits, OutcomeKind, SkillLevel

if TYPE_CHECKING:
    from region_node.graph.account import Account
    from region_node.graph.learner import Learner
    from region_node.graph.region import Region

OUTCOME_ORDERS: Final[dict[OutcomeOrder, Order]] = {
    OutcomeOrder.ISSUED_ON_ASC: order_by("issued_on", date),
    OutcomeOrder.ISSUED_ON_DESC: order_by("issued_on", date, descending=True),
    OutcomeOrder.SUBMITTED_ON_ASC: order_by("submitted_on", date),
    OutcomeOrder.SUBMITTED_ON_DESC: order_by("submitted_on", date, descending=True),
    OutcomeOrder.CREDITS_ASC: order_by("credits", int),
    OutcomeOrder.CREDITS_DESC: order_by("credits", int, descending=True),
}


@strawberry.type(description="One step of an outcome's life (学习成果变更记录)")
class OutcomeEvent(Explained):
    step: OutcomeStep = strawberry.field(description="What happened (事件)")
    on: date = strawberry.field(description="Day from which it holds (生效日期)")
    recorded_at: datetime = strawberry.field(description="When the bank recorded it (记录时间)")
    ground: RevocationGround | None = strawberry.field(description="Ground of a revocation (撤销理由)")

    @classmethod
    def of(cls, event: domain.OutcomeEvent) -> Self:
        return cls(
            step=event.step,
            on=event.on,
            recorded_at=event.recorded_at,
            written=event.reason,
            ground=event.ground,
        )

    @classmethod
    def each(cls, events: Iterable[domain.OutcomeEvent] | None) -> list[Self]:
        return list(map(cls.of, events or ()))


@strawberry.federation.type(
    keys=["id"],
    directives=[ShardKey(field="id")],
    description="One achievement of a learner, as this region's bank keeps it (学习成果)",
)
class LearningOutcome:
    id: strawberry.ID = strawberry.field(description="Identifier, beginning with the region (学习成果编号)")
    kind: OutcomeKind = strawberry.field(description="What sort of achievement (类型)")
    title: str = strawberry.field(description="Its name (名称)")
    status: OutcomeStatus = strawberry.field(description="How it stands now (状态)")
    level: SkillLevel | None = strawberry.field(description="Skill level of the certificate (等级)")
    standard_version: str | None = strawberry.field(description="Version of its standard (标准版本)")
    certificate_number: str | None = strawberry.field(description="Serial number on the paper (证书编号)")
    organisation: str | None = strawberry.field(
        description="Evaluation organisation or school that issued it (颁发机构)"
    )
    examiner_level: SkillLevel | None = strawberry.field(
        description="The level that the examiner held, where known (考官等级)"
    )
    issued_on: date = strawberry.field(description="Day of issue (颁发日期)")
    examined_on: date = strawberry.field(description="Day of the exam (考试日期)")
    submitted_on: date = strawberry.field(description="Day of submission (提交日期)")
    credits: Credits = strawberry.field(description="Credits it carries (学分)")
    core_credits: Credits = strawberry.field(description="Of these, core credits (核心学分)")
    flexible_credits: Credits = strawberry.field(description="Of these, flexible credits (柔性学分)")
    flagged: bool = strawberry.field(
        description="An outcome it rests on was revoked: a person must look at it (是否被标记)"
    )
    valid_to: date | None = strawberry.field(
        description="Last day of its credits, given with the deposit; null: they stay for good (学分有效期至)"
    )
    expired: bool = strawberry.field(
        description="That day is over, and what was left of the credits has left the account (是否已失效)"
    )
    examiner: str | None = strawberry.field(
        description="Code of who examined, where it was stated (考官编号)"
    )
    site: str | None = strawberry.field(description="Code of the exam site, where it was stated (考点编号)")
    account_id: strawberry.Private[str]
    learner_id: strawberry.Private[str]
    sources: strawberry.Private[tuple[str, ...]]
    certificate_code: strawberry.Private[str | None]

    @classmethod
    def maybe(cls, outcome: domain.Outcome | None) -> Self | None:
        return None if outcome is None else cls.of(outcome)

    @classmethod
    def of(cls, outcome: domain.Outcome) -> Self:
        return cls(
            id=strawberry.ID(outcome.id),
            kind=outcome.kind,
            title=outcome.title,
            status=outcome.status,
            level=outcome.level,
            standard_version=outcome.standard_version,
            certificate_number=outcome.certificate_number,
            organisation=outcome.organisation,
            examiner_level=outcome.examiner_level,
            issued_on=outcome.issued_on,
            examined_on=outcome.examined_on,
            submitted_on=outcome.submitted_on,
            credits=Credits(outcome.credits),
            core_credits=Credits(outcome.core_credits),
            flexible_credits=Credits(outcome.flexible_credits),
            flagged=outcome.flagged,
            valid_to=outcome.valid_to,
            expired=outcome.expired,
            examiner=outcome.examiner,
            site=outcome.site,
            account_id=outcome.account_id,
            learner_id=outcome.learner_id,
            sources=outcome.derived_from,
            certificate_code=outcome.certificate,
        )

    @strawberry.field(description="The X certificate, as the catalogue has it (职业技能等级证书)")
    def certificate(self, info: Info) -> Certificate | None:
        code = self.certificate_code
        found = None if code is None else info.context.catalogue.certificate(code)
        return None if found is None else Certificate.of(found)

    @strawberry.field(description="The region whose bank keeps it (区域)")
    def region(self, info: Info) -> Annotated[Region, strawberry.lazy("region_node.graph.region")]:
        from region_node.graph.region import Region

        return Region(code=strawberry.ID(info.context.bank.region))

    @strawberry.field(description="The account it is on (账户)")
    def account(self, info: Info) -> Annotated[Account, strawberry.lazy("region_node.graph.account")] | None:
        from region_node.graph.account import Account

        return need(info.context, batches.accounts, self.account_id, become=Account.maybe)

    @strawberry.field(description="Whose achievement it is, by pseudonym (学习者)")
    def learner(self) -> Annotated[Learner, strawberry.lazy("region_node.graph.learner")]:
        from region_node.graph.learner import Learner

        return Learner(id=strawberry.ID(self.learner_id))

    @strawberry.field(description="The outcomes it rests on (来源成果)")
    async def derived_from(
        self, info: Info
    ) -> list[Annotated[LearningOutcome, strawberry.lazy("region_node.graph.outcome")]]:
        found = await info.context.load_many(batches.outcomes, self.sources)
        return [LearningOutcome.of(outcome) for outcome in found if outcome is not None]

    @strawberry.field(description="Every step of its life, oldest first (变更记录)")
    def history(self, info: Info) -> list[OutcomeEvent]:
        return need(info.context, batches.outcome_events, str(self.id), become=OutcomeEvent.each)

    @strawberry.field(
        description="How it stood on a day, by what was known at an instant; null before it was (历史状态)"
    )
    async def state(self, info: Info, as_of: AsOf = None, known_at: KnownAt = None) -> OutcomeState | None:
        return await outcome_state(info.context, self.id, as_of, known_at)

    @strawberry.field(description="The ledger entry that used it; an outcome is used once (使用凭证)")
    async def used_by(self, info: Info) -> LedgerEntry | None:
        entry_id = await info.context.load(batches.uses, str(self.id))
        entry = None if entry_id is None else await info.context.load(batches.entries, entry_id)
        return None if entry is None else LedgerEntry.of(entry)


@strawberry.type(description="A page of learning outcomes (学习成果列表)")
class OutcomeConnection(Connection[LearningOutcome]):
    pass


def outcomes_of(
    context: Context,
    batch: Batch[str, Page[domain.Outcome]],
    parent: str,
    where: OutcomeFilterInput | None,
    request: PageRequest,
) -> OutcomeConnection:
    """One page of the outcomes of an account or a learner; `batch` says of which."""
    become = partial(outcome_connection, request.order)
    return need(context, batch, str(parent), OutcomeFilterInput.read(where), request, become=become)


def outcome_connection(order: Order, page: Page[domain.Outcome] | None) -> OutcomeConnection:
    return connection(OutcomeConnection, page or Page(), order, LearningOutcome.of)
