"""Clients that ask alike at the same time, of shards behind a network that fails by a seed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from gateway.clients.deduplicated import DeduplicatedTransport
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.federation.transport import Reply, ShardRequest, TransportFailure, Unparsed
from tests.engine.sharding.parcels import Node, Parcel
from tests.simulation.network import MOODS, Network
from tests.simulation.register import Entry, Register
from tests.simulation.virtual_clock import run

SEEDS = 200
SHARDS = ("east", "west")
QUERIES = ("{ depots { id } }", "{ statistics { parcels } }")
ROWS = [Parcel(f"{shard}-{n}", n, "label", "1.5", "ann") for shard in SHARDS for n in range(2)]
NODES = {shard: Node([shard], [row for row in ROWS if row.id.startswith(shard)]) for shard in SHARDS}
TRUTH = {(shard, query): NODES[shard].answer(query, {})["data"] for shard in SHARDS for query in QUERIES}


@dataclass
class World:
    """Forty clients in a second or two, each with a patience of its own; some leave early."""

    chance: random.Random
    joined_count: int = 0
    answered: int = 0
    network: Network = field(init=False)

    def joined(self, subgraph: str, shard: str) -> None:
        self.joined_count += 1

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        honest = sorted(MOODS.keys() - {"lying", "odd"})
        moods = {shard: self.chance.choice(honest) for shard in SHARDS}
        register = Register({shard: Entry() for shard in SHARDS})
        self.network = Network(NODES, register, self.chance, moods, frozenset(), {})
        http = HttpTransport(register, exchange=self.network, clock=loop.time)
        guarded = GuardedTransport(http, clock=loop.time, chance=self.chance.random)
        self.transport = DeduplicatedTransport(guarded, clock=loop.time, observer=self)
        await asyncio.gather(*(self._client(f"r{number}") for number in range(40)))
        assert not any(self.network.open.values()), "a request goes on for nobody"

    async def _client(self, name: str) -> None:
        await asyncio.sleep(self.chance.random() * 0.5)
        shard, query = self.chance.choice(SHARDS), self.chance.choice(QUERIES)
        deadline_s = asyncio.get_running_loop().time() + self.chance.choice((0.05, 0.5, 2.0, 8.0))
        request = ShardRequest(
            "parcels", shard, query, {}, headers={"traceparent": name}, deadline_s=deadline_s
        )
        self.network.deadlines[name] = deadline_s + 0.001  # a node is told whole milliseconds, one at least
        leaves_s = self.chance.choice((deadline_s, deadline_s, deadline_s - 0.04))
        try:
            async with asyncio.timeout_at(leaves_s):
                sent = await self.transport.send(request)
        except (TimeoutError, TransportFailure):
            return
        reply = sent.read() if isinstance(sent, Unparsed) else sent
        assert isinstance(reply, Reply)
        assert reply.data == TRUTH[shard, query]
        self.answered += 1


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_each_client_has_the_truth_or_none_and_nothing_is_left_behind(first: int) -> None:
    joined = answered = posts = 0
    for seed in range(first, first + 50):
        world = World(random.Random(seed))  # noqa: S311 # a seed that replays, no secret
        run(world.live())
        joined += world.joined_count
        answered += world.answered
        posts += sum(world.network.posts.values())
    assert answered, "some were answered"
    assert joined, "some were answered by another's request"
    assert posts < 40 * 50, "fewer were sent than asked"
