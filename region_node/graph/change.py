"""What all changes of a region's own books have in common: its officers make them, a refusal is an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from region_node.domain.refusal import Refusal
from region_node.graph.context import Context
from region_node.graph.refusals import Refused, refused
from region_node.service.perform import UseCase

C = TypeVar("C")
A = TypeVar("A")
S = TypeVar("S")


async def change(
    context: Context, use_case: UseCase[C, A], command: C, key: str, shown: Callable[[A], S]
) -> S | Refused:
    """Make the change for one of the region's officers and show what it gave, or why not."""
    if not context.caller.acts_for_region(context.bank.region):
        return refused(context.not_permitted(), context.locale)
    answer = await context.perform(use_case, command, key)
    return refused(answer, context.locale) if isinstance(answer, Refusal) else shown(answer)
