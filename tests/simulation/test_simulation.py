"""Gateway and nodes on a virtual clock and a network that fails by a seed; what must hold is checked.

Five hundred seeds each time, another number by the variable SIMULATION_SEEDS; one seed by SIMULATION_SEED.
A failing seed says which it is, and replays to the byte.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.replicas import ReplicaTransport
from gateway.clients.settings import DEFAULTS
from gateway.federation.engine import Engine, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest, Transport, Unparsed
from tests.engine.sharding.parcels import Node, Parcel
from tests.engine.sharding.world import facts
from tests.simulation.network import MOODS, REPLICA, Network
from tests.simulation.virtual_clock import run

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "500"))
ONE_SEED = os.environ.get("SIMULATION_SEED")
BATCH = 50
SHARDS = ("east", "north", "south", "west")
ROWS = [Parcel(f"{shard}-{n}", n % 3, "label", "1.5", "ann") for shard in SHARDS for n in range(3)]
CODES = {
    "SHARD_TIMEOUT",
    "SHARD_UNREACHABLE",
    "SHARD_REJECTED",
    "SHARD_INVALID_REPLY",
    "SHARD_BREAKER_OPEN",
    "SHARD_BUSY",
}
SIMPLE = ("well", "well", "silent", "down")
HONEST = ("well", "slow", "slow", "silent", "down")
QUERIES: dict[str, tuple[str, ...]] = {
    "{ depots { id name } }": SHARDS,
    "{ statistics { parcels weight smallest greatest } depots { id } }": SHARDS,
    '{ customer(id: "ann") { totalWeight history(first: 4) { edges { node { id } } } } }': SHARDS,
    '{ customer(id: "ann") { parcelCount parcels { id } } tariff(code: "none") { price } }': SHARDS,
    "{ parcels(first: 5) { totalCount edges { cursor node { id size } } pageInfo { hasNextPage } } }": SHARDS,
    "{ parcels(last: 3) { edges { node { id } } pageInfo { hasPreviousPage startCursor } } }": SHARDS,
    '{ parcel(id: "north-1") { id label } }': ("north",),
    'mutation { relabel(id: "west-2", label: "label") { id label } }': ("west",),
}


@cache
def oracle(query: str, covered: frozenset[str]) -> Any:
    """What one node says that holds the rows of these shards."""
    rows = [row for row in ROWS if row.id.partition("-")[0] in covered]
    return Node(sorted(covered), rows).answer(query, {})["data"]


class Register:
    """All shards, each at an address that is its name."""

    def of(self, subgraph: str) -> Mapping[str, Any]:
        return dict.fromkeys(SHARDS, "ACTIVE")

    def url(self, subgraph: str, shard: str) -> str | None:
        return f"http://{shard}"


class ReplicaRegister:
    """All shards' replicas."""

    def url(self, subgraph: str, shard: str) -> str | None:
        return f"http://{REPLICA}{shard}"


class Socket:
    """The engine is made once; each world plugs its own transport into it."""

    def __init__(self) -> None:
        self.transport: Transport | None = None

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        assert self.transport is not None
        return await self.transport.send(request)


@cache
def engine() -> tuple[Engine, Socket]:
    socket = Socket()
    sharded = facts()
    return Engine(sharded["parcels"].supergraph, Dispatcher(socket, sharded, Register())), socket


