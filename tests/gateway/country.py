"""A gateway over real sockets whose regions are whatever a test puts in their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from joserfc.jwk import OKPKey

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.configuration import IdentityGroup
from edge.tokens import generate_key, issue_token, jwks
from gateway.app import Gateway, stored_contract
from gateway.national.pairings import pairings_to_plain
from gateway.settings import GatewaySettings
from tests.gateway.simulated import PAIRINGS, REGIONS
from tests.serving import Served, Servers

NOBODYS_PORT = 1
"""Nothing listens there, and no other test is ever given it, as could happen to a port just released."""


@dataclass(frozen=True)
class Country:
    servers: Servers
    folder: Path
    gateway: Served
    key: OKPKey

    def post(
        self,
        query: str,
        role: Role | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        variables: Mapping[str, Any] = MappingProxyType({}),
    ) -> httpx.Response:
        headers = dict(headers)
        if role is not None:
            headers["authorization"] = f"Bearer {issue_token(self.key, Caller(role, 'somebody'))}"
        with httpx.Client(trust_env=False, timeout=30) as client:
            body = {"query": query, "variables": dict(variables)}
            return client.post(f"{self.gateway.url}/graphql", json=body, headers=headers)

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.get(f"{self.gateway.url}{path}")


contract = cache(stored_contract)


@contextmanager
def country(
    servers: Servers,
    folder: Path,
    ports: Mapping[str, int],
    *,
    publish: Callable[[], None] | None = None,
    **settings: Any,
) -> Iterator[Country]:
    """A gateway whose register names `ports`; a region without one has a port that nobody listens on.

    `publish`, where given, writes another register."""
    key = generate_key()
    (folder / "keys.json").write_bytes(jwks(key))
    (folder / "pairings.json").write_text(
        json.dumps(pairings_to_plain(PAIRINGS.agreements)), encoding="utf-8"
    )
    if publish is None:
        register(folder, ports)
    else:
        publish()
    gateway = Gateway(
        GatewaySettings(
            registry=folder / "nodes.json",
            private_addresses=True,
            pairings=folder / "pairings.json",
            catalogue=folder / "unused",
            clock_at=datetime(2026, 6, 1, 4, tzinfo=UTC),
            identity=IdentityGroup(keys_file=folder / "keys.json"),
            **{"registry_unsigned": "registry_keys" not in settings, **settings},
        ),
        bundle=load_sample(),
        supergraph_sdl=None if "subgraphs" in settings else contract(),
    )
    served = servers.start(gateway.app)
    yield Country(servers, folder, served, key)


def register(folder: Path, ports: Mapping[str, int]) -> None:
    """Write the register anew, whole."""
    shards = [
        {
            "code": region,
            "name": region,
            "url": f"http://127.0.0.1:{ports.get(region, NOBODYS_PORT)}/graphql",
        }
        for region in REGIONS
    ]
    new = folder / "nodes.new"
    new.write_text(json.dumps({"shards": shards}), encoding="utf-8")
    new.replace(folder / "nodes.json")
