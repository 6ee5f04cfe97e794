"""Too many requests at once: the next is refused at the socket, unread, and health is still told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import pytest

from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation
from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

BODY = b'{"query": "{ hello }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
FULL = Limits(in_flight=1, time_ms=60_000)
TEST_LIMIT_S = 20.0


@dataclass
class Holding:
    """An executor whose every answer waits."""

    executed: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult:
        self.executed += 1
        self.begun.set()
        await self.may_answer.wait()
        return ExecutionResult({"hello": "held"})


@asynccontextmanager
async def full(start: Start, **settings: object) -> AsyncIterator[tuple[Program, Holding]]:
    """A program whose one place is taken; it is given back with the block."""
    executor = Holding()
    program = await start(EdgeSettings("test", FULL, **settings), executor=executor)  # type: ignore[arg-type]
    async with asyncio.timeout(TEST_LIMIT_S):
        held = asyncio.create_task(program.post(BODY))
        await executor.begun.wait()
        yield program, executor
        executor.may_answer.set()
        assert (await held).json() == {"data": {"hello": "held"}}
        assert executor.executed == 1, "nothing that was refused has reached the program"
        assert (await program.ask("{ hello }"))["data"] == {"hello": "held"}, "there is room again"


@dataclass
class Raw:
    """A connection, by its bytes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, *parts: bytes) -> tuple[str, dict[str, str], bytes]:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        return head[0], headers, await self.reader.readexactly(int(headers["content-length"]))


@asynccontextmanager
async def raw(program: Program) -> AsyncIterator[Raw]:
    host, _, port = program.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()


PARTS = {
    "whole": (WHOLE,),
    "asking to stay": (WHOLE.replace(b"Host: x", b"Host: x\r\nConnection: Keep-Alive"),),
    "head first": (WHOLE[: -len(BODY)], BODY),
    "in pieces": tuple(WHOLE[at : at + 7] for at in range(0, len(WHOLE), 7)),
    "from a page": (WHOLE.replace(b"Host: x", b"Host: x\r\nOrigin: https://portal.example"),),
    "in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n",),
    "a question in the address": (b"GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: x\r\n\r\n",),
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS.keys())
async def test_one_too_many_is_refused_however_it_comes_and_the_connection_stays(
    start: Start, parts: tuple[bytes, ...]
) -> None:
    page = "https://portal.example"
    async with full(start, allowed_origins=(page,)) as (program, _), raw(program) as connection:
        for _ in range(3):
            status, headers, body = await connection.ask(*parts)
            assert status == "HTTP/1.1 503 Service Unavailable"
            assert headers["retry-after"] == "1"
            (error,) = orjson.loads(body)["errors"]
            assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("OVERLOADED", 1)
            if any(b"Origin" in part for part in parts):
                assert headers["access-control-allow-origin"] == page


async def test_a_refusal_speaks_the_callers_language_and_media_type(start: Start) -> None:
    async with full(start) as (program, _), raw(program) as connection:
        asked = WHOLE.replace(
            b"Host: x", b"Host: x\r\nAccept-Language: zh-CN\r\nAccept: application/graphql-response+json"
        )
        for parts in ((asked,), (asked[:50], asked[50:])):
            _, headers, body = await connection.ask(*parts)
            assert headers["content-language"] == "zh"
            assert headers["content-type"].startswith("application/graphql-response+json")
            assert "正在处理的请求已达 1 个" in body.decode()


async def test_two_requests_sent_at_once_are_answered_in_their_order(start: Start) -> None:
    async with full(start) as (program, _), raw(program) as connection:
        for _ in range(2):
            assert (await connection.ask(WHOLE + WHOLE))[0] == "HTTP/1.1 503 Service Unavailable"
            assert (await connection.ask())[0] == "HTTP/1.1 503 Service Unavailable"


async def test_what_the_door_refused_is_counted_and_told(start: Start) -> None:
    async with full(start) as (program, _), raw(program) as connection:
        for _ in range(5):
            await connection.ask(WHOLE)
        metrics = ""
        while "creditbank_graphql_refused_total 5.0" not in metrics:
            metrics = (await program.client.get("/metrics")).text
        assert "creditbank_graphql_concurrency_limit 1.0" in metrics
        assert "creditbank_graphql_requests_in_flight 1.0" in metrics
        assert 'creditbank_graphql_errors_total{code="OVERLOADED"} 5.0' in metrics
        told = [line for line in program.lines() if line["event"] == "overloaded"]
        assert told[0]["level"] == "warning"
        assert told[0]["limit"] == 1


async def test_health_is_told_however_full_it_is(start: Start) -> None:
    async with full(start) as (program, _):
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert (await program.client.get(path)).status_code == 200


async def test_a_length_that_no_request_has_is_refused_as_malformed(start: Start) -> None:
    async with full(start) as (program, _), raw(program) as connection:
        connection.writer.write(HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n")
        assert (await connection.reader.readline()).startswith(b"HTTP/1.1 400")
