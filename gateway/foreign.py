"""Serves any composed supergraph over HTTP, without the banks: what the engine is when it stands alone.

Each subgraph is asked at the address its `join__Graph` entry states, and nowhere else.
"""

from __future__ import annotations

import asyncio
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
from edge.operation import CallContext, ExecutionResult, Operation, ResultStream
from edge.serving import serve
from gateway.access import UNBOUNDED, AccessGroup
from gateway.clients.body import Bodies
from gateway.clients.deduplicated import DeduplicatedTransport
from gateway.clients.events import EventStreams, Places
from gateway.clients.exchange import PooledExchange
from gateway.clients.fetch import fetch
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.executor import public_error
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.composition.supergraph import Supergraph
from gateway.federation.engine import Engine, EngineLimits, Request
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.live import REFUSALS, LiveExecutor
from gateway.messages import GATEWAY_MESSAGES
from gateway.reloading import Reloading
from gateway.settings import ClientsGroup
from gateway.sources import read_sdl
from gateway.streaming import answer

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
    reload_interval_ms: Annotated[int, Field(ge=100)] = 2_000
    """How often the supergraph's file is looked at."""
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

    async def execute(self, operation: Operation, context: CallContext) -> ExecutionResult | ResultStream:
        request = Request(
            operation.query, operation.variables, operation.operation_name, operation.extensions
        )
        shown = public_error if self._masked else dict
        return await answer(self._engine, request, self._access.context(context), context, shown)


class SupergraphGateway:
    """A gateway for one supergraph, assembled but not started. `app` is its ASGI application."""

    def __init__(self, source: str | Path, settings: SupergraphSettings) -> None:
        """`source` is the SDL itself, or the file that has it, which is then followed.

        Raises `SupergraphError` for what is no supergraph, OSError and ValueError for what is no text.
        """
        self._settings = settings
        self._sockets = PooledExchange(settings.clients.http)
        self._places = Places(settings.clients.events.open_streams)
        self._logger = make_logger(PROGRAM)
        paths = () if isinstance(source, str) else (source,)
        self._file = Reloading(lambda *_: self._executor(source), *paths, refusals=REFUSALS)
        self._live = LiveExecutor(self._file.value)
        self.app = build_app(
            settings.front.settings(PROGRAM, settings.limits),
            self._live,
            _callers(settings.identity),
            self._ready,
            messages=GATEWAY_MESSAGES,
            logger=self._logger,
            lifespan=self._lifespan,
        )

    def _executor(self, source: str | Path) -> EngineExecutor:
        """Make everything that serves one supergraph. Runs in a thread when its file has changed."""
        sdl = source if isinstance(source, str) else read_sdl(source)
        settings, clients = self._settings, self._settings.clients.settings()
        limits, supergraph = settings.limits, read_supergraph(sdl)
        addresses = StatedAddresses(supergraph)
        bodies = Bodies()
        http = HttpTransport(addresses, clients.http, exchange=self._sockets, bodies=bodies)
        transport = DeduplicatedTransport(
            GuardedTransport(http, clients), clients.deduplication, bodies=bodies
        )
        engine = Engine(
            supergraph,
            Dispatcher(transport),
            limits=EngineLimits(tokens=limits.tokens, assumed_list_size=settings.access.assumed_list_size),
            checks=(document_check(limits),),
            events=EventStreams(addresses, self._sockets, self._places, clients.events),
        )
        return EngineExecutor(engine, settings.access, masked=settings.masked)

    async def _ready(self) -> list[Check]:
        return [Check("supergraph"), Check("supergraph file", self._file.problem, essential=False)]

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async def changed() -> None:
            self._live.current = self._file.value
            self._logger.info("supergraph_taken_up")

        def failed(problem: str) -> None:
            self._logger.error("file_kept_old", problem=problem)

        following = asyncio.create_task(self._file.follow(self._settings.reload_interval_ms, changed, failed))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self._sockets.aclose()


def supergraph_app(source: str | Path, settings: SupergraphSettings | None = None) -> Starlette:
    """The gateway's application for a supergraph: its SDL, or the file that has it.

    Raises what `SupergraphGateway` raises.
    """
    return SupergraphGateway(source, settings or SupergraphSettings()).app


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
    app = supergraph_app(file, settings)
    serve(app, settings.limits, make_logger(PROGRAM), host=settings.host, port=settings.port)
