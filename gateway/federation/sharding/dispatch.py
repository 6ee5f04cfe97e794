"""Sends a plan's fetch to whoever holds its subgraph, and returns one reply whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.assemble import Answer, assemble
from gateway.federation.sharding.compile import compile_fetch
from gateway.federation.sharding.coverage import DispatchContext, Gathered
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.hops import follow
from gateway.federation.sharding.programme import Programme
from gateway.federation.sharding.route import Asked, Representations, Routing, route
from gateway.federation.sharding.scatter import scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.transport import ShardRequest, Transport, TransportFailure


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """`fan_out`: requests open at once for one fetch; enough for every province, few enough that one client
    cannot use up the connections of all. `programmes`: compiled fetches kept, oldest dropped first."""

    fan_out: int = 64
    programmes: int = 4096


DEFAULT_LIMITS = DispatchLimits()


class Dispatcher:
    """Answers fetches. One for the life of an engine; keeps programmes, and nothing of any request."""

    def __init__(
        self,
        transport: Transport,
        sharded: Mapping[str, ShardedSubgraph] | None = None,
        shards: Shards | None = None,
        limits: DispatchLimits = DEFAULT_LIMITS,
    ) -> None:
        """`sharded` is what `read_facts` made of the supergraph; `shards` is needed when it is not empty."""
        self._transport = transport
        self._sharded = sharded or {}
        self._shards = shards
        self._limits = limits
        self._programmes: dict[int, tuple[Fetch | Batch, Programme]] = {}

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
        facts = self._sharded.get(step.subgraph)
        if facts is None or self._shards is None:
            return await self._whole(step, variables, representations, context)
        programme = self._programme(step, facts)
        routing = route(programme, variables, representations, self._shards.of(step.subgraph))
        for missing in routing.missing:
            context.coverage.ask(missing.shard)
        answers: list[Answer] = []
        for wave in routing.waves:
            requests = [
                self._request(step, programme, routing, asked, variables, representations, context)
                for asked in wave
            ]
            outcomes = await scatter(self._transport, requests, self._limits.fan_out)
            answers.extend(map(Answer, wave, outcomes))
        gathered = assemble(programme, routing, answers, variables, representations)
        if programme.hops and gathered.data is not None:
            fetches = [follow(hop, gathered.data, variables, context, self.fetch) for hop in programme.hops]
            for found in await asyncio.gather(*fetches):
                gathered = Gathered(
                    gathered.data,
                    gathered.errors + found.errors,
                    missing=gathered.missing + found.missing,
                )
        return gathered

    def _programme(self, step: Fetch | Batch, facts: ShardedSubgraph) -> Programme:
        """Steps live as long as their plan; keeping the step keeps its id from being another's."""
        found = self._programmes.get(id(step))
        if found is None:
            if len(self._programmes) >= self._limits.programmes:
                del self._programmes[next(iter(self._programmes))]
            found = self._programmes[id(step)] = (step, compile_fetch(step, facts))
        return found[1]

    def _request(
        self,
        step: Fetch | Batch,
        programme: Programme,
        routing: Routing,
        asked: Asked,
        variables: Mapping[str, Any],
        representations: Sequence[Representations],
        context: DispatchContext,
    ) -> ShardRequest:
        context.coverage.ask(asked.shard)
        text = programme.text([(index, index in routing.several) for index in asked.parts])
        sent: dict[str, Any] = {name: variables[name] for name in text.variables if name in variables}
        for index, positions in asked.entities.items():
            every = representations[index]
            chosen = every if len(positions) == len(every) else [every[position] for position in positions]
            sent[programme.variables[index]] = chosen
        return ShardRequest(
            step.subgraph,
            asked.shard,
            text.body,
            sent,
            step.kind,
            headers=context.headers,
            deadline_s=context.deadline_s,
        )

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
        (outcome,) = await scatter(self._transport, [request], 1)
        if isinstance(outcome, TransportFailure):
            extensions = {"code": outcome.code, "subgraph": step.subgraph}
            return Gathered(None, ({"message": outcome.message, "extensions": extensions},))
        if isinstance(outcome, Gathered):  # it asked shards of its own, and says what is missing
            return outcome
        return Gathered(outcome.data, outcome.errors, outcome.extensions)


def _variables(
    step: Fetch | Batch, variables: Mapping[str, Any], representations: Sequence[Representations]
) -> dict[str, Any]:
    sent = {name: variables[name] for name in step.variables if name in variables}
    if isinstance(step, Batch):
        sent.update((f"representations_{index}", each) for index, each in enumerate(representations))
    elif representations:
        sent["representations"] = representations[0]
    return sent
