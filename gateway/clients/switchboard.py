"""Which subgraph is reached through which transport."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from gateway.clients.failures import rejected
from gateway.federation.engine import EventSource
from gateway.federation.transport import Reply, ShardRequest, Transport, Unparsed


class Switchboard:
    """A `Transport` that hands each request to its subgraph's; one without a line is `SHARD_REJECTED`."""

    def __init__(self, lines: Mapping[str, Transport]) -> None:
        self._lines = dict(lines)

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        line = self._lines.get(request.subgraph)
        if line is None:
            raise rejected(f"The subgraph {request.subgraph!r} has no address.")
        return await line.send(request)


class EventSwitchboard:
    """An `EventSource` that has each stream opened by its subgraph's, or else by the `others`."""

    def __init__(self, lines: Mapping[str, EventSource], others: EventSource) -> None:
        self._lines = dict(lines)
        self._others = others

    def events(self, request: ShardRequest) -> AsyncGenerator[Reply, None]:
        return self._lines.get(request.subgraph, self._others).events(request)
