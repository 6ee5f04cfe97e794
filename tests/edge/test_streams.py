"""Answers in parts over HTTP: server-sent events and multipart."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, Literal

import pytest
from graphql import GraphQLError
from joserfc.jwk import OKPKey

from edge.caller import Caller, Role
from edge.errors import HttpRefusal
from edge.front import GuardedPayloads
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, ResultStream
from edge.settings import EdgeSettings
from edge.tokens import issue_token
from tests.edge.conftest import SECRET, Program, Start
from tests.edge.test_identity import Clock, Keys, identity

COUNT = {"query": "subscription { count(to: 2) }"}


def events(text: str) -> list[tuple[str, Any]]:
    """(event, data) of a stream of server-sent events."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.partition(":")[::2] for line in block.split("\n") if line and line[0] != ":")
        if lines:
            data = lines["data"].strip()
            found.append((lines["event"].strip(), json.loads(data) if data else None))
    return found


def parts(text: str) -> list[Any]:
    """The JSON of each part of a multipart/mixed body with the boundary "-"."""
    head, *found = text.split("\r\n---\r\n")
    assert head == ""
    assert found[-1].endswith("\r\n-----\r\n")
    found[-1] = found[-1].removesuffix("\r\n-----\r\n")
    return [json.loads(part.partition("\r\n\r\n")[2]) for part in found]


async def test_a_subscription_comes_as_server_sent_events(program: Program) -> None:
    response = await program.post(COUNT, accept="text/event-stream")
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert events(response.text) == [
        ("next", {"data": {"count": 0}}),
        ("next", {"data": {"count": 1}}),
        ("complete", None),
    ]


async def test_a_subscription_comes_in_parts(program: Program) -> None:
    response = await program.post(COUNT, accept="multipart/mixed;subscriptionSpec=1.0, application/json")
    assert response.headers["content-type"].startswith('multipart/mixed; boundary="-"')
    assert parts(response.text) == [
        {"payload": {"data": {"count": 0}}},
        {"payload": {"data": {"count": 1}}},
    ]


async def test_a_client_of_streams_alone_gets_single_answers_as_streams(program: Program) -> None:
    response = await program.post({"query": "{ hello }"}, accept="text/event-stream")
    assert events(response.text) == [("next", {"data": {"hello": "hello world"}}), ("complete", None)]
    both = await program.post({"query": "{ hello }"}, accept="text/event-stream, application/json")
    assert both.json() == {"data": {"hello": "hello world"}}


async def test_a_subscription_needs_a_client_that_takes_streams(program: Program) -> None:
    response = await program.post(COUNT)
    assert response.status_code == 200
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == "STREAM_NOT_ACCEPTED"


async def test_a_refusal_is_no_stream(program: Program) -> None:
    response = await program.post(COUNT, accept="text/event-stream", authorization="Bearer x")
    assert response.status_code == 401
    assert response.headers["content-type"].startswith("application/json")


class Streaming:
    """An executor that streams these payloads, then waits or breaks as told, and notes its end."""

    def __init__(
        self,
        *payloads: ExecutionResult,
        then: Exception | None = None,
        waits: bool = False,
        kind: Literal["subscription", "incremental"] = "incremental",
    ) -> None:
        self.payloads, self.then, self.waits, self.kind = payloads, then, waits, kind
        self.closed = asyncio.Event()
        self.accepts: list[tuple[bool, bool]] = []

    async def execute(self, _: Operation, context: CallContext) -> ResultStream:
        self.accepts.append((context.accepts_stream, context.accepts_parts))
        return ResultStream(self.kind, self._stream())

    async def _stream(self) -> AsyncGenerator[ExecutionResult, None]:
        try:
            for payload in self.payloads:
                yield payload
            if self.waits:
                await asyncio.Event().wait()
            if self.then is not None:
                raise self.then
        finally:
            self.closed.set()


