"""Makes one reply of what the shards said and did not say (docs/SHARDING.md, sections 4 and 6).

A. set aside the shards that failed, and those whose reply is not what was asked for;
B. gather each part from the shards that answered it;
C. move the errors that shards reported to where their place now is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.federation.sharding.coverage import Gathered, Missing, Path
from gateway.federation.sharding.gathers import Merge, Parent, Run
from gateway.federation.sharding.programme import EntityPart, Programme, RootPart
from gateway.federation.sharding.route import Asked, Representations, Routing
from gateway.federation.sharding.scatter import Outcome
from gateway.federation.sharding.skew import UNSUPPORTED
from gateway.federation.transport import Reply, TransportFailure

INVALID: Final = "SHARD_INVALID_REPLY"
NOT_WHOLE = "Its reply is not what was asked for."
ENTITIES = frozenset((dict, type(None)))
"""The types of what stands in a list of entities."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one shard was asked, and what came of it."""

    asked: Asked
    outcome: Outcome


def assemble(
    programme: Programme,
    routing: Routing,
    answers: Sequence[Answer],
    variables: Mapping[str, Any],
    representations: Sequence[Representations],
    only: int | None = None,
) -> Gathered:
    """The one reply; answers are in the order in which they were asked. `only`: of this part alone."""
    assembly = _Assembly(programme, routing, answers, variables)
    assembly.set_aside()
    for index, part in enumerate(programme.parts):
        if only is not None and index != only:
            continue
        if isinstance(part, RootPart):
            assembly.root(index, part)
        else:
            assembly.entities(index, part, representations[index])
    assembly.relocate_errors()
    return Gathered(assembly.data, tuple(assembly.errors), missing=tuple(assembly.missing))


def is_whole(programme: Programme, asked: Asked, data: Any) -> bool:
    """Whether a reply's data has all that was asked, in the shape in which it was asked."""
    return isinstance(data, Mapping) and all(
        programme.parts[index].key in data and _is_fit(programme, asked, index, data) for index in asked.parts
    )


def _is_fit(programme: Programme, asked: Asked, index: int, data: Mapping[str, Any]) -> bool:
    part = programme.parts[index]
    value = data[part.key]
    if isinstance(part, RootPart):
        return value is None or isinstance(value, part.kind)
    return (
        isinstance(value, list)
        and len(value) == len(asked.entities[index])
        and ENTITIES.issuperset(map(type, value))
    )


