"""One request over real sockets, to servers that behave and servers that do not."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import httpx
import orjson
import pytest

from gateway.clients.exchange import HttpxExchange
from gateway.clients.failures import NodeFailure
from gateway.clients.http import HttpTransport
from gateway.clients.settings import HttpSettings
from gateway.federation.transport import Reply, ShardRequest, Unparsed
from tests.gateway.clients.servers import At, Heard, asking, response, serving

GOOD = response(b'{"data": {"depots": [{"id": "north"}]}}')
QUICK = HttpSettings(timeout_ms=200)


@asynccontextmanager
async def transport_to(address: str | None, settings: HttpSettings = QUICK) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(At(address), settings)
    try:
        yield transport
    finally:
        await transport.aclose()


async def reply_of(transport: HttpTransport, request: ShardRequest) -> Reply:
    sent = await transport.send(request)
    return sent.read() if isinstance(sent, Unparsed) else sent


async def failure_of(*answers: bytes | None, settings: HttpSettings = QUICK) -> NodeFailure:
    async with serving(*answers) as address, transport_to(address, settings) as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, asking())
    return failed.value


async def test_a_request_says_who_asks_what_and_how_long_it_waits() -> None:
    heard = Heard()
    request = ShardRequest(
        "parcels",
        "north",
        "query Q($id: ID!) { parcel(id: $id) { id } }",
        {"id": "北-1", "input": MappingProxyType({"a": 1})},
        operation_name="Q",
        headers={"Authorization": "Bearer t", "traceparent": "00-1-2-01", "Cookie": "secret", "Host": "evil"},
        deadline_s=time.monotonic() + 0.15,
    )
    async with serving(GOOD, heard=heard) as address, transport_to(address) as transport:
        reply = await reply_of(transport, request)
    assert reply == Reply({"depots": [{"id": "north"}]})
    assert heard.heads[0].startswith("POST /graphql HTTP/1.1")
    assert orjson.loads(heard.bodies[0]) == {
        "query": "query Q($id: ID!) { parcel(id: $id) { id } }",
        "variables": {"id": "北-1", "input": {"a": 1}},
        "operationName": "Q",
    }
    assert heard.headers["authorization"] == "Bearer t"
    assert heard.headers["traceparent"] == "00-1-2-01"
    assert heard.headers["content-type"] == "application/json"
    assert 0 < int(heard.headers["x-deadline-ms"]) <= 150
    assert "cookie" not in heard.headers
    assert heard.headers["host"] in address


async def test_a_connection_is_used_again() -> None:
    heard = Heard()
    async with serving(GOOD, heard=heard) as address, transport_to(address) as transport:
        for _ in range(3):
            await reply_of(transport, asking())
    assert len(heard.heads) == 3


@pytest.mark.parametrize(
    ("answer", "code", "is_sick"),
    [
        (response(b"<html>Welcome</html>", media="text/html"), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": {"depots": [{"id"'), "SHARD_INVALID_REPLY", False),
        (response(b""), "SHARD_INVALID_REPLY", False),
        (response(b"[]"), "SHARD_INVALID_REPLY", False),
        (response(b"{}"), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": null}'), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": []}'), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": {}, "errors": {}}'), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": {}, "errors": ["oh"]}'), "SHARD_INVALID_REPLY", False),
        (response(b'{"data": {}, "extensions": []}'), "SHARD_INVALID_REPLY", False),
        (response(b"\xff\xfe\x00"), "SHARD_INVALID_REPLY", False),
        (response(b"{}", "500 Internal Server Error"), "SHARD_REJECTED", True),
        (response(b"<html>", "503 Service Unavailable", "text/html"), "SHARD_REJECTED", True),
        (response(b"no", "403 Forbidden", "text/plain"), "SHARD_REJECTED", False),
        (response(b"{}", "403 Forbidden"), "SHARD_REJECTED", False),
        (response(b"", "302 Found", more="location: http://127.0.0.1:1/\r\n"), "SHARD_REJECTED", False),
        (b"", "SHARD_UNREACHABLE", True),
        (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
            "SHARD_UNREACHABLE",
            True,
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "SHARD_UNREACHABLE", True),
        (None, "SHARD_TIMEOUT", True),
    ],
)
async def test_what_is_no_reply_is_a_typed_failure(answer: bytes | None, code: str, is_sick: bool) -> None:
    failure = await failure_of(answer)
    assert (failure.code, failure.is_sick) == (code, is_sick)
    assert failure.message


async def test_a_redirect_is_not_followed() -> None:
    heard = Heard()
    async with serving(GOOD, heard=heard) as elsewhere:
        failure = await failure_of(response(b"", "307 Temporary Redirect", more=f"location: {elsewhere}\r\n"))
    assert failure.code == "SHARD_REJECTED"
    assert heard.heads == []


async def test_a_refusal_in_graphql_is_a_reply_with_the_nodes_own_words() -> None:
    body = b'{"errors": [{"message": "Who?", "extensions": {"code": "UNAUTHENTICATED"}}]}'
    answer = response(body, "401 Unauthorized", "application/graphql-response+json; charset=utf-8")
    async with serving(answer) as address, transport_to(address) as transport:
        reply = await reply_of(transport, asking())
    assert reply == Reply(None, ({"message": "Who?", "extensions": {"code": "UNAUTHENTICATED"}},))


async def test_an_answer_that_trickles_is_cut_off_in_time() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n"

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, transport_to(address) as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, asking())
        assert failed.value.code == "SHARD_TIMEOUT"


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    async with transport_to(f"http://127.0.0.1:{port}/graphql") as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, asking())
    assert (failed.value.code, failed.value.is_transient) == ("SHARD_UNREACHABLE", True)


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end() -> None:
    failure = await failure_of(
        response(b'"' + b"x" * 5000 + b'"'), settings=HttpSettings(reply_limit_bytes=1000)
    )
    assert failure.code == "SHARD_INVALID_REPLY"
    assert "too large" in failure.message


async def test_a_request_beyond_the_limit_is_not_sent() -> None:
    heard = Heard()
    settings = HttpSettings(request_limit_bytes=100)
    async with serving(GOOD, heard=heard) as address, transport_to(address, settings) as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, ShardRequest("parcels", "north", "{ a }", {"x": "y" * 200}))
    assert failed.value.code == "SHARD_REJECTED"
    assert heard.heads == []


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    heard = Heard()
    async with serving(GOOD, heard=heard) as address, transport_to(address) as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, asking(deadline_s=time.monotonic() - 1))
    assert failed.value.code == "SHARD_TIMEOUT"
    assert heard.heads == []


async def test_a_shard_that_is_not_listed_is_never_called() -> None:
    async with transport_to(None) as transport:
        with pytest.raises(NodeFailure) as failed:
            await reply_of(transport, asking())
    assert failed.value.code == "SHARD_REJECTED"


async def test_an_address_that_changes_is_used_at_once() -> None:
    first, second = Heard(), Heard()
    async with serving(GOOD, heard=first) as one, serving(GOOD, heard=second) as two:
        at = At(one)
        transport = HttpTransport(at, QUICK)
        await reply_of(transport, asking())
        at.address = two
        await reply_of(transport, asking())
        await transport.aclose()
    assert (len(first.heads), len(second.heads)) == (1, 1)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    async with serving(GOOD, heard=heard) as proxy, serving(GOOD) as address:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("ALL_PROXY", proxy)
        async with transport_to(address) as transport:
            await reply_of(transport, asking())
    assert heard.heads == []


async def test_any_httpx_transport_can_carry_the_bytes() -> None:
    async def node(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        echoed = orjson.dumps({"data": {"asked": orjson.loads(body)["query"]}})
        headers = [(b"content-type", b"application/graphql-response+json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": echoed})

    exchange = HttpxExchange(httpx.ASGITransport(node), QUICK)
    transport = HttpTransport(At("http://north.example/graphql"), exchange=exchange)
    assert await reply_of(transport, asking()) == Reply({"asked": "{ depots { id } }"})
    await transport.aclose()


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (httpx.ConnectError("no"), "SHARD_UNREACHABLE"),
        (httpx.ReadTimeout("late"), "SHARD_TIMEOUT"),
        (OSError("no"), "SHARD_UNREACHABLE"),
    ],
)
async def test_an_httpx_transports_failures_are_typed_too(broken: Exception, code: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise broken

    exchange = HttpxExchange(httpx.MockTransport(fail), QUICK)
    with pytest.raises(NodeFailure) as failed:
        await reply_of(HttpTransport(At("http://north.example/graphql"), exchange=exchange), asking())
    assert failed.value.code == code


async def test_an_httpx_transports_answer_has_the_same_limit() -> None:
    answer = httpx.Response(200, content=b"x" * 5000)
    exchange = HttpxExchange(httpx.MockTransport(lambda _: answer), HttpSettings(reply_limit_bytes=1000))
    with pytest.raises(NodeFailure, match="too large"):
        await reply_of(HttpTransport(At("http://north.example/graphql"), exchange=exchange), asking())
