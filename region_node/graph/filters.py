"""What lists can be narrowed to. Conditions are joined by "and"; an absent one is not asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from region_node.domain.account import AccountStatus, LearnerGroup
from region_node.domain.case import CaseStatus
from region_node.domain.ledger import EntryKind
from region_node.domain.outcome import OutcomeStatus
from region_node.graph.enums import AccountOrder, OutcomeOrder
from region_node.service.bank_ports import AccountFilter, CaseFilter, EntryFilter, OutcomeFilter
from schema.graph import OutcomeKind, SkillLevel


@strawberry.input(name="AccountFilter", description="Which accounts (账户筛选)")
class AccountFilterInput:
    status: AccountStatus | None = strawberry.field(default=None, description="Only this status (状态)")
    group: LearnerGroup | None = strawberry.field(default=None, description="Only this group (群体)")
    learner: strawberry.ID | None = strawberry.field(default=None, description="Only this learner (学习者)")
    opened_from: date | None = strawberry.field(
        default=None, description="Opened on or after this day (开户日期起)"
    )
    opened_to: date | None = strawberry.field(
        default=None, description="Opened on or before this day (开户日期止)"
    )

    @classmethod
    def read(cls, given: Self | None) -> AccountFilter:
        if given is None:
            return AccountFilter()
        return AccountFilter(
            status=given.status,
            group=given.group,
            learner_id=given.learner,
            opened_from=given.opened_from,
            opened_to=given.opened_to,
        )


@strawberry.input(name="OutcomeFilter", description="Which learning outcomes (学习成果筛选)")
class OutcomeFilterInput:
    status: OutcomeStatus | None = strawberry.field(default=None, description="Only this status (状态)")
    kind: OutcomeKind | None = strawberry.field(default=None, description="Only this kind (类型)")
    certificate: strawberry.ID | None = strawberry.field(
        default=None, description="Only this certificate (证书)"
    )
    level: SkillLevel | None = strawberry.field(default=None, description="Only this level (等级)")
    learner: strawberry.ID | None = strawberry.field(default=None, description="Only this learner (学习者)")
    flagged: bool | None = strawberry.field(
        default=None, description="Only those that rest on a revoked outcome, or only the others (是否被标记)"
    )
    issued_from: date | None = strawberry.field(
        default=None, description="Issued on or after this day (颁发日期起)"
    )
    issued_to: date | None = strawberry.field(
        default=None, description="Issued on or before this day (颁发日期止)"
    )

    @classmethod
    def read(cls, given: Self | None) -> OutcomeFilter:
        if given is None:
            return OutcomeFilter()
        return OutcomeFilter(
            status=given.status,
            kind=given.kind,
            certificate=given.certificate,
            level=given.level,
            learner_id=given.learner,
            flagged=given.flagged,
            issued_from=given.issued_from,
            issued_to=given.issued_to,
        )


@strawberry.input(name="EntryFilter", description="Which ledger entries (分录筛选)")
class EntryFilterInput:
    kind: EntryKind | None = strawberry.field(default=None, description="Only this kind (类型)")
    outcome: strawberry.ID | None = strawberry.field(
        default=None, description="Only entries of this outcome (学习成果)"
    )
    as_of: date | None = strawberry.field(
        default=None, description="Posted on or before this day (入账日期止)"
    )
    known_at: datetime | None = strawberry.field(
        default=None, description="Posted at or before this instant (入账时间止)"
    )

    @classmethod
    def read(cls, given: Self | None) -> EntryFilter:
        if given is None:
            return EntryFilter()
        return EntryFilter(given.kind, given.outcome, given.as_of, given.known_at)


@strawberry.input(name="CaseFilter", description="Which fraud cases (案件筛选)")
class CaseFilterInput:
    status: CaseStatus | None = strawberry.field(default=None, description="Only this status (状态)")
    learner: strawberry.ID | None = strawberry.field(default=None, description="Only this learner (学习者)")
    outcome: strawberry.ID | None = strawberry.field(
        default=None, description="Only about this outcome (学习成果)"
    )
    opened_from: date | None = strawberry.field(
        default=None, description="Opened on or after this day (立案日期起)"
    )
    opened_to: date | None = strawberry.field(
        default=None, description="Opened on or before this day (立案日期止)"
    )

    @classmethod
    def read(cls, given: Self | None) -> CaseFilter:
        if given is None:
            return CaseFilter()
        return CaseFilter(
            status=given.status,
            learner_id=given.learner,
            outcome_id=given.outcome,
            opened_from=given.opened_from,
            opened_to=given.opened_to,
        )


AccountsWhere = Annotated[
    AccountFilterInput | None, strawberry.argument(description="Which accounts; all when absent (筛选)")
]
OutcomesWhere = Annotated[
    OutcomeFilterInput | None, strawberry.argument(description="Which outcomes; all when absent (筛选)")
]
EntriesWhere = Annotated[
    EntryFilterInput | None, strawberry.argument(description="Which entries; all when absent (筛选)")
]
CasesWhere = Annotated[
    CaseFilterInput | None, strawberry.argument(description="Which cases; all when absent (筛选)")
]
AccountsOrder = Annotated[AccountOrder, strawberry.argument(description="In which order (排序)")]
OutcomesOrder = Annotated[OutcomeOrder, strawberry.argument(description="In which order (排序)")]