FAULT = GraphQLError("x", original_error=ValueError(SECRET))
DEFERRED = (
    ExecutionResult({"a": 1}, incremental={"pending": [{"id": "0", "path": []}], "hasNext": True}),
    ExecutionResult(
        executed=False,
        incremental={
            "incremental": [{"id": "0", "data": {"b": None}, "errors": [FAULT]}],
            "completed": [{"id": "0"}],
            "hasNext": False,
        },
    ),
)


async def test_one_answer_in_parts_is_masked_in_all_of_them(start: Start) -> None:
    executor = Streaming(*DEFERRED)
    program = await start(executor=executor)
    response = await program.post({"query": "{ a }"}, accept="multipart/mixed, application/json")
    first, second = parts(response.text)
    assert first == {"data": {"a": 1}, "pending": [{"id": "0", "path": []}], "hasNext": True}
    assert second["completed"] == [{"id": "0"}]
    assert second["hasNext"] is False
    assert "data" not in second
    assert second["incremental"][0]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert SECRET not in response.text
    assert executor.accepts == [(True, True)]
    assert executor.closed.is_set()


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed"])
async def test_a_stream_that_breaks_says_so_in_the_stream(start: Start, accept: str) -> None:
    program = await start(executor=Streaming(ExecutionResult({"a": 1}), then=ValueError(SECRET)))
    text = (await program.post({"query": "{ a }"}, accept=accept)).text
    last = events(text)[-2][1] if "event" in accept else parts(text)[-1]
    assert last["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert SECRET not in text + program.log.getvalue().decode()


async def test_a_stream_ends_when_its_client_goes(start: Start) -> None:
    executor = Streaming(ExecutionResult({"a": 1}), waits=True)
    program = await start(executor=executor)
    request = program.client.build_request(
        "POST", "/graphql", json={"query": "{ a }"}, headers={"accept": "text/event-stream"}
    )
    response = await program.client.send(request, stream=True)
    assert await anext(response.aiter_lines()) == "event: next"
    await response.aclose()
    async with asyncio.timeout(10):
        await executor.closed.wait()


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        ("multipart/mixed;incrementalSpec=v0.2, application/json", (True, True)),
        ("multipart/mixed;deferSpec=20220824, application/json", (True, False)),
        ("multipart/mixed;subscriptionSpec=1.0, application/json", (True, False)),
        ("multipart/mixed;subscriptionSpec=1.0, multipart/mixed, application/json", (True, True)),
    ],
)
async def test_a_format_that_is_not_ours_is_not_written(
    start: Start, accept: str, takes: tuple[bool, bool]
) -> None:
    executor = Streaming(*DEFERRED)
    program = await start(executor=executor)
    response = await program.post({"query": "{ a }"}, accept=accept)
    assert executor.accepts == [takes]
    assert response.status_code == (200 if takes[1] else 406)


DEFERS = """
query ($late: Boolean) {
  hello
  ... @defer(label: "caller", if: $late) { me inner { ... @defer(label: "below") { hello } } }
  items @stream(initialCount: 0) { id }
}
"""


@pytest.mark.parametrize("accept", [None, "application/json", "multipart/mixed", "text/event-stream"])
async def test_a_program_that_has_all_at_hand_answers_what_is_deferred_at_once(
    program: Program, accept: str | None
) -> None:
    response = await program.post({"query": DEFERS, "variables": {"late": True}}, accept=accept or "*/*")
    assert response.status_code == 200
    body = {"application/json": response.json, "multipart/mixed": lambda: parts(response.text)[0]}.get(
        response.headers["content-type"].partition(";")[0], lambda: events(response.text)[0][1]
    )()
    whole = {
        "hello": "hello world",
        "me": "public",
        "inner": {"hello": "hello world"},
        "items": [{"id": "1"}],
    }
    assert body == {"data": whole}


