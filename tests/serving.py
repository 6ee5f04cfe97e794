"""Serves ASGI applications on real loopback sockets, all from one background thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from edge.serving import KEEP_ALIVE_S

T = TypeVar("T")
Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

START_LIMIT_S = 30.0
STOP_LIMIT_S = 2


class Served:
    """One application being served. `requests` are the paths asked of it since it started, in order."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self.requests: list[str] = []
        self.port: int = listening.getsockname()[1]
        self._app = app
        config = uvicorn.Config(
            self,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=STOP_LIMIT_S,
            timeout_keep_alive=KEEP_ALIVE_S,  # as a node has it: a client closes what is idle, not its server
        )
        self._server = uvicorn.Server(config)
        self._listening = listening
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.requests.append(scope["path"])
        await self._app(scope, receive, send)

    async def run(self) -> None:
        """Start serving; returns when requests are accepted."""
        self._task = asyncio.create_task(self._serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise RuntimeError("the application ended while starting")
            await asyncio.sleep(0.01)

    async def _serve(self) -> None:
        try:
            await self._server.serve(sockets=[self._listening])
        except SystemExit:
            # uvicorn's way to say that the lifespan failed; here it would end the thread of all servers
            raise RuntimeError("the application did not start") from None

    async def end(self) -> None:
        """Close every connection and stop listening."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._listening.close()


class Servers:
    """A thread with an event loop of its own, on which any number of servers run."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="servers", daemon=True)
        self._running: list[Served] = []
        self._raw: list[tuple[asyncio.Server, set[asyncio.Task[None]]]] = []

    def __enter__(self) -> Servers:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for served in reversed(self._running.copy()):
            self.stop(served)
        for server, open_connections in self._raw:
            self.call(_closed(server, open_connections))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def start(self, app: ASGIApp, listening: socket.socket | None = None) -> Served:
        """Serve `app` on a socket that `listen` gave, or on a new one."""
        served = Served(app, listening or listen())
        self.call(served.run())
        self._running.append(served)
        return served

    def stop(self, served: Served) -> None:
        """Stop serving: from now on, connections to its port are refused."""
        self._running.remove(served)
        self.call(served.end())

    def start_raw(self, connected: Connected) -> int:
        """Answer TCP connections by `connected`, which need not speak HTTP; returns the port."""

        tasks: set[asyncio.Task[None]] = set()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await connected(reader, writer)
            finally:
                writer.close()

        async def begin() -> asyncio.Server:
            return await asyncio.start_server(answer, "127.0.0.1", 0)

        server = self.call(begin())
        self._raw.append((server, tasks))
        port: int = server.sockets[0].getsockname()[1]
        return port

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the servers' loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_LIMIT_S)


def listen(port: int = 0) -> socket.socket:
    """A loopback socket, bound: its port is known before anything is served on it."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


async def _closed(server: asyncio.Server, connections: set[asyncio.Task[None]]) -> None:
    server.close()
    for connection in connections:
        connection.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
    await server.wait_closed()
