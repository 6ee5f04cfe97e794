"""Answers `/graphql` on a WebSocket, by the protocol graphql-transport-ws.

One connection carries many operations at once, each under the client's own id. Whoever
breaks the protocol is disconnected with the code that the protocol names for it; an
operation's own errors stay with the operation.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from edge.caller import PUBLIC
from edge.csrf import sent_by_foreign_page
from edge.envelope import read_envelope, read_json
from edge.errors import HttpRefusal
from edge.front import Front, GuardedPayloads, call_context, headers_of
from edge.logs import in_trace
from edge.messages import preferred_locale
from edge.negotiation import MediaType
from edge.operation import ExecutionResult, Operation, ResultStream
from edge.responses import Body, ResponseWriter
from edge.tracing import trace_of

SUBPROTOCOL: Final = "graphql-transport-ws"
INIT_TIME_LIMIT_S: Final = 5.0
OPERATION_ID_LIMIT_CHARACTERS: Final = 128


class Close(IntEnum):
    """The codes with which the protocol closes a connection."""

    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_TAKEN = 4409
    TOO_MANY = 4429


class ProtocolBreach(Exception):  # noqa: N818 - names what the client did
    """The client broke the protocol; the connection is closed with this code."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SocketEndpoint:
    """The ASGI application of `/graphql` on WebSockets."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talks with one client until it leaves or breaks the protocol."""
        socket = WebSocket(scope, receive, send)
        headers = headers_of(scope)
        if self._open >= self._front.limits.sockets or self._is_foreign(headers):
            await socket.close()
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(Close.SUBPROTOCOL, "Subprotocol not acceptable")
            return
        self._open += 1
        try:
            with self._front.metrics.sockets.track_inprogress():
                await socket.accept(SUBPROTOCOL)
                await Conversation(self._front, socket, headers).run()
        finally:
            self._open -= 1

    def _is_foreign(self, headers: Mapping[str, str]) -> bool:
        return headers.get("origin") not in self._front.settings.allowed_origins and sent_by_foreign_page(
            headers
        )


