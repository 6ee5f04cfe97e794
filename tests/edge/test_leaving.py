"""A client that goes away takes its work with it; one that stays is not disturbed by being watched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

import edge.leaving
from edge.operation import CallContext, ExecutionResult, Operation
from tests.edge.conftest import Program, Start

TEST_LIMIT_S = 20.0
BODY = b'{"query": "{ hello }"}'
BATCH = b"[" + BODY + b"," + BODY + b"]"


@dataclass
class Slow:
    """An executor that answers when it is told to, and notes who was cancelled."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    cancelled: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult:
        self.begun.release()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled.release()
            raise
        return ExecutionResult({"hello": "late"})


@pytest.fixture
async def slow(start: Start) -> tuple[Program, Slow]:
    executor = Slow()
    return await start(executor=executor), executor


async def asked(program: Program, body: bytes) -> asyncio.StreamWriter:
    host, _, port = program.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
    return writer


@pytest.mark.parametrize(("body", "operations"), [(BODY, 1), (BATCH, 2)])
async def test_what_runs_for_a_client_that_hangs_up_is_cancelled(
    slow: tuple[Program, Slow], body: bytes, operations: int
) -> None:
    program, executor = slow
    writer = await asked(program, body)
    async with asyncio.timeout(TEST_LIMIT_S):
        for _ in range(operations):
            await executor.begun.acquire()
        writer.close()
        for _ in range(operations):
            await executor.cancelled.acquire()
        metrics = (await program.client.get("/metrics")).text
    assert 'creditbank_graphql_requests_total{role="public",status="499"} 1.0' in metrics
    assert "creditbank_graphql_requests_in_flight 0.0" in metrics
    assert [line["status"] for line in program.lines() if line["event"] == "request"] == [499]


async def test_one_that_stays_is_answered_on_the_same_connection_again_and_again(
    slow: tuple[Program, Slow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.leaving, "LOOK_AFTER_S", 0.0)
    program, executor = slow

    async def ask() -> object:
        asking = asyncio.create_task(program.post(BODY))
        await executor.begun.acquire()
        for _ in range(10):  # turns of the loop, until it is watched
            await asyncio.sleep(0)
        executor.may_answer.set()
        answer = (await asking).json()
        executor.may_answer.clear()
        return answer["data"]

    async with asyncio.timeout(TEST_LIMIT_S):
        assert [await ask() for _ in range(3)] == [{"hello": "late"}] * 3
