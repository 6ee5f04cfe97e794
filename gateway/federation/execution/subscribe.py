"""Runs a subscription: its first step opens a stream, and each event is completed like a query.

What the owning subgraph sends for an event is taken as the answer to the plan's first step; the
steps after it then run as for any operation (specification, section 6.2.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from gateway.federation.execution.compiled import CompiledPlan
from gateway.federation.execution.gather import Object
from gateway.federation.execution.request import RequestContext, Response
from gateway.federation.execution.run_plan import Dispatch, run_plan
from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.arrivals import Arrival
from gateway.federation.sharding.coverage import Coverage, DispatchContext, Gathered
from gateway.federation.sharding.origin import Origin
from gateway.federation.transport import Reply, ShardRequest, TransportFailure

EVENT_TIMEOUT_MS: Final = 10_000
"""How long the steps after an event may take, all together."""


class EventSource(Protocol):
    """Opens a stream at the holder of a subgraph. Closing the generator ends the stream there.

    Raises `TransportFailure` where it cannot be opened or breaks.
    """

    def events(self, request: ShardRequest) -> AsyncGenerator[Reply, None]: ...


class StreamDispatch(Dispatch, Protocol):
    """A `Dispatch` that knows where a subscription's events come from; or why from nowhere."""

    def origin(
        self, step: Fetch | Batch, variables: Mapping[str, Any], context: DispatchContext
    ) -> Origin | Gathered: ...


@dataclass(frozen=True, slots=True)
class _WithEvent:
    """Dispatches a plan's steps; the first has been answered by the event."""

    dispatch: Dispatch
    origin: Origin
    event: Reply

    async def fetch(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: list[list[Object]],
        context: DispatchContext,
    ) -> Gathered:
        if step.kind == "subscription":
            return await self.origin.read(self.event, context)
        return await self.dispatch.fetch(step, variables, representations, context)

    async def fetch_piecewise(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: list[list[Object]],
        context: DispatchContext,
        arrived: Callable[[Arrival], None],
    ) -> None:
        arrived(Arrival(await self.fetch(step, variables, representations, context), is_all=True))


def subscribe(
    plan: CompiledPlan,
    variables: Mapping[str, Any],
    dispatch: StreamDispatch,
    source: EventSource,
    context: RequestContext,
    event_timeout_ms: int = EVENT_TIMEOUT_MS,
) -> Response | AsyncGenerator[Response, None]:
    """A response for each event, in order, until the stream ends; a stream that breaks ends with its error.
    One response where it cannot be said whose events are wanted.

    `context.deadline_s` is for opening the stream; each event has `event_timeout_ms` of its own.
    """
    origin = dispatch.origin(plan.steps[0].step, variables, context)
    if isinstance(origin, Gathered):
        return Response(None, origin.errors, refused=True)
    return _responses(plan, variables, dispatch, origin, source, context, event_timeout_ms)


async def _responses(
    plan: CompiledPlan,
    variables: Mapping[str, Any],
    dispatch: Dispatch,
    origin: Origin,
    source: EventSource,
    context: RequestContext,
    event_timeout_ms: int,
) -> AsyncGenerator[Response, None]:
    request = origin.request
    clock = asyncio.get_running_loop()
    try:
        async with aclosing(source.events(request)) as events:
            async for event in events:
                deadline_s = clock.time() + event_timeout_ms / 1000
                own = replace(context, deadline_s=deadline_s, coverage=Coverage())
                yield await run_plan(plan, variables, _WithEvent(dispatch, origin, event), own)
    except TransportFailure as failure:
        extensions = {"code": failure.code, "service": request.subgraph}
        if request.shard:
            extensions["shard"] = request.shard
        yield Response(None, ({"message": failure.message, "extensions": extensions},))
