"""Nodes that answer nonsense: one typed error each, and nothing of it is taken for an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge.caller import Role
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Servers

HALF = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n" + b'{"data": {"acc'
TRANSCRIPT = '{ learner(id: "L-1") { id totalCredits accounts { id status } } }'


def answering(answer: Callable[[], Response]) -> Starlette:
    async def graphql(_: Request) -> Response:
        return answer()

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])


async def half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HALF)
    await writer.drain()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


NODES: dict[str, Callable[[], Response]] = {
    "html": lambda: Response("<html>Welcome</html>", media_type="text/html"),
    "broken": lambda: Response("out of order", 500),
    "redirect": lambda: Response(status_code=307, headers={"location": "http://127.0.0.1:1/graphql"}),
    "wrong_shape": lambda: JSONResponse({"data": {"learner": ["x"], "standings": {"x": 1}}}),
    "no_graphql": lambda: JSONResponse(["hello"]),
    "empty": lambda: JSONResponse({"data": {}}),
    "refusing": lambda: JSONResponse({"errors": [{"message": "no", "extensions": {"code": "OVERLOADED"}}]}),
}
RAW: dict[str, Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]] = {
    "half": half_an_answer,
    "gone": hang_up,
    "silent": say_nothing,
}
EXPECTED = {
    "html": {"SHARD_INVALID_REPLY"},
    "broken": {"SHARD_REJECTED"},
    "redirect": {"SHARD_REJECTED"},
    "wrong_shape": {"SHARD_INVALID_REPLY"},
    "no_graphql": {"SHARD_INVALID_REPLY"},
    "empty": {"SHARD_INVALID_REPLY"},
    "refusing": {"OVERLOADED", "SHARD_REJECTED"},
    "half": {"SHARD_UNREACHABLE", "SHARD_INVALID_REPLY"},
    "gone": {"SHARD_UNREACHABLE"},
    "silent": {"SHARD_TIMEOUT"},
}


@pytest.fixture(params=sorted(EXPECTED))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def beside(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """A gateway with one good region (320000 and its facts are made up) and one, 310000, of the `kind`."""
    with Servers() as servers:
        good = servers.start(answering(lambda: JSONResponse({"data": GOOD})))
        bad = servers.start_raw(RAW[kind]) if kind in RAW else servers.start(answering(NODES[kind])).port
        ports = {"310000": bad, "320000": good.port}
        clients = {"http": {"timeout_ms": 400}, "retry": {"attempts": 1}}
        with country(servers, tmp_path_factory.mktemp("beside"), ports, clients=clients) as built:
            yield built


GOOD = {"learner": {"id": "L-1", "totalCredits": "8.0", "accounts": [{"id": "320000-A-1", "status": "OPEN"}]}}


def test_a_node_that_answers_nonsense_costs_its_own_rows(kind: str, beside: Country) -> None:
    answer = beside.post(TRANSCRIPT, Role.PORTAL).json()
    assert answer["data"]["learner"]["totalCredits"] == "8.0"
    assert answer["data"]["learner"]["accounts"] == [{"id": "320000-A-1", "status": "OPEN"}]
    errors = [error for error in answer["errors"] if error["extensions"].get("shard") == "310000"]
    assert errors
    assert {error["extensions"]["code"] for error in errors} <= EXPECTED[kind]
    missing = {one["shard"]: one["reason"] for one in answer["extensions"]["coverage"]["missing"]}
    assert missing["310000"] in EXPECTED[kind]
    assert "320000" not in missing


def test_recognition_on_nonsense_is_undetermined(kind: str, beside: Country) -> None:
    answer = beside.post(
        f"""{{ mutualRecognition(input: {{
          from: "310000", to: "320000", certificate: {{code: "{CERTIFICATE.code}", level: INTERMEDIATE}}
        }}) {{ decision }} }}"""
    ).json()
    assert answer["data"]["mutualRecognition"]["decision"] == "UNDETERMINED"
    [error] = answer["errors"]
    assert error["extensions"]["code"] in EXPECTED[kind]
