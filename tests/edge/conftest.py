"""A tiny program behind edge, served by uvicorn on a real socket, and a client for it."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from graphql import GraphQLSchema, build_schema
from joserfc.jwk import OKPKey
from starlette.applications import Starlette
from starlette.types import ASGIApp

from edge.app import build_app
from edge.caller import Caller, Role
from edge.errors import PublicError
from edge.health import Check, Readiness
from edge.identity import Identity, IdentitySettings
from edge.limits import Limits
from edge.logs import make_logger
from edge.operation import Executor
from edge.schema_executor import SchemaExecutor
from edge.serving import server_config
from edge.settings import EdgeSettings
from edge.tokens import DEMO_AUDIENCE, DEMO_ISSUER, generate_key, issue_token, jwks

SDL = """
type Query {
  hello(name: String): String
  me: String
  items(first: Int, last: Int, filter: String): [Item!]!
  breaks: String
  refuses: String
  never: String
  inner: Query
}
type Item { id: ID!, inner: Item }
type Mutation { add(by: Int!): Int }
type Subscription { count(to: Int!): Int, silence: Int }
"""

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Plain HTTP needs none, and loading them takes longer than a test."""

SECRET = "310101199001011234"


def small_schema() -> GraphQLSchema:
    """A schema whose fields greet, count, break, refuse and never answer."""
    schema = build_schema(SDL)
    query, mutation, subscription = schema.query_type, schema.mutation_type, schema.subscription_type
    assert query is not None
    assert mutation is not None
    assert subscription is not None
    query.fields["hello"].resolve = lambda _, info, name="world": f"hello {name}"
    query.fields["me"].resolve = lambda _, info: info.context.caller.role.value
    query.fields["items"].resolve = lambda *_, **__: [{"id": "1"}]
    query.fields["inner"].resolve = lambda *_: {}
    query.fields["breaks"].resolve = _breaks
    query.fields["refuses"].resolve = _refuses
    query.fields["never"].resolve = _never
    mutation.fields["add"].resolve = lambda _, info, by: by + 1
    subscription.fields["count"].subscribe = _count
    subscription.fields["count"].resolve = lambda number, *_, **__: number
    subscription.fields["silence"].subscribe = _silence
    return schema


def _breaks(*_: Any) -> str:
    raise ValueError(f"row of {SECRET} is broken")


def _refuses(*_: Any) -> str:
    raise PublicError("FORBIDDEN")


async def _never(*_: Any) -> str:
    await asyncio.Event().wait()
    return "never"


async def _count(_: Any, __: Any, to: int) -> AsyncIterator[int]:
    for number in range(to):
        yield number


async def _silence(*_: Any) -> AsyncIterator[int]:
    await asyncio.Event().wait()
    yield 0


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app on a socket of its own; gives its base URL."""
    config = server_config(app, Limits(time_ms=1_000), host="127.0.0.1", port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await server.startup(sockets=[listener])
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await server.shutdown(sockets=[listener])


@dataclass
class Program:
    """A served program: its address, what it logged, the key that signs its tokens, and a client."""

    url: str
    key: OKPKey
    log: io.BytesIO
    client: httpx.AsyncClient = field(repr=False)

    def token(self, role: Role = Role.PORTAL, **rest: Any) -> str:
        """A token that the program accepts."""
        return issue_token(self.key, Caller(role, "somebody", **rest))

    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    async def post(self, body: Any = None, **headers: str) -> httpx.Response:
        """POSTs JSON to /graphql; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(
            "/graphql", content=content, headers={"content-type": "application/json", **named}
        )

    async def ask(self, query: str, **envelope: Any) -> dict[str, Any]:
        """The response's body to one query."""
        answer: dict[str, Any] = (await self.post({"query": query, **envelope})).json()
        return answer


async def all_ready() -> list[Check]:
    """A program that needs nothing."""
    return []


Start = Callable[..., Awaitable[Program]]


@pytest.fixture(scope="session")
def key() -> OKPKey:
    return generate_key()


def tiny_app(
    key: OKPKey,
    log: io.BytesIO,
    settings: EdgeSettings | None = None,
    executor: Executor | None = None,
    readiness: Readiness = all_ready,
    **rest: Any,
) -> Starlette:
    """The small schema behind edge, logging to `log`, trusting tokens that `key` signed."""
    settings = settings or EdgeSettings("test")

    async def keys() -> bytes:
        return jwks(key)

    return build_app(
        settings,
        executor or SchemaExecutor(small_schema(), settings.limits),
        Identity(IdentitySettings(DEMO_ISSUER, DEMO_AUDIENCE), keys),
        readiness,
        logger=make_logger("test", log),
        **rest,
    )


def client_of(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=30, verify=NO_AUTHORITIES)


@pytest.fixture
async def start(key: OKPKey) -> AsyncIterator[Start]:
    """Starts programs with the settings a test wants; all end with the test."""
    async with AsyncExitStack() as stack:

        async def starter(settings: EdgeSettings | None = None, **rest: Any) -> Program:
            log = io.BytesIO()
            url = await stack.enter_async_context(served(tiny_app(key, log, settings, **rest)))
            client = await stack.enter_async_context(client_of(url))
            return Program(url, key, log, client)

        yield starter


@pytest.fixture(scope="session")
def shared_program(key: OKPKey) -> Iterator[tuple[str, io.BytesIO]]:
    """One program with the settings as they come, in a thread of its own: most tests need no other."""
    log = io.BytesIO()
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(served(tiny_app(key, log))) as url,
    ):
        yield url, log


@pytest.fixture
async def program(shared_program: tuple[str, io.BytesIO], key: OKPKey) -> AsyncIterator[Program]:
    """The shared program, with a client of the test's own."""
    url, log = shared_program
    async with client_of(url) as client:
        yield Program(url, key, log, client)
