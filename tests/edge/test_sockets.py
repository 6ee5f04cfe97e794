"""graphql-transport-ws: the protocol's messages, its closing codes, and our limits on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from edge.caller import Caller, Role
from edge.limits import Limits
from edge.operation import ExecutionResult
from edge.settings import EdgeSettings
from edge.tokens import issue_token
from tests.edge.conftest import SECRET, Program, Start
from tests.edge.test_streams import Streaming

INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}
PROTOCOL = "graphql-transport-ws"


@asynccontextmanager
async def connection(
    program: Program, *first: Any, protocol: str = PROTOCOL, **headers: str
) -> AsyncIterator[ClientConnection]:
    """A connection on which these messages were sent."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with connect(
        program.url.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol(protocol)],
        additional_headers=named,
        proxy=None,
        open_timeout=30,
        close_timeout=30,
    ) as socket:
        for message in first:
            await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        yield socket


def subscribe(query: str, name: Any = "1", **rest: Any) -> dict[str, Any]:
    return {"id": name, "type": "subscribe", "payload": {"query": query, **rest}}


async def ending(program: Program, *messages: Any, protocol: str = PROTOCOL) -> tuple[int | None, str | None]:
    """The code and reason with which the program closes the connection after these messages."""
    async with connection(program, *messages, protocol=protocol) as socket:
        with suppress(ConnectionClosed):
            async for _ in socket:
                pass
        return socket.close_code, socket.close_reason


async def received(socket: ClientConnection, count: int) -> list[Any]:
    return [json.loads(await socket.recv()) for _ in range(count)]


async def test_a_subscription_sends_its_events_and_completes(program: Program) -> None:
    async with connection(program, INIT, subscribe("subscription { count(to: 2) }")) as socket:
        assert socket.subprotocol == PROTOCOL
        assert await received(socket, 4) == [
            ACK,
            {"id": "1", "type": "next", "payload": {"data": {"count": 0}}},
            {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "1", "type": "complete"},
        ]


async def test_queries_and_mutations_run_too_and_an_id_is_free_again(program: Program) -> None:
    async with connection(program, INIT) as socket:
        assert await received(socket, 1) == [ACK]
        for query, data in (("{ hello }", {"hello": "hello world"}), ("mutation { add(by: 1) }", {"add": 2})):
            await socket.send(json.dumps(subscribe(query)))
            assert await received(socket, 2) == [
                {"id": "1", "type": "next", "payload": {"data": data}},
                {"id": "1", "type": "complete"},
            ]


async def test_a_ping_is_answered_at_any_time(program: Program) -> None:
    async with connection(program, {"type": "ping"}, INIT, {"type": "ping", "payload": {}}) as socket:
        assert await received(socket, 3) == [{"type": "pong"}, ACK, {"type": "pong"}]


async def test_the_token_comes_in_the_header_or_in_the_first_message(program: Program) -> None:
    bearer = f"Bearer {program.token()}"
    init = {**INIT, "payload": {"Authorization": bearer, "other": 1}}
    async with connection(program, init, subscribe("{ me }")) as socket:
        assert (await received(socket, 2))[1]["payload"] == {"data": {"me": "portal"}}
    async with connection(program, INIT, subscribe("{ me }"), authorization=bearer) as socket:
        assert (await received(socket, 2))[1]["payload"] == {"data": {"me": "portal"}}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": 7}, "ENVELOPE_INVALID"),
        ({}, "QUERY_MISSING"),
        ("{ hello }", "ENVELOPE_INVALID"),
        (None, "ENVELOPE_INVALID"),
        ({"documentId": "x"}, "DOCUMENT_UNKNOWN"),
        ({"query": "{ items(first: 201) { id } }"}, "LIMIT_PAGE_SIZE"),
    ],
)
async def test_a_refused_operation_is_an_error_of_its_own(program: Program, payload: Any, code: str) -> None:
    message = {"id": "x", "type": "subscribe", "payload": payload}
    async with connection(program, INIT, message, {"type": "ping"}, accept_language="zh") as socket:
        answers = {answer["type"]: answer for answer in await received(socket, 3)}
        assert answers["error"]["id"] == "x"
        assert answers["error"]["payload"][0]["extensions"]["code"] == code
        assert answers["pong"]


async def test_a_fault_in_a_field_is_masked_and_the_operation_completes(program: Program) -> None:
    async with connection(program, INIT, subscribe("{ breaks hello }")) as socket:
        _, answer, end = await received(socket, 3)
        assert answer["payload"]["data"] == {"breaks": None, "hello": "hello world"}
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
        assert SECRET not in json.dumps(answer)
        assert end == {"id": "1", "type": "complete"}


