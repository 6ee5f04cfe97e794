"""A witnessing gateway and real nodes: what anybody can ask, and what an operator sees when a log forks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.tokens import generate_key, issue_token, jwks
from gateway.settings import WitnessGroup
from region_node.app import Node
from region_node.service.signer import Signer
from schema.tree_heads import TreeHead
from tests.gateway.country import Country, country
from tests.node.bank import deposited, open_account
from tests.node.conftest import Asker, SetClock, node_settings
from tests.node.databases import REGION, Sqlite
from tests.serving import Servers

SEED = "44" * 32
SIGNER = Signer(bytes.fromhex(SEED), REGION)
WAIT_LIMIT_S = 30.0
HEADS = """{ witnessedHeads { region { code name } standing seenAt
  head { size root signedAt signature } against { size root signedAt signature } } }"""


@pytest.fixture
def sqlite(tmp_path: Path) -> Sqlite:
    return Sqlite(tmp_path)


@pytest.fixture
def key() -> OKPKey:
    return generate_key()


@pytest.fixture
def keys_file(tmp_path: Path, key: OKPKey) -> Path:
    file = tmp_path / "jwks.json"
    file.write_bytes(jwks(key))
    return file


@pytest.fixture
def witnessing(tmp_path: Path) -> Iterator[Country]:
    settings = WitnessGroup(file=tmp_path / "witness.sqlite", interval_ms=1_000)
    with (
        Servers() as servers,
        country(servers, tmp_path, {}, witness=settings, reload_interval_ms=100) as one,
    ):
        yield one


def node(witnessing: Country, sqlite: Sqlite, keys_file: Path, key: OKPKey, entries: int) -> int:
    """Serve a bank with so many entries, all signed by the same key; return its port."""
    settings = node_settings(sqlite.fresh(), keys_file, signing_key=SEED)
    served = witnessing.servers.start(Node(settings, clock=SetClock(), bundle=load_sample()).app)
    token = issue_token(key, Caller(Role.OFFICER, "officer", region=REGION))

    async def fill() -> None:
        async with httpx.AsyncClient(base_url=served.url, trust_env=False, timeout=30) as client:
            officer = Asker(client, {"authorization": f"Bearer {token}"})
            account = (await open_account(officer))["account"]["id"]
            for number in range(entries):
                await deposited(officer, account, title=f"course {number}")

    asyncio.run(fill())
    return served.port


def lead_to(witnessing: Country, port: int) -> None:
    shard = {
        "code": REGION,
        "name": "江苏",
        "url": f"http://127.0.0.1:{port}/graphql",
        "publicKey": SIGNER.public_key(),
    }
    new = witnessing.folder / "nodes.new"
    new.write_text(json.dumps({"shards": [shard]}), encoding="utf-8")
    new.replace(witnessing.folder / "nodes.json")


def until(witnessing: Country, standing: str, size: int) -> dict[str, Any]:
    """Ask until the log stands so, and at so many entries."""
    end = time.monotonic() + WAIT_LIMIT_S
    found: list[dict[str, Any]] = []
    while time.monotonic() < end:
        found = witnessing.post(HEADS).json()["data"]["witnessedHeads"]
        if found and (found[0]["standing"], found[0]["head"]["size"]) == (standing, size):
            return found[0]
    raise AssertionError(f"not {standing} within {WAIT_LIMIT_S} s: {found}")


def holds(head: dict[str, Any], signed_at: str) -> bool:
    told = TreeHead(REGION, head["size"], bytes.fromhex(head["root"]), datetime.fromisoformat(signed_at))
    return SIGNER.holds(told.statement(), head["signature"])


def test_a_region_that_shows_another_history_is_named_everywhere(
    witnessing: Country, sqlite: Sqlite, keys_file: Path, key: OKPKey
) -> None:
    lead_to(witnessing, node(witnessing, sqlite, keys_file, key, entries=2))
    good = until(witnessing, "GOOD", 2)
    assert good["region"] == {"code": REGION, "name": "江苏省"}
    assert good["against"] is None
    assert 'creditbank_witnessed_log_entries{region="320000",standing="GOOD"} 2.0' in metrics(witnessing)
    assert fault(witnessing) is None

    lead_to(witnessing, node(witnessing, sqlite, keys_file, key, entries=2))
    forked = until(witnessing, "FORKED", 2)
    assert forked["head"] == good["head"]
    assert forked["against"]["root"] != good["head"]["root"]
    assert all(holds(one, one["signedAt"]) for one in (forked["head"], forked["against"]))
    assert 'creditbank_witnessed_log_entries{region="320000",standing="FORKED"} 2.0' in metrics(witnessing)
    assert fault(witnessing) == "FORKED"
    assert witnessing.get("/health/ready").status_code == 200


def metrics(witnessing: Country) -> str:
    return witnessing.get("/metrics").text


def fault(witnessing: Country) -> str | None:
    checks = witnessing.get("/health/ready").json()["checks"]
    return next((one["reason"] for one in checks if one["name"] == f"log of region {REGION}"), None)