async def test_what_is_deferred_wrongly_is_refused_all_the_same(program: Program) -> None:
    twice = '{ ... @defer(label: "a") { hello } ... @defer(label: "a") { me } }'
    for query in (twice, "{ hello @stream }", "mutation { add(by: 1) @defer }"):
        answer = (await program.post({"query": query})).json()
        assert "data" not in answer
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_part_is_whole_before_the_next_one_comes(start: Start) -> None:
    program = await start(executor=Streaming(DEFERRED[0], waits=True))
    request = program.client.build_request(
        "POST", "/graphql", json={"query": "{ a }"}, headers={"accept": "multipart/mixed"}
    )
    response = await program.client.send(request, stream=True)
    text = ""
    async for chunk in response.aiter_text():
        text += chunk
        if text.count("\r\n---") == 2:
            break
    await response.aclose()
    assert json.loads(text.split("\r\n---")[1].partition("\r\n\r\n")[2])["hasNext"] is True


async def test_a_stream_nobody_takes_is_refused(start: Start) -> None:
    program = await start(executor=Streaming(ExecutionResult({"a": 1})))
    response = await program.post({"query": "{ a }"})
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "STREAM_NOT_ACCEPTED"
    (answer,) = (await program.post([{"query": "{ a }"}], accept="text/event-stream")).json()
    assert answer["errors"][0]["extensions"]["code"] == "STREAM_NOT_ACCEPTED"


@pytest.mark.parametrize(
    ("accept", "beat"), [("text/event-stream", ":"), ("multipart/mixed;subscriptionSpec=1.0", "{}")]
)
async def test_a_quiet_stream_beats(
    start: Start, monkeypatch: pytest.MonkeyPatch, accept: str, beat: str
) -> None:
    monkeypatch.setattr("edge.streams.StreamResponse.__init__.__defaults__", (0.01,))
    program = await start(executor=Streaming(waits=True, kind="subscription"))
    request = program.client.build_request(
        "POST", "/graphql", json={"query": "{ a }"}, headers={"accept": accept}
    )
    response = await program.client.send(request, stream=True)
    beats = 0
    async for line in response.aiter_lines():
        beats += line == beat
        if beats == 2:
            break
    await response.aclose()
    assert beats == 2


async def numbers() -> AsyncGenerator[ExecutionResult, None]:
    yield ExecutionResult({"a": 1})
    yield ExecutionResult({"a": 2})
    await asyncio.Event().wait()


async def test_a_stream_ends_when_its_callers_token_expires(key: OKPKey) -> None:
    clock = Clock()
    proving = identity(Keys(key), clock)
    token = f"Bearer {issue_token(key, Caller(Role.PORTAL, 'p'), lifetime_s=60, now=clock)}"
    stream = ResultStream("subscription", numbers())
    guarded = GuardedPayloads(stream, proving, token, ends_at_s=0.0, time_ms=1)
    assert (await guarded.__anext__()).data == {"a": 1}
    clock.now += 60 + 30 + 1
    with pytest.raises(HttpRefusal, match="TOKEN_EXPIRED"):
        await guarded.__anext__()
    await guarded.aclose()


async def test_a_stream_that_has_nothing_to_send_ends_then_too(
    key: OKPKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.front.CHECK_AGAIN_S", 0.001)
    clock = Clock()
    proving = identity(Keys(key), clock)
    token = f"Bearer {issue_token(key, Caller(Role.PORTAL, 'p'), lifetime_s=60, now=clock)}"
    guarded = GuardedPayloads(ResultStream("subscription", numbers()), proving, token, 0.0, 1)
    seen = [(await guarded.__anext__()).data for _ in range(2)]
    assert seen == [{"a": 1}, {"a": 2}]
    waiting = asyncio.create_task(guarded.__anext__())
    await asyncio.wait((waiting,), timeout=0.05)
    assert not waiting.done()
    clock.now += 60 + 30 + 1
    with pytest.raises(HttpRefusal, match="TOKEN_EXPIRED"):
        await waiting
    await guarded.aclose()


async def test_one_answer_in_parts_ends_with_its_time(start: Start) -> None:
    executor = Streaming(ExecutionResult({"a": 1}), waits=True)
    program = await start(EdgeSettings("test", Limits(time_ms=500)), executor=executor)
    response = await program.post({"query": "{ a }"}, accept="text/event-stream")
    first, last, end = events(response.text)
    assert first == ("next", {"data": {"a": 1}})
    assert last[1]["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert end == ("complete", None)
    assert executor.closed.is_set()
