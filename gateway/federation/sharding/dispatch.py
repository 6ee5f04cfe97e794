"""Sends a plan's fetch to whoever holds its subgraph, and returns one reply whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.coverage import DispatchContext, Gathered
from gateway.federation.transport import ShardRequest, Transport, TransportFailure

Representations = Sequence[Mapping[str, Any]]


class Dispatcher:
    """Answers fetches. One for the life of an engine; holds no state of any request."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def fetch(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: Sequence[Representations],
        context: DispatchContext,
    ) -> Gathered:
        """Send `step` with the client's `variables` that it names.

        `representations` has one list for each entity fetch: none for a root fetch, one for a `Fetch`
        of entities, as many as `fetches` for a `Batch`. `data` of the reply is then
        {"_entities": [...]}, or {"_entities_0": [...], ...}: one value (or null) for each
        representation, in their order; `data` is None when nothing came at all. Never raises for a
        shard's failure: that is an error in the reply.
        """
        return await self._whole(step, variables, representations, context)

    async def _whole(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: Sequence[Representations],
        context: DispatchContext,
    ) -> Gathered:
        request = ShardRequest(
            step.subgraph,
            "",
            step.operation,
            _variables(step, variables, representations),
            step.kind,
            headers=context.headers,
            deadline_s=context.deadline_s,
        )
        try:
            reply = await self._transport.send(request)
        except TransportFailure as failure:
            extensions = {"code": failure.code, "subgraph": step.subgraph}
            return Gathered(None, ({"message": failure.message, "extensions": extensions},))
        return Gathered(reply.data, reply.errors, reply.extensions)


def _variables(
    step: Fetch | Batch, variables: Mapping[str, Any], representations: Sequence[Representations]
) -> dict[str, Any]:
    sent = {name: variables[name] for name in step.variables if name in variables}
    if isinstance(step, Batch):
        sent.update((f"representations_{index}", each) for index, each in enumerate(representations))
    elif representations:
        sent["representations"] = representations[0]
    return sent
