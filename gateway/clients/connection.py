"""One HTTP/1.1 connection to a node: request after request, and none outlives whoever asked.

Our own, since client libraries cost two to three times the CPU for each request, and the quickest of them
leaves a cancelled request's socket open until its time is over (docs/decisions/0006). Messages are taken
apart by llhttp (`httptools`), as the server beneath us does it; nothing here is lenient.

    idle ──ask──▶ asked ──head──▶ answering ──end──▶ idle
      └─────────────┴───cancelled, too late, too large, no HTTP───▶ closed, its socket with it
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Final, NamedTuple, cast

import httptools

from gateway.clients.failures import NodeFailure, invalid, timed_out, unreachable

HEAD_LIMIT_BYTES: Final = 65_536
STREAM_BUFFER_LIMIT_BYTES: Final = 65_536
"""Bytes of a stream that wait to be read before the socket is left alone."""
FIRST_FINAL_STATUS: Final = 200


class Answered(NamedTuple):
    """An HTTP response, read to its end."""

    status: int
    content_type: str
    body: bytes
    retry_after: str = ""


class Connection(asyncio.Protocol):
    """One socket. `ask` or `open` and `read`: one exchange at a time; raises `NodeFailure`."""

    __slots__ = (
        "_body",
        "_content_type",
        "_ended_by_closing",
        "_failure",
        "_head_bytes",
        "_in_head",
        "_is_streamed",
        "_is_whole",
        "_keep",
        "_limit",
        "_loop",
        "_parser",
        "_retry_after",
        "_size",
        "_status",
        "_timer",
        "_timer_at_s",
        "_transport",
        "_until_s",
        "_waiter",
        "idle_since_s",
        "is_usable",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, reply_limit_bytes: int) -> None:
        self._loop = loop
        self._limit = reply_limit_bytes
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._until_s = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at_s = math.inf
        self.is_usable = False
        """Whether another request may be sent on it."""
        self.idle_since_s = 0.0
        self._begin()

    async def ask(self, request: bytes, until_s: float) -> Answered:
        """Send the bytes of a whole request; return its answer, if it comes by `until_s` (loop's clock)."""
        self._send(request, streamed=False)
        await self._wait(until_s)
        content = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answered = Answered(self._status, self.content_type, content, self._retry_after.decode("latin-1"))
        self.is_usable = self._keep and self._transport is not None and not self._transport.is_closing()
        if not self.is_usable:
            self.close()
        return answered

    async def open(self, request: bytes, until_s: float) -> int:
        """Send the bytes of a whole request; return the answer's status when its head has come."""
        self._send(request, streamed=True)
        await self._wait(until_s)
        return self._status

    async def read(self) -> bytes | None:
        """The next bytes of what `open` opened; None at its end."""
        if not self._body and not self._is_whole:
            await self._wait(math.inf)
        if not self._body:
            if self._failure is not None:
                raise self._failure
            return None
        chunk = self._body.popleft()
        self._size -= len(chunk)
        if self._transport is not None and self._size <= STREAM_BUFFER_LIMIT_BYTES:
            self._transport.resume_reading()
        return chunk

    @property
    def content_type(self) -> str:
        return self._content_type.decode("latin-1")

    def close(self) -> None:
        """Close the socket at once, whatever is on its way."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._body: deque[bytes] = deque()
        self._size = self._status = self._head_bytes = 0
        self._content_type = self._retry_after = b""
        self._in_head = self._ended_by_closing = True
        self._is_whole = self._is_streamed = self._keep = False
        self._failure: NodeFailure | None = None

    def _send(self, request: bytes, *, streamed: bool) -> None:
        if self._transport is None or self._transport.is_closing():  # it was closed as soon as it was made
            raise _broken()
        self._begin()
        self.is_usable = False
        self._is_streamed = streamed
        self._transport.write(request)

    async def _wait(self, until_s: float) -> None:
        """Until `_wake`. Whoever is cancelled while waiting closes the connection."""
        waiter = self._waiter = self._loop.create_future()
        self._until_s = until_s
        if until_s < self._timer_at_s:
            self._set_timer()
        try:
            await waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = None
            self._until_s = math.inf
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: NodeFailure) -> None:
        self._failure = self._failure or failure
        self._is_whole = True
        self.close()
        self._wake()

    # A timer stays when its request has been answered, and looks at its time who waits now: nearly every
    # request is answered in time, and one timer serves all that are sent before it is due.

    def _set_timer(self) -> None:
        self._drop_timer()
        if self._until_s < math.inf:
            self._timer, self._timer_at_s = self._loop.call_at(self._until_s, self._expire), self._until_s

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at_s = None, math.inf

    def _expire(self) -> None:
        if self._until_s <= self._timer_at_s:
            self._fail(timed_out())
        else:
            self._set_timer()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods
        self.is_usable = True

    def data_received(self, data: bytes) -> None:
        if self.is_usable:  # nobody has asked anything
            self.close()
            return
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(_broken())
        if self._in_head and self._head_bytes > HEAD_LIMIT_BYTES:
            self._fail(invalid("The head of its answer is too large."))

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_usable = False
        self._transport = None
        self._drop_timer()
        if self._is_whole:
            return
        if exc is None and self._ended_by_closing and not self._in_head:
            self.on_message_complete()
        else:
            self._fail(_broken())

    # What the parser tells.

    def on_message_begin(self) -> None:
        if self._is_whole:
            raise ValueError("a second answer to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        low = name.lower()
        if low == b"content-type":
            self._content_type = value
        elif low in (b"content-length", b"transfer-encoding"):
            self._ended_by_closing = False
        elif low == b"retry-after":
            self._retry_after = value

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._status < FIRST_FINAL_STATUS:
            return
        self._in_head = False
        self._keep = self._parser.should_keep_alive()
        if self._is_streamed:
            self._wake()

    def on_body(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._is_streamed:
            if self._size > STREAM_BUFFER_LIMIT_BYTES and self._transport is not None:
                self._transport.pause_reading()
        elif self._size > self._limit:
            self._fail(invalid("Its answer is too large."))
            return
        self._body.append(chunk)
        if self._is_streamed:
            self._wake()

    def on_message_complete(self) -> None:
        if self._status < FIRST_FINAL_STATUS:  # the final answer is still to come
            self._content_type, self._retry_after, self._ended_by_closing = b"", b"", True
            return
        self._is_whole = True
        self._wake()


def _broken() -> NodeFailure:
    return unreachable("It could not be reached, or the connection broke.")
