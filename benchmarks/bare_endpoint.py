"""The bare client behind the least HTTP endpoint there can be: one Starlette route, no checks at all.

    python -m benchmarks.bare_endpoint URLS NAMES     (both JSON objects by region code)

prints {"port": …} and ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.bare_client import BareClient
from edge.serving import settle


class Server(uvicorn.Server):
    """Says its port, and what else is to be told, on the first line of standard output."""

    def __init__(self, config: uvicorn.Config, told: dict[str, str]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(json.dumps({"port": port, **self._told}), flush=True)


def serve_route(endpoint: Callable[[Request], Awaitable[Response]]) -> None:
    """Serve `/graphql` on a free port until standard input ends."""
    serve_app(Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])]))


def serve_app(app: Starlette, **told: str) -> None:
    """Serve an application on a free port until standard input ends; `told` is told with the port."""
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    server = Server(config, told)

    async def run() -> None:
        serving = asyncio.create_task(server.serve())
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        server.should_exit = True
        await serving

    settle()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


if __name__ == "__main__":
    client = BareClient(json.loads(sys.argv[1]), json.loads(sys.argv[2]))

    async def transcript(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        data = await client.transcript(asked["variables"]["learner"])
        return Response(orjson.dumps({"data": data}), media_type="application/json")

    serve_route(transcript)
