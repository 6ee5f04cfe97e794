"""A network that fails in every way it knows, by a seed, in front of nodes that are right."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gateway.clients.exchange import Answered, Headers
from gateway.clients.failures import timed_out, unreachable
from tests.engine.sharding.parcels import Node

REPLICA: Final = "replica-of-"
JSON: Final = "application/graphql-response+json"


def _as_text(data: Any) -> bytes:
    return orjson.dumps({"data": data})


Spoil = Callable[[Mapping[str, Any], bytes], Answered]
SPOILS: Final[dict[str, Spoil]] = {
    "html": lambda _, __: Answered(200, "text/html", b"<html>Hello</html>"),
    "error 500": lambda _, __: Answered(500, "application/json", b"{}"),
    "error 503": lambda _, __: Answered(503, "text/plain", b"later"),
    "redirect": lambda _, __: Answered(302, "", b""),
    "nothing": lambda _, __: Answered(200, JSON, b""),
    "truncated": lambda _, body: Answered(200, JSON, body[: len(body) // 2]),
    "corrupted": lambda _, body: Answered(200, JSON, body[:9] + b"\xff" + body[10:]),
    "a list": lambda _, __: Answered(200, JSON, _as_text([])),
    "no data": lambda _, __: Answered(200, JSON, b'{"data": null}'),
    "a field less": lambda data, _: Answered(200, JSON, _as_text(dict(list(data.items())[1:]))),
    "other kinds": lambda data, _: Answered(200, JSON, _as_text(dict.fromkeys(data, "text"))),
    "refused": lambda _, __: Answered(403, JSON, b'{"errors": [{"message": "No."}]}'),
}
MOODS: Final[dict[str, dict[str, float]]] = {
    "well": {},
    "well too": {"duplicated": 0.1},
    "flaky": {"broken": 0.3, "error 503": 0.2},
    "slow": {"late": 0.6},
    "silent": {"dropped": 1.0},
    "down": {"broken": 1.0},
    "lying": dict.fromkeys(SPOILS, 0.06),
    "odd": {"dropped": 0.1, "broken": 0.1, "late": 0.1, "truncated": 0.1, "duplicated": 0.1},
}


@dataclass
class Network:
    """An `Exchange`. What it did is kept: by client request, the shards whose true answer arrived."""

    nodes: Mapping[str, Node]
    chance: random.Random
    moods: dict[str, str]
    delivered: dict[str, set[str]] = field(default_factory=dict)
    posts: dict[tuple[str, str], int] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    answers: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered:
        holder, request = url.partition("//")[2], dict(headers)["traceparent"]
        shard = holder.removeprefix(REPLICA)
        self.posts[request, holder] = self.posts.get((request, holder), 0) + 1
        self.open[request] = self.open.get(request, 0) + 1
        fate = self._fate(holder)
        try:
            answered = await self._carry(shard, body, wait_s, fate)
            if fate not in SPOILS:
                self.delivered.setdefault(request, set()).add(shard)
            return answered
        finally:
            self.open[request] -= 1
            self.trace.append(f"{asyncio.get_running_loop().time():.6f} {request} {holder} {fate}")

    async def aclose(self) -> None: ...

    def _fate(self, holder: str) -> str:
        roll = self.chance.random()
        for fate, share in MOODS[self.moods[holder]].items():
            roll -= share
            if roll < 0:
                return fate
        return "delivered"

    async def _carry(self, shard: str, body: bytes, wait_s: float, fate: str) -> Answered:
        takes_s = self.chance.expovariate(1 / 4.0 if fate == "late" else 1 / 0.03)
        if fate == "dropped" or takes_s >= wait_s:
            await asyncio.sleep(wait_s)
            raise timed_out()
        await asyncio.sleep(takes_s)
        if fate == "broken":
            raise unreachable("broken")
        text = self._answer(shard, body)
        if fate == "duplicated":
            text = self._answer(shard, body)
        if fate in SPOILS:
            return SPOILS[fate](orjson.loads(text)["data"], text)
        return Answered(200, JSON, text)

    def _answer(self, shard: str, body: bytes) -> bytes:
        known = self.answers.get((shard, body))
        if known is None:
            asked = orjson.loads(body)
            known = orjson.dumps(self.nodes[shard].answer(asked["query"], asked.get("variables", {})))
            self.answers[shard, body] = known
        return known
