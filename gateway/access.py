"""What each kind of caller may do with the engine: what they have shown, what they may spend, and the schema.

The engine knows claims and numbers only; here roles are turned into them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field

from edge.caller import Caller, Role
from edge.configuration import Group
from edge.operation import CallContext
from gateway.federation.engine import Claims, RequestContext
from gateway.federation.execution.cost import ASSUMED_LIST_SIZE

CALLERS_CACHED_LIMIT: Final = 4_096

Budget = Annotated[int, Field(ge=0)] | None
"""None: there is none."""


class CostBudgets(Group):
    """What one operation may be estimated to cost, by role (docs/GATEWAY.md, "Cost").

    Four lists within each other, sizes unknown, cost about 10,000, and five about 100,000.
    """

    public: Budget = 100_000
    learner: Budget = 100_000
    portal: Budget = 500_000
    officer: Budget = 500_000
    auditor: Budget = 500_000

    def of(self, role: Role) -> int | None:
        budget: int | None = getattr(self, role.value)
        return budget


UNBOUNDED: Final = CostBudgets(public=None, learner=None, portal=None, officer=None, auditor=None)


class AccessGroup(Group):
    """Who may see the schema, and how much an operation may cost."""

    introspection: tuple[Role, ...] = tuple(Role)
    """The roles that may ask for `__schema` and `__type`."""
    cost_budgets: CostBudgets = CostBudgets()
    assumed_list_size: Annotated[int, Field(ge=1)] = ASSUMED_LIST_SIZE
    """How long a list is taken to be of which the schema does not say it (`@listSize`)."""

    def context(self, call: CallContext) -> RequestContext:
        """The call as the engine sees it."""
        caller = call.caller
        return RequestContext(
            call.headers,
            call.deadline_s,
            claims=claims_of(caller),
            may_introspect=caller.role in self.introspection,
            cost_budget=self.cost_budgets.of(caller.role),
        )


@lru_cache(CALLERS_CACHED_LIMIT)
def claims_of(caller: Caller) -> Claims:
    """What the caller's token shows: that there is one, its scopes, and the policy `role:` and their role."""
    return Claims(not caller.is_public, caller.scopes, frozenset({f"role:{caller.role.value}"}))
