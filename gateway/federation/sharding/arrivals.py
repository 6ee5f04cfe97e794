"""Gathers a fetch's reply piece by piece, as its shards answer (docs/SHARDING.md, section 9).

  A. what one shard alone answers is there with that shard's answer: a root field that is routed to it, and
     its entities, where no entity of the fetch is asked of several;
  B. what several shards answer is gathered when the last of them has answered.

Each piece is assembled as if nothing else had been asked, so that it says of itself what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.federation.sharding.assemble import INVALID, NOT_WHOLE, Answer, assemble, is_whole
from gateway.federation.sharding.coverage import Gathered
from gateway.federation.sharding.programme import EntityPart, Programme
from gateway.federation.sharding.route import Asked, Representations, Routing
from gateway.federation.sharding.scatter import Outcome
from gateway.federation.transport import Reply, TransportFailure


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a fetch by now that was not before.

    `reply` is like that of the whole fetch, with the root fields and entities that are settled; `entities`
    says by its field's name which of those asked for they are. With `is_all` nothing more will come.
    """

    reply: Gathered
    entities: Mapping[str, Sequence[int]] = field(default_factory=dict)
    is_all: bool = False


class Arrivals:
    """The pieces of one fetch's reply."""

    def __init__(
        self,
        programme: Programme,
        routing: Routing,
        variables: Mapping[str, Any],
        representations: Sequence[Representations],
    ) -> None:
        self._programme = programme
        self._routing = replace(routing, errors=[], missing=[])
        self._variables = variables
        self._representations = representations
        self._asked = [asked for wave in routing.waves for asked in wave]
        self._parts = [tuple(asked.parts) for asked in self._asked]
        self._answers: dict[int, Answer] = {}
        self._spoken: set[int] = set()

    def accept(self, answer: Answer) -> Arrival | None:
        """What a shard's answer settles; None when all of it must be gathered with that of others."""
        rank = next(rank for rank, asked in enumerate(self._asked) if asked is answer.asked)
        self._answers[rank] = Answer(answer.asked, self._judged(answer))
        pieces = [
            self._gathered(index, ranks)
            for index in self._parts[rank]
            if (ranks := self._settled(index, rank))
        ]
        if not pieces:
            return None
        data: dict[str, Any] = {}
        for piece in pieces:
            data.update(piece.reply.data or {})
        reply = Gathered(
            data,
            sum((piece.reply.errors for piece in pieces), ()),
            missing=sum((piece.reply.missing for piece in pieces), ()),
        )
        return Arrival(reply, {key: each for piece in pieces for key, each in piece.entities.items()})

    def _judged(self, answer: Answer) -> Outcome:
        """The outcome; an answer that is not what was asked for counts for none of its parts."""
        outcome = answer.outcome
        if isinstance(outcome, TransportFailure) or (outcome.data is None and outcome.errors):
            return outcome
        if not is_whole(self._programme, answer.asked, outcome.data):
            return TransportFailure(INVALID, NOT_WHOLE)
        return outcome

    def _settled(self, index: int, rank: int) -> list[int]:
        """Whose answers settle something of the part, now that this shard has answered."""
        ranks = [each for each, parts in enumerate(self._parts) if index in parts]
        if index not in self._routing.several:
            return [rank]
        return ranks if all(each in self._answers for each in ranks) else []

    def _gathered(self, index: int, ranks: Sequence[int]) -> Arrival:
        answers = [self._about(index, rank) for rank in ranks]
        reply = assemble(
            self._programme, self._routing, answers, self._variables, self._representations, only=index
        )
        part = self._programme.parts[index]
        entities = {}
        if isinstance(part, EntityPart):
            entities[part.key] = sorted(
                {position for rank in ranks for position in self._asked[rank].entities.get(index, ())}
            )
        return Arrival(reply, entities)

    def _about(self, index: int, rank: int) -> Answer:
        """What a shard was asked and said of this part. What it said of none is told with its first."""
        answer = self._answers[rank]
        asked, outcome = answer.asked, answer.outcome
        is_first = rank not in self._spoken
        self._spoken.add(rank)
        if isinstance(outcome, Reply) and outcome.data is not None:
            errors = [each for each in outcome.errors if self._is_about(each, index, rank, is_first)]
            outcome = replace(outcome, errors=tuple(errors))
        return Answer(
            Asked(
                asked.shard,
                [index] if index in asked.parts else [],
                {index: asked.places[index]},
                {index: asked.entities[index]} if index in asked.entities else {},
                asked.left_out if is_first else (),
            ),
            outcome,
        )

    def _is_about(self, error: Mapping[str, Any], index: int, rank: int, is_first: bool) -> bool:
        path = error.get("path")
        key = path[0] if isinstance(path, list) and path else None
        keys = {self._programme.parts[each].key: each for each in self._parts[rank]}
        return keys[key] == index if key in keys else is_first
