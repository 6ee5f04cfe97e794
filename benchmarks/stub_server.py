"""Servers that cost nothing: answers from memory, over just enough HTTP to keep a connection alive.

What a server is asked for the first time it works out; after that the request's bytes are looked up. So
what is measured is the program in front, and its every request is still answered in full.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length:"
CHUNKED: Final = b"transfer-encoding: chunked"
BODY_LIMIT_BYTES: Final = 1_048_576
BACKLOG_LIMIT: Final = 1_024

Execute = Callable[[dict[str, Any]], Any]
"""A GraphQL request's JSON to its response's."""


class Remembering:
    """One subgraph: executes a body once and remembers the whole HTTP response. Counts its requests."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._known: dict[bytes, bytes] = {}
        self.requests = 0

    def answer(self, body: bytes) -> bytes:
        """Return the whole HTTP response. A body without JSON asks how many requests there were."""
        if not body:
            return _response(b"%d" % self.requests)
        self.requests += 1
        known = self._known.get(body)
        if known is None:
            known = self._known[body] = _response(orjson.dumps(self._execute(orjson.loads(body))))
        return known


def _response(content: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


class Connection(asyncio.Protocol):
    """One request after another, each with its length or in chunks."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None and self._transport is not None:
            self._transport.write(self._answer(request))

    def _next(self) -> bytes | None:
        head, end, rest = self._received.partition(END_OF_HEAD)
        if not end:
            return None
        lower = head.lower()
        if CHUNKED in lower:
            return self._chunked(rest)
        length = int(lower.partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
        if length > BODY_LIMIT_BYTES or len(rest) < length:
            return None
        self._received = rest[length:]
        return rest[:length]

    def _chunked(self, rest: bytes) -> bytes | None:
        body = b""
        while True:
            size_line, end, rest = rest.partition(b"\r\n")
            if not end:
                return None
            size = int(size_line, 16)
            if len(rest) < size + 2:
                return None
            body, rest = body + rest[:size], rest[size + 2 :]
            if size == 0:
                self._received = rest
                return body


async def serve(executes: Mapping[str, Execute]) -> None:
    """Serve each on a port of its own; print {name: port}; end when standard input does."""
    loop = asyncio.get_running_loop()
    ports = {}
    for name, execute in executes.items():
        remembering = Remembering(execute)
        server = await loop.create_server(_connections(remembering), "127.0.0.1", 0, backlog=BACKLOG_LIMIT)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def _connections(remembering: Remembering) -> Callable[[], Connection]:
    return lambda: Connection(remembering.answer)
