"""The same events over the two ways that local apps have: server-sent events, and graphql-transport-ws."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.tokens import issue_token
from region_node.app import Node
from tests.node.bank import open_account, submit
from tests.node.conftest import Asker, SetClock, node_settings
from tests.node.databases import REGION, Engine
from tests.serving import Servers

EVENTS = """subscription($a: ID!) {
  accountEvents(account: $a) { accountEvent { status } outcomeEvent { step } } }"""
OPENED = {"accountEvent": {"status": "OPEN"}, "outcomeEvent": None}
SUBMITTED = {"accountEvent": None, "outcomeEvent": {"step": "SUBMITTED"}}
ARRIVES_S = 30


@pytest.fixture
async def officer(sqlite: Engine, keys_file: Path, token_key: OKPKey) -> AsyncIterator[tuple[Asker, str]]:
    """An officer of a node that is served, and its address."""
    token = issue_token(token_key, Caller(Role.OFFICER, "an-officer", region=REGION))
    with Servers() as servers:
        node = Node(node_settings(sqlite.fresh(), keys_file), clock=SetClock(), bundle=load_sample())
        served = servers.start(node.app)
        async with httpx.AsyncClient(base_url=served.url, timeout=ARRIVES_S) as client:
            yield Asker(client, {"authorization": f"Bearer {token}"}), served.url


async def test_server_sent_events(officer: tuple[Asker, str]) -> None:
    asker, _ = officer
    account = (await open_account(asker))["account"]["id"]
    headers = {**asker.headers, "accept": "text/event-stream"}
    body = {"query": EVENTS, "variables": {"a": account}}
    async with asker.client.stream("POST", "/graphql", json=body, headers=headers) as stream:
        told = _events(stream)
        assert await anext(told) == OPENED
        await submit(asker, account)
        assert await anext(told) == SUBMITTED


async def test_graphql_transport_ws(officer: tuple[Asker, str]) -> None:
    asker, url = officer
    account = (await open_account(asker))["account"]["id"]
    async with connect(
        url.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers=asker.headers,
        proxy=None,
    ) as socket:

        async def said() -> dict[str, Any]:
            message: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), ARRIVES_S))
            return message

        await socket.send(json.dumps({"type": "connection_init"}))
        assert (await said())["type"] == "connection_ack"
        payload = {"query": EVENTS, "variables": {"a": account}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        assert (await said())["payload"]["data"]["accountEvents"] == OPENED
        await submit(asker, account)
        assert (await said())["payload"]["data"]["accountEvents"] == SUBMITTED


async def _events(stream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))["data"]["accountEvents"]
