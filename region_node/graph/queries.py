"""Root fields that read the bank's books. Who may read what: edge/caller.py."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol, TypeVar

import strawberry

from edge.errors import PublicError
from region_node.graph import batches
from region_node.graph.account import ACCOUNT_ORDERS, Account, AccountConnection, accounts_page
from region_node.graph.arguments import Identifier, RegionCode
from region_node.graph.connections import page_request
from region_node.graph.context import Batch, Context, Info
from region_node.graph.enums import AccountOrder, OutcomeOrder
from region_node.graph.filters import (
    AccountFilterInput,
    AccountsOrder,
    AccountsWhere,
    CaseFilterInput,
    CasesWhere,
    EntriesWhere,
    EntryFilterInput,
    OutcomeFilterInput,
    OutcomesOrder,
    OutcomesWhere,
)
from region_node.graph.learner import Learner
from region_node.graph.ledger import (
    CASE_ORDER,
    ENTRY_ORDER,
    FraudCaseConnection,
    LedgerEntry,
    LedgerEntryConnection,
    case_connection,
    entry_connection,
)
from region_node.graph.needs import need
from region_node.graph.outcome import (
    OUTCOME_ORDERS,
    LearningOutcome,
    OutcomeConnection,
    outcome_connection,
)
from region_node.graph.region import Region, Statistics, region_statistics
from schema.codes import RefusalCode
from schema.directives import Gather, Member, Route, Scatter
from schema.paging import After, Before, First, Last

V = TypeVar("V")
R = TypeVar("R")


class OfLearner(Protocol):
    """A row that is of one learner."""

    @property
    def learner_id(self) -> str: ...


L = TypeVar("L", bound=OfLearner)

RegionCodes = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Only these regions; all when absent (区域)")
]


@strawberry.type
class BankQuery:
    @strawberry.field(description="The region whose bank this is (区域)", directives=[Route(argument="code")])
    def region(self, info: Info, code: RegionCode) -> Region | None:
        info.context.require_region(code)
        return Region(code=code)

    @strawberry.field(description="One account (账户)", directives=[Route(argument="id")])
    def account(self, info: Info, id: Identifier) -> Account | None:
        return of_learner(info.context, batches.accounts, id, RefusalCode.UNKNOWN_ACCOUNT, Account.of)

    @strawberry.field(
        description="The accounts of one bank; its officers and auditors only (账户列表)",
        directives=[Route(argument="region")],
    )
    async def accounts(
        self,
        info: Info,
        region: RegionCode,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: AccountsWhere = None,
        order_by: AccountsOrder = AccountOrder.OPENED_ON_ASC,
    ) -> AccountConnection | None:
        info.context.require_region(region)
        order = ACCOUNT_ORDERS[order_by]
        request = page_request(info, order, first, after, last, before)
        return await accounts_page(info.context, AccountFilterInput.read(filter), request)

    @strawberry.field(
        description="A learner, in all regions that know them (学习者)",
        directives=[Scatter(gather=Gather.MERGE), Member(of="Learner", argument="id")],
    )
    async def learner(self, info: Info, id: Identifier) -> Learner | None:
        info.context.require(info.context.may_read(id))
        held = await info.context.load(batches.accounts_of_learners, str(id))
        return Learner(id=id) if held else None

    @strawberry.field(description="One learning outcome (学习成果)", directives=[Route(argument="id")])
    def outcome(self, info: Info, id: Identifier) -> LearningOutcome | None:
        return of_learner(info.context, batches.outcomes, id, RefusalCode.UNKNOWN_OUTCOME, LearningOutcome.of)

    @strawberry.field(
        description="Learning outcomes of these regions as one list: of one learner (filter.learner), "
        "or all of a region for its officers and auditors (学习成果列表)",
        directives=[
            Route(argument="regions"),
            Scatter(gather=Gather.CONNECTION),
            Member(of="Learner", argument="filter.learner"),
        ],
    )
    async def outcomes(
        self,
        info: Info,
        regions: RegionCodes = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OutcomesWhere = None,
        order_by: OutcomesOrder = OutcomeOrder.ISSUED_ON_ASC,
    ) -> OutcomeConnection | None:
        context = info.context
        order = OUTCOME_ORDERS[order_by]
        request = page_request(info, order, first, after, last, before)
        where = OutcomeFilterInput.read(filter)
        if regions is not None and context.bank.region not in regions:
            return outcome_connection(order, None)
        of_one = where.learner_id is not None and context.may_read(where.learner_id)
        context.require(of_one or context.caller.may_read_region(context.bank.region))
        async with context.reading() as unit:
            page = await unit.outcomes.page(where, request)
        return outcome_connection(order, page)

    @strawberry.field(
        description="An account's ledger, in order of posting (账户分录)",
        directives=[Route(argument="account")],
    )
    async def ledger(
        self,
        info: Info,
        account: Annotated[strawberry.ID, strawberry.argument(description="The account (账户)")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: EntriesWhere = None,
    ) -> LedgerEntryConnection | None:
        context = info.context
        request = page_request(info, ENTRY_ORDER, first, after, last, before)
        held = await found(context, batches.accounts, account, RefusalCode.UNKNOWN_ACCOUNT)
        context.require(context.may_read(held.learner_id))
        where = EntryFilterInput.read(filter)
        page = await context.load(batches.entries_of_accounts, str(account), where, request)
        return entry_connection(page)

    @strawberry.field(description="One ledger entry (分录)", directives=[Route(argument="id")])
    async def ledger_entry(self, info: Info, id: Identifier) -> LedgerEntry | None:
        context = info.context
        entry = await context.load(batches.entries, str(id))
        account = None if entry is None else await context.load(batches.accounts, entry.account_id)
        if entry is None or account is None:
            return None
        context.require(context.may_read(account.learner_id))
        return LedgerEntry.of(entry)

    @strawberry.field(
        description="Fraud cases of a region, newest first; its officers and auditors only (造假案件)",
        directives=[Route(argument="region")],
    )
    async def cases(
        self,
        info: Info,
        region: RegionCode,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: CasesWhere = None,
    ) -> FraudCaseConnection | None:
        context = info.context
        context.require_region(region)
        context.require(context.caller.may_read_region(region))
        request = page_request(info, CASE_ORDER, first, after, last, before)
        async with context.reading() as unit:
            page = await unit.cases.page(CaseFilterInput.read(filter), request)
        return case_connection(page)

    @strawberry.field(
        description="What the banks of these regions hold, summed (统计)",
        directives=[Route(argument="regions"), Scatter(gather=Gather.SUM)],
    )
    async def statistics(self, info: Info, regions: RegionCodes = None) -> Statistics | None:
        if regions is not None and info.context.bank.region not in regions:
            return None
        return await region_statistics(info.context)


def of_learner(
    context: Context, batch: Batch[str, L], identifier: str, code: RefusalCode, show: Callable[[L], R]
) -> R:
    """What `show` makes of the row of that ID, if the caller may read its learner's records.

    Raises `PublicError`, with `code` where there is no such row here.
    """
    if context.caller.is_public:  # so that nobody unproved can ask which IDs exist
        context.require(False)

    def become(row: L | None) -> R:
        if row is None:
            raise PublicError(code.value, id=identifier)
        context.require(context.may_read(row.learner_id))
        return show(row)

    return need(context, batch, str(identifier), become=become)


async def found(context: Context, batch: Batch[str, V], identifier: str, code: RefusalCode) -> V:
    """Return the row of that ID. Raises `PublicError` with `code` where there is none here."""
    if context.caller.is_public:  # so that nobody unproved can ask which IDs exist
        context.require(False)
    value = await context.load(batch, str(identifier))
    if value is None:
        raise PublicError(code.value, id=identifier)
    return value
