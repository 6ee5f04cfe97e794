"""The federation engine: a supergraph in, responses out. The stages, in order:

    text ─ document ─▶ Operation ─ planning ─▶ Plan ─ execution ─▶ result tree ─▶ Response
           prepare                plan_operation      run_plan, each step by sharding's Dispatcher
           authorise

What a caller may not see is taken out before planning. Callers who may see the same of an operation share
its plan: a plan is remembered by the text and by which of its demands are met.

An engine serves one supergraph, which never changes; a new supergraph is a new engine.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

from gateway.federation.composition.api_schema import build_api_schema
from gateway.federation.composition.guards import Claims, Requirement
from gateway.federation.composition.supergraph import Kind, Supergraph
from gateway.federation.document.authorise import Guards, leave_out
from gateway.federation.document.cache import Apart, CacheBusyError, LruCache
from gateway.federation.document.normalise import complete_refusal
from gateway.federation.document.operation import Operation
from gateway.federation.document.prepare import TOKENS_LIMIT, DocumentCheck, prepare
from gateway.federation.errors import (
    INTROSPECTION_REFUSED,
    PLANNER_BUSY,
    SUBSCRIPTION_NOT_STREAMED,
    DocumentError,
    FederationError,
    PlanningError,
)
from gateway.federation.execution.compiled import CompiledPlan
from gateway.federation.execution.completeness import gaps, incomplete
from gateway.federation.execution.cost import ASSUMED_LIST_SIZE, amount, cost_refusal, estimate
from gateway.federation.execution.deliver import PENDING_LIMIT, Delivery
from gateway.federation.execution.introspect import Introspection
from gateway.federation.execution.project import PublicTypes
from gateway.federation.execution.request import (
    NOBODY,
    Request,
    RequestContext,
    Response,
    SubsequentResponse,
)
from gateway.federation.execution.run_plan import run_plan
from gateway.federation.execution.subscribe import EventSource, StreamDispatch, subscribe
from gateway.federation.planning.capability import Capabilities
from gateway.federation.planning.drafting import WORK_LIMIT
from gateway.federation.planning.plan import Plan
from gateway.federation.planning.planner import plan_operation

__all__ = [
    "Claims",
    "Delivered",
    "Delivery",
    "Engine",
    "EngineLimits",
    "EventSource",
    "Policies",
    "Request",
    "RequestContext",
    "Response",
    "SubsequentResponse",
]

Policies = Callable[[frozenset[str], RequestContext], Awaitable[frozenset[str]]]
"""Says which of these names of `@policy` hold for a request. What it does not name does not hold."""

LARGE_TEXT_CHARACTERS: Final = 1_000
LARGE_TEXT_BRACES: Final = 20
"""Texts with no more of both are planned at once; others that are not known yet, in a thread."""

Met = tuple[bool, ...]
"""A class of callers: for each demand of an operation, whether they meet it."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What one operation may cost before it is executed, how many plans are remembered, and how many
    deferred fragments and streamed lists of a response are announced at a time."""

    tokens: int = TOKENS_LIMIT
    planning_work: int = WORK_LIMIT
    plans: int = 1_000
    assumed_list_size: int = ASSUMED_LIST_SIZE
    pending: int = PENDING_LIMIT


DEFAULT_LIMITS: Final = EngineLimits()


@dataclass(frozen=True, slots=True)
class Known:
    """A text that was read: its operation, and what some part of it demands of callers."""

    operation: Operation
    demands: tuple[Requirement, ...]
    policies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A response in parts: the first, and those that follow. Closing `rest` ends what still runs."""

    first: Response
    rest: Delivery


