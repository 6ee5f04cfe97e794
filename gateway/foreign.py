"""Serves any composed supergraph over HTTP, without the banks: what the engine is when it stands alone.

Each subgraph is asked at the address its `join__Graph` entry states, and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from edge.app import build_app
from edge.caller import PUBLIC, Caller
from edge.document_limits import document_check
from edge.health import Check
from edge.identity import Identity, IdentitySettings
from edge.limits import Limits
from edge.logs import make_logger
from edge.operation import CallContext, ExecutionResult, Operation
from edge.settings import EdgeSettings
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.settings import ClientSettings
from gateway.executor import public_error
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.composition.supergraph import Supergraph
from gateway.federation.engine import Engine, EngineLimits, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher

PROGRAM = "federation-gateway"


@dataclass(frozen=True, slots=True)
class StatedAddresses:
    """Where a supergraph says its subgraphs are (`gateway.clients.http.Addresses`)."""

    supergraph: Supergraph

    def url(self, subgraph: str, shard: str) -> str | None:
        listed = self.supergraph.subgraphs.get(subgraph)
        return (listed.url or None) if listed is not None and not shard else None


class EngineExecutor:
    """The bare engine as the HTTP front sees it. `masked` hides what subgraphs say of their own faults."""

    def __init__(self, engine: Engine, *, masked: bool) -> None:
        self._engine = engine
        self._masked = masked

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult:
        request = Request(operation.query, operation.variables, operation.operation_name)
        response = await self._engine.run(request, RequestContext(context.headers, context.deadline_s))
        errors = [public_error(error) for error in response.errors] if self._masked else response.errors
        return ExecutionResult(response.data, errors, response.extensions, executed=not response.refused)


def supergraph_app(
    sdl: str,
    *,
    limits: Limits | None = None,
    clients: ClientSettings | None = None,
    masked: bool = True,
) -> Starlette:
    """The gateway's application for the supergraph `sdl`. Raises `SupergraphError` for one that is none."""
    limits = limits or Limits()
    clients = clients or ClientSettings()
    supergraph = read_supergraph(sdl)
    http = HttpTransport(StatedAddresses(supergraph), clients.http)
    dispatcher = Dispatcher(GuardedTransport(http, clients))
    checks = (document_check(limits),)
    engine = Engine(supergraph, dispatcher, limits=EngineLimits(tokens=limits.tokens), checks=checks)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await http.aclose()

    async def ready() -> list[Check]:
        return [Check("supergraph")]

    return build_app(
        EdgeSettings(PROGRAM, limits),
        EngineExecutor(engine, masked=masked),
        Everyone(),
        ready,
        logger=make_logger(PROGRAM),
        lifespan=lifespan,
    )


class Everyone(Identity):
    """Proves nobody: subgraphs are handed the caller's own header and judge for themselves."""

    def __init__(self) -> None:
        super().__init__(IdentitySettings(PROGRAM, PROGRAM), _no_keys)

    async def caller(self, authorization: str | None) -> Caller:
        return PUBLIC


async def _no_keys() -> bytes:
    return b'{"keys": []}'
