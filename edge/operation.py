"""The seam between HTTP and the two programs: what arrives, for whom, and what is answered.

`edge` turns bytes into an `Operation` and a `CallContext` and calls the program's
`Executor`; it turns the `ExecutionResult` back into bytes. Neither side knows more of
the other than this file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, Protocol

from graphql import GraphQLError

from edge.caller import Caller
from schema.codes import Language

Locale = Language

EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


def _empty() -> Mapping[str, Any]:
    """EMPTY, which dataclasses do not take as a plain default since it cannot be hashed."""
    return EMPTY


@dataclass(frozen=True, slots=True)
class Operation:
    """One GraphQL request (GraphQL over HTTP, "Request Parameters"), its document already found.

    A persisted or trusted document has been looked up before this is made, so `query` is
    always the text. `document_id` is what the client named it by, when it did.
    """

    query: str
    variables: Mapping[str, Any] = field(default_factory=_empty)
    operation_name: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=_empty)
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """W3C Trace Context of this request; `span_id` is ours, and is the errors' correlation id."""

    trace_id: str
    span_id: str
    parent_id: str | None = None
    sampled: bool = False

    @property
    def traceparent(self) -> str:
        """The header to send on: this request is the parent of what it causes."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


@dataclass(frozen=True, slots=True)
class CallContext:
    """What is true of the whole HTTP request.

    `deadline_s` is a point on the event loop's clock (`loop.time()`) by which the executor
    should have answered, partially if need be; a little later edge answers in its stead.
    `headers` (lower-case names) may be sent on to the programs behind this one: the
    caller's authorization, trace context and language. `accepts_stream` says whether the
    client can take a `ResultStream` of a subscription, `accepts_parts` whether one of an
    answer in parts.
    """

    caller: Caller
    deadline_s: float
    trace: Trace
    locale: Locale = "en"
    headers: Mapping[str, str] = field(default_factory=_empty)
    accepts_stream: bool = False
    accepts_parts: bool = False


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """One GraphQL response (specification, section 7.1).

    `executed` is False when the request was refused before execution began (syntax,
    validation, variables, limits): the response then has no `data` entry at all.
    An error is either a `GraphQLError`, which edge masks and words in the caller's
    language, or a mapping that the program has formatted itself and vouches for.
    `incremental` holds the further entries of a payload in a stream (`hasNext`, `pending`,
    `incremental`, `completed`).
    """

    data: Any = None
    errors: Sequence[GraphQLError | Mapping[str, Any]] = ()
    extensions: Mapping[str, Any] = field(default_factory=_empty)
    executed: bool = True
    incremental: Mapping[str, Any] = field(default_factory=_empty)


class Payloads(Protocol):
    """What comes one after the other; an async generator is one. `aclose` frees what it holds."""

    def __anext__(self) -> Awaitable[ExecutionResult]: ...

    def aclose(self) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class ResultStream:
    """Many payloads for one operation: a subscription's events, or one response in parts.

    Edge closes `payloads` (`aclose`) when the client goes away.
    """

    kind: Literal["subscription", "incremental"]
    payloads: Payloads = field(repr=False)


class Executor(Protocol):
    """What a program offers: it runs one operation. It raises nothing for a client's mistake."""

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream: ...
