"""No interleaving of openings, filters and queries hides an account that somebody could have seen.

The node's own announcing and answering, and the gateway's own following, on a virtual clock: answers are
slow, lost, or come twice; clocks differ in rate; two processes of one node share a database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clients.memberships import NodeMemberships
from gateway.federation.sharding.shards import Standing
from gateway.federation.transport import Reply, ShardRequest, TransportFailure
from region_node.domain.members import Member, joined
from region_node.service.announcer import Announcer
from region_node.service.changes import Changes
from region_node.service.members import announce, who_joined
from region_node.service.ports import Bank, Units
from region_node.service.vault import Vault
from schema.membership import MembershipKey, Question
from tests.simulation.virtual_clock import run

KEY = MembershipKey(b"k" * 32)
DRIFT = 0.02
"""How much faster or slower than real time a clock may run."""


@dataclass
class Store:
    """One region's database, in memory: its members, and the learners whose account can be seen."""

    members: list[Member] = field(default_factory=lambda: [Member(0, "", b"root")])
    opened: set[str] = field(default_factory=set)

    async def by_learners(self, learner_ids: Collection[str]) -> Mapping[str, tuple[()]]:
        return {learner_id: () for learner_id in learner_ids if learner_id in self.opened}

    async def add(self, learner_ids: Collection[str]) -> Sequence[str]:
        known = {member.learner_id for member in self.members}
        new = [learner_id for learner_id in learner_ids if learner_id not in known]
        self.members += joined(self.members[-1], new)
        return new

    async def since(self, number: int, limit: int) -> Sequence[Member]:
        return self.members[number : number + limit]


@dataclass
class Clock:
    """A clock that runs at `rate`, and began at another time than all others."""

    rate: float
    began_s: float = 0.0

    def now(self) -> float:
        return self.began_s + asyncio.get_running_loop().time() * self.rate

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.rate)


class Network:
    """Between one gateway and the region: `ways` has what happens to each question, over and over."""

    def __init__(self, store: Store, ways: Sequence[tuple[str, float, float]]) -> None:
        self._store = store
        self._ways = ways
        self._count = 0
        self._last: str | None = None

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return {"east": "ACTIVE"}

    async def send(self, request: ShardRequest) -> Reply:
        fate, there_s, back_s = self._ways[self._count % len(self._ways)]
        self._count += 1
        await asyncio.sleep(there_s)
        variables = request.variables
        question = Question("east", variables["type"], variables["after"], variables["challenge"])
        answer = await who_joined(cast("Any", _Transaction(self._store)), Announcer(KEY), question)
        sealed, earlier = KEY.seal(answer, question), self._last
        self._last = sealed
        await asyncio.sleep(back_s)
        if fate == "lost":
            raise TransportFailure("SHARD_UNREACHABLE", "Lost.")
        return Reply({"_service": {"membership": earlier if fate == "earlier" else sealed}})


DELAYS = st.sampled_from((0.0, 0.05, 0.4, 0.9, 1.5))
WAYS = st.lists(
    st.tuples(st.sampled_from(("well", "well", "well", "lost", "earlier")), DELAYS, DELAYS),
    min_size=1,
    max_size=6,
)
RATES = st.sampled_from((1 - DRIFT, 1.0, 1 + DRIFT))
OPENINGS = st.lists(
    st.tuples(st.floats(0, 12, allow_nan=False), st.integers(0, 5), st.booleans()), min_size=1, max_size=10
)


@settings(max_examples=120)
@given(st.lists(st.tuples(WAYS, RATES), min_size=1, max_size=3), st.tuples(RATES, RATES), OPENINGS)
def test_whoever_has_an_account_is_asked_for_by_every_gateway(
    gateways: list[tuple[list[tuple[str, float, float]], float]],
    rates: tuple[float, float],
    openings: list[tuple[float, int, bool]],
) -> None:
    run(_country(gateways, rates, openings))


async def _country(
    gateways: list[tuple[list[tuple[str, float, float]], float]],
    rates: tuple[float, float],
    openings: list[tuple[float, int, bool]],
) -> None:
    store = Store()
    memberships = [
        NodeMemberships(
            network := Network(store, ways),
            network,
            KEY,
            lambda: (("region", "Learner"),),
            clock=Clock(rate, 1e6).now,
            chance=lambda: 0.5,
        )
        for ways, rate in gateways
    ]
    following = [asyncio.create_task(each.follow()) for each in memberships]
    processes = [_process(store, Clock(rate)) for rate in rates]
    opening = [
        asyncio.create_task(_open(processes[other], store, person, at_s)) for at_s, person, other in openings
    ]
    for _ in range(200):  # twenty seconds, looked at ten times each
        await asyncio.sleep(0.1)
        for each in memberships:
            for learner_id in store.opened:
                assert each.may_hold("region", "Learner", learner_id, ["east"]) == ["east"]
    await asyncio.gather(*opening)
    assert len(store.opened) == len({person for _, person, _ in openings})
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)


def _process(store: Store, clock: Clock) -> Bank:
    """One process of the node, with a clock of its own."""
    return Bank(
        region="east",
        units=cast("Units", _Units(store)),
        clock=_NoClock(),
        time_zone=ZoneInfo("Asia/Shanghai"),
        vault=Vault(b"a" * 32, b"b" * 32, b"c" * 32),
        catalogue=cast("Any", None),
        changes=Changes(),
        announcer=Announcer(KEY, clock=clock.now, sleep=clock.sleep),
    )


class _Units:
    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Any, None]:
        await asyncio.sleep(0.01)
        yield _Transaction(self._store)

    write = read


class _Transaction:
    def __init__(self, store: Store) -> None:
        self.accounts = self.members = store


class _NoClock:
    def now(self) -> datetime:
        raise AssertionError("no wall clock has a part in this")


async def _open(bank: Bank, store: Store, person: int, at_s: float) -> None:
    await asyncio.sleep(at_s)
    await announce(bank, [str(person)])
    store.opened.add(bank.vault.learner_id(str(person)))
