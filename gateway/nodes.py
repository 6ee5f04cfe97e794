"""How recognition asks regional nodes: by the engine's own way out, with its deadline and breakers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.federation.sharding.scatter import scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.transport import ShardRequest, Transport, TransportFailure
from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.schema import REGION_SUBGRAPH


class RegionalNodes:
    """The regions as recognition asks them (`gateway.national.recognition.RegionsPort`)."""

    def __init__(self, transport: Transport, shards: Shards) -> None:
        self._transport = transport
        self._shards = shards

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        asking.coverage.ask(region)
        if self._shards.of(REGION_SUBGRAPH).get(region, "SUSPENDED") == "SUSPENDED":
            raise SilentRegionError(
                region, "SHARD_SUSPENDED", f"Region {region} is suspended and is not asked."
            )
        request = ShardRequest(
            REGION_SUBGRAPH,
            region,
            query,
            variables,
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
