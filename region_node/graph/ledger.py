"""Ledger entries and fraud cases as the graph shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from region_node.domain import case as case_domain
from region_node.domain import ledger as domain
from region_node.domain.case import CaseFinding, CaseStatus
from region_node.domain.ledger import EntryKind
from region_node.graph import batches
from region_node.graph.connections import Connection, connection
from region_node.graph.context import Info
from region_node.graph.needs import need
from region_node.service.paging import Order, Page, SortKey, order_by
from schema.directives import ShardKey
from schema.graph import Credits

if TYPE_CHECKING:
    from region_node.graph.account import Account
    from region_node.graph.outcome import LearningOutcome

ENTRY_ORDER: Final[Order] = (SortKey("number", int), SortKey("id", str))
CASE_ORDER: Final[Order] = order_by("opened_on", date, descending=True)


@strawberry.federation.type(
    keys=["id"],
    directives=[ShardKey(field="id")],
    description="One change of an account's balance; entries are only ever added (分录)",
)
class LedgerEntry:
    id: strawberry.ID = strawberry.field(description="Identifier, beginning with the region (分录编号)")
    kind: EntryKind = strawberry.field(description="What sort of change (类型)")
    credits: Credits = strawberry.field(description="Signed amount (学分增减)")
    posted_on: date = strawberry.field(description="Day of posting, in the region (入账日期)")
    posted_at: datetime = strawberry.field(description="Instant of posting (入账时间)")
    balance_after: Credits = strawberry.field(description="Balance with this entry included (入账后余额)")
    account_id: strawberry.ID = strawberry.field(description="The account's identifier (账户编号)")
    outcome_id: strawberry.ID | None = strawberry.field(
        description="The outcome it is about; another region's for an award (学习成果编号)"
    )
    reverses: strawberry.ID | None = strawberry.field(description="The entry it compensates (所冲正分录)")
    memo: str = strawberry.field(description="A note (摘要)")

    @classmethod
    def of(cls, entry: domain.LedgerEntry) -> Self:
        return cls(
            id=strawberry.ID(entry.id),
            kind=entry.kind,
            credits=Credits(entry.credits),
            posted_on=entry.posted_on,
            posted_at=entry.posted_at,
            balance_after=Credits(entry.balance_after),
            account_id=strawberry.ID(entry.account_id),
            outcome_id=None if entry.outcome_id is None else strawberry.ID(entry.outcome_id),
            reverses=None if entry.reverses is None else strawberry.ID(entry.reverses),
            memo=entry.memo,
        )

    @strawberry.field(description="The account it changes (账户)")
    def account(self, info: Info) -> Annotated[Account, strawberry.lazy("region_node.graph.account")] | None:
        from region_node.graph.account import Account

        return need(info.context, batches.accounts, str(self.account_id), become=Account.maybe)

    @strawberry.field(description="The outcome of this region it is about (学习成果)")
    def outcome(
        self, info: Info
    ) -> Annotated[LearningOutcome, strawberry.lazy("region_node.graph.outcome")] | None:
        from region_node.graph.outcome import LearningOutcome

        if self.outcome_id is None:
            return None
        return need(info.context, batches.outcomes, str(self.outcome_id), become=LearningOutcome.maybe)


@strawberry.type(description="A page of ledger entries (分录列表)")
class LedgerEntryConnection(Connection[LedgerEntry]):
    pass


def entry_connection(page: Page[domain.LedgerEntry] | None) -> LedgerEntryConnection:
    return connection(LedgerEntryConnection, page or Page(), ENTRY_ORDER, LedgerEntry.of)


@strawberry.type(description="A case of fraud, opened by a revocation (造假案件)")
class FraudCase:
    id: strawberry.ID = strawberry.field(description="Identifier, beginning with the region (案件编号)")
    status: CaseStatus = strawberry.field(description="How it stands (状态)")
    opened_on: date = strawberry.field(description="Day of opening (立案日期)")
    closed_on: date | None = strawberry.field(description="Day of decision (结案日期)")
    account_id: strawberry.ID = strawberry.field(description="The account it froze (账户编号)")
    outcome_id: strawberry.ID = strawberry.field(description="The outcome that was revoked (学习成果编号)")
    learner_id: strawberry.ID = strawberry.field(description="The learner's pseudonym (学习者编号)")
    reason: str = strawberry.field(description="Why it was opened (事由)")
    finding: CaseFinding | None = strawberry.field(
        description="What was decided; null while it is open (结论)"
    )
    finding_reason: str = strawberry.field(description="Why it was decided so (结论说明)")

    @classmethod
    def of(cls, case: case_domain.FraudCase) -> Self:
        return cls(
            id=strawberry.ID(case.id),
            status=case.status,
            opened_on=case.opened_on,
            closed_on=case.closed_on,
            account_id=strawberry.ID(case.account_id),
            outcome_id=strawberry.ID(case.outcome_id),
            learner_id=strawberry.ID(case.learner_id),
            reason=case.reason,
            finding=case.finding,
            finding_reason=case.finding_reason,
        )


@strawberry.type(description="A page of fraud cases (案件列表)")
class FraudCaseConnection(Connection[FraudCase]):
    pass


def case_connection(page: Page[case_domain.FraudCase]) -> FraudCaseConnection:
    return connection(FraudCaseConnection, page, CASE_ORDER, FraudCase.of)
