"""Serves any composed supergraph over HTTP, without the banks: what the engine is when it stands alone.

Each subgraph is asked at the address its `join__Graph` entry states, and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette

from edge.app import build_app
from edge.configuration import DELIMITER, FrontGroup, IdentityGroup, LimitsGroup, read_layered
from edge.document_limits import document_check
from edge.health import Check
from edge.identity import Callers, Everyone, Identity
from edge.keys import file_source, url_source
from edge.limits import Limits
from edge.logs import make_logger
from edge.operation import CallContext, ExecutionResult, Operation
from edge.serving import serve
from gateway.access import UNBOUNDED, AccessGroup
from gateway.clients.fetch import fetch
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.executor import public_error
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.composition.supergraph import Supergraph
from gateway.federation.engine import Engine, EngineLimits, Request
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.settings import ClientsGroup

PROGRAM: Final = "federation-gateway"
PREFIX: Final = "CREDITBANK_SUPERGRAPH_"


class SupergraphSettings(BaseSettings):
    """What may be set where a supergraph is served by itself."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    identity: IdentityGroup = IdentityGroup()
    """Whose tokens are proved here. Without keys every caller is the public; subgraphs judge the token."""
    access: AccessGroup = AccessGroup(cost_budgets=UNBOUNDED)
    """Who may see the schema, and what an operation may cost: anything, unless it is set."""
    masked: bool = True
    """Whether clients are kept from what subgraphs say of their own faults."""
    front: FrontGroup = FrontGroup()
    limits: LimitsGroup = Limits()
    clients: ClientsGroup = ClientsGroup()


@dataclass(frozen=True, slots=True)
class StatedAddresses:
    """Where a supergraph says its subgraphs are (`gateway.clients.http.Addresses`)."""

    supergraph: Supergraph

    def url(self, subgraph: str, shard: str) -> str | None:
        listed = self.supergraph.subgraphs.get(subgraph)
        return (listed.url or None) if listed is not None and not shard else None


class EngineExecutor:
    """The bare engine as the HTTP front sees it. `masked` hides what subgraphs say of their own faults."""

    def __init__(self, engine: Engine, access: AccessGroup, *, masked: bool) -> None:
        self._engine = engine
        self._access = access
        self._masked = masked

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult:
        request = Request(
            operation.query, operation.variables, operation.operation_name, operation.extensions
        )
        response = await self._engine.run(request, self._access.context(context))
        errors = [public_error(error) for error in response.errors] if self._masked else response.errors
        return ExecutionResult(response.data, errors, response.extensions, executed=not response.refused)


def supergraph_app(sdl: str, settings: SupergraphSettings | None = None) -> Starlette:
    """The gateway's application for the supergraph `sdl`. Raises `SupergraphError` for one that is none."""
    settings = settings or SupergraphSettings()
    limits, clients = settings.limits, settings.clients.settings()
    supergraph = read_supergraph(sdl)
    http = HttpTransport(StatedAddresses(supergraph), clients.http)
    dispatcher = Dispatcher(GuardedTransport(http, clients))
    checks = (document_check(limits),)
    bounds = EngineLimits(tokens=limits.tokens, assumed_list_size=settings.access.assumed_list_size)
    engine = Engine(supergraph, dispatcher, limits=bounds, checks=checks)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await http.aclose()

    async def ready() -> list[Check]:
        return [Check("supergraph")]

    return build_app(
        settings.front.settings(PROGRAM, limits),
        EngineExecutor(engine, settings.access, masked=settings.masked),
        _callers(settings.identity),
        ready,
        logger=make_logger(PROGRAM),
        lifespan=lifespan,
    )


def _callers(identity: IdentityGroup) -> Callers:
    if identity.keys_file is not None:
        return Identity(identity.settings(), file_source(identity.keys_file))
    if identity.keys_url is not None:
        return Identity(identity.settings(), url_source(identity.keys_url, fetch))
    return Everyone()


def serve_supergraph(file: Path, *, config: Path | None = None, **given: object) -> None:
    """Serve the supergraph in `file` until told to stop; subgraphs judge the caller's own token.

    Raises OSError, `SupergraphError`, and what `read_layered` raises for `config` and `given`.
    """
    settings = read_layered(SupergraphSettings, config, given)
    app = supergraph_app(file.read_text(encoding="utf-8"), settings)
    serve(app, settings.limits, make_logger(PROGRAM), host=settings.host, port=settings.port)
