"""What a scatter costs: by the number of regions that are asked, and, with filters, of those that know him.

In this process, beside the bare client of `benchmarks.transcript`, by turns. The regions answer from memory.
"""

from __future__ import annotations

import asyncio
import random
import resource
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import orjson

from benchmarks.bare_client import TRANSCRIPT
from benchmarks.processes import running
from benchmarks.resilience.stage import Measured
from benchmarks.rounds import Contender, Load, ratios, take_turns
from benchmarks.transcript import Listed, in_process, regions_engine
from gateway.clients.memberships import Kind, NodeMemberships
from gateway.federation.engine import Engine, Request, RequestContext, Response
from gateway.federation.transport import Reply, ShardRequest
from schema.membership import KEY_BYTES, TAG_BYTES, Joined, MembershipKey, Question

ROWS: Final = 10
COUNTS: Final = (1, 8, 31, 100, 300, 1_000)
QUICK_COUNTS: Final = (1, 8)
SHARD_REQUESTS_A_SECOND: Final = 1_200
CONCURRENT: Final = 8
CONCURRENT_REQUESTS_LIMIT: Final = 2_400
"""To all regions together: every one of them may need a connection of its own, at both ends."""

LEARNERS: Final = 8
MEMBERS: Final = 1_000
"""Members that each region tells of."""
HOLDERS: Final = (1, 3, 10, 30, 100)
KNOWN: Final = (31, 300, 1_000)
QUICK_KNOWN: Final = (8, 31)
KIND: Final[Kind] = ("region", "Learner")
POLL_S: Final = 0.02
FILTERS_LIMIT_S: Final = 60.0


def allow_many_sockets() -> None:
    """As many as the system lets a process have; children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _urls(ports: Mapping[str, int]) -> dict[str, str]:
    return {region: f"http://127.0.0.1:{port}/graphql" for region, port in ports.items()}


async def cost(rounds: int, seconds: float) -> AsyncGenerator[Measured, None]:
    """CPU of a scatter over more and more regions, beside a bare client's."""
    allow_many_sockets()
    for count in COUNTS if rounds > 1 else QUICK_COUNTS:
        with running("benchmarks.stub_shards", count, ROWS) as shards:
            async with in_process(_urls(shards.told)) as contenders:
                measured = await take_turns(contenders, _load(rounds, seconds, count))
        ratio = ratios(measured, "engine", "bare client")
        regions = "region" if count == 1 else "regions"
        yield Measured(f"scatter over {count:,} {regions}", "CPU, ratio to a bare client", ratio, 1.3)


def _load(rounds: int, seconds: float, requests_each: int) -> Load:
    concurrent = max(1, min(CONCURRENT, CONCURRENT_REQUESTS_LIMIT // requests_each))
    return Load(rounds, max(8, round(SHARD_REQUESTS_A_SECOND * seconds) // requests_each), concurrent)


async def filters(rounds: int, seconds: float) -> AsyncGenerator[Measured, None]:
    """With filters: a look-up, by how many regions know the learner, and how many there are."""
    allow_many_sockets()
    counts = KNOWN if rounds > 1 else QUICK_KNOWN
    async with AsyncExitStack() as stack:
        countries = {count: await stack.enter_async_context(_country(count)) for count in counts}
        for holders in HOLDERS:
            sizes = [count for count in counts if count >= holders]
            if len(sizes) < 2:
                continue
            for count in sizes:
                await countries[count].learn(holders)
            contenders = [countries[count].looking_up(holders) for count in sizes]
            measured = await take_turns(contenders, _load(rounds, seconds, holders))
            asked = await countries[sizes[-1]].requests(holders)
            name = f"filters on: {holders} of {sizes[-1]:,} regions know the learner"
            yield Measured(name, "requests of a look-up", asked, round(holders * 1.1 + 0.7, 1))
            ratio = ratios(measured, _name(sizes[-1]), _name(sizes[0]))
            yield Measured(name, f"CPU, ratio to {holders} of {sizes[0]}", ratio, 1.3)


def _name(count: int) -> str:
    return f"of {count}"


def _learners(holders: int) -> list[str]:
    return [f"L-{holders}-{number}" for number in range(LEARNERS)]


@dataclass(frozen=True, slots=True)
class Country:
    """So many regions, and an engine that knows by their filters who is where."""

    count: int
    engine: Engine

    def looking_up(self, holders: int) -> Contender:
        """Each of the learners that so many regions know, in turn."""
        learners = cycle(_learners(holders))

        async def ask() -> bytes:
            return (await self._looked_up(next(learners)))[0]

        return Contender(_name(self.count), ask)

    async def learn(self, holders: int) -> None:
        """Have the regions work out what they answer; it may take longer than regions are waited for."""
        for learner in _learners(holders):
            while (await self._response(learner))[0].errors:
                pass

    async def requests(self, holders: int) -> float:
        """Sent for a look-up: the mean over the learners, shards asked in vain included."""
        asked = [(await self._looked_up(learner))[1] for learner in _learners(holders)]
        return sum(asked) / len(asked)

    async def _looked_up(self, learner: str) -> tuple[bytes, int]:
        response, asked = await self._response(learner)
        assert not response.errors, response.errors[:1]
        return orjson.dumps(response.formatted()), asked

    async def _response(self, learner: str) -> tuple[Response, int]:
        context = RequestContext(deadline_s=asyncio.get_running_loop().time() + FILTERS_LIMIT_S)
        response = await self.engine.run(Request(TRANSCRIPT, {"learner": learner}), context)
        return response, len(context.coverage.asked)


@asynccontextmanager
async def _country(count: int) -> AsyncIterator[Country]:
    with running("benchmarks.stub_shards", count, ROWS) as shards:
        urls = _urls(shards.told)
        async with regions_engine(urls, memberships=await _told(list(urls))) as engine:
            yield Country(count, engine)


async def _told(regions: Sequence[str]) -> NodeMemberships:
    """Filters as regions fill them. The clock stands, so that no lease ends: keeping them is not measured."""
    key = MembershipKey(secrets.token_bytes(KEY_BYTES))
    chance = random.Random(1)  # noqa: S311 - repeatable, no secret
    tags: dict[str, list[bytes]] = {region: [] for region in regions}
    for holders in HOLDERS:
        for learner in _learners(holders):
            for region in chance.sample(regions, min(holders, len(regions))):
                tags[region].append(key.tag(KIND[1], learner))
    listed = Listed(dict.fromkeys(regions, ""))
    memberships = NodeMemberships(_Telling(key, tags), listed, key, lambda: [KIND], clock=lambda: 0.0)
    following = asyncio.create_task(memberships.follow())
    async with asyncio.timeout(FILTERS_LIMIT_S):
        while len(memberships.members()) < len(regions):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(POLL_S)
    following.cancel()
    return memberships


@dataclass(frozen=True, slots=True)
class _Telling:
    """Regions that tell who is in them: those of `tags`, and others nobody asks for."""

    key: MembershipKey
    tags: Mapping[str, Sequence[bytes]]

    async def send(self, request: ShardRequest) -> Reply:
        asked = request.variables
        question = Question(request.shard, asked["type"], asked["after"], asked["challenge"])
        known = self.tags[request.shard]
        others = secrets.token_bytes(TAG_BYTES * (MEMBERS - len(known)))
        joined = Joined("all", MEMBERS, b"".join(known) + others, restarts=True)
        return Reply({"_service": {"membership": self.key.seal(joined, question)}})