class _Assembly:
    def __init__(
        self, programme: Programme, routing: Routing, answers: Sequence[Answer], variables: Mapping[str, Any]
    ) -> None:
        self._programme = programme
        self._routing = routing
        self._answers = answers
        self._variables = variables
        self._live: dict[int, Mapping[str, Any]] = {}
        self._parents: dict[int, list[Parent]] = {}
        self._slices: dict[tuple[int, int], tuple[Merge, list[Parent]]] = {}
        self.data: dict[str, Any] = {}
        self.errors: list[Mapping[str, Any]] = list(routing.errors)
        self.missing: list[Missing] = list(routing.missing)

    # A

    def set_aside(self) -> None:
        for rank, answer in enumerate(self._answers):
            outcome = answer.outcome
            for index, coordinates in answer.asked.left_out.items():
                self._unsupported(answer.asked, index, coordinates)
            if isinstance(outcome, TransportFailure):
                self._fail(rank, outcome.code, outcome.message)
            elif outcome.data is None and outcome.errors:
                self._refusal(rank, outcome)
            elif outcome.data is None or not is_whole(self._programme, answer.asked, outcome.data):
                self._fail(rank, INVALID, NOT_WHOLE)
            else:
                self._live[rank] = outcome.data

    def _unsupported(self, asked: Asked, index: int, coordinates: Sequence[str]) -> None:
        """Some of a part was not asked; of all of it, the shard's rows are missing like any that failed."""
        shard, path = asked.shard, asked.places[index]
        if index not in asked.parts:
            self.missing.append(Missing(shard, UNSUPPORTED, path))
        extensions = {"code": UNSUPPORTED, "shard": shard, "coordinates": list(coordinates)}
        message = f"Shard {shard} runs another version of the contract, without {', '.join(coordinates)}."
        self.errors.append({"message": message, "path": list(path), "extensions": extensions})

    def _refusal(self, rank: int, reply: Reply) -> None:
        asked = self._answers[rank].asked
        for index in asked.parts:
            path = asked.places[index]
            self.missing.append(Missing(asked.shard, "SHARD_REJECTED", path))
            for error in reply.errors:
                self.errors.append(located(error, path, asked.shard, "SHARD_REJECTED"))

    def _fail(self, rank: int, code: str, message: str) -> None:
        """Every part of the request is missing, and each says so: another would look whole."""
        asked = self._answers[rank].asked
        for index in asked.parts:
            self._miss(asked.shard, code, message, asked.places[index])

    def _miss(self, shard: str, code: str, message: str, path: Path) -> None:
        self.missing.append(Missing(shard, code, path))
        extensions = {"code": code, "shard": shard}
        text = f"No answer from shard {shard}: {message}"
        self.errors.append({"message": text, "path": list(path), "extensions": extensions})

    # B

    def root(self, index: int, part: RootPart) -> None:
        if index in self._routing.skipped:
            return
        parents = [
            (rank, data) for rank, data in self._live.items() if index in self._answers[rank].asked.parts
        ]
        if index in self._routing.several and part.gather is not None:
            self._parents[index] = parents
            run = Run(self._variables)
            self.data[part.key] = part.gather.gather(parents, run) if parents else None
            self._report(run, ())
        else:
            self.data[part.key] = parents[0][1][part.key] if parents else None

    def entities(self, index: int, part: EntityPart, representations: Representations) -> None:
        values: list[Any] = [None] * len(representations)
        slices: dict[int, list[Parent]] = {}
        several = index in self._routing.several
        for rank, data in self._live.items():
            positions = self._answers[rank].asked.entities.get(index)
            if positions is None:
                continue
            for position, entity in zip(positions, data[part.key], strict=True):
                if several and representations[position]["__typename"] in part.spanning:
                    if entity is not None:
                        slices.setdefault(position, []).append((rank, entity))
                else:
                    values[position] = entity
        for position, parents in slices.items():
            run = Run(self._variables)
            merge = part.spanning[representations[position]["__typename"]]
            values[position] = merge.unite(parents, run)
            self._slices[index, position] = (merge, parents)
            self._report(run, (part.key, position))
        self.data[part.key] = values

    def _report(self, run: Run, prefix: Path) -> None:
        for rank, path in run.unfit.items():
            where = (*prefix, *path[1:]) if prefix else path
            shard = self._answers[rank].asked.shard
            self._miss(shard, INVALID, "Its answer is not of the form that was asked for.", where)
        for path in run.overflows:
            where = (*prefix, *path[1:]) if prefix else path
            extensions = {"code": "AGGREGATE_OVERFLOW"}
            message = "The sum is greater than an Int can hold."
            self.errors.append({"message": message, "path": list(where), "extensions": extensions})

    # C

    def relocate_errors(self) -> None:
        for rank in self._live:
            answer = self._answers[rank]
            if isinstance(answer.outcome, Reply):
                for error in answer.outcome.errors:
                    path = self._place(rank, answer.asked, error.get("path"))
                    self.errors.append(located(error, path, answer.asked.shard))

    def _place(self, rank: int, asked: Asked, path: Any) -> Path:
        """Where a shard's path leads in the gathered reply; as near as it can be said when the path lies."""
        if not isinstance(path, list) or not path:
            return asked.first
        index = next((index for index in asked.parts if self._programme.parts[index].key == path[0]), None)
        if index is None:
            return asked.first
        part = self._programme.parts[index]
        try:
            if isinstance(part, EntityPart):
                return self._place_in_entity(rank, asked, index, part, path)
            if part.gather is not None and index in self._parents:
                return part.gather.locate(self._parents[index], self.data, rank, tuple(path))
        except (LookupError, TypeError, ValueError):
            return (part.key,)
        return tuple(path)

    def _place_in_entity(
        self, rank: int, asked: Asked, index: int, part: EntityPart, path: list[Any]
    ) -> Path:
        position = asked.entities[index][path[1]]
        where = (part.key, position)
        if (index, position) not in self._slices:
            return (*where, *path[2:])
        merge, slices = self._slices[index, position]
        entity = self.data[part.key][position]
        return (*where, *merge.locate_within(slices, entity, rank, tuple(path[2:])))


def located(error: Mapping[str, Any], path: Path, shard: str, code: str | None = None) -> dict[str, Any]:
    """A shard's error as ours: its message and code kept, the shard named, the place corrected."""
    extensions = error.get("extensions")
    known = dict(extensions) if isinstance(extensions, Mapping) else {}
    if code is not None:
        known.setdefault("code", code)
    message = str(error.get("message") or "The shard gave no reason.")
    return {"message": message, "path": list(path), "extensions": {**known, "shard": shard}}
