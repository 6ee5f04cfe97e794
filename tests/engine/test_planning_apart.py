"""A large operation is read and planned in a thread: once for all who ask, while the event loop goes on."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Sequence
from threading import Event
from types import CodeType
from typing import Any

import pytest
from graphql import DocumentNode, GraphQLError, execute_sync

from gateway.federation.document.cache import WAITING_LIMIT, LruCache
from gateway.federation.engine import Engine, EngineLimits, Request, RequestContext
from gateway.federation.execution import introspect, write_reader
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

    def origin(self, *_: object) -> Gathered:
        raise AssertionError("nothing here is a subscription")


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


async def test_whatever_is_compiled_for_a_large_operation_is_compiled_in_the_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = set()

    def compiled(source: str) -> CodeType:
        threads.add(threading.current_thread().name)
        return compile(source, "<reader>", "exec")

    monkeypatch.setattr(write_reader, "_compiled", compiled)
    gate = Gate()
    gate.is_open.set()
    served = engine(gate)
    fields = " ".join(f"a{number}: one @skip(if: $n)" for number in range(300))
    for value in (True, False):
        request = Request(f"query ($n: Boolean!) {{ {fields} }}", {"n": value})
        answer = (await served.run(request, RequestContext())).formatted()
        assert len(answer["data"]) == (0 if value else 300)
    assert len(threads) == 1
    assert threading.current_thread().name not in threads


async def test_the_schema_is_looked_through_once_for_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    executed = []

    def execute(*given: Any, **named: Any) -> Any:
        executed.append(threading.current_thread().name)
        return execute_sync(*given, **named)

    monkeypatch.setattr(introspect, "execute_sync", execute)
    gate = Gate()
    gate.is_open.set()
    served = engine(gate)
    text = "query ($name: String!) { __schema { queryType { name } } __type(name: $name) { name } }"
    for name in ("Int", "String", "Int", "String", "Int"):
        answer = (await served.run(Request(text, {"name": name}), RequestContext())).formatted()
        assert answer["data"] == {"__schema": {"queryType": {"name": "Query"}}, "__type": {"name": name}}
    assert len(executed) == 2
    assert threading.current_thread().name not in executed


async def test_a_plan_that_made_room_is_gone_without_the_garbage_collector() -> None:
    served = engine(Gate(), plans=1)
    gc.disable()
    try:
        await ask(served, SMALL)
        plan = weakref.ref(next(iter(served._plans._entries.values())))
        assert plan() is not None
        await ask(served, "{ another: one }")
        assert plan() is None
    finally:
        gc.enable()
