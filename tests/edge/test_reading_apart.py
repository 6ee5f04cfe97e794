"""A long document is read in a thread: once for all who send it, while the program answers others."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from graphql import validate

from edge import schema_executor
from edge.limits import Limits
from edge.settings import EdgeSettings
from tests.edge.conftest import Start

LONGEST_WAIT_S = 30
LONG = {"query": "{ " + " ".join(f"greeting{number}: hello" for number in range(60)) + " }"}
SHORT = {"query": "{ hello }"}


async def test_the_loop_goes_on_while_a_long_document_is_read_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, is_open = threading.Event(), threading.Event()
    threads: list[str] = []

    def validated(*given: Any, **named: Any) -> Any:
        thread = threading.current_thread()
        if thread is not threading.main_thread():
            threads.append(thread.name)
            reached.set()
            assert is_open.wait(LONGEST_WAIT_S)
        return validate(*given, **named)

    monkeypatch.setattr(schema_executor, "validate", validated)
    program = await start(EdgeSettings("test", limits=Limits(root_fields=100)))
    waiting = [asyncio.create_task(program.post(LONG)) for _ in range(5)]
    assert await asyncio.to_thread(reached.wait, LONGEST_WAIT_S)
    assert (await program.post(SHORT)).json() == {"data": {"hello": "hello world"}}
    assert not any(one.done() for one in waiting)
    is_open.set()
    for answer in await asyncio.gather(*waiting):
        assert len(answer.json()["data"]) == 60
    assert len(threads) == 1
