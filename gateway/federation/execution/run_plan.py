"""Runs a plan: every step as soon as those before it are done, all of them within the deadline.

  A. a step whose conditions do not hold, or that finds no entity to ask for, is done at once;
  B. otherwise its answer is merged into the result tree, and what the subgraph complained of is
     located in the response;
  C. when all steps are done, or the time is up, the response is read out of the tree.

All tasks of a request live in one task group: when the client leaves, nothing is left running.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gateway.federation.errors import CONTEXTS_LIMIT_EXCEEDED, DEADLINE_EXCEEDED
from gateway.federation.execution.by_context import divide
from gateway.federation.execution.compiled import CompiledPlan, CompiledStep
from gateway.federation.execution.complete import Completer
from gateway.federation.execution.completeness import gaps
from gateway.federation.execution.gather import Entities, Gatherer, Object, objects_at
from gateway.federation.execution.locate import Place, client_path, located_error, places
from gateway.federation.execution.merge import merge
from gateway.federation.execution.project import UnexpectedValue, holds
from gateway.federation.execution.request import RequestContext, Response
from gateway.federation.execution.withheld import withheld_errors
from gateway.federation.planning.plan import Batch, Fetch
from gateway.federation.sharding.arrivals import Arrival
from gateway.federation.sharding.coverage import DispatchContext, Gathered

CONTEXTS_LIMIT: Final = 100
"""Requests into which one fetch is divided at most, by what stands above its entities."""

ERRORS_LIMIT: Final = 1_000
"""Errors of one response; what is beyond them is counted by nobody."""


class Dispatch(Protocol):
    """Whoever answers a plan's steps (`sharding.dispatch.Dispatcher`), no later than the context says."""

    async def fetch(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: list[list[Object]],
        context: DispatchContext,
    ) -> Gathered: ...

    async def fetch_piecewise(
        self,
        step: Fetch | Batch,
        variables: Mapping[str, Any],
        representations: list[list[Object]],
        context: DispatchContext,
        arrived: Callable[[Arrival], None],
    ) -> None: ...


async def run_plan(
    plan: CompiledPlan, variables: Mapping[str, Any], dispatch: Dispatch, context: RequestContext
) -> Response:
    """The response to the plan's operation with these (coerced) variables."""
    return await Run(plan, variables, dispatch, context).response()


def time_is_up() -> dict[str, Any]:
    """The entry of `errors` that says that a response was read before it was complete."""
    message = "The response is not complete: time was up. Ask for less, or allow more time."
    return {"message": message, "extensions": {"code": DEADLINE_EXCEEDED}}


