"""The register is changed under load, as an operator would: no restart, and no request fails."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from starlette.types import Receive, Scope, Send

from edge.registry_signature import sign
from edge.tokens import generate_key, jwks
from gateway.clients.settings import HttpSettings, PatienceSettings
from gateway.settings import ClientsGroup
from tests.gateway.country import NOBODYS_PORT, Country, country
from tests.serving import Served, Servers

CLIENTS = 4
UNHURRIED = ClientsGroup(http=HttpSettings(timeout_ms=30_000), patience=PatienceSettings(floor_ms=30_000))
STATISTICS = "{ statistics { accounts } }"
ASKED_LIMIT = 2_000
"""Questions asked before a change must have been seen: many times the interval."""


class Region:
    """A region of so many accounts, which is all that it knows; other questions are refused."""

    def __init__(self, accounts: int) -> None:
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        body = json.dumps({"data": {"statistics": {"accounts": self._accounts}}}).encode()
        head = [(b"content-type", b"application/graphql-response+json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


class Office:
    """Whoever keeps the register: signs it and puts it in its place."""

    def __init__(self, folder: Path, key: OKPKey) -> None:
        self.file, self._key, self._version = folder / "nodes.json", key, 0
        self.shards: dict[str, dict[str, Any]] = {}

    def list(self, code: str, served: Served, **more: str) -> None:
        self.shards[code] = {"code": code, "name": code, "url": f"{served.url}/graphql", **more}

    def publish(self, key: OKPKey | None = None) -> None:
        self._version += 1
        content = {"shards": list(self.shards.values())}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(sign(content, key or self._key, self._version, datetime.now(UTC))))
        new.replace(self.file)


class Live:
    def __init__(self, built: Country, office: Office, servers: Servers) -> None:
        self.country, self.office, self.servers = built, office, servers
        self.url = f"{built.gateway.url}/graphql"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    key = generate_key()
    (tmp_path / "office.jwks").write_bytes(jwks(key))
    office = Office(tmp_path, key)
    given: dict[str, Any] = {
        "registry_keys": tmp_path / "office.jwks",
        "reload_interval_ms": 100,
        "clients": UNHURRIED,
    }
    with Servers() as servers:
        for number, code in enumerate(("310000", "320000", "440000")):
            office.list(code, servers.start(Region(10**number)))
        with country(servers, tmp_path, {}, publish=office.publish, **given) as built:
            yield Live(built, office, servers)


async def ask(client: httpx.AsyncClient, live: Live) -> dict[str, Any]:
    answer = await client.post(live.url, json={"query": STATISTICS})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def counted(answer: dict[str, Any]) -> int:
    statistics = answer["data"]["statistics"]
    return int(statistics["accounts"]) if statistics else 0


def reasons(answer: dict[str, Any]) -> list[str]:
    return [gap["reason"] for gap in answer["extensions"]["coverage"]["missing"]]


async def until(client: httpx.AsyncClient, live: Live, holds: Callable[[dict[str, Any]], bool]) -> None:
    for _ in range(ASKED_LIMIT):
        if holds(await ask(client, live)):
            return
    raise AssertionError("the change was never seen")


@asynccontextmanager
async def load(client: httpx.AsyncClient, live: Live) -> AsyncIterator[list[dict[str, Any]]]:
    """Clients that ask one after the other for as long as the block lasts; yields what they were told."""
    answers: list[dict[str, Any]] = []
    asking = True

    async def keep_asking() -> None:
        while asking:
            answers.append(await ask(client, live))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CLIENTS):
            tasks.create_task(keep_asking())
        yield answers
        asking = False


async def test_a_region_is_added_moved_drained_suspended_and_removed_and_no_request_fails(live: Live) -> None:
    office, servers = live.office, live.servers
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client, load(client, live) as answers:
        await until(client, live, lambda answer: counted(answer) == 111)

        office.list("500000", servers.start(Region(1_000)))
        office.publish()
        await until(client, live, lambda answer: counted(answer) == 1_111)

        old = live.servers.start(Region(5_000))
        office.list("320000", old)
        office.publish()
        await until(client, live, lambda answer: counted(answer) == 6_101)
        office.list("320000", servers.start(Region(10)))
        office.publish()
        await until(client, live, lambda answer: counted(answer) == 1_111)
        await asyncio.to_thread(servers.stop, old)

        office.shards["440000"]["status"] = "DRAINING"
        office.publish()
        office.shards["500000"]["status"] = "SUSPENDED"
        office.publish()
        await until(client, live, lambda answer: reasons(answer) == ["SHARD_SUSPENDED"])
        del office.shards["500000"]
        office.shards["440000"]["status"] = "ACTIVE"
        office.publish()
        await until(client, live, lambda answer: (counted(answer), reasons(answer)) == (111, []))
    found = Counter((counted(answer), *reasons(answer)) for answer in answers)
    assert set(found) <= {(111,), (1_111,), (6_101,), (111, "SHARD_SUSPENDED")}
    assert len(answers) > CLIENTS


async def test_what_failed_at_the_old_address_is_not_held_against_the_new(live: Live) -> None:
    office = live.office
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        office.shards["310000"]["url"] = f"http://127.0.0.1:{NOBODYS_PORT}/graphql"
        office.publish()
        await until(client, live, lambda answer: reasons(answer) == ["SHARD_BREAKER_OPEN"])
        office.list("310000", live.servers.start(Region(1)))
        office.publish()
        async with load(client, live) as answers:
            await until(client, live, lambda answer: counted(answer) == 111)
        for _ in range(CLIENTS):  # who asks from now on; what was on its way may have been answered last
            assert counted(await ask(client, live)) == 111
        assert {counted(answer) for answer in answers} <= {110, 111}


async def test_a_register_that_somebody_else_signed_changes_nothing_and_is_told(live: Live) -> None:
    forged = live.servers.start(Region(666_000))
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        live.office.list("310000", forged)
        live.office.publish(generate_key())
        ready = f"{live.country.gateway.url}/health/ready"
        for _ in range(ASKED_LIMIT):
            checks = (await client.get(ready)).json()["checks"]
            problem = next(one["reason"] for one in checks if one["name"] == "registry file")
            if problem:
                break
        assert "not pinned" in problem
        assert counted(await ask(client, live)) == 111
    assert forged.requests == []
