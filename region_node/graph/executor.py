"""Runs one operation of a request for edge, with the request's snapshot opened and ended around it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextvars import ContextVar

from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Payloads, ResultStream
from edge.schema_executor import SchemaExecutor
from region_node.graph.context import Context
from region_node.graph.entities import NodeSchema
from region_node.graph.schema import SCHEMA
from region_node.service.ports import Bank

_CURRENT: ContextVar[Context] = ContextVar("current_request")


class NodeExecutor:
    """The bank as edge's `Executor`."""

    def __init__(self, bank: Bank, limits: Limits, schema: NodeSchema = SCHEMA) -> None:
        """`schema` is another version of the contract, where one is to be served."""
        self._bank = bank
        self._inner = SchemaExecutor(schema._schema, limits, context_value=lambda _: _CURRENT.get())

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream:
        async with Context(context, self._bank) as shared:
            _CURRENT.set(shared)
            answer = await self._inner.execute(operation, context)
        if isinstance(answer, ResultStream) and answer.kind == "subscription":
            return ResultStream("subscription", _each_by_itself(answer.payloads, shared))
        return answer


async def _each_by_itself(payloads: Payloads, context: Context) -> AsyncGenerator[ExecutionResult, None]:
    """A subscription's events, each answered from the books as they are then."""
    try:
        while True:
            try:
                payload = await payloads.__anext__()
            except StopAsyncIteration:
                return
            await context.release()
            yield payload
    finally:
        await payloads.aclose()
        await context.release()