class Conversation:
    """One connection: whose it is, and the operations that run on it."""

    def __init__(self, front: Front, socket: WebSocket, headers: dict[str, str]) -> None:
        self._front = front
        self._socket = socket
        self._headers = headers
        self._ready = False
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Takes messages until the client leaves or breaks the protocol, then ends what still runs."""
        breach: ProtocolBreach | None = None
        try:
            await self._listen()
        except ProtocolBreach as found:
            breach = found
        except WebSocketDisconnect:
            pass  # the client left, which is how most conversations end
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if breach is not None:
            await self._socket.close(breach.code, breach.reason)

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(INIT_TIME_LIMIT_S):
                while not self._ready:
                    await self._take(await self._message())
        except TimeoutError:
            raise ProtocolBreach(Close.INIT_TIMEOUT, "Connection initialisation timeout") from None
        while True:
            await self._take(await self._message())

    async def _message(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text = message.get("text")
        if text is None or len(text) > self._front.limits.body_limit_bytes:
            raise ProtocolBreach(Close.BAD_MESSAGE, "Messages are JSON texts within the limit of size")
        try:
            content = read_json(text.encode(), self._front.limits)
        except HttpRefusal:
            raise ProtocolBreach(Close.BAD_MESSAGE, "Messages are JSON texts") from None
        if not isinstance(content, dict) or not isinstance(content.get("type"), str):
            raise ProtocolBreach(Close.BAD_MESSAGE, "Messages are objects with a type")
        return content

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass  # the answer to a ping of ours; the transport below asks for its own
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                self._complete(message)
            case other:
                raise ProtocolBreach(Close.BAD_MESSAGE, f"Unknown message type {other[:40]}")

    async def _init(self, payload: Any) -> None:
        if self._ready:
            raise ProtocolBreach(Close.TOO_MANY, "Too many initialisation requests")
        for name, value in (payload if isinstance(payload, dict) else {}).items():
            # Browsers cannot set headers on a WebSocket, so the token may come here.
            if name.lower() == "authorization" and isinstance(value, str):
                self._headers["authorization"] = value
        try:
            await self._front.identity.caller(self._headers.get("authorization"))
        except HttpRefusal as refusal:
            raise ProtocolBreach(Close.FORBIDDEN, refusal.code) from None
        self._ready = True
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._ready:
            raise ProtocolBreach(Close.UNAUTHORIZED, "Unauthorized")
        name = _id_of(message)
        if name in self._running:
            raise ProtocolBreach(Close.ID_TAKEN, f"Subscriber for {name} already exists")
        operation = Asked(self._front, self._headers)
        limit = self._front.limits.subscriptions_per_socket
        if len(self._running) >= limit:
            refusal = HttpRefusal(503, "OVERLOADED", limit=limit)
            await self._send(_error(name, operation.writer.refusal_body(refusal)))
            return
        task = asyncio.create_task(self._answer(name, operation, message.get("payload")))
        self._running[name] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _complete(self, message: dict[str, Any]) -> None:
        task = self._running.pop(_id_of(message), None)
        if task is not None:
            task.cancel()

    async def _answer(self, name: str, operation: Asked, payload: Any) -> None:
        """Sends all that one operation answers. Its id is free again before its last message leaves."""
        with in_trace(operation.trace), suppress(WebSocketDisconnect):  # the listener hears of it too
            try:
                last = {"id": name, "type": "complete"}
                async with aclosing(operation.bodies(payload)) as bodies:
                    async for body, refused in bodies:
                        if refused:
                            last = _error(name, body)
                            break
                        await self._send({"id": name, "type": "next", "payload": body})
            finally:
                if self._running.get(name) is asyncio.current_task():
                    del self._running[name]
                operation.note()
            await self._send(last)

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(orjson.dumps(message).decode())


class Asked:
    """One operation that was asked for on a socket, from its envelope to the bodies of its answer."""

    def __init__(self, front: Front, headers: Mapping[str, str]) -> None:
        self._front = front
        self._headers = headers
        self._caller = PUBLIC
        self._operation: Operation | None = None
        self._arrived_s = time.perf_counter()
        self.trace = trace_of(headers.get("traceparent"))
        locale = preferred_locale(headers.get("accept-language"))
        self.writer = ResponseWriter(front.formatter, locale, self.trace, MediaType.JSON)

    async def bodies(self, payload: Any) -> AsyncGenerator[tuple[Body, bool], None]:
        """Each response's body, and whether it says that the operation was refused, which ends it."""
        time_ms = self._front.limits.time_ms
        started_s = asyncio.get_running_loop().time()
        try:
            try:
                async with asyncio.timeout_at(started_s + time_ms / 1000) as timeout:
                    result = await self._result(payload, started_s, time_ms)
            except TimeoutError:
                if not timeout.expired():
                    raise
                raise HttpRefusal(503, "DEADLINE_EXCEEDED", limit=time_ms) from None
            if isinstance(result, ExecutionResult):
                yield self.writer.body(result), not result.executed
                return
            async with aclosing(self._guarded(result, started_s, time_ms)) as payloads:
                while True:
                    yield self.writer.body(await payloads.__anext__()), False
        except StopAsyncIteration:
            return
        except HttpRefusal as refusal:
            yield self.writer.refusal_body(refusal), True
        except Exception as error:
            # The outermost place that can still answer this operation: what went wrong is masked here.
            yield self.writer.unexpected_body(error), True

    async def _result(self, payload: Any, started_s: float, time_ms: int) -> ExecutionResult | ResultStream:
        place = self._front.admission.enter()
        if place is None:
            raise self._front.admission.refusal()
        with place:
            return await self._executed(payload, started_s, time_ms)

    async def _executed(self, payload: Any, started_s: float, time_ms: int) -> ExecutionResult | ResultStream:
        self._caller = await self._front.identity.caller(self._headers.get("authorization"))
        found = await self._front.finder.find(read_envelope(payload, "payload"))
        if isinstance(found, GraphQLError):
            return ExecutionResult(errors=(found,), executed=False)
        self._operation = found
        context = call_context(
            self._caller,
            self._headers,
            self.trace,
            self.writer.locale,
            started_s=started_s,
            time_ms=time_ms,
            accepts_stream=True,
            accepts_parts=True,
        )
        return await self._front.executor.execute(found, context)

    def _guarded(self, stream: ResultStream, started_s: float, time_ms: int) -> GuardedPayloads:
        authorization = self._headers.get("authorization")
        return GuardedPayloads(
            stream, self._front.identity, authorization, started_s + time_ms / 1000, time_ms
        )

    def note(self) -> None:
        """Counts and logs the operation, once it is over."""
        self._front.note(
            method="WEBSOCKET",
            status=200,
            arrived_s=self._arrived_s,
            caller=self._caller,
            operation=self._operation,
            codes=self.writer.codes,
        )


def _id_of(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= OPERATION_ID_LIMIT_CHARACTERS:
        raise ProtocolBreach(Close.BAD_MESSAGE, "An operation's id is a short text")
    return name


def _error(name: str, body: Body) -> dict[str, Any]:
    return {"id": name, "type": "error", "payload": body["errors"]}
