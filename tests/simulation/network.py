"""A network that fails in every way it knows, by a seed, in front of nodes that are right."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gateway.clients.exchange import Answered, Headers
from gateway.clients.failures import timed_out, unreachable
from tests.engine.sharding.parcels import Node
from tests.simulation.register import Register, holder_of, is_replica, shard_of

JSON: Final = "application/graphql-response+json"
NEWER_FIELD: Final = re.compile(rb"[{ ]label[ }]")
"""What nodes on the older contract do not have."""


def _as_text(data: Any) -> bytes:
    return orjson.dumps({"data": data})


Spoil = Callable[[Mapping[str, Any], bytes], Answered]
SPOILS: Final[dict[str, Spoil]] = {
    "html": lambda _, __: Answered(200, "text/html", b"<html>Hello</html>"),
    "error 500": lambda _, __: Answered(500, "application/json", b"{}"),
    "error 503": lambda _, __: Answered(503, "text/plain", b"later"),
    "overloaded": lambda _, __: Answered(503, JSON, b"{}", retry_after="1"),
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
    "busy": {"overloaded": 0.6},
    "slow": {"late": 0.6},
    "silent": {"dropped": 0.5, "unanswered": 0.5},
    "down": {"broken": 1.0},
    "lying": dict.fromkeys(SPOILS, 0.06),
    "odd": {
        "dropped": 0.1,
        "unanswered": 0.1,
        "broken": 0.1,
        "late": 0.1,
        "truncated": 0.1,
        "duplicated": 0.1,
    },
}


@dataclass
class Network:
    """An `Exchange`. What it did is kept: by client request, the shards whose true answer arrived."""

    nodes: Mapping[str, Node]
    register: Register
    chance: random.Random
    moods: dict[str, str]
    older: frozenset[str]
    shared: dict[tuple[str, bytes], bytes]
    """Answers of nodes that nobody has changed, the same in all worlds."""
    deadlines: dict[str, float] = field(default_factory=dict)
    delivered: dict[str, set[str]] = field(default_factory=dict)
    posts: Counter[tuple[str, str]] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    open_at: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """Mutations that a node has carried out, by client request."""
    changed: set[str] = field(default_factory=set)
    trace: list[str] = field(default_factory=list)
    fates: set[str] = field(default_factory=set)
    _on_the_way: dict[str, dict[asyncio.Future[None], None]] = field(default_factory=dict)
    """In the order of their beginning: a set's would not replay."""

    async def post(self, url: str, headers: Headers, body: bytes, wait_s: float) -> Answered:
        told = dict(headers)
        holder, request = holder_of(url), told["traceparent"]
        self._check_sent(url, request, told["x-deadline-ms"], body)
        self.posts[request, holder] += 1
        self.open[request] += 1
        self.open_at[holder] += 1
        fate = self._fate(holder)
        try:
            answered = await self._carry(holder, request, body, wait_s, fate)
            if fate not in SPOILS:
                self.delivered.setdefault(request, set()).add(shard_of(holder))
            return answered
        except asyncio.CancelledError:
            fate += ", cancelled"
            raise
        finally:
            self.open[request] -= 1
            self.open_at[holder] -= 1
            self.fates.add(fate)
            self.trace.append(f"{asyncio.get_running_loop().time():.6f} {request} {holder} {fate}")

    async def aclose(self) -> None: ...

    def restart(self, holder: str) -> None:
        """Break what is on its way there: the node may have done what it was asked, or not."""
        for waiting in self._on_the_way.pop(holder, {}):
            if not waiting.done():
                waiting.set_exception(unreachable("restarted"))
                self.fates.add("restarted")

    def _check_sent(self, url: str, request: str, deadline_ms: str, body: bytes) -> None:
        assert url in self.register.listed(), "no address is called that the register does not list"
        latest_s = asyncio.get_running_loop().time() + int(deadline_ms) / 1000
        assert latest_s <= self.deadlines[request] + 1e-6, (
            "no node is told a later deadline than the client's"
        )
        if shard_of(holder_of(url)) in self.older:
            assert not NEWER_FIELD.search(body), "a node is not asked for what it does not have"

    def _fate(self, holder: str) -> str:
        roll = self.chance.random()
        for fate, share in MOODS[self.moods[holder]].items():
            roll -= share
            if roll < 0:
                return fate
        return "delivered"

    async def _carry(self, holder: str, request: str, body: bytes, wait_s: float, fate: str) -> Answered:
        takes_s = self.chance.expovariate(1 / 4.0 if fate == "late" else 1 / 0.03)
        there_s = takes_s * self.chance.random()
        if fate == "dropped" or there_s >= wait_s:
            await self._pass(holder, wait_s)
            raise timed_out()
        await self._pass(holder, there_s)
        if fate == "broken":
            raise unreachable("broken")
        text = self._answer(shard_of(holder), request, body)
        if fate == "duplicated":
            text = self._answer(shard_of(holder), request, body)
        if fate == "unanswered" or takes_s >= wait_s:
            await self._pass(holder, wait_s - there_s)
            raise timed_out()
        await self._pass(holder, takes_s - there_s)
        if fate in SPOILS:
            return SPOILS[fate](orjson.loads(text)["data"], text)
        return Answered(200, JSON, text)

    async def _pass(self, holder: str, seconds: float) -> None:
        """Let time pass, unless the node is restarted."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        here = self._on_the_way.setdefault(holder, {})
        here[waiting] = None
        timer = loop.call_later(seconds, _arrive, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            here.pop(waiting, None)

    def _answer(self, shard: str, request: str, body: bytes) -> bytes:
        if b"mutation" in body:
            self.done[request] += 1
            self.changed.add(shard)
            return self._worked_out(shard, body)
        if shard in self.changed:
            return self._worked_out(shard, body)
        known = self.shared.get((shard, body))
        if known is None:
            known = self.shared[shard, body] = self._worked_out(shard, body)
        return known

    def _worked_out(self, shard: str, body: bytes) -> bytes:
        asked = orjson.loads(body)
        return orjson.dumps(self.nodes[shard].answer(asked["query"], asked.get("variables", {})))


def _arrive(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def hedged(posts: Mapping[tuple[str, str], int]) -> int:
    return sum(count for (_, holder), count in posts.items() if is_replica(holder))
