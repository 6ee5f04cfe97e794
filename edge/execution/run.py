"""Runs one request through a plan: levels while nothing need be awaited, then whatever arrives."""

from __future__ import annotations

from collections import deque
from typing import Any

from graphql import ExecutionResult, GraphQLResolveInfo
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

from edge.execution.awaiting import Awaiting
from edge.execution.complete import complete
from edge.execution.failures import Failure, settle
from edge.execution.level import Level, Place, Places
from edge.execution.plan import Field, Plan


class Request:
    """One execution of a plan: its variables and context, and what of it is still to be done."""

    def __init__(self, plan: Plan, context_value: Any, variables: VariableValues) -> None:
        self.plan = plan
        self.context_value = context_value
        self.levels: deque[Level] = deque()
        self.awaiting = Awaiting()
        self.failures: list[Failure] = []
        self._variables = variables
        self._infos: dict[int, GraphQLResolveInfo[Any]] = {}
        self._once: dict[int, Any] = {}
        self._helpers = GraphQLResolveInfoHelpers(
            gather=lambda values: gather_with_cancel(*values), track=self.awaiting.track
        )

    async def run(self) -> ExecutionResult:
        """Return what graphql-core's `execute` would. Raises only what is no `Exception`."""
        data = dict(self.plan.root.template)
        self.levels.append(Level(self.plan.root, [None], [data]))
        try:
            self._work()
            while self.awaiting:
                for column, places, values in await self.awaiting.arrivals():
                    at = column.places.only(places)
                    at.put(complete(self, at, column.shape, values))
                self._work()
        finally:
            await self.awaiting.close()
        if not self.failures:
            return ExecutionResult(data, None)
        return ExecutionResult(*settle(data, self.failures))

    def _work(self) -> None:
        while self.levels:
            level = self.levels.popleft()
            owners = range(len(level.sources))
            for field in level.selection.fields:
                places = Places(level, field, owners)
                places.put(complete(self, places, field.shape, field.resolve(self, level, field)))

    def fail(self, place: Place, error: Exception) -> None:
        self.failures.append(Failure(place, error))

    def once(self, field: Field, make: Any) -> Any:
        """What `make()` returned when it was first asked for this field."""
        if field.number not in self._once:
            self._once[field.number] = make()
        return self._once[field.number]

    def arguments(self, field: Field) -> dict[str, Any]:
        """The field's arguments, coerced. Raises `GraphQLError`."""
        if not field.definition.args and not field.nodes[0].arguments:
            return {}
        return get_argument_values(field.definition, field.nodes[0], self._variables)

    def info(self, field: Field, place: Place | None = None) -> GraphQLResolveInfo[Any]:
        """graphql-core's info; without a place it is shared by all objects, and its `path` is None."""
        if place is not None:
            return self.info(field)._replace(path=place.path())
        shared = self._infos.get(field.number)
        if shared is None:
            plan = self.plan
            shared = self._infos[field.number] = GraphQLResolveInfo(
                field.name,
                field.nodes,
                field.definition.type,
                field.parent,
                None,  # type: ignore[arg-type] # whoever needs a path asks for a place's own info
                plan.schema,
                plan.fragments,
                None,
                plan.operation,
                self._variables,
                self.context_value,
                is_awaitable,
                None,
                self._helpers,
            )
        return shared
