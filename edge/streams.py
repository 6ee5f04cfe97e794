"""Writes a stream of payloads over HTTP: server-sent events or parts of a multipart response.

Server-sent events follow the graphql-sse protocol's distinct connections mode; multipart
follows the incremental delivery over HTTP specification, and for `subscriptionSpec=1.0`
Apollo's multipart subscription protocol. A quiet stream sends a heartbeat, so that
proxies keep it and a client that is gone is noticed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

import orjson
from starlette.types import Message, Receive, Scope, Send

from edge.errors import HttpRefusal
from edge.leaving import cancelled
from edge.negotiation import MediaType
from edge.operation import ExecutionResult, Payloads
from edge.responses import COMMON_HEADERS, ResponseWriter

HEARTBEAT_S: Final = 10.0

_BOUNDARY: Final = b"\r\n---"
_PART_HEAD: Final = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"


class StreamResponse:
    """An ASGI application that sends `payloads` as they come, and closes them when the client goes."""

    status_code = 200

    def __init__(
        self,
        payloads: Payloads,
        writer: ResponseWriter,
        media_type: MediaType,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._payloads = payloads
        self._writer = writer
        self._media_type = media_type
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the payloads end or the client goes away, whichever is first."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
            outcome = (await asyncio.gather(sending, return_exceptions=True))[0]
            await self._payloads.aclose()
        if isinstance(outcome, Exception):
            raise outcome

    async def _send_all(self, send: Send) -> None:
        headers = {**COMMON_HEADERS, "content-type": self._media_type.value, "x-accel-buffering": "no"}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status_code, "headers": raw})
        await send(_chunk(self._beginning()))
        try:
            async with aclosing(self._beating()) as beats:
                async for payload in beats:
                    await send(_chunk(self._heartbeat() if payload is None else self._written(payload)))
        except HttpRefusal as refusal:
            await send(_chunk(self._encode(self._writer.refusal_body(refusal))))
        except Exception as error:
            # The status is sent already, so our failure can only be told inside the stream.
            await send(_chunk(self._encode(self._writer.unexpected_body(error))))
        await send(_chunk(self._end(), more=False))

    async def _beating(self) -> AsyncGenerator[ExecutionResult | None, None]:
        """The payloads, and None each time that nothing came for a heartbeat's length."""
        while True:
            upcoming = asyncio.ensure_future(self._payloads.__anext__())
            try:
                while not (await asyncio.wait((upcoming,), timeout=self._heartbeat_s))[0]:
                    yield None
                payload = upcoming.result()
            except StopAsyncIteration:
                return
            finally:
                await cancelled(upcoming)
            yield payload

    def _written(self, payload: ExecutionResult) -> bytes:
        return self._encode(self._writer.body(payload))

    def _encode(self, body: dict[str, Any]) -> bytes:
        if self._media_type is MediaType.EVENT_STREAM:
            return b"event: next\ndata: " + orjson.dumps(body) + b"\n\n"
        if self._media_type is MediaType.MULTIPART_SUBSCRIPTION:
            return _part({"payload": body})
        return _part(body)

    def _heartbeat(self) -> bytes:
        if self._media_type is MediaType.EVENT_STREAM:
            return b":\n\n"
        return _part({}) if self._media_type is MediaType.MULTIPART_SUBSCRIPTION else b""

    def _beginning(self) -> bytes:
        return b"" if self._media_type is MediaType.EVENT_STREAM else _BOUNDARY

    def _end(self) -> bytes:
        return b"event: complete\ndata:\n\n" if self._media_type is MediaType.EVENT_STREAM else b"--\r\n"


async def only(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    """One result as a stream, for a client that takes nothing but streams."""
    yield result


def _part(body: dict[str, Any]) -> bytes:
    """One part, with the boundary after it: without that a client cannot know that it has all of the part."""
    return _PART_HEAD + orjson.dumps(body) + _BOUNDARY


def _chunk(content: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
