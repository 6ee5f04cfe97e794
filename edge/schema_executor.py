"""An `Executor` over a graphql-core schema in this process (Strawberry's is one: `schema._schema`).

Parsing, limits and validation depend on the text alone and are done once for each text
that comes again, and so is compiling its queries (edge/execution); a request then costs its
execution. graphql-core executes what is not compiled.

All that such a schema says is at hand in this process, so nothing of it is worth waiting less for: `@defer`
and `@stream` are taken, and everybody gets the whole at once.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    experimental_execute_incrementally,
    get_operation_ast,
    subscribe,
    validate,
)
from graphql import ExecutionResult as CoreResult
from graphql.execution.values import get_variable_values

from edge.document_limits import PageSizeVariable, check_page_sizes, document_check, page_size_variables
from edge.errors import coded_error
from edge.execution.compile import Compiled, compile_document
from edge.execution.run import Request
from edge.limits import Limits
from edge.operation import EMPTY, CallContext, ExecutionResult, Operation, ResultStream
from edge.parsing import in_one_piece, parse_document, with_parts

CACHED_TEXT_LIMIT_CHARACTERS: Final = 32_768
AT_ONCE_LIMIT_CHARACTERS: Final = 1_000
"""Longer texts that are not known are read in a thread, so that the event loop goes on: fragments side by
side, within all limits, take half a second to validate. Who waits has a place of `in_flight` and its time."""
VALIDATION_ERRORS_LIMIT: Final = 20
VARIABLE_ERRORS_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may be executed, or (`errors`) why it may not."""

    document: DocumentNode | None
    page_sizes: tuple[PageSizeVariable, ...] = ()
    errors: tuple[GraphQLError, ...] = ()
    compiled: Mapping[int, Compiled] = field(default_factory=dict)
    """By their nodes' identity, the operations that need not be left to graphql-core."""


class SchemaExecutor:
    """Executes operations against `schema`. `context_value` makes the resolvers' context for a request."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        context_value: Callable[[CallContext], Any] = lambda context: context,
        documents_cached_limit: int = 1_000,
    ) -> None:
        self._schema = with_parts(schema)
        self._limits = limits
        self._check = document_check(limits)
        self._context_value = context_value
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._documents_cached_limit = documents_cached_limit
        self._thread = ThreadPoolExecutor(1, "documents")
        self._being_prepared: dict[str, asyncio.Future[Prepared]] = {}

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream:
        """Runs the operation; what the client did wrong comes back as errors."""
        prepared = await self._prepared_for(operation.query)
        if prepared.document is None:
            return ExecutionResult(errors=prepared.errors, executed=False)
        too_large = check_page_sizes(prepared.page_sizes, operation.variables, self._limits)
        if too_large:
            return ExecutionResult(errors=too_large, executed=False)
        node = get_operation_ast(prepared.document, operation.operation_name)
        if node is None:
            return ExecutionResult(errors=(coded_error("OPERATION_RESOLUTION_FAILURE"),), executed=False)
        subscribes = node.operation is OperationType.SUBSCRIPTION
        if subscribes and not context.accepts_stream:
            return ExecutionResult(errors=(coded_error("STREAM_NOT_ACCEPTED"),), executed=False)
        compiled = prepared.compiled.get(id(node))
        if compiled is not None:
            answered = await self._run(compiled, operation, context)
            if answered is not None:
                return answered
        answer = (subscribe if subscribes else experimental_execute_incrementally)(
            self._schema,
            prepared.document,
            context_value=self._context_value(context),
            variable_values=dict(operation.variables),
            operation_name=operation.operation_name,
        )
        return _answered(await answer if inspect.isawaitable(answer) else answer)

    async def _run(
        self, compiled: Compiled, operation: Operation, context: CallContext
    ) -> ExecutionResult | None:
        """The answer of a compiled operation; None where graphql-core is to give it."""
        variables = compiled.variables.coerced(operation.variables) or get_variable_values(
            self._schema,
            compiled.operation.variable_definitions or (),
            dict(operation.variables),
            max_errors=VARIABLE_ERRORS_LIMIT,
        )
        if isinstance(variables, list):
            return _single(CoreResult(None, variables))
        plan = compiled.plan(variables)
        if plan is None:
            return None
        return _single(await Request(plan, self._context_value(context), variables).run())

    async def _prepared_for(self, text: str) -> Prepared:
        """The text parsed, limited and validated, unless it is one of those used last."""
        prepared = self._prepared.get(text)
        if prepared is not None:
            self._prepared.move_to_end(text)
            return prepared
        if len(text) <= AT_ONCE_LIMIT_CHARACTERS:
            return self._keep(text, self._prepare(text))
        making = self._being_prepared.get(text)
        if making is None:
            making = asyncio.get_running_loop().run_in_executor(self._thread, self._prepare, text)
            self._being_prepared[text] = making
            making.add_done_callback(lambda _: self._being_prepared.pop(text))
        return self._keep(text, await asyncio.shield(making))

    def _keep(self, text: str, prepared: Prepared) -> Prepared:
        if len(text) <= CACHED_TEXT_LIMIT_CHARACTERS:
            self._prepared[text] = prepared
            if len(self._prepared) > self._documents_cached_limit:
                self._prepared.popitem(last=False)
        return prepared

    def _prepare(self, text: str) -> Prepared:
        document = parse_document(text, self._limits)
        if isinstance(document, GraphQLError):
            return Prepared(None, errors=(document,))
        errors = self._check(document) or validate(self._schema, document, max_errors=VALIDATION_ERRORS_LIMIT)
        if errors:
            # A scalar that refuses a literal raises an error of its own: it too is about what was sent.
            return Prepared(
                None, errors=tuple(_with_code(one) if one.original_error else one for one in errors)
            )
        document = in_one_piece(document)
        return Prepared(
            document, page_size_variables(document), compiled=compile_document(self._schema, document)
        )


def _answered(answer: Any) -> ExecutionResult | ResultStream:
    if isinstance(answer, CoreResult):
        return _single(answer)
    return ResultStream("subscription", _events(answer))


def _single(result: CoreResult) -> ExecutionResult:
    """A response. Errors of variables come before execution, without a path and without data."""
    errors = tuple(result.errors or ())
    refused = result.data is None and bool(errors) and all(error.path is None for error in errors)
    if refused:
        errors = tuple(_with_code(error) for error in errors)
    return ExecutionResult(result.data, errors, result.extensions or EMPTY, executed=not refused)


def _with_code(error: GraphQLError) -> GraphQLError:
    """An error of an input value: it is about what the client sent, so its message passes."""
    if (error.extensions or {}).get("code"):
        return error
    return GraphQLError(error.message, error.nodes, extensions={"code": "BAD_USER_INPUT"})


async def _events(events: AsyncIterator[CoreResult]) -> AsyncGenerator[ExecutionResult, None]:
    try:
        async for event in events:
            yield _single(event)
    finally:
        await _close(events)


async def _close(iterator: Any) -> None:
    close = getattr(iterator, "aclose", None)
    if close is not None:
        await close()
