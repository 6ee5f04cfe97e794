"""The way to shards' replicas: the same requests, to the other address that the register lists."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.clients.exchange import Exchange
from gateway.clients.http import Addresses, HttpTransport
from gateway.clients.settings import DEFAULTS, HttpSettings
from gateway.federation.transport import Reply, ShardRequest, Unparsed


class ReplicaTransport:
    """`hedge.Replicas` over HTTP. `addresses` has a URL for each shard that has a replica."""

    def __init__(
        self,
        addresses: Addresses,
        settings: HttpSettings = DEFAULTS.http,
        *,
        exchange: Exchange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._addresses = addresses
        self._http = HttpTransport(addresses, settings, exchange=exchange, clock=clock)

    def holds(self, subgraph: str, shard: str) -> bool:
        return self._addresses.url(subgraph, shard) is not None

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        return await self._http.send(request)

    async def aclose(self) -> None:
        await self._http.aclose()
