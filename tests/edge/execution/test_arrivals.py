"""What is awaited: had together where it can be, never held up by what is slower, ended with the request."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from typing import Any, cast

import pytest
import strawberry

from edge.execution.together import Together
from tests.edge.execution.compared import compiled


class Doubled(Together[int]):
    """Counts how often numbers were doubled, and which."""

    __slots__ = ("calls", "number")

    def __init__(self, calls: list[list[int]], number: int) -> None:
        self.calls = calls
        self.number = number

    @classmethod
    async def meet(cls, needs: Sequence[Doubled]) -> list[int | Exception]:
        needs[0].calls.append([need.number for need in needs])
        await asyncio.sleep(0)
        if any(need.number < 0 for need in needs):
            raise ConnectionError("nothing below zero can be doubled")
        return [ValueError("thirteen") if need.number == 13 else 2 * need.number for need in needs]

    def __await__(self) -> Generator[Any, None, int]:
        (met,) = yield from self.meet([self]).__await__()
        if isinstance(met, Exception):
            raise met
        return met


@strawberry.type
class Number:
    value: int

    @strawberry.field
    def doubled(self, info: strawberry.Info) -> int | None:
        return cast("int", Doubled(info.context["calls"], self.value))

    @strawberry.field
    async def after(self, info: strawberry.Info, signal: str) -> Number:
        await info.context[signal].wait()
        return self

    @strawberry.field
    async def sets(self, info: strawberry.Info, signal: str) -> bool:
        info.context[signal].set()
        return True


@strawberry.type
class Query:
    @strawberry.field
    def numbers(self, values: list[int]) -> list[Number]:
        return [Number(value=value) for value in values]


SCHEMA = strawberry.Schema(Query)


async def ask(text: str, **context: Any) -> Any:
    return await compiled(SCHEMA._schema, text, context, {})


async def test_all_needs_of_the_response_so_far_are_met_by_one_call() -> None:
    calls: list[list[int]] = []
    text = "{ a: numbers(values: [1, 2]) { doubled } b: numbers(values: [3]) { d: doubled e: doubled } }"
    answer = await ask(text, calls=calls)
    assert answer.data == {"a": [{"doubled": 2}, {"doubled": 4}], "b": [{"d": 6, "e": 6}]}
    assert calls == [[1, 2, 3, 3]]


async def test_one_need_may_fail_and_a_call_may_fail_for_all() -> None:
    answer = await ask("{ numbers(values: [1, 13]) { doubled } }", calls=[])
    assert answer.data == {"numbers": [{"doubled": 2}, {"doubled": None}]}
    assert [(error.message, error.path) for error in answer.errors] == [
        ("thirteen", ["numbers", 1, "doubled"])
    ]
    answer = await ask("{ numbers(values: [1, -1]) { doubled } }", calls=[])
    assert answer.data == {"numbers": [{"doubled": None}, {"doubled": None}]}
    assert len(answer.errors) == 2


async def test_what_has_arrived_goes_on_while_the_rest_is_awaited() -> None:
    """The second field waits for what only the first one's next level does."""
    text = """{ numbers(values: [1]) {
      a: after(signal: "first") { sets(signal: "second") }
      b: after(signal: "second") { value } } }"""
    first, second = asyncio.Event(), asyncio.Event()
    first.set()
    answer = await asyncio.wait_for(ask(text, first=first, second=second), 10)
    assert answer.data == {"numbers": [{"a": {"sets": True}, "b": {"value": 1}}]}


async def test_a_cancelled_request_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    never = asyncio.Event()
    asking = asyncio.create_task(ask('{ numbers(values: [1, 2]) { after(signal: "s") { value } } }', s=never))
    while len(asyncio.all_tasks()) < len(before) + 3:  # noqa: ASYNC110 - there is nothing to be told by
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert asyncio.all_tasks() == before
