"""An engine's answer as the HTTP front takes it: one result, or a subscription's results as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any

from edge.operation import CallContext, ExecutionResult, ResultStream
from gateway.federation.engine import Engine, Request, RequestContext, Response

Shown = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes of an error what clients may see of it."""


async def answer(
    engine: Engine,
    request: Request,
    context: RequestContext,
    call: CallContext,
    shown: Shown,
    surrounded: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> ExecutionResult | ResultStream:
    """Run `request`; as a subscription where it is one and the client takes streams.

    `surrounded` is entered around each piece of the engine's work, in the task that does it.
    """
    with surrounded():
        if call.accepts_stream:
            answered = await engine.subscribe(request, context)
        else:
            answered = await engine.run(request, context)
    if isinstance(answered, Response):
        return _result(answered, shown)
    return ResultStream("subscription", _results(answered, shown, surrounded))


async def _results(
    responses: AsyncGenerator[Response, None],
    shown: Shown,
    surrounded: Callable[[], AbstractContextManager[object]],
) -> AsyncGenerator[ExecutionResult, None]:
    async with aclosing(responses):
        while True:
            with surrounded():
                response = await anext(responses, None)
            if response is None:
                return
            yield _result(response, shown)


def _result(response: Response, shown: Shown) -> ExecutionResult:
    errors = [shown(error) for error in response.errors]
    return ExecutionResult(response.data, errors, response.extensions, executed=not response.refused)
