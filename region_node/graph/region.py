"""The region itself and its sums; what it publishes (rules, agreements, policy) is mixed in."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from typing import Final, Self

import strawberry

from region_node.graph.account import ACCOUNT_ORDERS, AccountConnection, accounts_page
from region_node.graph.connections import page_request
from region_node.graph.context import Context, Info
from region_node.graph.enums import AccountOrder
from region_node.graph.filters import AccountFilterInput, AccountsOrder, AccountsWhere
from region_node.graph.published import PublishedByRegion
from region_node.service.bank_ports import BankSums
from schema.directives import Aggregate, AggregateOp, ShardKey
from schema.graph import Credits
from schema.paging import After, Before, First, Last

CONTRACT_VERSION: Final = "1.0"
_SUM: Final = Aggregate(op=AggregateOp.SUM)


@strawberry.type(description="What the banks hold, summed (统计)")
class Statistics:
    accounts: int = strawberry.field(description="Accounts ever opened (账户数)", directives=[_SUM])
    learners: int = strawberry.field(
        description="Learners, counted once in each region (学习者数)", directives=[_SUM]
    )
    outcomes: int = strawberry.field(description="Outcomes handed in (学习成果数)", directives=[_SUM])
    verified_outcomes: int = strawberry.field(
        description="Outcomes that are verified now (已核验成果数)", directives=[_SUM]
    )
    conversions: int = strawberry.field(description="Outcomes converted (转换数)", directives=[_SUM])
    deposited_credits: Credits = strawberry.field(
        description="Credits ever deposited (存入学分)", directives=[_SUM]
    )
    credits: Credits = strawberry.field(description="Sum of all balances (学分余额合计)", directives=[_SUM])
    mean_credits_per_account: Credits | None = strawberry.field(
        description="Balance of an account on average, rounded to a tenth (户均学分)",
        directives=[Aggregate(op=AggregateOp.MEAN, weight="accounts")],
    )

    @classmethod
    def of(cls, sums: BankSums) -> Self:
        mean = round(sums.balance / sums.accounts) if sums.accounts else None
        return cls(
            accounts=sums.accounts,
            learners=sums.learners,
            outcomes=sums.outcomes,
            verified_outcomes=sums.verified_outcomes,
            conversions=sums.conversions,
            deposited_credits=Credits(sums.deposited_credits),
            credits=Credits(sums.balance),
            mean_credits_per_account=None if mean is None else Credits(mean),
        )


async def region_statistics(context: Context) -> Statistics:
    async with context.reading() as unit:
        return Statistics.of(await unit.statistics.sums())


@strawberry.federation.type(
    keys=["code"],
    directives=[ShardKey(field="code")],
    description="A region that runs a credit bank (区域)",
)
class Region(PublishedByRegion):
    code: strawberry.ID = strawberry.field(description="GB/T 2260 code, six digits (区域代码)")

    @strawberry.field(description="Accounts at this region's bank; its officers and auditors only (账户)")
    async def accounts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: AccountsWhere = None,
        order_by: AccountsOrder = AccountOrder.OPENED_ON_ASC,
    ) -> AccountConnection | None:
        order = ACCOUNT_ORDERS[order_by]
        request = page_request(info, order, first, after, last, before)
        return await accounts_page(info.context, AccountFilterInput.read(filter), request)

    @strawberry.field(description="What this region's bank holds, summed (统计)")
    async def statistics(self, info: Info) -> Statistics | None:
        return await region_statistics(info.context)

    @strawberry.field(description="SHA-256 of the national catalogue this node has loaded (目录散列值)")
    def catalogue_hash(self, info: Info) -> str | None:
        return info.context.bank.catalogue.hash

    @strawberry.field(description="Version of the contract this node speaks (接口版本)")
    def contract_version(self) -> str | None:
        return CONTRACT_VERSION
