"""Who waits for the database waits in a line: in order, so many, so long, and nobody is forgotten in it."""

from __future__ import annotations

import asyncio

import pytest

from region_node.service.failures import StorageCode, StorageFailure
from region_node.storage.line import Line


async def takes(line: Line, name: str, served: list[str], leave: asyncio.Event) -> None:
    async with line.place():
        served.append(name)
        await leave.wait()


async def as_far_as_they_can() -> None:
    """Let the tasks that were started run until they wait."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_first_come_first_served_and_one_too_many_is_told_at_once() -> None:
    line, leave = Line(1, waiting_limit=2, patience_ms=60_000), asyncio.Event()
    served: list[str] = []
    tasks = [asyncio.create_task(takes(line, name, served, leave)) for name in "abc"]
    await as_far_as_they_can()
    assert served == ["a"]
    with pytest.raises(StorageFailure) as told:
        await takes(line, "d", served, leave)
    assert told.value.code is StorageCode.BUSY
    leave.set()
    await asyncio.gather(*tasks)
    assert served == ["a", "b", "c"]
    await takes(line, "e", served, leave)


async def test_patience_ends_and_the_place_in_the_line_with_it() -> None:
    line, leave = Line(1, waiting_limit=1, patience_ms=1), asyncio.Event()
    served: list[str] = []
    first = asyncio.create_task(takes(line, "a", served, leave))
    await as_far_as_they_can()
    for _ in range(3):
        with pytest.raises(StorageFailure):
            await takes(line, "b", served, leave)
    leave.set()
    await first
    await takes(line, "c", served, leave)
    assert served == ["a", "c"]


async def test_whoever_is_cancelled_while_waiting_leaves_no_hole() -> None:
    line, leave = Line(1, waiting_limit=1, patience_ms=60_000), asyncio.Event()
    served: list[str] = []
    first = asyncio.create_task(takes(line, "a", served, leave))
    waiting = asyncio.create_task(takes(line, "b", served, leave))
    await as_far_as_they_can()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    third = asyncio.create_task(takes(line, "c", served, leave))
    await as_far_as_they_can()
    leave.set()
    await asyncio.gather(first, third)
    assert served == ["a", "c"]
