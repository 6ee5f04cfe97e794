"""Sends a plan's fetch to whoever holds its subgraph, and returns one reply whatever their number."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.arrivals import Arrival, Arrivals
from gateway.federation.sharding.assemble import Answer, assemble
from gateway.federation.sharding.compile import compile_fetch
from gateway.federation.sharding.coverage import DispatchContext, Gathered
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.hops import follow
from gateway.federation.sharding.members import Memberships, Unknown
from gateway.federation.sharding.origin import Origin
from gateway.federation.sharding.programme import Hop, Programme, Question
from gateway.federation.sharding.route import Asked, Representations, Routing, route
from gateway.federation.sharding.scatter import Arrived, Outcome, scatter
from gateway.federation.sharding.shards import Shards
from gateway.federation.sharding.skew import NOTHING, Contracts, Lacks
from gateway.federation.transport import Reply, ShardRequest, Transport, TransportFailure


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """The bounds of one fetch.

    fan_out: requests open at once; enough for every province, few enough that one client cannot use up
        the connections of all.
    programmes: compiled fetches kept, oldest dropped first; a plan has few.
    reserve_ms, reserve_share: how long before the client's deadline, and at most which part of the time
        left, waiting for shards ends, so that those that did answer are still gathered and told.
    """

    fan_out: int = 64
    programmes: int = 4096
    reserve_ms: int = 100
    reserve_share: float = 0.1


DEFAULT_LIMITS = DispatchLimits()


class Dispatcher:
    """Answers fetches. One for the life of an engine; keeps programmes, and nothing of any request."""

    def __init__(
        self,
        transport: Transport,
        sharded: Mapping[str, ShardedSubgraph] | None = None,
        shards: Shards | None = None,
        limits: DispatchLimits = DEFAULT_LIMITS,
        contracts: Contracts | None = None,
        memberships: Memberships | None = None,
    ) -> None:
        """`sharded` is what `read_facts` made of the supergraph; `shards` is needed when it is not empty.

        `contracts` says what single shards lack of it; without, all are taken to have everything.
        `memberships` says which shards cannot hold an entity; without, all are asked for each.
        """
        self._transport = transport
        self._sharded = sharded or {}
        self._shards = shards
        self._limits = limits
        self._contracts = contracts or _Alike()
        self._memberships = memberships or Unknown()
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
        call = _Call(step, variables, representations, context, self._deadline_s(context))
        facts = self._sharded.get(step.subgraph)
        if facts is None or self._shards is None:
            return await self._whole(call)
        programme = self._programme(step, facts)
        shards = self._shards.of(step.subgraph)
        routing = route(programme, variables, representations, shards, self._memberships)
        for missing in routing.missing:
            context.coverage.ask(missing.shard)
        answers: list[Answer] = []
        for wave in routing.waves:
            try:
                answers += await self._ask(call, programme, routing, wave)
            except asyncio.CancelledError:  # time was up: what they said, if anything, is not in the answer
                context.coverage.open.update(asked.shard for asked in wave)
                raise
        gathered = assemble(programme, routing, answers, variables, representations)
        if programme.hops and gathered.data is not None:
            gathered = await self._followed(gathered, programme.hops, variables, context)
        return gathered

    async def fetch_piecewise(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: Sequence[Representations],
        context: DispatchContext,
        arrived: Callable[[Arrival], None],
    ) -> None:
        """As `fetch`, but `arrived` is told of each piece of the reply as soon as there is one.

        A fetch that must follow its rows to other shards is one piece.
        """
        facts = self._sharded.get(step.subgraph)
        programme = self._programme(step, facts) if facts is not None and self._shards is not None else None
        if programme is None or self._shards is None or programme.hops:
            gathered = await self.fetch(step, variables, representations, context)
            arrived(Arrival(gathered, is_all=True))
            return
        call = _Call(step, variables, representations, context, self._deadline_s(context))
        shards = self._shards.of(step.subgraph)
        routing = route(programme, variables, representations, shards, self._memberships)
        for missing in routing.missing:
            context.coverage.ask(missing.shard)
        arrived(Arrival(Gathered(None, tuple(routing.errors), missing=tuple(routing.missing))))
        arrivals = Arrivals(programme, routing, variables, representations)

        def accept(answer: Answer) -> None:
            context.coverage.open[answer.asked.shard] -= 1
            arrival = arrivals.accept(answer)
            if arrival is not None:
                arrived(arrival)

        for wave in routing.waves:
            context.coverage.open.update(asked.shard for asked in wave)
            await self._ask(call, programme, routing, wave, accept)

    def origin(
        self, step: Fetch | Batch, variables: Mapping[str, Any], context: DispatchContext
    ) -> Origin | Gathered:
        """Where the events of a subscription come from; why from nowhere, as the errors of a reply.

        Of a sharded subgraph one shard sends them: the one that the field's argument names.
        """
        call = _Call(step, variables, (), context, context.deadline_s)
        facts = self._sharded.get(step.subgraph)
        if facts is None or self._shards is None:
            return Origin(call.request_whole(), _as_it_is)
        programme = self._programme(step, facts)
        routing = route(programme, variables, (), self._shards.of(step.subgraph), self._memberships)
        named = [asked for wave in routing.waves for asked in wave]
        if not named:
            return assemble(programme, routing, [], variables, ())
        (asked,) = named  # `check_facts` lets no list name several
        lacks = self._contracts.lacks(step.subgraph, asked.shard)
        question, values = _worded(call, programme, routing, asked, lacks)
        _leave_out(asked, question)
        if not question.parts:
            return assemble(programme, routing, [Answer(asked, Reply({}))], variables, ())

        async def read(event: Reply, context: DispatchContext) -> Gathered:
            context.coverage.ask(asked.shard)
            gathered = assemble(programme, routing, [Answer(asked, event)], variables, ())
            if programme.hops and gathered.data is not None:
                return await self._followed(gathered, programme.hops, variables, context)
            return gathered

        return Origin(call.request_to(asked, question, values, programme), read)

    async def _ask(
        self,
        call: _Call,
        programme: Programme,
        routing: Routing,
        wave: Sequence[Asked],
        accept: Callable[[Answer], None] | None = None,
    ) -> Iterator[Answer]:
        """Send one wave. A shard whose contract has none of what it would be asked is not asked.

        `accept` is given each answer as it comes.
        """
        requests: list[ShardRequest] = []
        sent: list[Asked] = []
        outcomes: dict[str, Outcome] = {}
        same: tuple[list[int], Lacks, Question, Mapping[str, Any]] | None = None
        for asked in wave:
            lacks = self._contracts.lacks(call.step.subgraph, asked.shard)
            if same is None or same[1] is not lacks or same[0] != asked.parts:
                same = (asked.parts, lacks, *_worded(call, programme, routing, asked, lacks))
            _, _, question, values = same
            _leave_out(asked, question)
            if question.parts:
                requests.append(call.request_to(asked, question, values, programme))
                sent.append(asked)
            else:
                call.context.coverage.ask(asked.shard)
                outcomes[asked.shard] = Reply({})
                if accept is not None:
                    accept(Answer(asked, outcomes[asked.shard]))
        arrived: Arrived | None = None
        if accept is not None:
            tell = accept

            def arrived(index: int, outcome: Outcome) -> None:
                tell(Answer(sent[index], outcome))

        replies = await scatter(self._transport, requests, self._limits.fan_out, arrived)
        outcomes.update((request.shard, reply) for request, reply in zip(requests, replies, strict=True))
        return (Answer(asked, outcomes[asked.shard]) for asked in wave)

    async def _followed(
        self,
        gathered: Gathered,
        hops: Sequence[Hop],
        variables: Mapping[str, Any],
        context: DispatchContext,
    ) -> Gathered:
        """The reply with what its rows could not say themselves."""
        fetches = [follow(hop, gathered.data or {}, variables, context, self.fetch) for hop in hops]
        found = await asyncio.gather(*fetches)
        errors = sum((each.errors for each in found), gathered.errors)
        missing = sum((each.missing for each in found), gathered.missing)
        return Gathered(gathered.data, errors, missing=missing)

    def _programme(self, step: Fetch | Batch, facts: ShardedSubgraph) -> Programme:
        """Steps live as long as their plan; keeping the step keeps its id from being another's."""
        found = self._programmes.get(id(step))
        if found is None:
            if len(self._programmes) >= self._limits.programmes:
                del self._programmes[next(iter(self._programmes))]
            found = self._programmes[id(step)] = (step, compile_fetch(step, facts))
        return found[1]

    def _deadline_s(self, context: DispatchContext) -> float:
        if math.isinf(context.deadline_s):
            return context.deadline_s
        left_s = max(context.deadline_s - asyncio.get_running_loop().time(), 0.0)
        return context.deadline_s - min(self._limits.reserve_ms / 1000, left_s * self._limits.reserve_share)

    async def _whole(self, call: _Call) -> Gathered:
        """The reply of a subgraph that is not sharded."""
        (outcome,) = await scatter(self._transport, [call.request_whole()], 1)
        if isinstance(outcome, TransportFailure):
            extensions = {"code": outcome.code, "subgraph": call.step.subgraph}
            return Gathered(None, ({"message": outcome.message, "extensions": extensions},))
        if isinstance(outcome, Gathered):  # it asked shards of its own, and says what is missing
            return outcome
        return Gathered(outcome.data, outcome.errors, outcome.extensions)


