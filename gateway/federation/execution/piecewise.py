"""Runs a plan for a response in parts: takes what comes as it comes, and asks on with it.

A. what a shard settles of a step's answer is merged when that shard answers, not when the last one has;
B. a step that waits for that step alone asks for the entities that can be named by now, and for the
   others when they can: a slow shard delays what depends on it and nothing else;
C. a piece of the response is there when each value that it reads is: it stands in the result tree, or
   whoever was to give it has answered;
D. an error is kept with the step that it came from until a piece goes out that it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.federation.composition.supergraph import Kind
from gateway.federation.document.operation import Defer
from gateway.federation.execution.compiled import CompiledStep
from gateway.federation.execution.gather import Entities, Object
from gateway.federation.execution.parts import Part, Piece
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

    # A

    async def _steps(self) -> None:
        self.waiting = [len(step.after) for step in self.plan.steps]
        async with self.tasks:
            for index in self.plan.first:
                self.tasks.create_task(self._from(index, self.tasks))

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
            self._accept(step, asked, arrival.reply)
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

    # C

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
        if not output.outputs:
            return True
        is_open = self.plan.types.kinds.get(named_type(output.type)) is not Kind.OBJECT
        for one in _opened(value[output.key]):
            typename = one.get("__typename")
            if is_open and typename is None and not output.steps <= self.done:
                return False
            for below in output.outputs:
                if (below.types is None or typename in below.types) and not self._is_settled(below, one):
                    return False
        return True

    # D

    def _locate(self, step: CompiledStep, asked: list[Entities | None], reply: Gathered) -> None:
        Run._locate(self, step, asked, reply)
        self.noted += [(step.step.id, error) for error in self.errors]
        self.errors.clear()

    def errors_of(self, piece: Piece) -> list[dict[str, Any]]:
        """The errors that are told with the piece. Each is told once."""
        found = []
        left = []
        for step, error in self.noted:
            if _is_about(piece, step, error):
                found.append(error)
            else:
                left.append((step, error))
        self.noted = left
        return found


def _opened(value: Any) -> Iterator[Object]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _opened(one)


def _is_about(piece: Piece, step: int, error: Mapping[str, Any]) -> bool:
    """Whether a step's error belongs to a piece: at its object, above it, or at what is read of it."""
    if step not in piece.part.steps:
        return False
    path: Sequence[str | int] = tuple(error.get("path") or ())
    shorter = min(len(path), len(piece.place))
    if path[:shorter] != piece.place[:shorter]:
        return False
    outputs = piece.part.outputs
    for name in path[shorter:]:
        if isinstance(name, str):
            matching = [one for one in outputs if one.name == name]
            if not matching:
                return False
            outputs = tuple(below for one in matching for below in one.outputs)
    return True
