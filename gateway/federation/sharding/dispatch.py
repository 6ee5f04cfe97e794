"""Sends a plan's fetch to whoever holds its subgraph, and returns one reply whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from gateway.federation.sharding.coverage import DispatchContext, Gathered
from gateway.federation.transport import ShardRequest, Transport, TransportFailure


class Fetch(Protocol):
    """The part of a plan's fetch that a subgraph without shards needs."""

    @property
    def subgraph(self) -> str: ...

    @property
    def kind(self) -> Literal["query", "mutation", "subscription"]: ...

    @property
    def operation(self) -> str: ...


class Dispatcher:
    """Answers fetches. One for the life of an engine; holds no state of any request."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def fetch(
        self,
        fetch: Fetch,
        variables: Mapping[str, Any],
        representations: Sequence[Mapping[str, Any]] | None,
        context: DispatchContext,
    ) -> Gathered:
        """Send `fetch` with the client's `variables`, and `representations` if it asks for entities.

        `data` of an entity fetch is {"_entities": [...]}, one value for each representation, in their order.
        Never raises for a shard's failure: that is an error in the reply.
        """
        return await self._whole(fetch, variables, representations, context)

    async def _whole(
        self,
        fetch: Fetch,
        variables: Mapping[str, Any],
        representations: Sequence[Mapping[str, Any]] | None,
        context: DispatchContext,
    ) -> Gathered:
        sent = (
            dict(variables) if representations is None else {**variables, "representations": representations}
        )
        request = ShardRequest(
            fetch.subgraph,
            "",
            fetch.operation,
            sent,
            fetch.kind,
            headers=context.headers,
            deadline_s=context.deadline_s,
        )
        try:
            reply = await self._transport.send(request)
        except TransportFailure as failure:
            extensions = {"code": failure.code, "subgraph": fetch.subgraph}
            return Gathered(None, ({"message": failure.message, "extensions": extensions},))
        return Gathered(reply.data, reply.errors, reply.extensions)
