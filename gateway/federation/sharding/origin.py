"""Where a subscription's events come from, and what each of them is to the plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.federation.sharding.coverage import DispatchContext, Gathered
from gateway.federation.transport import Reply, ShardRequest


@dataclass(frozen=True, slots=True)
class Origin:
    """`request` opens the stream at its one holder; `read` makes of an event the answer to the plan's first
    step, as it would be of a reply."""

    request: ShardRequest
    read: Callable[[Reply, DispatchContext], Awaitable[Gathered]]