@dataclass
class World:
    """One seed's world."""

    chance: random.Random
    network: Network = field(init=False)
    requests: int = 0
    has_replicas: bool = False

    def __post_init__(self) -> None:
        self.has_replicas = self.chance.random() < 0.3
        nodes = {s: Node([s], [row for row in ROWS if row.id.startswith(f"{s}-")]) for s in SHARDS}
        moods = {shard: self._mood() for shard in SHARDS}
        moods |= {
            f"{REPLICA}{shard}": self.chance.choice(("well", "well", "silent", "down")) for shard in SHARDS
        }
        self.network = Network(nodes, self.chance, moods, answers=ANSWERS)
        loop = asyncio.get_running_loop()
        http = HttpTransport(Register(), exchange=self.network, clock=loop.time)
        self.engine, socket = engine()
        replicas = ReplicaTransport(ReplicaRegister(), exchange=self.network, clock=loop.time)
        self.guarded = GuardedTransport(
            http,
            clock=loop.time,
            chance=self.chance.random,
            replicas=replicas if self.has_replicas else None,
        )
        socket.transport = self.guarded

    def _mood(self) -> str:
        moods = HONEST if self.has_replicas else sorted(MOODS)
        return "well" if self.chance.random() < 0.5 else self.chance.choice(moods)

    async def live(self) -> None:
        for _ in range(6):
            wave = [self.ask(self.chance.choice(list(QUERIES))) for _ in range(self.chance.randint(1, 4))]
            await asyncio.gather(*wave)
            await asyncio.sleep(self.chance.choice((0.0, 0.5, 3.0)))
            shard = self.chance.choice(SHARDS)
            self.network.moods[shard] = self._mood()
        await self.recover()

    async def ask(self, query: str, wait_s: float | None = None) -> set[str]:
        """Ask as a client does, check what must hold, and return the shards that are missing."""
        self.requests += 1
        name = f"r{self.requests}"
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + (wait_s or self.chance.choice((0.05, 0.5, 2.0, 8.0)))
        context = RequestContext({"traceparent": name}, deadline_s)
        response = await self.engine.run(Request(query), context)
        assert loop.time() <= deadline_s, "no response after the deadline"
        assert self.network.open.get(name, 0) == 0, "no request outlives the response"
        self._check_posts(name, query)
        return self._check(query, response, self.network.delivered.get(name, set()))

    def _check(self, query: str, response: Response, delivered: set[str]) -> set[str]:
        asked = set(QUERIES[query])
        coverage = response.extensions["coverage"]
        missing = {each["shard"] for each in coverage["missing"]}
        assert missing == asked - delivered, "coverage tells the truth"
        assert (coverage["asked"], coverage["answered"]) == (len(asked), len(asked - missing))
        told = {e["extensions"].get("shard") for e in response.errors if e["extensions"]["code"] in CODES}
        assert told == missing, "each missing shard has its typed error, and no other"
        self._check_data(query, response, frozenset(asked - missing))
        return missing

    def _check_data(self, query: str, response: Response, covered: frozenset[str]) -> None:
        if covered:
            assert response.data == oracle(query, covered), "the answer is one node's for what is covered"
        else:
            assert not any((response.data or {}).values()), "nothing is made up"

    def _check_posts(self, name: str, query: str) -> None:
        most = 1 if query.startswith("mutation") else DEFAULTS.retry.attempts
        posts = {holder: count for (request, holder), count in self.network.posts.items() if request == name}
        assert all(count <= most for count in posts.values())
        if query.startswith("mutation"):
            assert not any(holder.startswith(REPLICA) for holder in posts)

    async def recover(self) -> None:
        """When every shard is well again, every shard is in the answer again."""
        self.network.moods |= dict.fromkeys(SHARDS, "well")
        for _ in range(8):
            await asyncio.sleep(DEFAULTS.breaker.reset_limit_ms / 1000)
            if not await self.ask("{ depots { id name } }", 8.0):
                break
        assert await self.ask("{ depots { id name } }", 8.0) == set()
        posts = self.network.posts
        first = sum(1 for _, holder in posts if not holder.startswith(REPLICA))
        hedged = sum(count for (_, holder), count in posts.items() if holder.startswith(REPLICA))
        retries = sum(posts.values()) - hedged - first
        assert retries <= DEFAULTS.retry.budget_share * first, "retries stay within their budget"
        assert hedged <= DEFAULTS.hedge.budget_share * (first + retries), "hedges stay within theirs"


ANSWERS: dict[tuple[str, bytes], bytes] = {}


def live(seed: int) -> list[str]:
    """One world from its beginning to its end; returns what happened."""

    async def main() -> list[str]:
        world = World(random.Random(seed))  # noqa: S311 - repeatable, no secret
        await world.live()
        return world.network.trace

    try:
        return run(main())
    except BaseException as failure:
        failure.add_note(f"SIMULATION_SEED={seed} replays this")
        raise


def batches() -> Sequence[range]:
    if ONE_SEED is not None:
        return [range(int(ONE_SEED), int(ONE_SEED) + 1)]
    return [range(first, min(first + BATCH, SEEDS)) for first in range(0, SEEDS, BATCH)]


@pytest.mark.parametrize("seeds", batches(), ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_whatever_the_network_does(seeds: range) -> None:
    for seed in seeds:
        live(seed)


def test_a_seed_replays_to_the_byte() -> None:
    for seed in range(5):
        assert live(seed) == live(seed)


def test_the_network_does_all_it_can() -> None:
    fates = {line.split(" ", 3)[3] for seed in range(60) for line in live(seed)}
    assert fates >= {fate for mood in MOODS.values() for fate in mood} | {"delivered"}
