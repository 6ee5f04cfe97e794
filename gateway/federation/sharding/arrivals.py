"""Gathers a fetch's reply piece by piece, as its shards answer (docs/SHARDING.md, section 9).

  A. what one shard alone answers is there with that shard's answer: a root field that is routed to it, and
     its entities, where no entity of the fetch is asked of several;
  B. what several shards answer is gathered when the last of them has answered;
  C. but the rows of a streamed list come with the shard that has them (`early`).

Each piece is assembled as if nothing else had been asked, so that it says of itself what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.federation.sharding.assemble import INVALID, NOT_WHOLE, Answer, assemble, is_whole, located
from gateway.federation.sharding.coverage import Gathered, Path
from gateway.federation.sharding.early import (
    UNSETTLED,
    early,
    early_fields,
    has_streams,
    is_early,
    is_early_within,
)
from gateway.federation.sharding.programme import EntityPart, Programme
from gateway.federation.sharding.route import Asked, Representations, Routing
from gateway.federation.sharding.scatter import Outcome
from gateway.federation.transport import Reply, TransportFailure


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a fetch by now that was not before.

    `reply` is like that of the whole fetch, with the root fields and entities that are settled; `entities`
    says by its field's name which of those asked for they are. With `is_all` nothing more will come.

    `early` has the same shape, by root field or by entity's position; its lists are rows to be added to what
    came before, and `early_errors` have paths in it. The reply, when it comes, has these rows once more.
    """

    reply: Gathered
    entities: Mapping[str, Sequence[int]] = field(default_factory=dict)
    is_all: bool = False
    early: Mapping[str, Any] = field(default_factory=dict)
    early_errors: Sequence[Mapping[str, Any]] = ()


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
        self._told: set[int] = set()
        self._streaming = [
            index
            for index, part in enumerate(programme.parts)
            if index in routing.several
            and (
                any(map(has_streams, part.spanning.values()))
                if isinstance(part, EntityPart)
                else has_streams(part.gather)
            )
        ]

    def accept(self, answer: Answer) -> Arrival | None:
        """What a shard's answer settles; None when all of it must be gathered with that of others."""
        rank = next(rank for rank, asked in enumerate(self._asked) if asked is answer.asked)
        self._answers[rank] = Answer(answer.asked, self._judged(answer))
        early, errors = self._early(rank)
        pieces = [
            self._gathered(index, ranks)
            for index in self._parts[rank]
            if (ranks := self._settled(index, rank))
        ]
        if not (pieces or early):
            return None
        data: dict[str, Any] = {}
        for piece in pieces:
            data.update(piece.reply.data or {})
        reply = Gathered(
            data,
            sum((piece.reply.errors for piece in pieces), ()),
            missing=sum((piece.reply.missing for piece in pieces), ()),
        )
        entities = {key: each for piece in pieces for key, each in piece.entities.items()}
        return Arrival(reply, entities, early=early, early_errors=errors)

    # C

    def _early(self, rank: int) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
        """What the shard settles of what others answer too, and what it says is wrong in there."""
        outcome = self._answers[rank].outcome
        if isinstance(outcome, TransportFailure) or outcome.data is None:
            return {}, []
        found: dict[str, Any] = {}
        for index in self._answers[rank].asked.parts:
            part = self._programme.parts[index]
            if index not in self._streaming:
                continue
            if isinstance(part, EntityPart):
                found[part.key] = self._early_entities(index, part, rank, outcome.data[part.key])
            elif part.gather is not None:
                value = early(part.gather, outcome.data, self._variables)
                if value is not UNSETTLED:
                    found[part.key] = value
        shard = self._asked[rank].shard
        errors = [each for each in outcome.errors if found and self._is_early(each)]
        self._told.update(map(id, errors))
        return found, [located(each, self._place(rank, each), shard) for each in errors]

    def _early_entities(
        self, index: int, part: EntityPart, rank: int, answers: Sequence[Any]
    ) -> dict[int, dict[str, Any]]:
        found = {}
        positions = self._asked[rank].entities[index]
        for position, answer in zip(positions, answers, strict=True):
            merge = part.spanning.get(self._representations[index][position]["__typename"])
            if merge is not None and isinstance(answer, dict):
                found[position] = early_fields(merge, answer, self._variables)
        return found

    def _is_early(self, error: Mapping[str, Any]) -> bool:
        path = error.get("path")
        if not isinstance(path, list) or not path:
            return False
        for index in self._streaming:
            part = self._programme.parts[index]
            if part.key != path[0]:
                continue
            if isinstance(part, EntityPart):
                return any(is_early_within(one, path[2:], self._variables) for one in part.spanning.values())
            return is_early(part.gather, path, self._variables)
        return False

    def _place(self, rank: int, error: Mapping[str, Any]) -> Path:
        """Where the error is in what came early: an entity is there at its position among all."""
        path: list[str | int] = list(error["path"])
        for index, positions in self._asked[rank].entities.items():
            if self._programme.parts[index].key == path[0] and isinstance(path[1], int):
                path[1] = positions[path[1]]
        return path

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
            errors = [
                each
                for each in outcome.errors
                if id(each) not in self._told and self._is_about(each, index, rank, is_first)
            ]
            outcome = replace(outcome, errors=tuple(errors))
        return Answer(
            Asked(
                asked.shard,
                [index] if index in asked.parts else [],
                {index: asked.places[index]},
                {index: asked.entities[index]} if index in asked.entities else {},
                {index: asked.left_out[index]} if index in asked.left_out else {},
            ),
            outcome,
        )

    def _is_about(self, error: Mapping[str, Any], index: int, rank: int, is_first: bool) -> bool:
        path = error.get("path")
        key = path[0] if isinstance(path, list) and path else None
        keys = {self._programme.parts[each].key: each for each in self._parts[rank]}
        return keys[key] == index if key in keys else is_first
