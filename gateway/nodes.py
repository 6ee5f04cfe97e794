"""How recognition and transfers ask regional nodes: by the engine's own way out, with its deadline and
breakers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from gateway.federation.sharding.scatter import scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.transport import ShardRequest, Transport, TransportFailure
from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.schema import REGION_SUBGRAPH

PROBE: Final = "{ __typename }"


class RegionalNodes:
    """The regions as recognition and transfers ask them (`gateway.national.recognition.RegionsPort`,
    `gateway.national.transfers.BanksPort`)."""

    def __init__(self, transport: Transport, shards: Shards) -> None:
        self._transport = transport
        self._shards = shards

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        return await self._send(region, query, variables, asking, "query")

    async def change(
        self, region: str, mutation: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        return await self._send(region, mutation, variables, asking, "mutation")

    async def _send(
        self,
        region: str,
        text: str,
        variables: Mapping[str, Any],
        asking: Asking,
        kind: Literal["query", "mutation"],
    ) -> Mapping[str, Any]:
        asking.coverage.ask(region)
        standing = self._shards.of(REGION_SUBGRAPH).get(region, "SUSPENDED")
        if standing == "SUSPENDED" or (standing == "DRAINING" and kind == "mutation"):
            told = f"Region {region} is {standing.lower()} and is not asked."
            raise SilentRegionError(region, f"SHARD_{standing}", told)
        request = ShardRequest(
            REGION_SUBGRAPH,
            region,
            text,
            variables,
            kind,
            headers=asking.headers,
            deadline_s=asking.deadline_s,
        )
        (outcome,) = await scatter(self._transport, [request], 1)
        if isinstance(outcome, TransportFailure):
            raise SilentRegionError(region, outcome.code, outcome.message)
        if outcome.data is None:
            message = f"Region {region} refused the question."
            raise SilentRegionError(region, "SHARD_REJECTED", message, outcome.errors)
        return outcome.data


async def probe(transport: Transport, shards: Shards, timeout_ms: int) -> dict[str, str | None]:
    """Ask every region that may be asked whether it answers; why not, by region, None where it does."""
    standings = shards.of(REGION_SUBGRAPH)
    asked = [(REGION_SUBGRAPH, region) for region, standing in standings.items() if standing != "SUSPENDED"]
    found: dict[str, str | None] = dict.fromkeys(standings, "suspended in the register")
    reasons = await silent(transport, asked, timeout_ms)
    return found | {region: reason for (_, region), reason in zip(asked, reasons, strict=True)}


async def silent(transport: Transport, asked: Sequence[tuple[str, str]], timeout_ms: int) -> list[str | None]:
    """Ask each (subgraph, shard) whether it answers: why not, None where it does, in their order."""
    deadline_s = asyncio.get_running_loop().time() + timeout_ms / 1000
    requests = [ShardRequest(*each, PROBE, {}, deadline_s=deadline_s) for each in asked]
    outcomes = await scatter(transport, requests, len(requests) or 1)
    return [
        f"{outcome.code}: {outcome.message}" if isinstance(outcome, TransportFailure) else None
        for outcome in outcomes
    ]
