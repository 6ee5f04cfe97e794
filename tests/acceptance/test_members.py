"""Whoever opens an account is found at once through the gateway, which asks nobody else about them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from catalogue.sample import load_sample
from edge.caller import Role
from edge.tokens import generate_key, jwks
from gateway.app import Gateway
from region_node.app import Node
from region_node.storage.migrate import migrate
from tests.acceptance.test_demo import until
from tests.acceptance.world import SetClock, World, gateway_settings, node_settings, write_registry
from tests.serving import Servers

HOMES = ("310000", "320000", "440000")
SHARED = SecretStr("88" * 32)
LEARNER = "query($id: ID!) { learner(id: $id) { accounts { id } } }"


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[World]:
    """Three banks that tell the gateway who is in them."""
    key = generate_key()
    (tmp_path / "keys.json").write_bytes(jwks(key))
    (tmp_path / "pairings.json").write_text(json.dumps({"agreements": []}), encoding="utf-8")
    with Servers() as servers, httpx.Client(trust_env=False, timeout=30) as client:
        world = World(servers, tmp_path, key, SetClock(), client)
        for region in HOMES:
            settings = node_settings(region, tmp_path).model_copy(update={"membership_key": SHARED})
            node = Node(settings, clock=world.clock, bundle=load_sample())
            servers.call(migrate(node.database, region, world.clock.now()))
            world.banks[region] = node.bank
            world.nodes[region] = servers.start(node.app)
        write_registry(world)
        gateway = Gateway(gateway_settings(tmp_path, membership_key=SHARED), bundle=load_sample())
        world.gateway = servers.start(gateway.app)
        yield world


def ask_until(world: World, learner: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask until `holds` says so of the coverage. The account is there in every answer."""
    found: dict[str, Any] = {}

    def is_reached() -> bool:
        found.update(world.post(LEARNER, {"id": learner}, world.token(Role.PORTAL)))
        assert [each["id"][:6] for each in found["data"]["learner"]["accounts"]] == ["440000"]
        return holds(found["extensions"]["coverage"])

    until(is_reached)
    return found


def test_an_account_is_found_from_the_moment_it_is_open_and_others_are_not_asked(telling: World) -> None:
    _, learner = telling.open_account("440000", telling.new_person())
    ask_until(telling, learner, lambda coverage: coverage == {"asked": 1, "answered": 1, "missing": []})

    node = telling.nodes["440000"]
    opened = telling.client.post(
        f"{node.url}/graphql",
        headers={"authorization": f"Bearer {telling.officer('440000')}"},
        json={
            "query": 'mutation($c: String!) { openAccount(region: "440000", idempotencyKey: "1",'
            " input: {citizenNumber: $c, group: IN_SCHOOL}) {"
            " ... on AccountChanged { account { learner { id } } } } }",
            "variables": {"c": telling.new_person()},
        },
    ).json()
    at_the_counter = opened["data"]["openAccount"]["account"]["learner"]["id"]
    ask_until(telling, at_the_counter, lambda _: True)

    telling.servers.stop(telling.nodes["310000"])
    answer = ask_until(telling, learner, lambda coverage: coverage["asked"] == 2)
    missing = [(gap["shard"], gap["reason"]) for gap in answer["extensions"]["coverage"]["missing"]]
    assert missing == [("310000", "SHARD_UNREACHABLE")]
    metrics = telling.client.get(f"{telling.gateway.url}/metrics").text if telling.gateway else ""
    assert 'creditbank_membership_members{shard="440000",subgraph="region",type="Learner"} 2.0' in metrics
