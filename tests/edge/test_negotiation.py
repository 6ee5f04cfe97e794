"""GraphQL over HTTP: media types, status codes and methods."""

from __future__ import annotations

from typing import Any

import pytest

from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

MODERN = "application/graphql-response+json"
CLASSIC = "application/json"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, CLASSIC),
        ("*/*", CLASSIC),
        ("application/*", CLASSIC),
        (CLASSIC, CLASSIC),
        (MODERN, MODERN),
        (f"{CLASSIC}, {MODERN}", MODERN),
        (f"{CLASSIC};q=0.9, {MODERN};q=0.8", CLASSIC),
        (f"{MODERN}; charset=utf-8, */*;q=0.1", MODERN),
        (f"{MODERN}; charset=latin1, {CLASSIC}", CLASSIC),
    ],
)
async def test_the_answer_has_the_type_that_was_accepted(
    program: Program, accept: str | None, answered: str
) -> None:
    del program.client.headers["accept"]
    response = await program.post({"query": "{ hello }"}, **({"accept": accept} if accept else {}))
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "image/*", ";;,q=,"])
async def test_a_type_that_cannot_be_written_is_refused(program: Program, accept: str) -> None:
    response = await program.post({"query": "{ hello }"}, accept=accept)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ unknown }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($to: String!) { hello(name: $to) }"}, "BAD_USER_INPUT"),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query A { hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "{ items(first: 100000) { id } }"}, "LIMIT_PAGE_SIZE"),
    ],
)
async def test_a_refused_operation_has_no_data_and_its_status_depends_on_the_type(
    program: Program, envelope: dict[str, Any], code: str
) -> None:
    for accept, status in ((CLASSIC, 200), (MODERN, 400)):
        response = await program.post(envelope, accept=accept)
        assert response.status_code == status
        assert "data" not in response.json()
        assert {error["extensions"]["code"] for error in response.json()["errors"]} == {code}


async def test_a_partial_answer_is_a_success(program: Program) -> None:
    response = await program.post({"query": "{ hello refuses }"}, accept=MODERN)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "hello world", "refuses": None}
    assert response.json()["errors"][0]["path"] == ["refuses"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF8",
        "Application/JSON",
    ],
)
async def test_json_in_utf8_is_read(program: Program, content_type: str) -> None:
    response = await program.post({"query": '{ hello(name: "重庆🏃") }'}, content_type=content_type)
    assert response.json() == {"data": {"hello": "hello 重庆🏃"}}


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("text/plain", "MEDIA_TYPE_UNSUPPORTED"),
        ("application/x-www-form-urlencoded", "MEDIA_TYPE_UNSUPPORTED"),
        ("multipart/form-data; boundary=x", "MEDIA_TYPE_UNSUPPORTED"),
        ("application/graphql", "MEDIA_TYPE_UNSUPPORTED"),
        ("", "MEDIA_TYPE_UNSUPPORTED"),
        ("application/json; charset=gbk", "CHARSET_UNSUPPORTED"),
    ],
)
async def test_another_body_is_refused(program: Program, content_type: str, code: str) -> None:
    response = await program.post({"query": "{ hello }"}, content_type=content_type)
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == code


async def test_get_runs_a_query_with_variables(program: Program) -> None:
    parameters = {
        "query": "query A($to: String) { hello(name: $to) } mutation B { add(by: 1) }",
        "variables": '{"to": "甘肃"}',
        "operationName": "A",
        "extensions": "",
    }
    response = await program.client.get("/graphql", params=parameters)
    assert response.json() == {"data": {"hello": "hello 甘肃"}}


@pytest.mark.parametrize("query", ["mutation { add(by: 1) }", "subscription { count(to: 1) }"])
async def test_get_runs_nothing_but_queries(program: Program, query: str) -> None:
    response = await program.client.get("/graphql", params={"query": query})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_ONLY_ON_GET"


async def test_a_word_of_another_kind_inside_a_query_does_not_matter(program: Program) -> None:
    response = await program.client.get("/graphql", params={"query": '{ hello(name: "mutation") }'})
    assert response.json() == {"data": {"hello": "hello mutation"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"])
async def test_other_methods_are_not_allowed(program: Program, method: str) -> None:
    response = await program.client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_pages_of_allowed_origins_may_ask_and_others_may_not(start: Start) -> None:
    program = await start(EdgeSettings("test", allowed_origins=("https://portal.example",)))
    for origin, allowed in (("https://portal.example", True), ("https://other.example", False)):
        preflight = await program.client.options(
            "/graphql",
            headers={
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type, authorization",
            },
        )
        assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "一次最多可取 200 条"),
        ("fr, zh-Hant;q=0.2, en;q=0.1", "一次最多可取 200 条"),
        ("en-GB, zh;q=0.9", "at most 200"),
        ("zh;q=0, *", "at most 200"),
        ("fr", "at most 200"),
        ("zh;q=x", "at most 200"),
    ],
)
async def test_errors_speak_the_callers_language(program: Program, language: str, message: str) -> None:
    response = await program.post({"query": "{ items(last: 201) { id } }"}, accept_language=language)
    error = response.json()["errors"][0]
    assert message in error["message"]
    assert error["extensions"]["code"] == "LIMIT_PAGE_SIZE"
    assert response.headers["content-language"] == ("zh" if "一次" in message else "en")
