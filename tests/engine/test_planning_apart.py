"""A large operation is read and planned in a thread: once for all who ask, while the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import Any

from graphql import DocumentNode, GraphQLError

from gateway.federation.document.cache import WAITING_LIMIT, LruCache
from gateway.federation.engine import Engine, EngineLimits, Request, RequestContext
from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.coverage import DispatchContext, Gathered
from tests.engine.federation import supergraph

SMALL = "{ one }"
LONGEST_WAIT_S = 30


def large(number: int = 0) -> str:
    return "{ " + " ".join(f"a{number}_{alias}: one" for alias in range(100)) + " }"


class Ones:
    """A subgraph whose every field is 1."""

    async def fetch(
        self, step: Fetch | Batch, variables: Any, representations: Any, context: DispatchContext
    ) -> Gathered:
        assert isinstance(step, Fetch)
        return Gathered(dict.fromkeys((each.key for each in step.selections), 1))  # type: ignore[union-attr] # fields all

    async def fetch_piecewise(self, *_: object) -> None:
        raise AssertionError("nothing here is deferred")


class Gate:
    """A check of documents that lets large ones wait, and counts them."""

    def __init__(self) -> None:
        self.is_open = Event()
        self.reached = Event()
        self.large = 0

    async def has_one(self) -> None:
        """Return when a large document waits."""
        assert await asyncio.to_thread(self.reached.wait, LONGEST_WAIT_S)

    def __call__(self, document: DocumentNode) -> Sequence[GraphQLError]:
        if len(document.definitions[0].selection_set.selections) > 1:  # type: ignore[attr-defined] # one operation
            self.large += 1
            self.reached.set()
            if not self.is_open.wait(LONGEST_WAIT_S):
                return [GraphQLError("The event loop stood still.")]
        return ()


def engine(gate: Gate, **limits: int) -> Engine:
    one = supergraph(only="type Query { one: Int }")
    return Engine(one, Ones(), checks=(gate,), limits=EngineLimits(**limits))


async def ask(engine: Engine, text: str) -> dict[str, Any]:
    return (await engine.run(Request(text), RequestContext())).formatted()


async def test_the_loop_answers_others_while_a_large_operation_is_read() -> None:
    gate = Gate()
    served = engine(gate)
    waiting = asyncio.ensure_future(ask(served, large()))
    await gate.has_one()
    assert await ask(served, SMALL) == {"data": {"one": 1}}
    assert not waiting.done()
    gate.is_open.set()
    assert len((await waiting)["data"]) == 100


async def test_many_who_ask_the_same_at_once_have_it_read_once() -> None:
    gate = Gate()
    served = engine(gate)
    waiting = [asyncio.ensure_future(ask(served, large())) for _ in range(20)]
    await gate.has_one()
    waiting[0].cancel()
    await asyncio.wait([waiting[0]])
    gate.is_open.set()
    assert all(len(answer["data"]) == 100 for answer in await asyncio.gather(*waiting[1:]))
    assert len((await ask(served, large()))["data"]) == 100
    assert gate.large == 1


async def test_more_than_may_wait_are_refused_with_a_code_and_nothing_is_kept_of_them() -> None:
    gate = Gate()
    served = engine(gate)
    waiting = [asyncio.ensure_future(ask(served, large(number))) for number in range(WAITING_LIMIT)]
    await gate.has_one()
    refused = await ask(served, large(WAITING_LIMIT))
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["PLANNER_BUSY"]
    gate.is_open.set()
    assert all("errors" not in answer for answer in await asyncio.gather(*waiting))
    assert "errors" not in await ask(served, large(WAITING_LIMIT))


async def test_what_fails_in_the_thread_fails_for_all_and_is_not_kept() -> None:
    cache: LruCache[str, int] = LruCache(10)
    attempts = []

    def fail() -> int:
        attempts.append(1)
        raise ZeroDivisionError

    outcomes = await asyncio.gather(*(cache.get_apart("key", fail) for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in outcomes] == [ZeroDivisionError] * 5
    assert (len(attempts), len(cache)) == (1, 0)
    assert await cache.get_apart("key", lambda: 7) == 7


async def test_each_cache_holds_what_it_may_hold_and_no_more() -> None:
    gate = Gate()
    gate.is_open.set()
    served = engine(gate, plans=10)
    for number in range(50):
        await ask(served, large(number))
        await ask(served, f"query Q{number} {{ one }}")
    assert (len(served._known), len(served._plans)) == (10, 10)
