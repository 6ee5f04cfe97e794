"""Looks up from a branch: which object above it is the context that an argument is filled from."""

from __future__ import annotations

from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.draft import Branch, Context
from gateway.federation.planning.plan import ContextVariable


def context_branch(capabilities: Capabilities, branch: Branch, context: str) -> Branch | None:
    """The nearest branch above, or this one, whose type sets the context; None when there is none."""
    types = capabilities.supergraph.types
    above: Branch | None = branch
    while above is not None:
        names = {above.position.type, *above.types, *types[above.type].implements}
        if any(context in types[name].contexts for name in names):
            return above
        above = above.position.parent
    return None


def context_variable(context: Context) -> ContextVariable:
    """The context as the plan has it: how far along the path, and by which keys from there."""
    keys = [context.field.node.key]
    field = context.field
    while field.parts and field.parts[0][1]:
        field = field.parts[0][1][0]
        keys.append(field.node.key)
    return ContextVariable(context.variable, context.type, len(context.branch.path), tuple(keys))
