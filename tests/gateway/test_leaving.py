"""A client that hangs up: every node at work for it hears of it at its own socket."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edge.caller import Caller, Role
from edge.tokens import issue_token
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Servers

TEST_LIMIT_S = 20.0
TRANSCRIPT = '{ learner(id: "L-1") { totalCredits } }'
RECOGNITION = f"""{{ mutualRecognition(input: {{
  from: "310000", to: "320000", certificate: {{code: "{CERTIFICATE.code}", level: INTERMEDIATE}}
}}) {{ decision }} }}"""
TIME_MS = 600_000
"""Nobody waits for so long: what ends before has ended for another reason."""


@dataclass
class Silent:
    """A node that never answers, and says what happens at its door."""

    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    left: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"authorization" not in head:  # the gateway's own question, which contract it runs
            return
        self.asked.release()
        while await reader.read(65_536):
            pass
        self.left.release()


def hang_up_while(country: Country, node: Silent, query: str, regions: int) -> None:
    token = issue_token(country.key, Caller(Role.PORTAL, "somebody"))
    body = json.dumps({"query": query}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", country.gateway.port)) as client:
        client.sendall(head.encode() + body)
        for _ in range(regions):
            assert node.asked.acquire(timeout=TEST_LIMIT_S)


@pytest.mark.parametrize(("query", "asked"), [(TRANSCRIPT, 3), (RECOGNITION, 1)])
def test_every_node_hears_that_the_client_has_gone(tmp_path: Path, query: str, asked: int) -> None:
    """Recognition asks the home region first, from within the gateway's own subgraph."""
    nodes = Silent()
    with Servers() as servers:
        ports = {region: servers.start_raw(nodes) for region in ("310000", "320000", "440000")}
        limits: dict[str, Any] = {
            "limits": {"time_ms": TIME_MS},
            "clients": {"http": {"timeout_ms": TIME_MS}},
        }
        with country(servers, tmp_path, ports, **limits) as built:
            for _ in range(3):
                hang_up_while(built, nodes, query, asked)
                for _ in range(asked):
                    assert nodes.left.acquire(timeout=TEST_LIMIT_S)