def _worded(
    call: _Call, programme: Programme, routing: Routing, asked: Asked, lacks: Lacks
) -> tuple[Question, Mapping[str, Any]]:
    """What shards that lack so much are asked, and the values of the variables."""
    parts = tuple((index, index in routing.several) for index in asked.parts)
    fitted = programme.fit(lacks, call.variables)
    return programme.question(parts, lacks, fitted.held), fitted.values


def _leave_out(asked: Asked, question: Question) -> None:
    """Note what the question lacks of what was to be asked."""
    if len(question.parts) != len(asked.parts):
        asked.parts = list(question.parts)
    asked.left_out = question.left_out


async def _as_it_is(event: Reply, context: DispatchContext) -> Gathered:
    return Gathered(event.data, event.errors, event.extensions)


class _Alike:
    """Every shard has the same contract."""

    def lacks(self, subgraph: str, shard: str) -> Lacks:
        return NOTHING


@dataclass(slots=True)
class _Call:
    """One call of `fetch`, from which requests are made.

    `same` is what was sent last, and for what: shards that are asked alike are sent the very same mapping,
    which is then encoded once (`gateway.clients.body`).
    """

    step: Fetch | Batch
    variables: Mapping[str, Any]
    representations: Sequence[Representations]
    context: DispatchContext
    deadline_s: float
    same: tuple[Question, Mapping[int, list[int]], dict[str, Any]] | None = None

    def request_to(
        self, asked: Asked, question: Question, values: Mapping[str, Any], programme: Programme
    ) -> ShardRequest:
        self.context.coverage.ask(asked.shard)
        if self.same is None or self.same[0] is not question or self.same[1] != asked.entities:
            self.same = (question, asked.entities, self._sent(asked, question, values, programme))
        return self._request(asked.shard, question.text, self.same[2])

    def _sent(
        self, asked: Asked, question: Question, values: Mapping[str, Any], programme: Programme
    ) -> dict[str, Any]:
        sent = _named(values, question.variables)
        for index in question.parts:
            positions = asked.entities.get(index)
            if positions is None:
                continue
            every = self.representations[index]
            chosen = every if len(positions) == len(every) else [every[position] for position in positions]
            sent[programme.variables[index]] = chosen
        return sent

    def request_whole(self) -> ShardRequest:
        sent = _named(self.variables, self.step.variables)
        if isinstance(self.step, Batch):
            sent.update((f"representations_{index}", each) for index, each in enumerate(self.representations))
        elif self.representations:
            sent["representations"] = self.representations[0]
        return self._request("", self.step.operation, sent)

    def _request(self, shard: str, query: str, variables: Mapping[str, Any]) -> ShardRequest:
        step, context = self.step, self.context
        return ShardRequest(
            step.subgraph, shard, query, variables, step.kind, None, context.headers, self.deadline_s
        )


def _named(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
