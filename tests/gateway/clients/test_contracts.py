"""Which contract each shard runs is asked of the shards, and a shard that does not say stops nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.clients.contracts import NodeContracts
from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.sharding.shards import Standing
from gateway.federation.transport import Reply, ShardRequest, TransportFailure

SDL = """
extend schema @link(url: "https://specs.creditbank.example/sharding/v1.0", import: ["@route"])
type Query { depot(id: ID!): Depot @route(argument: "id") }
type Depot { id: ID! name: String }
"""
FACTS = read_facts(read_supergraph(compose([Subgraph("parcels", "", SDL)]).sdl()))


@dataclass
class Shards:
    """Shards that state an SDL, or fail."""

    states: dict[str, str | None]
    standings: dict[str, Standing] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return {name: self.standings.get(name, "ACTIVE") for name in sorted(self.states)}

    async def send(self, request: ShardRequest) -> Reply:
        self.asked.append(request.shard)
        stated = self.states[request.shard]
        if stated is None:
            raise TransportFailure("SHARD_UNREACHABLE", "Down.")
        return Reply({"_service": {"sdl": stated}})


async def test_a_shard_lacks_what_its_own_schema_lacks() -> None:
    shards = Shards({"old": SDL.replace(" name: String", ""), "new": SDL, "down": None, "odd": "<html>"})
    contracts = NodeContracts(shards, shards, FACTS)
    assert contracts.lacks("parcels", "old") == frozenset()
    await contracts.refresh()
    known = {name: contracts.lacks("parcels", name) for name in shards.states}
    assert known == {"old": {"Depot.name"}, "new": set(), "down": set(), "odd": set()}


async def test_what_was_known_is_kept_until_the_shard_says_otherwise_or_is_gone() -> None:
    shards = Shards({"old": SDL.replace(" name: String", "")})
    contracts = NodeContracts(shards, shards, FACTS)
    await contracts.refresh()
    shards.states["old"] = None
    await contracts.refresh()
    assert contracts.lacks("parcels", "old") == {"Depot.name"}
    shards.states["old"] = SDL
    await contracts.refresh()
    assert contracts.lacks("parcels", "old") == frozenset()
    shards.states = {"old": SDL.replace(" name: String", "")}
    await contracts.refresh()
    shards.states = {}
    await contracts.refresh()
    assert contracts.lacks("parcels", "old") == frozenset()


async def test_a_suspended_shard_is_not_asked() -> None:
    shards = Shards({"old": SDL, "resting": SDL}, {"resting": "SUSPENDED"})
    await NodeContracts(shards, shards, FACTS).refresh()
    assert shards.asked == ["old"]
