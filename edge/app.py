"""Assembles the HTTP front of a program: its routes around the program's executor."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import Lifespan

from edge.admission import Admission
from edge.codes import MESSAGES
from edge.documents import DocumentFinder, MemoryPersistedQueries, PersistedQueries, TrustedDocuments
from edge.door import ADMISSION
from edge.endpoint import GraphQLEndpoint
from edge.errors import ErrorFormatter
from edge.explorer import Explorer
from edge.front import Front
from edge.health import Readiness, health_routes
from edge.identity import Callers
from edge.logs import Logger, fault_masked, make_logger
from edge.messages import Messages
from edge.metrics import CONTENT_TYPE, Metrics
from edge.operation import Executor
from edge.polls import Polls
from edge.settings import EdgeSettings
from edge.socket import SocketEndpoint

CORS_REQUEST_HEADERS = ("authorization", "content-type", "graphql-require-preflight", "x-deadline-ms")


def build_app(
    settings: EdgeSettings,
    executor: Executor,
    identity: Callers,
    readiness: Readiness,
    *,
    messages: Messages = MESSAGES,
    metrics: Metrics | None = None,
    logger: Logger | None = None,
    explorer: Explorer | None = None,
    persisted: PersistedQueries | None = None,
    lifespan: Lifespan[Starlette] | None = None,
    routes: Sequence[BaseRoute] = (),
    polls: Sequence[str] = (),
) -> Starlette:
    """The program's ASGI application: `/graphql`, `/health/live`, `/health/ready`, `/metrics`.

    `identity` is `edge.identity.Identity`, or `Everyone` where a program judges no tokens.

    `messages` is `edge.codes.MESSAGES` with the program's own wordings added;
    `persisted` replaces the store of persisted queries in memory by a shared one. Of the questions
    `polls`, which programs ask all the time, only answers that end otherwise than before are logged. Raises
    OSError when the settings name a folder of trusted documents that cannot be read.
    """
    metrics = metrics or Metrics()
    logger = logger or make_logger(settings.program)
    explorer = explorer or Explorer(settings.program)

    def report(correlation_id: str, error: BaseException) -> None:
        fault_masked(logger, correlation_id, error)

    formatter = ErrorFormatter(messages, report)
    front = Front(
        settings,
        executor,
        identity,
        formatter,
        _finder(settings, persisted),
        metrics,
        logger,
        explorer.page if settings.explorer else None,
        Admission(settings.limits, formatter, metrics, logger),
        Polls(polls),
    )

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), headers={"content-type": CONTENT_TYPE})

    all_routes: list[BaseRoute] = [
        Route("/graphql", GraphQLEndpoint(front)),
        WebSocketRoute("/graphql", SocketEndpoint(front)),
        *health_routes(readiness),
        Route("/metrics", exposition),
        *routes,
    ]
    if settings.explorer:
        all_routes.append(Route("/", _to_explorer, methods=["GET"]))
        all_routes.append(Route("/graphiql", explorer.graphiql, methods=["GET"]))
        all_routes.append(Mount("/explorer", explorer.files))
    app = Starlette(
        routes=all_routes, middleware=_cors(settings), lifespan=_with_admission(front.admission, lifespan)
    )
    app.state.is_draining = False
    return app


def _with_admission(admission: Admission, lifespan: Lifespan[Starlette] | None) -> Lifespan[Starlette]:
    """The program's lifespan, whose state tells the server's connections who may enter."""

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncGenerator[Mapping[str, Any], None]:
        async with lifespan(app) if lifespan else nullcontext():
            yield {ADMISSION: admission}

    return running


async def _to_explorer(_: Request) -> Response:
    """To the page. The place is relative: a proxy may serve the program under a path of its own."""
    return RedirectResponse("graphql")


def _finder(settings: EdgeSettings, persisted: PersistedQueries | None) -> DocumentFinder:
    folder = settings.trusted_documents
    trusted = TrustedDocuments.from_folder(folder) if folder else TrustedDocuments({})
    if settings.persisted_queries and persisted is None:
        persisted = MemoryPersistedQueries(
            settings.persisted_queries_limit, settings.persisted_queries_limit_bytes
        )
    return DocumentFinder(
        persisted if settings.persisted_queries else None,
        trusted,
        trusted_only=settings.trusted_documents_only,
    )


def _cors(settings: EdgeSettings) -> list[Middleware]:
    if not settings.allowed_origins:
        return []
    options: dict[str, Any] = {
        "allow_origins": settings.allowed_origins,
        "allow_methods": ("GET", "POST"),
        "allow_headers": CORS_REQUEST_HEADERS,
    }
    return [Middleware(CORSMiddleware, **options)]
