"""The national subgraph as the engine reaches it: a transport that never leaves the process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate

from gateway.federation.document.cache import LruCache
from gateway.federation.sharding.coverage import Gathered
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from gateway.national.context import National
from gateway.national.schema import schema

DOCUMENTS_CACHED_LIMIT: Final = 1_000
FAULT_CODE: Final = "INTERNAL_ERROR"
INPUT_CODE: Final = "BAD_USER_INPUT"


class NationalTransport:
    """Executes requests against the national schema.

    `context_of` makes the resolvers' context of a request; `report` gets the faults that the
    reply only names, and returns the id under which they were logged.
    """

    def __init__(
        self, context_of: Callable[[ShardRequest], National], report: Callable[[BaseException], str]
    ) -> None:
        self._context_of = context_of
        self._report = report
        self._schema = schema()._schema
        self._documents: LruCache[str, DocumentNode | Reply] = LruCache(DOCUMENTS_CACHED_LIMIT)

    async def send(self, request: ShardRequest) -> Reply:
        document = self._documents.get(request.query, lambda: self._document(request.query))
        if isinstance(document, Reply):
            return document
        context = self._context_of(request)
        found = execute(
            self._schema,
            document,
            context_value=context,
            variable_values=_own(request.variables),
            operation_name=request.operation_name,
        )
        result = await found if inspect.isawaitable(found) else found
        if not isinstance(result, ExecutionResult):
            raise TransportFailure("SHARD_INVALID_REPLY", "The national subgraph has no streams.")
        errors = result.errors or ()
        if result.data is None and errors and all(error.path is None for error in errors):
            return _refused(errors)
        told = (*(self._formatted(error) for error in errors), *context.errors)
        return Gathered(result.data, told, missing=tuple(context.missing))

    def _document(self, text: str) -> DocumentNode | Reply:
        """Parse and validate a text of the planner's.

        What is not valid here, though it is by the supergraph, is a literal such as a malformed date.
        """
        document = parse(text, no_location=True)
        errors = validate(self._schema, document)
        return _refused(errors) if errors else document

    def _formatted(self, error: GraphQLError) -> Mapping[str, Any]:
        """An error meant for the caller as it is; a fault of ours as a code and an id."""
        original = error.original_error
        if (error.extensions or {}).get("code") or original is None:
            return {**error.formatted}
        extensions = {"code": FAULT_CODE, "correlationId": self._report(original)}
        return {**error.formatted, "message": FAULT_CODE, "extensions": extensions}


def _refused(errors: Sequence[GraphQLError]) -> Reply:
    """The reply to a request whose values do not fit: the client's mistake, told as it is."""
    extensions = {"code": INPUT_CODE}
    return Reply(None, tuple({"message": error.message, "extensions": extensions} for error in errors))


def _own(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Copies of what the request holds: Strawberry takes `__typename` out of representations."""
    own = dict(variables)
    for name, value in own.items():
        if name.startswith("representations"):
            own[name] = [dict(representation) for representation in value]
    return own
