"""What every request needs, whichever way it comes: over HTTP or on a WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Scope

from edge.admission import Admission
from edge.caller import Caller
from edge.documents import DocumentFinder, sha256_of
from edge.errors import ErrorFormatter, HttpRefusal
from edge.identity import Callers
from edge.leaving import cancelled
from edge.limits import Limits
from edge.logs import Logger, request_answered
from edge.metrics import Metrics
from edge.operation import (
    CallContext,
    ExecutionResult,
    Executor,
    Locale,
    Operation,
    ResultStream,
    Trace,
)
from edge.polls import Polls
from edge.settings import EdgeSettings
from edge.tracing import TRACESTATE_LIMIT_CHARACTERS

ANSWERING_SHARE: Final = 0.1
ANSWERING_LIMIT_S: Final = 0.25
"""How much of a request's time is kept back from the executor, to write a partial answer in."""
CHECK_AGAIN_S: Final = 10.0
"""How long a subscription may have nothing to send before its caller is looked at again."""


@dataclass(frozen=True, slots=True)
class Front:
    """One program's parts, assembled by `edge.app.build_app`. `page` is the explorer's, if it is on."""

    settings: EdgeSettings
    executor: Executor
    identity: Callers
    formatter: ErrorFormatter
    finder: DocumentFinder
    metrics: Metrics
    logger: Logger
    page: ASGIApp | None
    admission: Admission
    polls: Polls

    @property
    def limits(self) -> Limits:
        """The limits of this program."""
        return self.settings.limits

    def note(
        self,
        *,
        method: str,
        status: int,
        arrived_s: float,
        caller: Caller,
        operation: Operation | None,
        codes: list[str],
    ) -> None:
        """Counts a request that was answered, and logs it if it is news. `arrived_s`: `time.perf_counter`."""
        duration_s = time.perf_counter() - arrived_s
        self.metrics.answered(status, caller.role, duration_s, codes)
        if operation is not None and not self.polls.is_news(operation.query, status, codes):
            return
        request_answered(
            self.logger,
            method=method,
            status=status,
            duration_s=duration_s,
            caller=caller,
            operation_name=operation.operation_name if operation else None,
            document_sha256=sha256_of(operation.query) if operation else None,
            codes=codes,
        )


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name; one that is given several times is joined as a list."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def call_context(
    caller: Caller,
    headers: Mapping[str, str],
    trace: Trace,
    locale: Locale,
    *,
    started_s: float,
    time_ms: int,
    accepts_stream: bool,
    accepts_parts: bool,
) -> CallContext:
    """What the executor is told of a request that began at `started_s` (loop clock)."""
    time_s = time_ms / 1000
    deadline_s = started_s + time_s - min(time_s * ANSWERING_SHARE, ANSWERING_LIMIT_S)
    return CallContext(
        caller,
        deadline_s,
        trace,
        locale,
        _forwarded(headers, trace),
        accepts_stream=accepts_stream,
        accepts_parts=accepts_parts,
    )


def _forwarded(headers: Mapping[str, str], trace: Trace) -> dict[str, str]:
    """What a program may send on to those behind it: who asks, in which trace, in which language."""
    forwarded = {name: headers[name] for name in ("authorization", "accept-language") if name in headers}
    forwarded["traceparent"] = trace.traceparent
    state = headers.get("tracestate")
    if state is not None and trace.parent_id is not None and len(state) <= TRACESTATE_LIMIT_CHARACTERS:
        forwarded["tracestate"] = state
    return forwarded


class GuardedPayloads:
    """A stream's payloads while they may be sent.

    They end with an HttpRefusal when the caller's token expires or its key is withdrawn, which a subscription
    may outlive, also one that has nothing to send; and those of one answer in parts when the request's
    time is over.
    """

    def __init__(
        self,
        stream: ResultStream,
        identity: Callers,
        authorization: str | None,
        ends_at_s: float,
        time_ms: int,
    ) -> None:
        self._payloads = stream.payloads
        self._identity = identity
        self._authorization = authorization
        self._ends_at_s = ends_at_s if stream.kind == "incremental" else None
        self._time_ms = time_ms

    async def __anext__(self) -> ExecutionResult:
        """The next payload. Raises StopAsyncIteration at the end, HttpRefusal when it may not be sent."""
        try:
            async with asyncio.timeout_at(self._ends_at_s) as timeout:
                payload = await self._upcoming()
        except TimeoutError:
            if not timeout.expired():
                raise
            raise HttpRefusal(503, "DEADLINE_EXCEEDED", limit=self._time_ms) from None
        await self._identity.caller(self._authorization)
        return payload

    async def _upcoming(self) -> ExecutionResult:
        if self._ends_at_s is not None:
            return await self._payloads.__anext__()
        upcoming = asyncio.ensure_future(self._payloads.__anext__())
        try:
            while not (await asyncio.wait((upcoming,), timeout=CHECK_AGAIN_S))[0]:
                await self._identity.caller(self._authorization)
            return upcoming.result()
        finally:
            await cancelled(upcoming)

    async def aclose(self) -> None:
        """Closes the stream itself."""
        await self._payloads.aclose()
