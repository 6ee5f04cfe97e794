"""An app follows an account through the gateway: the bank that keeps it sends, and nobody else is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from edge.caller import Role
from tests.acceptance.test_transfers import stopped
from tests.acceptance.world import World

REGION = "310000"
EVENTS = """subscription($a: ID!, $after: String) { news: accountEvents(account: $a, after: $after) { cursor
  accountEvent { status } outcomeEvent { step } outcome { title region { name } account { status } } } }"""
ARRIVES_S = 30


@pytest.fixture
def account(world: World) -> tuple[str, str]:
    return world.open_account(REGION, world.new_person())


class Stream:
    """What one subscription is sent, over server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def payload(self) -> dict[str, Any]:
        for line in self._lines:
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found
        raise AssertionError("the stream ended")


@contextmanager
def following(world: World, token: str | None, **variables: Any) -> Iterator[Stream]:
    assert world.gateway is not None
    headers = {"accept": "text/event-stream"} | ({"authorization": f"Bearer {token}"} if token else {})
    body = {"query": EVENTS, "variables": variables}
    url = f"{world.gateway.url}/graphql"
    with httpx.stream("POST", url, json=body, headers=headers, timeout=ARRIVES_S) as response:
        yield Stream(response)


def submit(world: World, account: str, title: str) -> None:
    given = {"kind": "COURSE", "title": title, "credits": "1.0", "issuedOn": "2026-01-01"}
    arguments = {"account": ("ID!", account), "input": ("SubmitOutcomeInput!", given)}
    world.done(REGION, "submitOutcome", "", **arguments)


def test_a_learner_follows_their_account(world: World, account: tuple[str, str]) -> None:
    identifier, learner = account
    token = world.token(Role.LEARNER, learner_id=learner)
    before = world.asked()
    with following(world, token, a=identifier) as stream:
        opened = stream.payload()
        assert opened["data"]["news"]["accountEvent"] == {"status": "OPEN"}
        assert opened["extensions"]["coverage"] == {"asked": 1, "answered": 1, "missing": []}
        submit(world, identifier, "直播")
        news = stream.payload()["data"]["news"]
    assert news["outcomeEvent"] == {"step": "SUBMITTED"}
    assert news["outcome"]["title"] == "直播"
    assert news["outcome"]["account"] == {"status": "OPEN"}
    assert news["outcome"]["region"]["name"]
    others = {region: count for region, count in world.asked().items() if region != REGION}
    assert others == {region: before[region] for region in others}
    # From where it was, later: nothing again, nothing lost.
    submit(world, identifier, "网络营销")
    with following(world, token, a=identifier, after=news["cursor"]) as stream:
        assert stream.payload()["data"]["news"]["outcome"]["title"] == "网络营销"


def test_over_a_websocket(world: World, account: tuple[str, str]) -> None:
    assert world.gateway is not None
    identifier, _ = account
    with connect(
        world.gateway.url.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"authorization": f"Bearer {world.officer(REGION)}"},
        proxy=None,
    ) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(ARRIVES_S))["type"] == "connection_ack"
        payload = {"query": EVENTS, "variables": {"a": identifier}}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        told = json.loads(socket.recv(ARRIVES_S))
        assert told["payload"]["data"]["news"]["accountEvent"] == {"status": "OPEN"}
        submit(world, identifier, "直播")
        told = json.loads(socket.recv(ARRIVES_S))
        assert told["payload"]["data"]["news"]["outcomeEvent"] == {"step": "SUBMITTED"}


@pytest.mark.parametrize(
    ("who", "code"),
    [("public", "UNAUTHENTICATED"), ("elsewhere", "FORBIDDEN"), ("other learner", "FORBIDDEN")],
)
def test_who_may_not(world: World, account: tuple[str, str], who: str, code: str) -> None:
    tokens = {
        "public": None,
        "elsewhere": world.officer("320000"),
        "other learner": world.token(Role.LEARNER, learner_id="L-somebody-else"),
    }
    with following(world, tokens[who], a=account[0]) as stream:
        said = stream.payload()
    assert [error["extensions"]["code"] for error in said["errors"]] == [code]


def test_an_account_of_nowhere(world: World) -> None:
    before = world.asked()
    with following(world, world.token(Role.PORTAL), a="999999-A-X") as stream:
        said = stream.payload()
    assert [error["extensions"]["code"] for error in said["errors"]] == ["UNKNOWN_SHARD"]
    assert world.asked() == before


def test_a_region_that_is_silent_is_named(world: World, account: tuple[str, str]) -> None:
    identifier, learner = account
    with (
        stopped(world, REGION),
        following(world, world.token(Role.LEARNER, learner_id=learner), a=identifier) as stream,
    ):
        (error,) = stream.payload()["errors"]
    assert error["extensions"]["shard"] == REGION
    assert error["extensions"]["code"] in {"SHARD_UNREACHABLE", "SHARD_TIMEOUT"}
