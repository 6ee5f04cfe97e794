"""One seed's world: the gateway as it is, nodes and clients on a virtual clock, and what must hold."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from gateway.clients.breaker import State
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.replicas import ReplicaTransport
from gateway.clients.settings import DEFAULTS, BulkheadSettings, ClientSettings
from gateway.federation.engine import Engine, Request, RequestContext, Response
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.shards import Standing
from gateway.federation.sharding.skew import NOTHING, Lacks
from gateway.federation.transport import Reply, ShardRequest, Unparsed
from tests.engine.sharding.parcels import Node, Parcel
from tests.engine.sharding.world import facts
from tests.simulation.network import MOODS, Network, hedged
from tests.simulation.questions import (
    BACKWARDS,
    CHANGED,
    FORWARDS,
    LACKING,
    MUTATION,
    NODE_ROWS,
    QUERIES,
    READS_LABELS,
    SHARDS,
    asked_of,
    oracle,
)
from tests.simulation.register import REPLICA, Entry, Register, Replicas

CODES: Final = frozenset(
    {
        "SHARD_TIMEOUT",
        "SHARD_UNREACHABLE",
        "SHARD_REJECTED",
        "SHARD_INVALID_REPLY",
        "SHARD_BREAKER_OPEN",
        "SHARD_BUSY",
        "SHARD_SUSPENDED",
        "SHARD_DRAINING",
    }
)
HONEST: Final = ("well", "slow", "slow", "silent", "down")
"""Moods in which what a node says is true: a replica's answer may win, and then nobody knows whose it was."""
SIMPLE: Final = ("well", "well", "silent", "down")
CROWDED: Final = BulkheadSettings(open_requests=3, waiting_requests=3)
DEADLINES_S: Final = (0.05, 0.5, 2.0, 8.0)
UNSUPPORTED: Final = "UNSUPPORTED_BY_SHARD"
ALL: Final = "{ depots { id name } }"
TRIES: Final = 12

ANSWERS: dict[tuple[str, bytes], bytes] = {}


class Plug:
    """The engine is made once; each world plugs its own transport, register and contracts into it."""

    def __init__(self) -> None:
        self.world: World | None = None

    @property
    def _now(self) -> World:
        assert self.world is not None
        return self.world

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        return await self._now.guarded.send(request)

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return self._now.register.of(subgraph)

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        return LACKING if shard in self._now.network.older else NOTHING


@cache
def engine() -> tuple[Engine, Plug]:
    plug = Plug()
    sharded = facts()
    return Engine(sharded["parcels"].supergraph, Dispatcher(plug, sharded, plug, contracts=plug)), plug


