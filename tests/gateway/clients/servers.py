"""Real servers on real sockets that behave as told, byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.federation.transport import ShardRequest

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Heard:
    """What a server received: each request's head and body."""

    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        lines = self.heads[-1].split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def response(body: bytes, status: str = "200 OK", media: str = "application/json", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@asynccontextmanager
async def serving(*answers: bytes | None, heard: Heard | None = None) -> AsyncIterator[str]:
    """A server that gives each request the next answer, the last one again and again.

    None: it never answers. Bytes without a whole response: it sends them and closes the connection.
    """
    told = heard or Heard()
    waiting: set[asyncio.Task[object]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        waiting.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                told.heads.append(head.strip())
                told.bodies.append(await reader.readexactly(int(told.headers.get("content-length", "0"))))
                answer = answers[min(len(told.heads), len(answers)) - 1]
                if answer is None:
                    await asyncio.Event().wait()
                else:
                    writer.write(answer)
                    await writer.drain()
                    if not _is_whole(answer):
                        return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()
            waiting.discard(task)

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}/graphql"
    finally:
        server.close()
        tasks = list(waiting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)
        await server.wait_closed()


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    declared = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(declared) and int(declared[0].split(b":")[1]) == len(body)


@dataclass
class At:
    """Addresses: one shard, "north", where it is told to be."""

    address: str | None

    def url(self, subgraph: str, shard: str) -> str | None:
        return self.address if shard == "north" else None


def asking(**more: object) -> ShardRequest:
    return ShardRequest("parcels", "north", "{ depots { id } }", {}, **more)  # type: ignore[arg-type]
