"""What an experiment stands on: regions that fail as they are told, a gateway before them, its clients."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from benchmarks.bare_client import TRANSCRIPT
from benchmarks.processes import running
from benchmarks.resilience.load import Ask, Client
from benchmarks.served_gateway import Register, ServedGateway, served_gateway
from schema.ids import make_id

ROWS: Final = 20
DELAY_MS: Final = 5.0
ACCOUNT: Final = "query($id: ID!) { account(id: $id) { id status balance } }"
NATIONAL: Final = "{ regions { code name } }"
OPEN: Final = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of an experiment against its aim: at most, or at least."""

    experiment: str
    figure: str
    value: float
    aim: float
    at_least: bool = False

    def row(self) -> dict[str, Any]:
        holds = self.value >= self.aim if self.at_least else self.value <= self.aim
        aim = f"{'≥' if self.at_least else '≤'} {self.aim:g}"
        return {
            "experiment": self.experiment,
            "figure": self.figure,
            "value": round(self.value, 3),
            "aim": aim,
            "holds": "yes" if holds else "NO",
            "share_of_aim": round(self.value / self.aim, 3) if self.aim else None,
            "at_least": self.at_least,
        }


@dataclass(frozen=True, slots=True)
class Stage:
    gateway: ServedGateway
    client: Client
    ports: Mapping[str, Any]

    @property
    def regions(self) -> list[str]:
        return list(self.ports["regions"])

    def moods(self, moods: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """Change regions' moods; return how many requests each door has had so far."""
        return change_moods(self.ports, moods)

    def left_s(self) -> dict[str, float]:
        """When each door last lost a connection on which it owed an answer, by `time.monotonic`."""
        left_s: dict[str, float] = _told(self.ports, {})["left_s"]
        return left_s

    def transcript(self, time_ms: int | None = None, url: str | None = None) -> Ask:
        """To the gateway, or the very same bytes to `url`."""
        return self.client.asking(self.gateway, TRANSCRIPT, {"learner": "L-1"}, time_ms, url)

    def account(self, region: str, time_ms: int | None = None) -> Ask:
        return self.client.asking(self.gateway, ACCOUNT, {"id": make_id(region, "A", "1")}, time_ms)

    def national(self) -> Ask:
        return self.client.asking(self.gateway, NATIONAL, {})

    async def metric(self, name: str, *labels: str) -> float:
        """The sum of a metric's samples that have all these labels (`shard="310000"`)."""
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            text = (await client.get(f"{self.gateway.program.url}/metrics")).text
        lines = re.findall(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE)
        return sum(float(value) for found, value in lines if all(label in found for label in labels))

    async def is_open(self, region: str) -> bool:
        return await self.metric("creditbank_shard_breaker", f'shard="{region}"') == OPEN


def change_moods(ports: Mapping[str, Any], moods: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Change moods of regions at these ports; return how many requests each door has had so far."""
    requests: dict[str, int] = _told(ports, moods)["requests"]
    return requests


def _told(ports: Mapping[str, Any], moods: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    with socket.create_connection(("127.0.0.1", ports["control"])) as control:
        control.sendall(orjson.dumps(moods) + b"\n")
        told: dict[str, Any] = orjson.loads(control.makefile("rb").readline())
    return told


def entries(ports: Mapping[str, Any], *, replicas: bool = False) -> Register:
    """What a register says of these regions."""
    found = {}
    for code, port in ports["regions"].items():
        found[code] = {"url": f"http://127.0.0.1:{port}/graphql"}
        if replicas:
            found[code]["replica"] = f"http://127.0.0.1:{ports['replicas'][code]}/graphql"
    return found


@asynccontextmanager
async def stage(regions: int = 31, *, replicas: bool = False, **settings: Any) -> AsyncGenerator[Stage, None]:
    with (
        running("benchmarks.resilience.shards", regions, ROWS, DELAY_MS) as shards,
        served_gateway(entries(shards.told, replicas=replicas), **settings) as gateway,
    ):
        client = Client()
        try:
            built = Stage(gateway, client, shards.told)
            seen = await built.transcript()()
            assert seen.is_whole, seen.body[:300]
            yield built
        finally:
            await client.aclose()
