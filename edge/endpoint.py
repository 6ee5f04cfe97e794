"""Answers `/graphql` over HTTP: the one place where a request's steps stand in their order.

    admit → negotiate → identify → read → find documents → execute → write

Every step may raise an `HttpRefusal`; whatever else is raised is our fault and is masked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import GraphQLError, OperationType
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from edge.admission import Place
from edge.body import ClientGone, read_limited
from edge.caller import PUBLIC, Caller
from edge.csrf import check_preflighted
from edge.envelope import Envelope, check_content_encoding, check_content_type, read_body, read_query_string
from edge.errors import HttpRefusal, coded_error
from edge.front import Front, GuardedPayloads, call_context, headers_of
from edge.leaving import Leaving
from edge.limits import Limits
from edge.logs import in_trace
from edge.messages import preferred_locale
from edge.negotiation import Accepted, MediaType, accepted
from edge.operation import (
    CallContext,
    ExecutionResult,
    Operation,
    ResultStream,
    Trace,
)
from edge.parsing import operation_kind
from edge.responses import ResponseWriter
from edge.streams import StreamResponse, only
from edge.tracing import trace_of

DEADLINE_DIGITS_LIMIT: Final = 9
CLIENT_GONE_STATUS: Final = 499
"""For log and metrics: nobody was there any more to be answered (a custom that nginx began)."""


@dataclass(slots=True)
class Exchange:
    """One request and what became known of it on its way, for its answer, its log line and its metrics."""

    method: str
    headers: Mapping[str, str]
    accepted: Accepted
    trace: Trace
    writer: ResponseWriter
    started_s: float
    arrived_s: float
    time_ms: int
    place: Place
    caller: Caller = PUBLIC
    body_read: bool = False
    client_gone: bool = False
    operations: list[Operation] = field(default_factory=list)


class GraphQLEndpoint:
    """The ASGI application of `/graphql` over HTTP."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, logs it and counts it; refuses it unread when there are too many."""
        place = self._front.admission.enter()
        if place is None:
            await self._front.admission.refuse(scope, send)
            return
        with place:
            await self._admitted(place, scope, receive, send)

    async def _admitted(self, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        accepts = accepted(headers.get("accept"))
        if self._front.page is not None and scope["method"] == "GET" and accepts.page:
            await self._front.page(scope, receive, send)
            return
        exchange = self._begin(place, scope["method"], headers, accepts)
        with in_trace(exchange.trace):
            try:
                response = await self._answer(exchange, scope, receive)
                await response(scope, receive, send)
                status = response.status_code
            except ClientGone:
                status = CLIENT_GONE_STATUS
            self._front.note(
                method=exchange.method,
                status=status,
                arrived_s=exchange.arrived_s,
                caller=exchange.caller,
                operation=exchange.operations[0] if exchange.operations else None,
                codes=exchange.writer.codes,
            )

    def _begin(self, place: Place, method: str, headers: Mapping[str, str], accepts: Accepted) -> Exchange:
        trace = trace_of(headers.get("traceparent"))
        locale = preferred_locale(headers.get("accept-language"))
        media_type = accepts.single or MediaType.JSON
        writer = ResponseWriter(self._front.formatter, locale, trace, media_type)
        started_s = asyncio.get_running_loop().time()
        time_ms = self._front.limits.time_ms
        # The loop's clock stands still within one turn of the loop, so it cannot tell a latency.
        arrived_s = time.perf_counter()
        return Exchange(method, headers, accepts, trace, writer, started_s, arrived_s, time_ms, place)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive) -> Response | StreamResponse:
        """The response, within the request's time."""
        try:
            exchange.time_ms = time_allowed_ms(exchange.headers, self._front.limits)
            async with asyncio.timeout_at(exchange.started_s + exchange.time_ms / 1000) as timeout:
                return await self._steps(exchange, scope, receive, timeout)
        except HttpRefusal as refusal:
            return exchange.writer.refusal(refusal)
        except ClientGone:
            raise
        except Exception as error:
            # The outermost place that can still answer: whatever went wrong inside is masked here.
            if isinstance(error, TimeoutError) and timeout.expired():
                if exchange.client_gone:
                    raise ClientGone from None
                status, code = (503, "DEADLINE_EXCEEDED") if exchange.body_read else (408, "REQUEST_TIMEOUT")
                return exchange.writer.refusal(HttpRefusal(status, code, limit=exchange.time_ms))
            return exchange.writer.unexpected(error)

    async def _steps(
        self, exchange: Exchange, scope: Scope, receive: Receive, ends: asyncio.Timeout
    ) -> Response | StreamResponse:
        self._check(exchange)
        exchange.caller = await self._front.identity.caller(exchange.headers.get("authorization"))
        envelopes = await self._read(exchange, scope, receive)
        exchange.body_read = True
        with Leaving(receive, ends) as leaving:
            try:
                result = await self._executed(envelopes, exchange)
            finally:
                exchange.client_gone = leaving.gone
        if isinstance(result, list):
            return exchange.writer.batch(result)
        return await self._written(result, exchange)

    async def _executed(
        self, envelopes: Envelope | list[Envelope], exchange: Exchange
    ) -> ExecutionResult | ResultStream | list[ExecutionResult]:
        single = not isinstance(envelopes, list)
        context = self._context(exchange, single=single)
        if isinstance(envelopes, list):
            return await asyncio.gather(*(self._run_in_batch(one, exchange, context) for one in envelopes))
        return await self._run(envelopes, exchange, context)

    def _check(self, exchange: Exchange) -> None:
        """Refuses what need not be read at all."""
        if exchange.accepted.single is None and exchange.accepted.stream is None:
            raise HttpRefusal(406, "NOT_ACCEPTABLE")
        if exchange.method == "GET":
            check_preflighted(exchange.headers, strict=self._front.settings.strict_csrf)
        elif exchange.method == "POST":
            check_content_type(exchange.headers.get("content-type"))
            check_content_encoding(exchange.headers.get("content-encoding"))
        else:
            raise _method_refusal("METHOD_NOT_ALLOWED", "GET, POST", method=exchange.method[:20])

    async def _read(self, exchange: Exchange, scope: Scope, receive: Receive) -> Envelope | list[Envelope]:
        if exchange.method == "GET":
            return read_query_string(scope["query_string"], self._front.limits)
        body = await read_limited(exchange.headers, receive, self._front.limits.body_limit_bytes)
        return read_body(body, self._front.limits)

    def _context(self, exchange: Exchange, *, single: bool) -> CallContext:
        return call_context(
            exchange.caller,
            exchange.headers,
            exchange.trace,
            exchange.writer.locale,
            started_s=exchange.started_s,
            time_ms=exchange.time_ms,
            accepts_stream=single and exchange.accepted.stream is not None,
            accepts_parts=single and exchange.accepted.parts is not None,
        )

    async def _run(
        self, envelope: Envelope, exchange: Exchange, context: CallContext
    ) -> ExecutionResult | ResultStream:
        operation = await self._front.finder.find(envelope)
        if isinstance(operation, GraphQLError):
            return ExecutionResult(errors=(operation,), executed=False)
        exchange.operations.append(operation)
        if exchange.method == "GET":
            kind = operation_kind(operation.query, operation.operation_name, self._front.limits)
            if kind not in (OperationType.QUERY, None):
                raise _method_refusal("QUERY_ONLY_ON_GET", "POST", kind=kind.value)
        return await self._front.executor.execute(operation, context)

    async def _run_in_batch(
        self, envelope: Envelope, exchange: Exchange, context: CallContext
    ) -> ExecutionResult:
        try:
            result = await self._run(envelope, exchange, context)
        except HttpRefusal:
            raise
        except Exception as error:
            # One operation's fault must not take the answers of its neighbours.
            fault = GraphQLError(str(error), original_error=error)
            return ExecutionResult(errors=(fault,), executed=False)
        if isinstance(result, ResultStream):
            await result.payloads.aclose()
            return ExecutionResult(errors=(coded_error("STREAM_NOT_ACCEPTED"),), executed=False)
        return result

    async def _written(
        self, result: ExecutionResult | ResultStream, exchange: Exchange
    ) -> Response | StreamResponse:
        accepts = exchange.accepted
        stream_type = accepts.stream
        if isinstance(result, ResultStream):
            stream_type = accepts.parts if result.kind == "incremental" else accepts.stream
            if stream_type is None:
                await result.payloads.aclose()
                raise HttpRefusal(406, "STREAM_NOT_ACCEPTED")
            if result.kind == "subscription" and not exchange.place.outlive():
                await result.payloads.aclose()
                raise HttpRefusal(503, "OVERLOADED", limit=self._front.limits.streams)
            payloads = GuardedPayloads(
                result,
                self._front.identity,
                exchange.headers.get("authorization"),
                exchange.started_s + exchange.time_ms / 1000,
                exchange.time_ms,
            )
            return StreamResponse(payloads, exchange.writer, stream_type)
        if exchange.accepted.single is None and stream_type is not None:
            return StreamResponse(only(result), exchange.writer, stream_type)
        return exchange.writer.single(result)


def time_allowed_ms(headers: Mapping[str, str], limits: Limits) -> int:
    """The setting, or less when X-Deadline-Ms asks for less. Raises HttpRefusal 400 for another value."""
    stated = headers.get("x-deadline-ms")
    if stated is None:
        return limits.time_ms
    if not (stated.isascii() and stated.isdigit() and len(stated) <= DEADLINE_DIGITS_LIMIT and int(stated)):
        raise HttpRefusal(400, "DEADLINE_INVALID")
    return min(limits.time_ms, int(stated))


def _method_refusal(code: str, allow: str, **values: str) -> HttpRefusal:
    return HttpRefusal(405, code, headers={"allow": allow}, allow=allow, **values)
