"""What the planner says of an operation for which there is no plan."""

from __future__ import annotations

from gateway.federation.errors import PLAN_IMPOSSIBLE, PlanningError
from gateway.federation.planning.draft import Branch, Node


def no_way(node: Node) -> PlanningError:
    """Nobody can give the field where it is wanted."""
    place = ".".join([*(step.key for step in node.branch.path), node.key])
    message = f"No subgraph can give {node.branch.type}.{node.name} at {place}: no key leads there from here."
    return PlanningError(PLAN_IMPOSSIBLE, message)


def no_type(branch: Branch) -> PlanningError:
    """Nobody can tell of what type the objects are."""
    place = ".".join(step.key for step in branch.path)
    message = f"No subgraph can tell the type of {branch.position.type} at {place}."
    return PlanningError(PLAN_IMPOSSIBLE, message)
