"""A plan with everything worked out that need not be worked out for each request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.federation.document.cache import Apart, LruCache
from gateway.federation.document.operation import Operation
from gateway.federation.document.variables import compile_variables
from gateway.federation.execution.cost import Amount
from gateway.federation.execution.gather import Gatherer, Object
from gateway.federation.execution.introspect import Introspection, schema_question
from gateway.federation.execution.parts import Part, delivery_variables, divide
from gateway.federation.execution.project import PublicTypes, Read, compile_outputs
from gateway.federation.execution.withheld import withheld_spots
from gateway.federation.planning.plan import Batch, Fetch, Output, Plan

READERS_LIMIT: Final = 16
"""Ways of reading one plan's response that are kept: one for each combination of condition variables."""


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """A step, with the fetches in it and how each gathers its entities (None: a root fetch).

    `names` are the fields of the reply where each fetch's entities come; `before` the steps that wait.
    """

    step: Fetch | Batch
    fetches: tuple[tuple[Fetch, Gatherer | None], ...]
    names: tuple[str, ...]
    after: tuple[int, ...]
    before: tuple[int, ...]


class CompiledPlan:
    """A plan ready to run. It is shared by all requests for its operation and keeps nothing of any."""

    def __init__(
        self,
        plan: Plan,
        operation: Operation,
        introspection: Introspection,
        types: PublicTypes,
        cost: Amount,
        apart: Apart,
    ) -> None:
        self.plan = plan
        self.cost = cost
        self.withheld = withheld_spots(plan.outputs)
        self.wants_complete = _wants_complete(plan.outputs)
        self.operation = operation
        self.coerce = compile_variables(introspection.schema, operation.definition.variable_definitions)
        self.types = types
        self.steps = _steps(plan)
        self.first = tuple(index for index, step in enumerate(self.steps) if not step.after)
        self.is_chain = all(step.after == ((i - 1,) if i else ()) for i, step in enumerate(self.steps))
        self._introspection = introspection
        self._asked_of_schema = schema_question(plan.introspection) if plan.introspection else None
        self._condition_variables = sorted(_condition_variables(plan.outputs))
        self._readers: LruCache[tuple[object, ...], Read] = LruCache(READERS_LIMIT, apart)
        self._delivery_variables = sorted(delivery_variables(plan.outputs)) if plan.deferred else []
        self._parts: LruCache[tuple[object, ...], Part] = LruCache(READERS_LIMIT, apart)
        self._always: Read | None = None
        if not self._condition_variables:
            self._always = compile_outputs(types, plan.root, plan.outputs, {})

    async def work_out(self, variables: Mapping[str, Any]) -> None:
        """Have at hand, worked out in a thread, how the response is read and what of it is the schema's.

        Raises `CacheBusyError`.
        """
        if self._always is None:
            key = self._values(self._condition_variables, variables)
            await self._readers.get_apart(key, lambda: self._compile(variables))
        if self.plan.deferred and not self.wants_complete:
            await self._parts.get_apart(self._delivery_key(variables), lambda: self._divide(variables))
        if self._asked_of_schema is not None:
            await self._introspection.work_out(self._asked_of_schema, variables)

    def read(self, variables: Mapping[str, Any]) -> Read:
        """How the response is read, given the variables that decide what is skipped and included."""
        if self._always is not None:
            return self._always
        key = self._values(self._condition_variables, variables)
        return self._readers.get(key, lambda: self._compile(variables))

    def parts(self, variables: Mapping[str, Any]) -> Part | None:
        """The parts in which the response may be delivered, the first one above all others; None for one."""
        if not self.plan.deferred or self.wants_complete:
            return None
        first = self._parts.get(self._delivery_key(variables), lambda: self._divide(variables))
        return first if first.parts or first.streams else None

    def introspect(self, variables: Mapping[str, Any]) -> Object:
        """The answers to `__schema` and `__type`, at the client's names."""
        asked = self._asked_of_schema
        return {} if asked is None else self._introspection.answer(asked, variables)

    def _compile(self, variables: Mapping[str, Any]) -> Read:
        return compile_outputs(self.types, self.plan.root, self.plan.outputs, variables)

    def _divide(self, variables: Mapping[str, Any]) -> Part:
        return divide(self.plan, self.types, variables)

    def _delivery_key(self, variables: Mapping[str, Any]) -> tuple[object, ...]:
        return self._values((*self._condition_variables, *self._delivery_variables), variables)

    def _values(self, names: Iterable[str], variables: Mapping[str, Any]) -> tuple[object, ...]:
        return tuple(variables.get(name) for name in names)


def _steps(plan: Plan) -> tuple[CompiledStep, ...]:
    before: list[list[int]] = [[] for _ in plan.steps]
    for index, step in enumerate(plan.steps):
        for earlier in step.after:
            before[earlier].append(index)
    steps = []
    fetches: tuple[Fetch, ...]
    names: tuple[str, ...]
    for index, step in enumerate(plan.steps):
        if isinstance(step, Fetch):
            fetches, names = (step,), ("_entities",)
        else:
            fetches, names = step.fetches, tuple(f"_entities_{i}" for i in range(len(step.fetches)))
        gathering = tuple((one, Gatherer(one) if one.representations else None) for one in fetches)
        steps.append(CompiledStep(step, gathering, names, step.after, tuple(before[index])))
    return tuple(steps)


def _wants_complete(outputs: tuple[Output, ...]) -> bool:
    """Whether anything is wanted whole or not at all; then the response is not delivered in parts."""
    return any(one.complete or _wants_complete(one.outputs) for one in outputs)


def _condition_variables(outputs: tuple[Output, ...]) -> set[str]:
    found: set[str] = set()
    for one in outputs:
        whens = [*one.conditions, *(place.when for place in one.places)]
        found.update(condition.variable for when in whens for condition in when)
        found |= _condition_variables(one.outputs)
    return found
