"""What waits for the officers of a region, oldest first: a page of each queue by one statement."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Final

import strawberry

from region_node.domain.case import CaseStatus
from region_node.domain.outcome import OutcomeStatus
from region_node.graph.agreements import Agreement
from region_node.graph.arguments import RegionCode
from region_node.graph.connections import Connection, connection, page_request
from region_node.graph.context import Info
from region_node.graph.enums import OutcomeOrder
from region_node.graph.filters import CaseFilterInput, CasesWhere, OutcomeFilterInput, OutcomesWhere
from region_node.graph.ledger import FraudCase, FraudCaseConnection
from region_node.graph.outcome import OUTCOME_ORDERS, OutcomeConnection, outcome_connection
from region_node.service.paging import Order, Page, SortKey, order_by
from schema.directives import Route
from schema.paging import After, Before, First, Last

SUBMITTED_FIRST: Final[Order] = OUTCOME_ORDERS[OutcomeOrder.SUBMITTED_ON_ASC]
OPENED_FIRST: Final[Order] = order_by("opened_on", date)
BY_ID: Final[Order] = (SortKey("id", str),)

With = Annotated[
    strawberry.ID | None,
    strawberry.argument(name="with", description="Only those with this region (对方区域)"),
]


@strawberry.type(description="A page of agreements (协议列表)")
class AgreementConnection(Connection[Agreement]):
    pass


@strawberry.type(description="What waits for a region's officers (待办事项)")
class OfficersDesk:
    region: strawberry.ID = strawberry.field(description="Whose desk it is (区域代码)")

    @strawberry.field(description="Outcomes not yet verified or rejected, longest waiting first (待核验成果)")
    async def outcomes_to_verify(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OutcomesWhere = None,
    ) -> OutcomeConnection:
        where = OutcomeFilterInput.read(filter)
        request = page_request(info, SUBMITTED_FIRST, first, after, last, before)
        if where.status not in (None, OutcomeStatus.SUBMITTED):
            return outcome_connection(SUBMITTED_FIRST, None)
        async with info.context.reading() as unit:
            page = await unit.outcomes.page(replace(where, status=OutcomeStatus.SUBMITTED), request)
        return outcome_connection(SUBMITTED_FIRST, page)

    @strawberry.field(description="Fraud cases not yet decided, longest open first (待结案件)")
    async def open_cases(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: CasesWhere = None,
    ) -> FraudCaseConnection:
        where = CaseFilterInput.read(filter)
        request = page_request(info, OPENED_FIRST, first, after, last, before)
        if where.status not in (None, CaseStatus.OPEN):
            return connection(FraudCaseConnection, Page(), OPENED_FIRST, FraudCase.of)
        async with info.context.reading() as unit:
            page = await unit.cases.page(replace(where, status=CaseStatus.OPEN), request)
        return connection(FraudCaseConnection, page, OPENED_FIRST, FraudCase.of)

    @strawberry.field(description="Agreements proposed and not yet signed here, by their IDs (待签署协议)")
    async def agreements_to_sign(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        with_: With = None,
    ) -> AgreementConnection:
        region = info.context.bank.region
        request = page_request(info, BY_ID, first, after, last, before)
        async with info.context.reading() as unit:
            page = await unit.agreements.unsigned(with_, request)
        return connection(AgreementConnection, page, BY_ID, lambda one: Agreement.of(one, region))


@strawberry.type
class DeskQuery:
    @strawberry.field(
        description="What waits for a region's officers; its officers and auditors only (待办事项)",
        directives=[Route(argument="region")],
    )
    def desk(self, info: Info, region: RegionCode) -> OfficersDesk | None:
        info.context.require_region(region)
        info.context.require(info.context.caller.may_read_region(region))
        return OfficersDesk(region=region)
