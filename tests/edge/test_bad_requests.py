"""Requests that nobody should send: each gets a typed error, and none takes memory or time."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from edge.limits import Limits
from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start


def code_of(response: Any) -> str:
    code: str = response.json()["errors"][0]["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BODY_MISSING"),
        (b"  \n", "BODY_MISSING"),
        (b'{ "not a JSON', "BODY_NOT_JSON"),
        (b'{"query": "{ hello }",}', "BODY_NOT_JSON"),
        (b'{"query": NaN}', "BODY_NOT_JSON"),
        (b'{"query": "\xff\xfe"}', "BODY_NOT_UTF8"),
        ('{"query": "{ hello }"}'.encode("utf-16"), "BODY_NOT_UTF8"),
        (b'{"query": "\\ud800"}', "BODY_NOT_JSON"),
        (b"[" * 100_000, "JSON_TOO_DEEP"),
        (b'{"query":"{ hello }","variables":' + b'{"a":' * 70 + b"1" + b"}" * 71, "JSON_TOO_DEEP"),
        (b"null", "ENVELOPE_INVALID"),
        (b"42", "ENVELOPE_INVALID"),
        (b'"{ hello }"', "ENVELOPE_INVALID"),
        (b"{}", "QUERY_MISSING"),
        (b'{"qeury": "{ hello }"}', "QUERY_MISSING"),
        (b'{"query": null}', "QUERY_MISSING"),
        (b'{"query": 0}', "ENVELOPE_INVALID"),
        (b'{"query": ["{ hello }"]}', "ENVELOPE_INVALID"),
        (b'{"query": "{ hello }", "variables": "{}"}', "ENVELOPE_INVALID"),
        (b'{"query": "{ hello }", "variables": []}', "ENVELOPE_INVALID"),
        (b'{"query": "{ hello }", "operationName": {}}', "ENVELOPE_INVALID"),
        (b'{"query": "{ hello }", "extensions": false}', "ENVELOPE_INVALID"),
        (b'{"documentId": 7}', "ENVELOPE_INVALID"),
        (b"[]", "BATCH_EMPTY"),
        (b"[1]", "ENVELOPE_INVALID"),
    ],
)
async def test_a_body_that_is_no_request_is_refused(program: Program, body: bytes, code: str) -> None:
    for accept in ("application/json", "application/graphql-response+json"):
        response = await program.post(body, accept=accept)
        assert (response.status_code, code_of(response)) == (400, code)
        assert "data" not in response.json()


async def test_a_compressed_body_is_refused_by_the_name_of_its_encoding(program: Program) -> None:
    body = gzip.compress(b'{"query": "{ hello }"}')
    response = await program.post(body, content_encoding="gzip")
    assert (response.status_code, code_of(response)) == (415, "CONTENT_ENCODING_UNSUPPORTED")
    assert response.json()["errors"][0]["extensions"]["found"] == "gzip"
    assert response.headers["accept-encoding"] == "identity"
    plain = await program.post({"query": "{ hello }"}, content_encoding="identity")
    assert plain.json() == {"data": {"hello": "hello world"}}


async def test_the_place_of_a_mistake_in_json_is_told(program: Program) -> None:
    response = await program.post(b'{\n  "query": oops\n}')
    error = response.json()["errors"][0]
    assert (error["extensions"]["line"], error["extensions"]["column"]) == (2, 12)


@pytest.mark.parametrize(
    ("query_string", "status", "code"),
    [
        ("", 400, "QUERY_MISSING"),
        ("query=%ff", 400, "BODY_NOT_UTF8"),
        ("query={hello}&variables={", 400, "BODY_NOT_JSON"),
        ("query={hello}&variables=[]", 400, "ENVELOPE_INVALID"),
        ("query={hello}&extensions=1", 400, "ENVELOPE_INVALID"),
        ("&".join(["a=1"] * 40), 400, "ENVELOPE_INVALID"),
        ("variables={}", 400, "QUERY_MISSING"),
    ],
)
async def test_a_url_that_is_no_request_is_refused(
    program: Program, query_string: str, status: int, code: str
) -> None:
    response = await program.client.get(f"/graphql?{query_string}")
    assert (response.status_code, code_of(response)) == (status, code)


async def test_a_body_of_ten_megabytes_is_refused_before_it_is_sent(program: Program) -> None:
    answer = await raw(program, b"POST", [b"Content-Length: 10485760"], body=b"")
    assert answer.startswith(b"HTTP/1.1 413")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"] == {
        "code": "BODY_TOO_LARGE",
        "limit": 1_048_576,
        "hint": "Send fewer operations or shorter lists at a time.",
    }


async def test_a_client_that_sends_ten_megabytes_all_the_same_reads_the_refusal(program: Program) -> None:
    response = await program.post(b" " * 10_485_760)
    assert (response.status_code, code_of(response)) == (413, "BODY_TOO_LARGE")
    assert (await program.ask("{ hello }"))["data"] == {"hello": "hello world"}


async def test_a_body_without_end_is_refused_when_it_passes_the_limit(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(body_limit_bytes=1_000)))
    chunk = b"200\r\n" + b" " * 512 + b"\r\n"
    answer = await raw(program, b"POST", [b"Transfer-Encoding: chunked"], body=chunk * 2)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


async def test_a_body_that_does_not_arrive_is_not_waited_for(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(time_ms=100)))
    answer = await raw(program, b"POST", [b"Content-Length: 100"], body=b'{"query":')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer


async def test_a_body_as_long_as_the_limit_is_read(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(body_limit_bytes=1_000)))
    body = b'{"query": "{ hello }"}'
    assert (await program.post(body.ljust(1_000))).status_code == 200
    assert (await program.post(body.ljust(1_001))).status_code == 413


async def test_an_answer_that_does_not_come_is_not_waited_for(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(time_ms=100)))
    response = await program.post({"query": "{ never }"})
    assert (response.status_code, code_of(response)) == (503, "DEADLINE_EXCEEDED")
    assert response.json()["errors"][0]["extensions"]["limit"] == 100


async def test_a_caller_can_shorten_its_time_and_not_lengthen_it(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(time_ms=200)))
    for asked, given in (("50", 50), ("200000", 200)):
        response = await program.post({"query": "{ never }"}, x_deadline_ms=asked)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["limit"]) == (503, given)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "", "1" * 40, "１"])
async def test_a_deadline_that_is_no_number_is_refused(program: Program, value: str) -> None:
    response = await program.client.post(
        "/graphql", json={"query": "{ hello }"}, headers=[(b"x-deadline-ms", value.encode())]
    )
    assert (response.status_code, code_of(response)) == (400, "DEADLINE_INVALID")


async def test_more_requests_at_once_than_allowed_are_turned_away(start: Start) -> None:
    program = await start(EdgeSettings("test", Limits(in_flight=1, time_ms=500)))
    held, turned_away = await asyncio.gather(
        program.post({"query": "{ never }"}), program.post({"query": "{ never }"})
    )
    assert sorted((code_of(held), code_of(turned_away))) == ["DEADLINE_EXCEEDED", "OVERLOADED"]
    assert (await program.ask("{ hello }"))["data"] == {"hello": "hello world"}


async def raw(program: Program, method: bytes, headers: list[bytes], body: bytes) -> bytes:
    """Sends exactly these bytes and reads the response until its body is complete."""
    host, _, port = program.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [method + b" /graphql HTTP/1.1", b"Host: test", b"Content-Type: application/json", *headers]
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    content = await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    return head + content
