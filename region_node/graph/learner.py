"""A learner, as far as this region knows one: a slice of an entity that spans regions."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

import strawberry

from region_node.graph import batches
from region_node.graph.account import Account, amount
from region_node.graph.connections import page_request
from region_node.graph.context import Info
from region_node.graph.enums import OutcomeOrder
from region_node.graph.filters import OutcomesOrder, OutcomesWhere
from region_node.graph.needs import need
from region_node.graph.outcome import OUTCOME_ORDERS, OutcomeConnection, outcomes_of
from schema.directives import Aggregate, AggregateOp, Gather, Scatter, Spanning
from schema.graph import Credits
from schema.paging import After, Before, First, Last


@strawberry.federation.type(
    keys=["id"],
    directives=[Spanning()],
    description="A person who learns, known by a pseudonym that is the same in every region (学习者)",
)
class Learner:
    id: strawberry.ID = strawberry.field(description="The national pseudonym (学习者编号)")

    @strawberry.field(
        description="The learner's accounts, in every region (账户)",
        directives=[Scatter(gather=Gather.CONCAT)],
    )
    def accounts(self, info: Info) -> list[Account]:
        return need(info.context, batches.accounts_of_learners, str(self.id), become=Account.each)

    @strawberry.field(
        description="The learner's outcomes, in every region, as one list (学习成果)",
        directives=[Scatter(gather=Gather.CONNECTION)],
    )
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
        return outcomes_of(info.context, batches.outcomes_of_learners, self.id, filter, request)

    @strawberry.field(
        description="Sum of the learner's balances, in every region (学分合计)",
        directives=[Aggregate(op=AggregateOp.SUM)],
    )
    def total_credits(self, info: Info) -> Credits:
        return need(info.context, batches.balances_of_learners, str(self.id), become=amount)
