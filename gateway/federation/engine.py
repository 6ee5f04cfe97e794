"""The federation engine: a supergraph in, responses out. The stages, in order:

    text ─ document ─▶ Operation ─ planning ─▶ Plan ─ execution ─▶ result tree ─▶ Response
           prepare                plan_operation      run_plan, each step by sharding's Dispatcher

An engine serves one supergraph, which never changes; a new supergraph is a new engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

from gateway.federation.composition.api_schema import build_api_schema
from gateway.federation.composition.supergraph import Kind, Supergraph
from gateway.federation.document.cache import LruCache
from gateway.federation.document.operation import Operation
from gateway.federation.document.prepare import TOKENS_LIMIT, DocumentCheck, coerce_variables, prepare
from gateway.federation.errors import FederationError
from gateway.federation.execution.compiled import CompiledPlan
from gateway.federation.execution.project import PublicTypes
from gateway.federation.execution.request import Request, RequestContext, Response
from gateway.federation.execution.run_plan import Dispatch, run_plan
from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.drafting import WORK_LIMIT
from gateway.federation.planning.plan import Plan
from gateway.federation.planning.planner import plan_operation

__all__ = ["Engine", "EngineLimits", "Request", "RequestContext", "Response"]


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What one operation may cost before it is executed, and how many plans are remembered."""

    tokens: int = TOKENS_LIMIT
    planning_work: int = WORK_LIMIT
    plans: int = 1_000


DEFAULT_LIMITS: Final = EngineLimits()


class Engine:
    """Answers operations on one supergraph.

    `dispatch` sends the plan's fetches. Fetches to the subgraphs `separate` never share a request
    (their rows are divided over shards). `checks` refuse documents before they are validated.
    `labels` are the progressive overrides that are active.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        dispatch: Dispatch,
        *,
        limits: EngineLimits = DEFAULT_LIMITS,
        checks: Iterable[DocumentCheck] = (),
        separate: frozenset[str] = frozenset(),
        labels: frozenset[str] = frozenset(),
    ) -> None:
        self.supergraph = supergraph
        self.schema: GraphQLSchema = build_api_schema(supergraph)
        self._dispatch = dispatch
        self._limits = limits
        self._checks = tuple(checks)
        self._separate = separate
        self._capabilities = Capabilities(supergraph, labels)
        self._types = _public_types(self.schema, supergraph)
        self._plans: LruCache[tuple[str, str | None], CompiledPlan] = LruCache(limits.plans)

    async def run(self, request: Request, context: RequestContext) -> Response:
        """The response to `request`. Never raises for what a client or a subgraph does wrong."""
        try:
            plan = self._compiled(request.query, request.operation_name)
            variables = coerce_variables(self.schema, plan.operation, request.variables)
        except FederationError as error:
            return Response(None, tuple(error.formatted()), refused=True)
        return await run_plan(plan, variables, self._dispatch, context)

    def plan(self, text: str, operation_name: str | None = None) -> Plan:
        """The plan of an operation. Raises `DocumentError` or `PlanningError`."""
        return self._compiled(text, operation_name).plan

    def operation(self, text: str, operation_name: str | None = None) -> Operation:
        """The plain form of an operation that can be planned. Raises `DocumentError` or `PlanningError`."""
        return self._compiled(text, operation_name).operation

    def _compiled(self, text: str, operation_name: str | None) -> CompiledPlan:
        return self._plans.get((text, operation_name), lambda: self._compile(text, operation_name))

    def _compile(self, text: str, operation_name: str | None) -> CompiledPlan:
        operation = prepare(self.schema, text, operation_name, self._checks, self._limits.tokens)
        plan = plan_operation(self._capabilities, operation, self._separate, self._limits.planning_work)
        return CompiledPlan(plan, operation, self.schema, self._types)


def _public_types(schema: GraphQLSchema, supergraph: Supergraph) -> PublicTypes:
    possible = {}
    values = {}
    kinds = {}
    for name, type_ in schema.type_map.items():
        if is_abstract_type(type_):
            possible[name] = frozenset(one.name for one in schema.get_possible_types(type_))
        elif isinstance(type_, GraphQLEnumType):
            values[name] = frozenset(type_.values)
        if name in supergraph.types:
            kinds[name] = supergraph.types[name].kind
        elif isinstance(type_, GraphQLObjectType):
            kinds[name] = Kind.OBJECT
    return PublicTypes(possible, values, kinds)
