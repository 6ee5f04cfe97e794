"""Operation → plan: the table of contents of planning. docs/PLANNER.md states the algorithm.

1. draft      which subgraph gives which field, and what each fetch waits for   (drafting)
2. schedule   waves, shared requests, operations as text                        (schedule, write_fetch)
3. outputs    how the response is read from the result tree                     (outputs)
"""

from __future__ import annotations

from gateway.federation.document.operation import Operation, SelectionSet
from gateway.federation.errors import PLAN_LIMIT_EXCEEDED, PlanningError
from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.drafting import WORK_LIMIT, Drafting
from gateway.federation.planning.outputs import write_outputs
from gateway.federation.planning.plan import Plan
from gateway.federation.planning.schedule import schedule


def plan_operation(
    capabilities: Capabilities,
    operation: Operation,
    separate: frozenset[str] = frozenset(),
    work_limit: int = WORK_LIMIT,
    shown: SelectionSet | None = None,
) -> Plan:
    """The plan of `operation`. Fetches to the subgraphs `separate` share no request.

    `shown` is what the response shows where that is more than what is fetched: withheld fields as null.

    Raises `PlanningError`: PLAN_IMPOSSIBLE when no subgraph can give a field where it is asked for,
    PLAN_LIMIT_EXCEEDED when planning would take more than `work_limit` pieces of work.
    """
    drafting = Drafting(capabilities, operation, work_limit)
    try:
        drafting.draft()
        steps = schedule(capabilities, operation.definition, drafting.drafts, separate)
        outputs = write_outputs(shown or operation.selections, drafting.root, operation.deferred)
    except RecursionError:
        message = "The operation is nested too deeply to plan. Ask for fewer levels at once."
        raise PlanningError(PLAN_LIMIT_EXCEEDED, message) from None
    return Plan(
        kind=drafting.kind,
        steps=steps,
        outputs=outputs,
        root=operation.selections.type,
        introspection=operation.introspection,
        deferred=operation.deferred,
    )