@dataclass
class World:
    chance: random.Random
    reached: Counter[str] = field(default_factory=Counter)
    """What happened in it at all, so that a test can say that everything does."""
    requests: int = 0

    def __post_init__(self) -> None:
        self.has_replicas = self.chance.random() < 0.3
        self.is_churning = self.chance.random() < 0.2
        """Rows come and go while clients page through them; nothing else is asked then."""
        older = frozenset(shard for shard in SHARDS if self.chance.random() < 0.15)
        self.settings: ClientSettings = DEFAULTS
        if self.chance.random() < 0.25:
            self.settings = replace(DEFAULTS, bulkhead=CROWDED)
        self.register = Register({shard: Entry(has_replica=self.has_replicas) for shard in SHARDS})
        rows = {s: [row for row in NODE_ROWS if row.id.startswith(f"{s}-")] for s in SHARDS}
        self.network = Network(
            {shard: Node([shard], rows[shard]) for shard in SHARDS},
            self.register,
            self.chance,
            {shard: self._mood() for shard in SHARDS}
            | {
                f"{REPLICA}{shard}": self.chance.choice(("well", "well", "silent", "down"))
                for shard in SHARDS
            },
            older,
            ANSWERS,
        )
        self.engine, plug = engine()
        loop = asyncio.get_running_loop()
        http = HttpTransport(self.register, exchange=self.network, clock=loop.time)
        replicas = ReplicaTransport(Replicas(self.register), exchange=self.network, clock=loop.time)
        self.guarded = GuardedTransport(
            http,
            self.settings,
            clock=loop.time,
            chance=self.chance.random,
            observer=self,
            replicas=replicas if self.has_replicas else None,
        )
        plug.world = self

    def attempted(self, subgraph: str, shard: str, code: str, seconds: float) -> None:
        self.reached[f"attempt {code}"] += 1

    def retried(self, subgraph: str, shard: str) -> None:
        self.reached["retry"] += 1

    def _mood(self) -> str:
        moods = HONEST if self.has_replicas else sorted(MOODS)
        return "well" if self.chance.random() < 0.5 else self.chance.choice(moods)

    async def live(self) -> None:
        for _ in range(6):
            clients = [self._client() for _ in range(self.chance.randint(1, 5))]
            if self.settings.bulkhead == CROWDED and not self.is_churning:
                clients += [self.ask(self._question()) for _ in range(6)]
            await asyncio.gather(*clients, self._upheaval())
            self._note_states()
            await asyncio.sleep(self.chance.choice((0.0, 0.5, 3.0)))
            self.network.moods[self.chance.choice(SHARDS)] = self._mood()
        await self.recover()

    def _client(self) -> Coroutine[Any, Any, object]:
        roll = self.chance.random()
        if self.is_churning:
            return self.page_through(backwards=roll < 0.5)
        if roll < 0.1:
            return self.page_through(backwards=roll < 0.05)
        if roll < 0.25:
            return self.leave(self._question(), self.chance.choice((0.0, 0.01, 0.3, 1.2)))
        if roll < 0.4:
            return self.change()
        return self.ask(self._question())

    def _question(self) -> str:
        return self.chance.choice(list(QUERIES))

    async def _upheaval(self) -> None:
        """What happens to nodes and register while clients wait."""
        for _ in range(self.chance.randint(0, 3)):
            await asyncio.sleep(self.chance.choice((0.0, 0.02, 0.2)))
            shard = self.chance.choice(SHARDS)
            if self.is_churning:
                self._churn(self.network.nodes[shard].parcels, shard)
                continue
            self.chance.choice((self._restart, self._move, self._judge, self._leave_or_join))(shard)

    def _restart(self, shard: str) -> None:
        self.network.restart(shard)

    def _move(self, shard: str) -> None:
        if shard in self.register.entries:
            if self.network.open_at[shard]:
                self.reached["moved while asked"] += 1
            self.register.change(shard, house=self.register.entries[shard].house + 1)

    def _judge(self, shard: str) -> None:
        if shard in self.register.entries:
            standing = self.chance.choice(("ACTIVE", "ACTIVE", "DRAINING", "SUSPENDED"))
            if standing == "SUSPENDED" and self.network.open_at[shard]:
                self.reached["suspended while asked"] += 1
            self.register.change(shard, standing=standing)

    def _leave_or_join(self, shard: str) -> None:
        if shard not in self.register.entries:
            self.register.join(shard, Entry(has_replica=self.has_replicas))
        elif len(self.register.entries) > 2:
            if self.network.open_at[shard]:
                self.reached["left while asked"] += 1
            self.register.leave(shard)

    def _churn(self, parcels: list[Parcel], shard: str) -> None:
        self.network.changed.add(shard)
        passing = [row for row in parcels if "-x" in row.id]
        if passing and self.chance.random() < 0.5:
            parcels.remove(self.chance.choice(passing))
        self.requests += 1
        parcels.insert(0, Parcel(f"{shard}-x{self.requests}", self.chance.randint(0, 3), None, None, "cid"))

    def _note_states(self) -> None:
        states: Mapping[Any, State] = self.guarded.states()
        self.reached.update(f"breaker {state}" for state in states.values())

    async def run(
        self, text: str, variables: Mapping[str, Any], wait_s: float | None = None
    ) -> tuple[str, Response]:
        """Ask as a client does, and check what holds for every request; its name and the response."""
        self.requests += 1
        name = f"r{self.requests}"
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + (wait_s or self.chance.choice(DEADLINES_S))
        self.network.deadlines[name] = deadline_s
        context = RequestContext({"traceparent": name}, deadline_s)
        try:
            response = await self.engine.run(Request(text, variables), context)
        finally:
            assert self.network.open[name] == 0, "nothing outlives the request"
            self._check_posts(name, text)
        assert loop.time() <= deadline_s, "no response after the deadline"
        for error in response.errors:
            self.reached[f"error {error['extensions'].get('code')}"] += 1
        return name, response

    def _check_posts(self, name: str, text: str) -> None:
        most = 1 if text == MUTATION else self.settings.retry.attempts
        posts = {holder: count for (request, holder), count in self.network.posts.items() if request == name}
        assert all(count <= most for count in posts.values()), "no request is sent more often than allowed"
        if text == MUTATION:
            assert not any(holder.startswith(REPLICA) for holder in posts), "no replica is asked to change"

    async def ask(self, text: str, wait_s: float | None = None) -> set[str]:
        """Ask, check the whole answer, and return the shards that are missing."""
        standings = self.register.of("")
        name, response = await self.run(text, {}, wait_s)
        missing = self._check_coverage(name, text, response, standings)
        covered = frozenset(asked_of(text, standings)) - missing
        self._check_skew(text, response, covered, frozenset(asked_of(text, standings)))
        if covered:
            assert response.data == oracle(text, covered, self.network.older), "the answer is one node's"
        else:
            assert not any((response.data or {}).values()), "nothing is made up"
        return missing

    def _check_skew(
        self, text: str, response: Response, covered: frozenset[str], concerned: frozenset[str]
    ) -> None:
        """What a shard's contract lacks is told of that shard, and of no other."""
        told = {e["extensions"].get("shard") for e in response.errors if _code(e) == UNSUPPORTED}
        older = self.network.older if text in READS_LABELS else frozenset[str]()
        assert older & covered <= told <= older & concerned, "what a contract lacks is told of its shard"

    def _check_coverage(
        self, name: str, text: str, response: Response, standings: Mapping[str, Standing]
    ) -> set[str]:
        concerned = asked_of(text, standings)
        delivered = self.network.delivered.get(name, set())
        coverage = response.extensions.get("coverage", {"asked": 0, "answered": 0, "missing": []})
        missing = {each["shard"]: each["reason"] for each in coverage["missing"]}
        assert set(missing) == {s for s, kept in concerned.items() if kept or s not in delivered}, (
            "coverage tells the truth"
        )
        assert all(missing[shard] == code for shard, code in concerned.items() if code)
        assert (coverage["asked"], coverage["answered"]) == (len(concerned), len(concerned) - len(missing))
        told = {e["extensions"].get("shard"): _code(e) for e in response.errors if _code(e) in CODES}
        assert told == missing, "each missing shard has its typed error, and no other"
        return set(missing)

    async def change(self) -> None:
        """A mutation: done once at most, and done if it says so."""
        standings = self.register.of("")
        label = f"label {self.requests}"
        name, response = await self.run(MUTATION, {"label": label})
        missing = self._check_coverage(name, MUTATION, response, standings)
        done = self.network.done[name]
        if "west" in asked_of(MUTATION, standings) and not missing:
            assert done, "what is said to be done was done"
            shown = None if "west" in self.network.older else label
            assert response.data == {"relabel": {"id": CHANGED, "label": shown}}
            self.reached["changed"] += 1
        elif done:
            self.reached["changed, but the answer was lost"] += 1

    async def leave(self, text: str, after_s: float) -> None:
        """A client that goes away: with it goes all that was on its way."""
        asking = asyncio.create_task(self.run(text, {}))
        await asyncio.sleep(after_s)
        if asking.cancel():
            self.reached["left"] += 1
        await asyncio.wait((asking,))
        if not asking.cancelled():
            asking.result()

    async def page_through(self, *, backwards: bool) -> None:
        """Read all rows page by page; a page that lacks a shard is asked for again."""
        size, start = self.chance.randint(1, 5), None
        text, ends, cursor = (
            (BACKWARDS, "hasPreviousPage", "startCursor")
            if backwards
            else (FORWARDS, "hasNextPage", "endCursor")
        )
        seen: list[str] = []
        states = len(self.register.states)
        for _ in range(TRIES):
            _, response = await self.run(text, {"size": size, "from": start}, 8.0)
            if set(self.register.of("")) != set(SHARDS) or len(self.register.states) > states:
                return  # shards came or went: what there was throughout cannot be said
            if response.extensions["coverage"]["missing"]:
                await asyncio.sleep(self.chance.random())
                continue
            page = response.data["parcels"] if response.data else {}
            found = [edge["node"]["id"] for edge in page["edges"]]
            seen = found + seen if backwards else seen + found
            if not page["pageInfo"][ends]:
                self._check_pages(seen)
                return
            start = page["pageInfo"][cursor]

    def _check_pages(self, seen: list[str]) -> None:
        assert len(set(seen)) == len(seen), "no row is seen twice"
        stayed = sorted(NODE_ROWS, key=lambda row: (row.size, row.id))
        assert [one for one in seen if "-x" not in one] == [row.id for row in stayed], "and none is lost"
        self.reached["paged through"] += 1

    async def recover(self) -> None:
        """When every shard is well again, every shard is in the answer again, and no place is lost."""
        self.network.moods |= dict.fromkeys(SHARDS, "well")
        for shard in SHARDS:
            self.register.join(shard, Entry(house=99, has_replica=self.has_replicas))
        if self.is_churning:
            for shard, node in self.network.nodes.items():
                node.parcels[:] = [row for row in NODE_ROWS if row.id.startswith(f"{shard}-")]
        for _ in range(8):
            await asyncio.sleep(DEFAULTS.breaker.reset_limit_ms / 1000)
            if not await self.ask(ALL, 8.0):
                break
        places = min(self.settings.bulkhead.open_requests, 8)
        answers = await asyncio.gather(*(self.ask(ALL, 8.0) for _ in range(places)))
        assert answers == [set()] * places, "all shards answer, as many at once as may be"
        self._check_budgets()

    def _check_budgets(self) -> None:
        posts = self.network.posts
        first = sum(1 for _, holder in posts if not holder.startswith(REPLICA))
        hedges = hedged(posts)
        retries = sum(posts.values()) - hedges - first
        assert retries <= DEFAULTS.retry.budget_share * first, "retries stay within their budget"
        assert hedges <= DEFAULTS.hedge.budget_share * (first + retries), "hedges stay within theirs"
        self.reached["hedge"] += hedges
        self.reached.update(f"fate {fate}" for fate in self.network.fates)


def _code(error: Mapping[str, Any]) -> object:
    return error["extensions"].get("code")
