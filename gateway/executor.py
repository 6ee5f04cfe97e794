"""Runs one operation for the HTTP front: permission first, then the engine, then what clients may see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from edge.document_limits import PageSizeVariable, check_page_sizes, page_size_variables
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, ResultStream
from gateway.access import AccessGroup
from gateway.federation.document.cache import LruCache
from gateway.federation.document.operation import Operation as PlainOperation
from gateway.federation.engine import Engine, Request
from gateway.federation.errors import FederationError
from gateway.federation.execution.locate import DOWNSTREAM_ERROR
from gateway.federation.sharding.coverage import Coverage
from gateway.permissions import Concern, Routes, concerns, plain_value, refusals
from gateway.streaming import answer

EVERYBODY: Final = AccessGroup()
"""What is allowed where nothing is set."""
DOWNSTREAM_MESSAGE: Final = "The {service} subgraph reported an error."


@dataclass(frozen=True, slots=True)
class Current:
    """The request being answered: what the HTTP front knows of it, and its coverage."""

    call: CallContext
    coverage: Coverage


CURRENT: ContextVar[Current] = ContextVar("current_request")
"""Set while the engine runs a request, for transports that answer it in this process."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the gateway must look at before it runs a text, apart from variables and caller."""

    concerns: tuple[Concern, ...]
    defaults: Mapping[str, Any]
    page_sizes: tuple[PageSizeVariable, ...]


class GatewayExecutor:
    """The engine as the HTTP front sees it (`edge.operation.Executor`)."""

    def __init__(
        self,
        engine: Engine,
        routes: Routes,
        limits: Limits,
        texts_cached_limit: int,
        access: AccessGroup = EVERYBODY,
    ) -> None:
        self._engine = engine
        self._access = access
        self._routes = routes
        self._limits = limits
        self._prepared: LruCache[tuple[str, str | None], Prepared] = LruCache(texts_cached_limit)

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream:
        key = (operation.query, operation.operation_name)
        try:
            operation_read = await self._engine.read(*key)
            prepared = self._prepared.get(key, lambda: self._prepare(operation_read))
        except FederationError as error:
            return ExecutionResult(errors=error.formatted(), executed=False)
        too_large = check_page_sizes(prepared.page_sizes, operation.variables, self._limits)
        if too_large:
            return ExecutionResult(errors=too_large, executed=False)
        variables = {**prepared.defaults, **operation.variables}
        refused = refusals(prepared.concerns, variables, context.caller)
        told = [one.told() for one in refused]
        if any(one.whole for one in refused):
            return ExecutionResult(None, told)
        answered = await self._run(operation, context, frozenset(one.key for one in refused))
        if told and isinstance(answered, ExecutionResult):
            return replace(answered, errors=[*told, *answered.errors])
        return answered

    def _prepare(self, operation: PlainOperation) -> Prepared:
        defaults = {
            variable.variable.name.value: plain_value(variable.default_value, {})
            for variable in operation.definition.variable_definitions or ()
            if variable.default_value is not None
        }
        found = concerns(operation, self._routes)
        return Prepared(found, defaults, page_size_variables(operation.document))

    async def _run(
        self, operation: Operation, call: CallContext, without: frozenset[str]
    ) -> ExecutionResult | ResultStream:
        request = Request(
            operation.query, operation.variables, operation.operation_name, operation.extensions, without
        )
        context = self._access.context(call)
        current = Current(call, context.coverage)
        return await answer(self._engine, request, context, call, public_error, partial(_being, current))


@contextmanager
def _being(current: Current) -> Iterator[None]:
    """Make it the request being answered."""
    token = CURRENT.set(current)
    try:
        yield
    finally:
        CURRENT.reset(token)


def public_error(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """A subgraph's error without a code was not meant for clients: they learn whose it was, and where."""
    extensions = error.get("extensions") or {}
    if extensions.get("code") != DOWNSTREAM_ERROR:
        return error
    service = extensions.get("service", "")
    shown = {name: extensions[name] for name in ("code", "service", "shard") if name in extensions}
    return {**error, "message": DOWNSTREAM_MESSAGE.format(service=service), "extensions": shown}