@dataclass(slots=True)
class Run:
    """One run of a plan: its result tree, and what went wrong on the way."""

    plan: CompiledPlan
    variables: Mapping[str, Any]
    dispatch: Dispatch
    context: RequestContext
    root: Object = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    async def response(self) -> Response:
        if not await self.finish():
            self.errors.append(time_is_up())
        if self.plan.withheld:
            self.errors.extend(withheld_errors(self.plan.withheld, self.root, self.variables))
        data = self._data()
        coverage = self.context.coverage.extension()
        extensions = {"coverage": coverage} if coverage is not None else {}
        return Response(data, tuple(self.errors[:ERRORS_LIMIT]), extensions)

    async def finish(self) -> bool:
        """Run all steps; False when the time was up before they were done."""
        self.root.update(self.plan.introspect(self.variables))
        return await self._steps()

    # A

    async def _steps(self) -> bool:
        if not self.plan.is_chain:
            return await self._together(asyncio.TaskGroup())
        clock, deadline_s = asyncio.get_running_loop().time, self.context.deadline_s
        for step in self.plan.steps:
            if clock() >= deadline_s:
                return False
            await self._step(step)  # comes back in time: whoever answers it keeps the deadline
        return True

    async def _together(self, tasks: asyncio.TaskGroup) -> bool:
        """Run each step as soon as it is ready. False when the time was up."""
        self.waiting = [len(step.after) for step in self.plan.steps]
        deadline_s = self.context.deadline_s
        try:
            async with asyncio.timeout_at(None if math.isinf(deadline_s) else deadline_s), tasks:
                for index in self.plan.first:
                    tasks.create_task(self._from(index, tasks))
        except TimeoutError:
            return False
        return True

    async def _from(self, index: int, tasks: asyncio.TaskGroup) -> None:
        """Run a step, and in the same task one of those that then become ready."""
        following: int | None = index
        while following is not None:
            current = following
            await self._step(self.plan.steps[current])
            following = None
            for later in self.plan.steps[current].before:
                self.waiting[later] -= 1
                if self.waiting[later] == 0:
                    if following is None:
                        following = later
                    else:
                        tasks.create_task(self._from(later, tasks))

    async def _step(self, step: CompiledStep) -> None:
        fetch, gatherer = step.fetches[0]
        if fetch.contexts and gatherer is not None:
            await self._step_by_context(step, fetch, gatherer)
            return
        asked = self._gathered(step)
        if asked is not None:
            await self._send(step, self.variables, asked)

    def _gathered(self, step: CompiledStep) -> list[Entities | None] | None:
        """For each fetch of the step its entities (None: a root fetch); None when there is nothing to ask."""
        asked: list[Entities | None] = []
        for fetch, gatherer in step.fetches:
            if not holds(fetch.conditions, self.variables):
                asked.append(None if gatherer is None else Entities([], []))
            else:
                asked.append(None if gatherer is None else gatherer.gather(self.root))
        if asked[0] is None:
            return asked if self._wanted(step) else None
        return asked if any(one is not None and one.representations for one in asked) else None

    async def _send(
        self, step: CompiledStep, variables: Mapping[str, Any], asked: list[Entities | None]
    ) -> None:
        representations = [one.representations for one in asked if one is not None]
        reply = await self.dispatch.fetch(step.step, variables, representations, self.context)
        self._accept(step, asked, reply)

    async def _step_by_context(self, step: CompiledStep, fetch: Fetch, gatherer: Gatherer) -> None:
        if not holds(fetch.conditions, self.variables):
            return
        parts = divide(fetch, gatherer, self.root)
        if len(parts) > CONTEXTS_LIMIT:
            message = f"A field at this place depends on more than {CONTEXTS_LIMIT} contexts. Ask for fewer."
            extensions = {"code": CONTEXTS_LIMIT_EXCEEDED}
            path = client_path(self.plan.plan.outputs, [step.key for step in fetch.path])
            self.errors.append({"message": message, "path": list(path), "extensions": extensions})
        async with asyncio.TaskGroup() as tasks:
            for values, entities in parts[:CONTEXTS_LIMIT]:
                if entities.representations:
                    tasks.create_task(self._send(step, {**self.variables, **values}, [entities]))

    def _wanted(self, step: CompiledStep) -> bool:
        fetch = step.fetches[0][0]
        return holds(fetch.conditions, self.variables) and bool(objects_at(self.root, fetch.path))

    # B

    def _accept(self, step: CompiledStep, asked: list[Entities | None], reply: Gathered) -> None:
        data = reply.data or {}
        for (fetch, _), entities, name in zip(step.fetches, asked, step.names, strict=True):
            if entities is None:
                for one in objects_at(self.root, fetch.path):
                    merge(one, data)
                continue
            answers = data.get(name) or ()
            for objects, answer in zip(entities.objects, answers, strict=False):
                if answer.__class__ is dict:
                    for one in objects:
                        merge(one, answer)
        if reply.errors or reply.missing:
            self._locate(step, asked, reply)

    def _locate(self, step: CompiledStep, asked: list[Entities | None], reply: Gathered) -> None:
        for error in reply.errors:
            for place in self._places(step, asked, error.get("path") or ()):
                self.errors.append(located_error(error, step.step.subgraph, place))
        for missing in reply.missing:
            for place in self._places(step, asked, missing.path):
                self.context.coverage.miss(missing, place)

    def _places(self, step: CompiledStep, asked: list[Entities | None], path: Any) -> list[Place]:
        """What names no fetch of the step is said of each: another would look whole."""
        named = path and path[0] in step.names
        wanted = [step.names.index(path[0])] if named else range(len(step.fetches))
        found = (
            place
            for index in wanted
            for place in places(self.plan.plan, step.fetches[index][0], asked[index], self.root, path)
        )
        return list(dict.fromkeys(found)) or [()]

    # C

    def _data(self) -> Object | None:
        is_wanted = self.plan.wants_complete and self.errors
        missing = gaps(self.errors, self.context.coverage.missing) if is_wanted else []
        if not missing:
            try:
                return self.plan.read(self.variables)(self.root)  # type: ignore[no-any-return]
            except UnexpectedValue:
                pass
        known = [tuple(error["path"]) for error in self.errors if error.get("path")]
        completer = Completer(self.plan.types, self.variables, known, missing)
        data = completer.response(self.root, self.plan.plan.root, self.plan.plan.outputs)
        self.errors.extend(completer.errors)
        return data