class Engine:
    """Answers operations on one supergraph.

    `dispatch` sends the plan's fetches. Fetches to the subgraphs `separate` never share a request
    (their rows are divided over shards). `checks` refuse documents before they are validated.
    `labels` are the progressive overrides that are active. `policies` is asked about the `@policy` names
    that an operation touches; those in the request's claims hold without it. `events` opens subscriptions.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        dispatch: StreamDispatch,
        *,
        limits: EngineLimits = DEFAULT_LIMITS,
        checks: Iterable[DocumentCheck] = (),
        separate: frozenset[str] = frozenset(),
        labels: frozenset[str] = frozenset(),
        policies: Policies | None = None,
        events: EventSource | None = None,
    ) -> None:
        self.supergraph = supergraph
        self.schema: GraphQLSchema = build_api_schema(supergraph)
        self._dispatch = dispatch
        self._limits = limits
        self._checks = tuple(checks)
        self._separate = separate
        self._capabilities = Capabilities(supergraph, labels)
        self._types = _public_types(self.schema, supergraph)
        self._policies = policies
        self._events = events
        self._guards = Guards(supergraph, self.schema)
        self._apart = Apart()
        self._known: LruCache[tuple[str, str | None], Known] = LruCache(limits.plans, self._apart)
        self._plans: LruCache[tuple[str, str | None, Met, frozenset[str]], CompiledPlan] = LruCache(
            limits.plans, self._apart
        )
        self._introspection = Introspection(self.schema, self._apart)

    async def run(self, request: Request, context: RequestContext) -> Response:
        """The response to `request`. Never raises for what a client or a subgraph does wrong."""
        try:
            plan, variables, told = await self._ready(request, context)
            if plan.plan.kind == "subscription":
                raise _stream_refusal("A subscription has many responses. Ask for them as a stream.")
        except FederationError as error:
            return Response(None, tuple(error.formatted()), refused=True)
        return await self._whole(plan, variables, told, request, context)

    async def _whole(
        self,
        plan: CompiledPlan,
        variables: dict[str, Any],
        told: dict[str, Any],
        request: Request,
        context: RequestContext,
    ) -> Response:
        response = await run_plan(plan, variables, self._dispatch, context)
        if request.wants_complete and (missing := gaps(response.errors, context.coverage.missing)):
            response = replace(response, data=None, errors=(*response.errors, incomplete(missing)))
        return replace(response, extensions={**response.extensions, **told}) if told else response

    async def stream(
        self, request: Request, context: RequestContext, *, in_parts: bool = True
    ) -> Response | Delivered | AsyncGenerator[Response, None]:
        """What `request` is answered as it comes: a subscription's responses, one response in parts if that
        may be and the operation defers some of it, or one response like `run`.

        Closing what is returned ends what still runs for it.
        """
        try:
            plan, variables, told = await self._ready(request, context)
            if plan.plan.kind == "subscription":
                return await self._subscribed(plan, variables, context)
        except FederationError as error:
            return Response(None, tuple(error.formatted()), refused=True)
        part = plan.parts(variables) if in_parts and not request.wants_complete else None
        if part is None:
            return await self._whole(plan, variables, told, request, context)
        delivery = Delivery(plan, part, variables, self._dispatch, context, self._limits.pending)
        try:
            first = await delivery.first()
        except BaseException:
            await delivery.aclose()
            raise
        first = replace(first, extensions={**first.extensions, **told}) if told else first
        return Delivered(first, delivery) if first.has_next else first

    async def subscribe(
        self, request: Request, context: RequestContext
    ) -> Response | AsyncGenerator[Response, None]:
        """The responses to a subscription, one for each event; one response where it is refused.

        Closing the generator ends the subscription at the subgraph. Other operations are run.
        """
        try:
            plan, variables, told = await self._ready(request, context)
            if plan.plan.kind == "subscription":
                return await self._subscribed(plan, variables, context)
        except FederationError as error:
            return Response(None, tuple(error.formatted()), refused=True)
        return await self._whole(plan, variables, told, request, context)

    async def _subscribed(
        self, plan: CompiledPlan, variables: dict[str, Any], context: RequestContext
    ) -> Response | AsyncGenerator[Response, None]:
        if not plan.steps:  # the caller may see nothing of it
            return await run_plan(plan, variables, self._dispatch, context)
        if self._events is None:
            raise _stream_refusal("Nobody here can send the events of this subscription.")
        return subscribe(plan, variables, self._dispatch, self._events, context)

    async def read(self, text: str, operation_name: str | None = None) -> Operation:
        """As `operation`, without holding up the event loop: a large text is read in a thread.

        Raises `DocumentError`, and `PlanningError` (PLANNER_BUSY) when too many are being read.
        """
        if not is_large(text):
            return self._read(text, operation_name).operation
        key = (text, operation_name)
        with _refused_when_busy():
            return (await self._known.get_apart(key, lambda: self._known_of(*key))).operation

    async def _ready(
        self, request: Request, context: RequestContext
    ) -> tuple[CompiledPlan, dict[str, Any], dict[str, Any]]:
        """The plan, its variables' values, and what the response is to say of the cost."""
        text, name = request.query, request.operation_name
        large = is_large(text)
        if large:
            await self.read(text, name)
        met = () if self._guards.is_open else await self._met(request, context)
        key = (text, name, met, request.without)
        if large:
            with _refused_when_busy():
                plan = await self._plans.get_apart(key, lambda: self._compile(*key))
        else:
            plan = self._compiled(*key)
        if request.wants_complete and plan.plan.kind != "query":
            raise complete_refusal()
        variables = plan.coerce(request.variables)
        if plan.plan.introspection is not None and not context.may_introspect:
            raise _introspection_refusal()
        if large:
            with _refused_when_busy():
                await plan.work_out(variables)
        return plan, variables, self._cost(plan, variables, request, context)

    def plan(self, text: str, operation_name: str | None = None, claims: Claims = NOBODY) -> Plan:
        """The plan of an operation for a caller. Raises `DocumentError` or `PlanningError`."""
        demands = self._read(text, operation_name).demands
        return self._compiled(text, operation_name, tuple(one.met_by(claims) for one in demands)).plan

    def operation(self, text: str, operation_name: str | None = None) -> Operation:
        """The plain form of an operation, as anybody may see it. Raises `DocumentError`."""
        return self._read(text, operation_name).operation

    async def _met(self, request: Request, context: RequestContext) -> Met:
        """Which of the operation's demands the caller meets."""
        known = self._read(request.query, request.operation_name)
        claims = context.claims
        if known.policies and self._policies is not None:
            held = await self._policies(known.policies, context)
            claims = replace(claims, policies=claims.policies | held)
        return tuple(one.met_by(claims) for one in known.demands)

    def _cost(
        self, plan: CompiledPlan, variables: dict[str, Any], request: Request, context: RequestContext
    ) -> dict[str, Any]:
        """What the response is to say of the cost. Raises `DocumentError` when it is over the budget."""
        budget, asked = context.cost_budget, request.extensions.get("cost") is True
        if budget is None and not asked:
            return {}
        estimated = amount(plan.cost, variables)
        if budget is not None and estimated > budget:
            raise cost_refusal(estimated, budget)
        return {"cost": {"estimated": estimated, "budget": budget}} if asked else {}

    def _read(self, text: str, operation_name: str | None) -> Known:
        return self._known.get((text, operation_name), lambda: self._known_of(text, operation_name))

    def _known_of(self, text: str, operation_name: str | None) -> Known:
        operation = prepare(self.schema, text, operation_name, self._checks, self._limits.tokens)
        demands = self._guards.demands(operation)
        policies = (name for one in demands for group in one.policies for name in group)
        return Known(operation, demands, frozenset(policies))

    def _compiled(
        self, text: str, operation_name: str | None, met: Met, without: frozenset[str] = frozenset()
    ) -> CompiledPlan:
        key = (text, operation_name, met, without)
        return self._plans.get(key, lambda: self._compile(*key))

    def _compile(
        self, text: str, operation_name: str | None, met: Met, without: frozenset[str]
    ) -> CompiledPlan:
        known = self._read(text, operation_name)
        unmet = frozenset(one for one, is_met in zip(known.demands, met, strict=True) if not is_met)
        authorised = leave_out(self._guards.authorise(known.operation, unmet), without)
        plan = plan_operation(
            self._capabilities,
            authorised.operation,
            self._separate,
            self._limits.planning_work,
            authorised.shown,
        )
        cost = estimate(self.supergraph, authorised.operation, self._limits.assumed_list_size)
        return CompiledPlan(plan, authorised.operation, self._introspection, self._types, cost, self._apart)


def is_large(text: str) -> bool:
    """Whether a text may take more than some milliseconds before it is executed: fragments can stand for
    much, each selection set in another costs about a millisecond of planning at the worst, and a schema is
    large however little is written about it."""
    return (
        len(text) > LARGE_TEXT_CHARACTERS
        or text.count("{") > LARGE_TEXT_BRACES
        or "fragment" in text
        or "__schema" in text
    )


@contextmanager
def _refused_when_busy() -> Iterator[None]:
    """Refuse the request where too much waits already for the thread in which plans are made."""
    try:
        yield
    except CacheBusyError:
        message = "Too many large operations that were not seen before are being planned. Try again later."
        raise PlanningError(PLANNER_BUSY, message) from None


def _stream_refusal(message: str) -> DocumentError:
    return DocumentError(SUBSCRIPTION_NOT_STREAMED, [{"message": message}])


def _introspection_refusal() -> DocumentError:
    message = "You may not ask for the schema. Leave out __schema and __type."
    extensions = {"code": INTROSPECTION_REFUSED}
    return DocumentError(INTROSPECTION_REFUSED, [{"message": message, "extensions": extensions}])


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
