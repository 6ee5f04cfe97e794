"""kill -9 of the source, the target or the gateway, before and after each step of a transfer.

Real processes on real sockets, the source's books on PostgreSQL and the target's on SQLite. Whoever was
killed is started again, and the same request goes on to the end. One victim for each of the six
moments here; every victim at each of them with CREDITBANK_TRANSFER_KILLS=all.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from starlette.types import Receive, Scope, Send

from edge.caller import Caller, Role
from edge.tokens import issue_token
from region_node import app
from region_node.settings import NodeSettings, read_settings
from tests.node.bank import new_key, open_account
from tests.node.conftest import Asker
from tests.node.crash.mill import Mill, mill, node_settings
from tests.node.databases import Engine
from tests.node.published import agree, publish, register
from tests.node.transfers.conftest import (
    MAJOR,
    SEEDS,
    SOURCE,
    TARGET,
    certified,
    courses,
    entries,
    write_keys,
)
from tests.serving import Servers

ALL = "CREDITBANK_TRANSFER_KILLS" in os.environ
ASKED_LIMIT = 50
"""How often the request is sent again: a program that was just started may be slow on a busy machine."""
STEPS = ("Reserve", "Accept", "Confirm")
TRANSFER = """mutation($i: TransferInput!, $k: String!) { transfer(input: $i, idempotencyKey: $k) {
  __typename ... on Refusal { code message }
  ... on TransferMoved { transfer { id state creditsAccepted } } } }"""


@dataclass
class Party:
    """One program and where it is now; started anew when it was killed.

    It is killed in the wires' thread and started in the test's: whoever starts it waits until it is dead.
    """

    mill: Mill
    address: str = ""
    deaths: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self.address = self.mill.start()

    def kill(self) -> None:
        with self.lock:
            self.mill.kill()
            self.deaths += 1

    def revive(self) -> None:
        with self.lock:
            if self.mill.running is None:
                self.start()


@dataclass
class Wire:
    """Between the gateway and one node: at one message somebody is killed, before it arrives or after."""

    node: Party
    client: httpx.AsyncClient
    fates: dict[tuple[str, str], Party] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, answer = await self._carry(scope, body)
        headers = [(b"content-type", b"application/graphql-response+json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _carry(self, scope: Scope, body: bytes) -> tuple[int, bytes]:
        step = next((step for step in STEPS if f"mutation {step}(" in body.decode()), "")
        self._meet("before", step)
        headers = {name.decode(): value.decode() for name, value in scope["headers"] if name != b"host"}
        try:
            answer = await self.client.post(f"{self.node.address}/graphql", content=body, headers=headers)
        except httpx.TransportError:
            return 502, b""
        self._meet("after", step)
        return answer.status_code, answer.content

    def _meet(self, when: str, step: str) -> None:
        victim = self.fates.pop((when, step), None)
        if victim is not None:
            victim.kill()


@dataclass
class Land:
    """Two banks and a gateway between them, each a process of its own."""

    parties: dict[str, Party]
    wires: dict[str, Wire]
    settings: dict[str, dict[str, Any]]
    key: OKPKey
    client: httpx.AsyncClient

    @asynccontextmanager
    async def officer(self, region: str) -> AsyncIterator[Asker]:
        """An officer who asks that bank itself."""
        token = issue_token(self.key, Caller(Role.OFFICER, "officer", region=region))
        address = self.parties[region].address
        async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
            yield Asker(client, {"authorization": f"Bearer {token}"}, region)

    async def transfer(self, learner: str, outcome: str, key: str) -> dict[str, Any] | None:
        """Ask the gateway, once; None where it is gone."""
        token = issue_token(self.key, Caller(Role.LEARNER, "learner", learner_id=learner))
        given = {"i": {"outcome": outcome, "to": TARGET, "major": MAJOR}, "k": key}
        try:
            answer = await self.client.post(
                f"{self.parties['gateway'].address}/graphql",
                json={"query": TRANSFER, "variables": given},
                headers={"authorization": f"Bearer {token}"},
            )
        except httpx.TransportError:
            return None
        found: dict[str, Any] = answer.json()
        return found


def make_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, trust_env=False)


@pytest.fixture
async def land(
    database_engines: dict[str, Engine], tmp_path: Path, keys_file: Path, token_key: OKPKey
) -> AsyncIterator[Land]:
    async with a_land(database_engines, tmp_path, keys_file, token_key) as made:
        yield made


@asynccontextmanager
async def a_land(
    engines: dict[str, Engine], folder: Path, keys_file: Path, token_key: OKPKey
) -> AsyncIterator[Land]:
    urls = {SOURCE: engines["postgresql"].fresh(SOURCE), TARGET: engines["sqlite"].fresh(TARGET)}
    partners = str(write_keys(folder))
    settings = {
        region: node_settings(
            url, keys_file, region=region, signing_key=SEEDS[region].hex(), partner_keys=partners
        )
        for region, url in urls.items()
    }
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(make_client())
        parties = {region: Party(stack.enter_context(mill("node", settings[region]))) for region in urls}
        for party in parties.values():
            party.start()
        servers = stack.enter_context(Servers())
        wires = {region: Wire(party, make_client()) for region, party in parties.items()}
        for wire in wires.values():
            stack.callback(lambda one: servers.call(one.client.aclose()), wire)
        shards = [
            {"code": region, "name": region, "url": f"{servers.start(wire).url}/graphql"}
            for region, wire in wires.items()
        ]
        (folder / "nodes.json").write_text(json.dumps({"shards": shards}), encoding="utf-8")
        (folder / "pairings.json").write_text('{"agreements": []}', encoding="utf-8")
        gateway = {
            "registry": str(folder / "nodes.json"),
            "registry_unsigned": True,
            "private_addresses": True,
            "pairings": str(folder / "pairings.json"),
            "catalogue": "unused",
            "identity": {"keys_file": str(keys_file)},
            "contracts_interval_ms": 3_600_000,
        }
        parties["gateway"] = Party(stack.enter_context(mill("gateway", gateway)))
        parties["gateway"].start()
        yield Land(parties, wires, settings, token_key, client)


async def test_whoever_is_killed_at_whatever_step(land: Land, certificate: str) -> None:
    for region, other in ((SOURCE, TARGET), (TARGET, SOURCE)):
        async with land.officer(region) as officer:
            await agree(officer, other)
            await register(officer, certificate)
            if region == TARGET:
                await publish(officer, *courses(certificate))
    cases = list(itertools.product(STEPS, ("before", "after"), land.parties))
    some = cases if ALL else [each for place, each in enumerate(cases) if place % 3 == place // 3 % 3]
    for number, (step, when, victim) in enumerate(some):
        await case(land, certificate, number, step, when, victim)
    deaths = len(some) // len(land.parties)
    assert {name: party.deaths for name, party in land.parties.items()} == dict.fromkeys(land.parties, deaths)
    for party in land.parties.values():
        party.mill.kill()
    for region, given in land.settings.items():
        assert await audited(read_settings(None, **given)) == [], region


async def audited(settings: NodeSettings) -> list[str]:
    faults: list[str] = []
    await app.audit(settings, lambda fault: faults.append(str(fault)), lambda _done, _of: None)
    return faults


async def case(land: Land, certificate: str, number: int, step: str, when: str, victim: str) -> None:
    """One learner's transfer; at `step` the victim is killed, and all of it ends as if nobody had been."""
    async with land.officer(SOURCE) as source, land.officer(TARGET) as target:
        account = (await open_account(source, number))["account"]
        there = (await open_account(target, number))["account"]["id"]
        outcome = await certified(source, account["id"], certificate)
    key = new_key()
    wire = land.wires[TARGET if step == "Accept" else SOURCE]
    wire.fates[when, step] = land.parties[victim]
    await land.transfer(account["learner"]["id"], outcome, key)
    assert wire.fates == {}, "nobody was killed"
    for party in land.parties.values():
        party.revive()
    for _ in range(ASKED_LIMIT):
        again = await land.transfer(account["learner"]["id"], outcome, key)
        if again is not None and "errors" not in again:
            break
    else:
        pytest.fail(f"{step}, {when}, {victim}: {again}")
    ended = again["data"]["transfer"]["transfer"]
    assert (ended["state"], ended["creditsAccepted"]) == ("COMPLETED", "6.0"), (step, when, victim)
    async with land.officer(SOURCE) as source, land.officer(TARGET) as target:
        left, came = await entries(source, account["id"]), await entries(target, there)
    assert [kind for kind, _ in left] == ["DEPOSIT", "TRANSFER_OUT", "REVERSAL", "TRANSFER_OUT"]
    assert [kind for kind, _ in came] == ["TRANSFER_IN", *["CONVERSION"] * 3]
