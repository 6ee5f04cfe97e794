"""An engine's answer as the HTTP front takes it: one result, or results as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from edge.operation import CallContext, ExecutionResult, ResultStream
from gateway.federation.engine import (
    Delivered,
    Delivery,
    Engine,
    Request,
    RequestContext,
    Response,
    SubsequentResponse,
)

Shown = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes of an error what clients may see of it."""
Surrounded = Callable[[], AbstractContextManager[object]]


async def answer(
    engine: Engine,
    request: Request,
    context: RequestContext,
    call: CallContext,
    shown: Shown,
    surrounded: Surrounded = nullcontext,
) -> ExecutionResult | ResultStream:
    """Run `request`; as a subscription, or in parts, where it is such and the client takes them.

    `surrounded` is entered around each piece of the engine's work, in the task that does it.
    """
    with surrounded():
        if call.accepts_stream:
            answered = await engine.stream(request, context, in_parts=call.accepts_parts)
        else:
            answered = await engine.run(request, context)
    if isinstance(answered, Response):
        return _result(answered, shown)
    if isinstance(answered, Delivered):
        return ResultStream("incremental", Payloads(answered.rest, shown, surrounded, answered.first))
    return ResultStream("subscription", Payloads(answered, shown, surrounded))


class Payloads:
    """The engine's responses, as clients may see them (`edge.operation.Payloads`)."""

    def __init__(
        self,
        responses: AsyncGenerator[Response, None] | Delivery,
        shown: Shown,
        surrounded: Surrounded,
        first: Response | None = None,
    ) -> None:
        self._responses = responses
        self._shown = shown
        self._surrounded = surrounded
        self._first = first

    async def __anext__(self) -> ExecutionResult:
        """The next result. Raises StopAsyncIteration after the last."""
        if self._first is not None:
            first, self._first = self._first, None
            return _result(first, self._shown)
        with self._surrounded():
            response = await self._responses.__anext__()
        if isinstance(response, Response):
            return _result(response, self._shown)
        return _subsequent(response, self._shown)

    async def aclose(self) -> None:
        """End what still runs for them."""
        await self._responses.aclose()


def _result(response: Response, shown: Shown) -> ExecutionResult:
    errors = [shown(error) for error in response.errors]
    return ExecutionResult(
        response.data,
        errors,
        response.extensions,
        executed=not response.refused,
        incremental=response.incremental(),
    )


def _subsequent(response: SubsequentResponse, shown: Shown) -> ExecutionResult:
    entries = {
        name: [_entry(one, shown) for one in value] if isinstance(value, list) else value
        for name, value in response.incremental().items()
    }
    return ExecutionResult(extensions=response.extensions, executed=False, incremental=entries)


def _entry(entry: Mapping[str, Any], shown: Shown) -> Mapping[str, Any]:
    if "errors" not in entry:
        return entry
    return {**entry, "errors": [shown(error) for error in entry["errors"]]}
