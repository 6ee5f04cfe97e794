"""Where private addresses are not allowed, no name leads to one, whatever it said before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.clients.exchange import PooledExchange
from gateway.clients.failures import NodeFailure
from gateway.clients.reachable import is_public
from gateway.clients.settings import HttpSettings

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address to be refused, and none to listen on
    "224.0.0.1",
    "::1",
    "fe80::1%eth0",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14"])
def test_others_are(address: str) -> None:
    assert is_public(address)


class Resolver:
    """Names lead where a test says, from one question to the next."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(2, 1, 6, "", (address, port)) for address in found]


@pytest.fixture
async def exchange() -> AsyncIterator[PooledExchange]:
    made = PooledExchange(HttpSettings(), only_public=True)
    yield made
    await made.aclose()


async def listening() -> tuple[asyncio.Server, list[str]]:
    """A server that nobody should reach, and who did."""
    came: list[str] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append("came")
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0), came


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::1"]])
async def test_a_name_that_leads_inside_is_refused_before_any_connection(
    answer: list[str], exchange: PooledExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, came = await listening()
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Resolver(answer).getaddrinfo)
    async with server:
        with pytest.raises(NodeFailure, match="private address") as refused:
            await exchange.post(f"http://bank.example:{port}/graphql", [], b"{}", 1.0)
    assert (refused.value.code, came) == ("SHARD_REJECTED", [])


async def test_the_connection_goes_to_the_address_that_was_checked(
    exchange: PooledExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    resolver = Resolver(["93.184.215.14", "93.184.215.15"], ["127.0.0.1"])
    tried: list[tuple[str, Any]] = []

    async def connect(_: Any, host: str, port: int, **given: Any) -> Any:
        tried.append((host, given["server_hostname"]))
        raise OSError("not here")

    monkeypatch.setattr(loop, "getaddrinfo", resolver.getaddrinfo)
    monkeypatch.setattr(loop, "create_connection", connect)
    with pytest.raises(NodeFailure) as unreached:
        await exchange.post("https://bank.example/graphql", [], b"{}", 1.0)
    assert unreached.value.code == "SHARD_UNREACHABLE"
    assert tried == [("93.184.215.14", "bank.example"), ("93.184.215.15", "bank.example")]
    with pytest.raises(NodeFailure, match="private address"):
        await exchange.post("https://bank.example/graphql", [], b"{}", 1.0)
    assert (resolver.asked, len(tried)) == (2, 2)
