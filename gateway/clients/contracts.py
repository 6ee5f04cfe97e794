"""Which version of the contract each shard runs: asked of the shards themselves, now and then, and soon after
one has refused what should be valid by what is known of it.

A shard that does not say keeps what was known of it; one never heard is taken to have everything,
since an error it then gives is told like any other (docs/SHARDING.md, section 7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from graphql import GraphQLError

from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.scatter import scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.sharding.skew import NOTHING, Lacks, lacks
from gateway.federation.transport import Reply, ShardRequest, Transport

QUESTION: Final = "{ _service { sdl } }"
ASK_TIMEOUT_MS: Final = 5_000
FAN_OUT_LIMIT: Final = 8  # it is never urgent
SDL_LIMIT_CHARACTERS: Final = 2_000_000
AGAIN_AFTER_S: Final = 1.0
"""However often shards refuse: a node that refuses everything is not asked more often than this."""
INVALID: Final = "GRAPHQL_VALIDATION_FAILED"


class Doubts:
    """Whether what is known of the shards' contracts may no longer hold."""

    def __init__(self) -> None:
        self._raised = asyncio.Event()

    def refused(self, reply: Reply) -> None:
        """A shard refused a request: does it not know what it was asked for?"""
        if any((error.get("extensions") or {}).get("code") == INVALID for error in reply.errors):
            self.begin()

    def begin(self) -> None:
        self._raised.set()

    async def wait(self, longest_s: float) -> None:
        """Until there are doubts, and that long at most."""
        await asyncio.sleep(min(AGAIN_AFTER_S, longest_s))
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s - AGAIN_AFTER_S):
                await self._raised.wait()
        self._raised.clear()


class NodeContracts:
    """What shards lack (`sharding.skew.Contracts`), as they last said."""

    def __init__(self, transport: Transport, shards: Shards, sharded: Mapping[str, ShardedSubgraph]) -> None:
        self._transport = transport
        self._shards = shards
        self._sharded = sharded
        self._lacks: dict[tuple[str, str], Lacks] = {}

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        return self._lacks.get((subgraph, shard), NOTHING)

    async def refresh(self) -> None:
        """Ask every shard of every sharded subgraph."""
        for subgraph, facts in self._sharded.items():
            await self._refresh(subgraph, facts)

    async def _refresh(self, subgraph: str, facts: ShardedSubgraph) -> None:
        deadline_s = asyncio.get_running_loop().time() + ASK_TIMEOUT_MS / 1000
        standings = self._shards.of(subgraph)
        asked = [shard for shard, standing in standings.items() if standing != "SUSPENDED"]
        requests = [ShardRequest(subgraph, shard, QUESTION, {}, deadline_s=deadline_s) for shard in asked]
        replies = await scatter(self._transport, requests, FAN_OUT_LIMIT)
        read: dict[str, Lacks] = {}
        for shard, reply in zip(asked, replies, strict=True):
            sdl = _sdl(reply) if isinstance(reply, Reply) else None
            if sdl is None:
                continue
            if sdl not in read:
                try:
                    read[sdl] = await asyncio.to_thread(lacks, facts, sdl)
                except GraphQLError:
                    continue
            self._lacks[subgraph, shard] = read[sdl]
        for key in [key for key in self._lacks if key[0] == subgraph and key[1] not in standings]:
            del self._lacks[key]


def _sdl(reply: Reply) -> str | None:
    service = (reply.data or {}).get("_service")
    sdl = service.get("sdl") if isinstance(service, Mapping) else None
    return sdl if isinstance(sdl, str) and len(sdl) <= SDL_LIMIT_CHARACTERS else None
