"""Runs a plan for a response in parts: takes what comes as it comes, and asks on with it.

A. what a shard settles of a step's answer is merged when that shard answers, not when the last one has;
B. rows of a streamed list are added as they come, and the list *grows* until its step has been answered;
C. a step that waits for that step alone asks for the entities that can be named by now, and for the
   others when they can: a slow shard delays what depends on it and nothing else;
D. a piece of the response is there when each value that it reads is: it stands in the result tree, or
   whoever was to give it has answered;
E. an error is kept with the step that it came from until a piece goes out that it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.federation.composition.supergraph import Kind
from gateway.federation.document.operation import Defer
from gateway.federation.execution.compiled import CompiledStep
from gateway.federation.execution.gather import Entities, Object, objects_at
from gateway.federation.execution.parts import List, Part, Piece, Place
from gateway.federation.execution.run_plan import Run
from gateway.federation.planning.capability import named_type
from gateway.federation.planning.plan import Output
from gateway.federation.sharding.arrivals import Arrival
from gateway.federation.sharding.coverage import Gathered


@dataclass(slots=True)
class PiecewiseRun(Run):
    """A run that can be looked at while it goes on. `progress` is set whenever something has come.

    `done` are steps; `settled` the objects (by `id`) whose entities a step has been answered for; `sent`
    those it has asked for.
    """

    done: set[int] = field(default_factory=set)
    progress: asyncio.Event = field(default_factory=asyncio.Event)
    settled: dict[int, set[int]] = field(default_factory=dict)
    sent: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    ahead: dict[int, list[asyncio.Task[None]]] = field(default_factory=dict)
    tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)
    noted: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    growing: dict[int, list[Any]] = field(default_factory=dict)

    # A

    async def _steps(self) -> bool:
        return await self._together(self.tasks)

    async def _step(self, step: CompiledStep) -> None:
        await Run._step(self, step)
        if ahead := self.ahead.get(step.step.id):
            await asyncio.wait(ahead)
        self.done.add(step.step.id)
        self.progress.set()

    async def _send(
        self, step: CompiledStep, variables: Mapping[str, Any], asked: list[Entities | None]
    ) -> None:
        def arrived(arrival: Arrival) -> None:
            reply = arrival.reply
            if arrival.early:
                self._grow(step, asked, arrival)
            if self.growing and reply.data:
                reply = replace(reply, data=self._taken_over(step, asked, reply.data))
            self._accept(step, asked, reply)
            self._settle(step, asked, arrival)
            if not arrival.is_all:
                self._go_on(step)
            self.progress.set()

        representations = [one.representations for one in asked if one is not None]
        await self.dispatch.fetch_piecewise(step.step, variables, representations, self.context, arrived)

    def _settle(self, step: CompiledStep, asked: list[Entities | None], arrival: Arrival) -> None:
        settled = self.settled.setdefault(step.step.id, set())
        for name, entities in zip(step.names, asked, strict=True):
            if entities is not None:
                for position in arrival.entities.get(name, ()):
                    settled.update(id(one) for one in entities.objects[position])

    # B

    def _grow(self, step: CompiledStep, asked: list[Entities | None], arrival: Arrival) -> None:
        """Add rows that came early; the positions in their errors become those that the rows have now."""
        errors = [dict(error) for error in arrival.early_errors]
        for (fetch, _), name, entities in zip(step.fetches, step.names, asked, strict=True):
            added: list[tuple[Place, Mapping[str, Any], list[Object]]]
            if entities is None:
                added = [((), arrival.early, objects_at(self.root, fetch.path))]
            else:
                early = arrival.early.get(name, {})
                added = [((name, at), each, entities.objects[at]) for at, each in early.items()]
            for place, early, objects in added:
                for error in errors:
                    path = tuple(error["path"])
                    if objects and path[: len(place)] == place:
                        error["path"] = [*place, *_shifted(path[len(place) :], early, objects[0])]
                for one in objects:
                    self._add(one, early)
        if errors:
            self._locate(step, asked, Gathered(None, tuple(errors)))

    def _add(self, target: Object, early: Mapping[str, Any]) -> None:
        for key, value in early.items():
            known = target.get(key)
            if isinstance(value, list):
                if known is None:
                    known = target[key] = []
                    self.growing[id(known)] = known
                known.extend(value)
            elif isinstance(value, dict):
                self._add(target.setdefault(key, {}), value)
            elif known is None:
                target[key] = value

    def _taken_over(
        self, step: CompiledStep, asked: list[Entities | None], data: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The answer without the rows that came early; their lists grow no more."""
        left = dict(data)
        for (fetch, _), name, entities in zip(step.fetches, step.names, asked, strict=True):
            if entities is None:
                for one in objects_at(self.root, fetch.path):
                    left = self._without_rows(one, data)
            elif name in left:
                left[name] = list(left[name])
                for position, answer in enumerate(data[name]):
                    if isinstance(answer, dict):
                        for one in entities.objects[position]:
                            left[name][position] = self._without_rows(one, answer)
        return left

    def _without_rows(self, target: Object, data: Mapping[str, Any]) -> dict[str, Any]:
        left = {}
        for key, value in data.items():
            known = target.get(key)
            if isinstance(known, list) and self.growing.pop(id(known), None) is not None:
                came = set(map(id, known))
                known.extend(row for row in value or () if id(row) not in came)
            elif isinstance(known, dict) and isinstance(value, dict):
                left[key] = self._without_rows(known, value)
            else:
                left[key] = value
        return left

    # C

    def _go_on(self, step: CompiledStep) -> None:
        for index in step.before:
            later = self.plan.steps[index]
            is_plain = all(gatherer is not None and not fetch.contexts for fetch, gatherer in later.fetches)
            if is_plain and later.after == (step.step.id,):
                self.ahead.setdefault(index, []).append(self.tasks.create_task(self._ask_ahead(later)))

    async def _ask_ahead(self, step: CompiledStep) -> None:
        asked = self._gathered(step)
        if asked is not None:
            await self._send(step, self.variables, asked)

    def _gathered(self, step: CompiledStep) -> list[Entities | None] | None:
        """As ever, without the objects that the step has asked for already."""
        found = Run._gathered(self, step)
        if found is None or found[0] is None:
            return found
        left = [self._not_sent(step, index, one) for index, one in enumerate(found) if one is not None]
        return [*left] if any(one.representations for one in left) else None

    def _not_sent(self, step: CompiledStep, index: int, entities: Entities) -> Entities:
        sent = self.sent.setdefault((step.step.id, index), set())
        left = Entities([], [])
        for representation, objects in zip(entities.representations, entities.objects, strict=True):
            new = [one for one in objects if id(one) not in sent]
            if new:
                sent.update(map(id, new))
                left.representations.append(representation)
                left.objects.append(new)
        return left

    # D

    def has_next(self, one: List, sent: int) -> bool:
        """Whether the item after the `sent` ones is there, or no more will come."""
        if sent < len(one.items):
            return self._is_read(one.streamed.output, one.items[sent])
        return self.is_whole(one)

    def is_whole(self, one: List) -> bool:
        """Whether all items of the list have come."""
        return id(one.items) not in self.growing

    def is_there(self, piece: Piece, defer: Defer | None = None) -> bool:
        """Whether all of a piece is there, with what comes with it of the fragment `defer`."""
        return self._has(piece.part, piece.value, defer)

    def _has(self, part: Part, value: Object, defer: Defer | None) -> bool:
        if not part.steps <= self.done and not all(
            self._is_settled(one, value) for one in part.outputs if part.concerns(one, value)
        ):
            return False
        return defer is None or all(
            self._has(below, one, defer)
            for below in part.parts
            if defer in below.defers
            for one in below.objects(value)
        )

    def _is_settled(self, output: Output, value: Object) -> bool:
        if output.field.startswith("__"):
            return True
        if output.key not in value:
            return all(step in self.done or id(value) in self.settled.get(step, ()) for step in output.steps)
        found = value[output.key]
        if output.first is not None and isinstance(found, list):
            if len(found) < output.first and id(found) in self.growing:
                return False
            found = found[: output.first]
        return self._is_read(output, found)

    def _is_read(self, output: Output, found: Any) -> bool:
        """Whether all is there that is read of a value of the output, or of one item of its list."""
        # What hangs on an object may depend on its type, even where nothing is read of it.
        is_open = self.plan.types.kinds.get(named_type(output.type)) in (Kind.INTERFACE, Kind.UNION)
        if not output.outputs and not is_open:
            return True
        for one in _opened(found):
            typename = one.get("__typename")
            if is_open and typename is None and not output.steps <= self.done:
                return False
            for below in output.outputs:
                if (below.types is None or typename in below.types) and not self._is_settled(below, one):
                    return False
        return True

    # E

    def _locate(self, step: CompiledStep, asked: list[Entities | None], reply: Gathered) -> None:
        Run._locate(self, step, asked, reply)
        self.noted += [(step.step.id, error) for error in self.errors]
        self.errors.clear()

    def errors_of(
        self, steps: frozenset[int], outputs: tuple[Output, ...], place: Place
    ) -> list[dict[str, Any]]:
        """The errors that are told with what these steps gave of these outputs at a place, each once."""
        found = []
        left = []
        for step, error in self.noted:
            if step in steps and _is_about(outputs, place, error):
                found.append(error)
            else:
                left.append((step, error))
        self.noted = left
        return found


def _shifted(path: Sequence[str | int], early: Any, target: Any) -> list[str | int]:
    """A path in what came early as one in the object to which it is added."""
    for index, part in enumerate(path):
        if isinstance(early, list) and isinstance(part, int):
            before = len(target) if isinstance(target, list) else 0
            return [*path[:index], before + part, *path[index + 1 :]]
        early = early.get(part) if isinstance(early, dict) else None
        target = target.get(part) if isinstance(target, dict) else None
    return list(path)


def _opened(value: Any) -> Iterator[Object]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _opened(one)


def _is_about(outputs: tuple[Output, ...], place: Place, error: Mapping[str, Any]) -> bool:
    """Whether an error is about a piece at `place`: at its object, above it, or at what is read of it."""
    path: Sequence[str | int] = tuple(error.get("path") or ())
    shorter = min(len(path), len(place))
    if path[:shorter] != place[:shorter]:
        return False
    first: int | None = None
    for name in path[shorter:]:
        if isinstance(name, int):
            if first is not None and name >= first:
                return False
            continue
        matching = [one for one in outputs if one.name == name]
        if not matching:
            return False
        first = matching[0].first
        outputs = tuple(below for one in matching for below in one.outputs)
    return True