async def test_a_stream_that_breaks_ends_with_a_masked_error(start: Start) -> None:
    program = await start(executor=Streaming(ExecutionResult({"a": 1}), then=ValueError(SECRET)))
    async with connection(program, INIT, subscribe("subscription { a }")) as socket:
        answers = await received(socket, 3)
        assert [answer["type"] for answer in answers] == ["connection_ack", "next", "error"]
        assert answers[2]["payload"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert SECRET not in program.log.getvalue().decode()


async def test_a_client_ends_its_operation(start: Start) -> None:
    executor = Streaming(ExecutionResult({"a": 1}), waits=True)
    program = await start(executor=executor)
    async with connection(program, INIT, subscribe("subscription { a }")) as socket:
        await received(socket, 2)
        await socket.send(json.dumps({"id": "1", "type": "complete"}))
        await socket.send(json.dumps({"id": "never there", "type": "complete"}))
        async with asyncio.timeout(10):
            await executor.closed.wait()
        await socket.send(json.dumps({"type": "ping"}))
        assert await received(socket, 1) == [{"type": "pong"}]


async def test_all_operations_end_when_the_client_leaves(start: Start) -> None:
    executor = Streaming(ExecutionResult({"a": 1}), waits=True)
    program = await start(executor=executor)
    async with connection(program, INIT, subscribe("subscription { a }")) as socket:
        await received(socket, 2)
        assert "creditbank_graphql_sockets 1.0" in (await program.client.get("/metrics")).text
    async with asyncio.timeout(10):
        await executor.closed.wait()


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([subscribe("{ hello }")], 4401),
        ([INIT, INIT], 4429),
        (["no json"], 4400),
        (["[]"], 4400),
        ([{"type": 7}], 4400),
        ([{"type": "unknown"}], 4400),
        ([b"\x00"], 4400),
        (["[" * 500], 4400),
        (["{" + " " * 1_048_576 + "}"], 1009),
        ([INIT, {"type": "subscribe", "payload": {"query": "{ hello }"}}], 4400),
        ([INIT, subscribe("{ hello }", "x" * 129)], 4400),
        ([INIT, subscribe("subscription { silence }"), subscribe("{ hello }")], 4409),
        ([{**INIT, "payload": {"authorization": "Bearer nonsense"}}], 4403),
    ],
)
async def test_a_breach_of_the_protocol_closes_the_connection(
    program: Program, messages: list[Any], code: int
) -> None:
    closed, reason = await ending(program, *messages)
    assert closed == code
    assert reason


async def test_a_client_that_never_begins_is_not_waited_for(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.socket.INIT_TIME_LIMIT_S", 0.05)
    assert (await ending(program))[0] == 4408


async def test_another_subprotocol_is_refused(program: Program) -> None:
    assert (await ending(program, protocol="graphql-ws"))[0] == 4406


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}])
async def test_a_page_of_another_site_cannot_connect(program: Program, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connection(program, **headers).__aenter__()
    assert refused.value.response.status_code == 403


async def test_pages_of_allowed_origins_and_our_own_can_connect(start: Start) -> None:
    program = await start(EdgeSettings("test", allowed_origins=("https://portal.example",)))
    for origin in ("https://portal.example", program.url):
        async with connection(program, INIT, origin=origin) as socket:
            assert await received(socket, 1) == [ACK]


async def test_sockets_and_what_runs_on_them_are_limited(start: Start) -> None:
    limits = Limits(sockets=1, subscriptions_per_socket=1, time_ms=60_000)
    program = await start(EdgeSettings("test", limits))
    silence = subscribe("subscription { silence }")
    async with connection(program, INIT, silence, subscribe("{ hello }", "2")) as socket:
        _, refused = await received(socket, 2)
        assert (refused["id"], refused["type"]) == ("2", "error")
        extensions = refused["payload"][0]["extensions"]
        assert (extensions["code"], extensions["limit"]) == ("OVERLOADED", 1)
        with pytest.raises(InvalidStatus):
            await ending(program, INIT)


async def test_an_operation_on_a_socket_has_the_same_time_as_any_other(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(time_ms=50)))
    async with connection(program, INIT, subscribe("{ never }")) as socket:
        _, refused = await received(socket, 2)
        assert refused["payload"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"


async def test_an_expired_token_is_told_as_such(program: Program) -> None:
    caller = Caller(Role.LEARNER, "l", learner_id="L-7")
    expired = issue_token(program.key, caller, lifetime_s=-31)
    init = {**INIT, "payload": {"authorization": f"Bearer {expired}"}}
    assert await ending(program, init) == (4403, "TOKEN_EXPIRED")


async def test_an_operation_on_a_socket_is_logged_with_nothing_personal(start: Start) -> None:
    program = await start()
    query = f'query Greeting {{ hello(name: "{SECRET}") refuses }}'
    asked = subscribe(query, SECRET, operationName="Greeting", variables={"x": SECRET})
    async with connection(program, INIT, asked) as socket:
        await received(socket, 3)
    (line,) = program.lines()
    assert (line["method"], line["operation"], line["codes"]) == ("WEBSOCKET", "Greeting", ["FORBIDDEN"])
    assert SECRET not in program.log.getvalue().decode()
