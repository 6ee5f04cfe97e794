"""An account as the graph shows it, and the pages of accounts."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final, Self

import strawberry

from region_node.domain import account as domain
from region_node.domain.account import AccountStatus, LearnerGroup
from region_node.domain.citizen import mask
from region_node.graph import batches
from region_node.graph.arguments import AsOf, KnownAt
from region_node.graph.connections import Connection, connection, page_request
from region_node.graph.context import Context, Info
from region_node.graph.enums import AccountOrder, OutcomeOrder
from region_node.graph.filters import EntriesWhere, EntryFilterInput, OutcomesOrder, OutcomesWhere
from region_node.graph.ledger import ENTRY_ORDER, LedgerEntryConnection, entry_connection
from region_node.graph.needs import need
from region_node.graph.outcome import OUTCOME_ORDERS, OutcomeConnection, outcomes_of
from region_node.graph.reasons import Explained
from region_node.graph.states import AccountState, account_state
from region_node.service.bank_ports import AccountFilter
from region_node.service.paging import Order, PageRequest, order_by
from schema.directives import ShardKey
from schema.graph import Credits
from schema.paging import After, Before, First, Last

if TYPE_CHECKING:
    from region_node.graph.learner import Learner
    from region_node.graph.region import Region

ACCOUNT_ORDERS: Final[dict[AccountOrder, Order]] = {
    AccountOrder.OPENED_ON_ASC: order_by("opened_on", date),
    AccountOrder.OPENED_ON_DESC: order_by("opened_on", date, descending=True),
}


@strawberry.type(description="One step of an account's life (账户变更记录)")
class AccountEvent(Explained):
    status: AccountStatus = strawberry.field(description="Status from then on (此后状态)")
    on: date = strawberry.field(description="Day from which it holds (生效日期)")
    recorded_at: datetime = strawberry.field(description="When the bank recorded it (记录时间)")

    @classmethod
    def of(cls, event: domain.AccountEvent) -> Self:
        return cls(status=event.status, on=event.on, recorded_at=event.recorded_at, written=event.reason)

    @classmethod
    def each(cls, events: Iterable[domain.AccountEvent] | None) -> list[Self]:
        return list(map(cls.of, events or ()))


@strawberry.federation.type(
    keys=["id"],
    directives=[ShardKey(field="id")],
    description="A learner's account at this region's bank (账户)",
)
class Account:
    id: strawberry.ID = strawberry.field(description="Identifier, beginning with the region (账户编号)")
    status: AccountStatus = strawberry.field(description="How it stands now (状态)")
    group: LearnerGroup = strawberry.field(description="The learner's group (群体)")
    opened_on: date = strawberry.field(description="Day of opening (开户日期)")
    barred_until: date | None = strawberry.field(
        description="First day of submissions again after a fraud case (禁止提交截止日期)"
    )
    learner_id: strawberry.Private[str]

    @classmethod
    def each(cls, accounts: Iterable[domain.Account] | None) -> list[Self]:
        return list(map(cls.of, accounts or ()))

    @classmethod
    def maybe(cls, account: domain.Account | None) -> Self | None:
        return None if account is None else cls.of(account)

    @classmethod
    def of(cls, account: domain.Account) -> Self:
        return cls(
            id=strawberry.ID(account.id),
            status=account.status,
            group=account.group,
            opened_on=account.opened_on,
            barred_until=account.barred_until,
            learner_id=account.learner_id,
        )

    @strawberry.field(description="The region whose bank keeps it (区域)")
    def region(self, info: Info) -> Annotated[Region, strawberry.lazy("region_node.graph.region")]:
        from region_node.graph.region import Region

        return Region(code=strawberry.ID(info.context.bank.region))

    @strawberry.field(description="Whose account it is, by pseudonym (学习者)")
    def learner(self) -> Annotated[Learner, strawberry.lazy("region_node.graph.learner")]:
        from region_node.graph.learner import Learner

        return Learner(id=strawberry.ID(self.learner_id))

    @strawberry.field(description="Sum of all ledger entries (余额)")
    def balance(self, info: Info) -> Credits:
        return need(info.context, batches.balances, str(self.id), become=amount)

    @strawberry.field(
        description="The citizen number with all but place and last two characters hidden; "
        "the region's officers only (公民身份号码，脱敏)"
    )
    async def citizen_number_masked(self, info: Info) -> str | None:
        context = info.context
        context.require(context.caller.acts_for_region(context.bank.region))
        sealed = await context.load(batches.sealed_numbers, str(self.id))
        return None if sealed is None else mask(context.bank.vault.open(sealed, owner=self.id))

    @strawberry.field(description="Every step of the account's life, oldest first (变更记录)")
    def history(self, info: Info) -> list[AccountEvent]:
        return need(info.context, batches.account_events, str(self.id), become=AccountEvent.each)

    @strawberry.field(
        description="How it stood on a day, by what was known at an instant; null before it was (历史状态)"
    )
    async def state(self, info: Info, as_of: AsOf = None, known_at: KnownAt = None) -> AccountState | None:
        return await account_state(info.context, self.id, as_of, known_at)

    @strawberry.field(description="Outcomes on this account (学习成果)")
    def outcomes(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: OutcomesWhere = None,
        order_by: OutcomesOrder = OutcomeOrder.ISSUED_ON_ASC,
    ) -> OutcomeConnection:
        order = OUTCOME_ORDERS[order_by]
        request = page_request(info, order, first, after, last, before)
        return outcomes_of(info.context, batches.outcomes_of_accounts, self.id, filter, request)

    @strawberry.field(description="Ledger entries of this account, in order of posting (分录)")
    def ledger(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: EntriesWhere = None,
    ) -> LedgerEntryConnection:
        request = page_request(info, ENTRY_ORDER, first, after, last, before)
        where = EntryFilterInput.read(filter)
        return need(
            info.context, batches.entries_of_accounts, str(self.id), where, request, become=entry_connection
        )


def amount(tenths: int | None) -> Credits:
    return Credits(tenths or 0)


@strawberry.type(description="A page of accounts (账户列表)")
class AccountConnection(Connection[Account]):
    pass


async def accounts_page(context: Context, where: AccountFilter, request: PageRequest) -> AccountConnection:
    """One page of this bank's accounts, for those who may list them."""
    context.require(context.caller.may_read_region(context.bank.region))
    async with context.reading() as unit:
        page = await unit.accounts.page(where, request)
    return connection(AccountConnection, page, request.order, Account.of)
