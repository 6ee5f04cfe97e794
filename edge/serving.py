"""How both programs are put on a socket: uvicorn with our limits, our log lines, and nothing said twice."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from edge.door import Door
from edge.limits import Limits
from edge.logs import Logger, StandardLogs

OnSignal = Callable[[int, FrameType | None], object]

KEEP_ALIVE_S: Final = 75
"""Longer than clients keep idle connections, so that it is they who close them, between requests."""
BACKLOG_LIMIT: Final = 512
ACCEPTORS: Final = 16
"""The loop (uvloop) takes one new connection from a listening socket in each of its turns, of which an
overloaded one makes ten to fifty a second: new clients would wait for seconds. So the same socket is listened
to several times."""
YOUNG_OBJECTS: Final = 20_000
"""New containers after which the collector looks for rings among them, for about 15 ms: one answer of many
rows makes some thousands, hardly ever in a ring. With Python's 700 it takes 8% of the CPU of a request to 31
regions, with 10,000 still a fifth of the federation benchmark's."""
YOUNG_ROUNDS: Final = 2
"""Such rounds before one over all that has been made since the last of these: 60,000 containers, 45 ms."""
WHOLE_ROUNDS: Final = 40
"""Those, in turn, before one over everything, remembered plans among it, which takes a third of a second or
more. A quiet moment should have come before."""
QUIET_INTERVAL_S: Final = 300
"""How long after one round over everything there may be another in a quiet moment."""
THREAD_TURN_S: Final = 0.001
"""How long a thread works before another gets its turn, where both want to. A request comes back from waiting
a dozen times, and with Python's 5 ms would wait for sixty while a plan is made."""
SOCKET_QUEUE_LIMIT: Final = 16
HEADERS_LIMIT_BYTES: Final = 65_536


def server_config(app: ASGIApp | str, limits: Limits, *, host: str, port: int) -> uvicorn.Config:
    """Uvicorn's settings for one program, whose `app` may be the name of a factory."""
    return uvicorn.Config(
        app,
        http=Door,
        host=host,
        port=port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=limits.body_limit_bytes,
        ws_max_queue=SOCKET_QUEUE_LIMIT,
        h11_max_incomplete_event_size=HEADERS_LIMIT_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=math.ceil(limits.time_ms / 1000),
        backlog=BACKLOG_LIMIT,
    )


def settle() -> None:
    """See to it that neither the garbage collector nor a thread stops every request for long.

    What is loaded by now, schemas and catalogue, lives as long as the program and is taken out of the
    collector's rounds. To be called once, when all is assembled, by a program that serves until it ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, WHOLE_ROUNDS)
    sys.setswitchinterval(THREAD_TURN_S)


def serve(app: ASGIApp, limits: Limits, logger: Logger, *, host: str, port: int) -> None:
    """Serves until a signal ends it. What libraries log (warnings and above) goes into our lines.

    Port 0 takes a free one; the line `serving` tells which. Raises SystemExit when the
    address is taken or the program's lifespan does not start.
    """
    _begin(logger)
    config = server_config(app, limits, host=host, port=port)
    _Server(config, logger, limits.drain_ms / 1000).run(_listening(config))


def serve_workers(
    factory: str, workers: int, limits: Limits, logger: Logger, *, host: str, port: int, start_limit_s: int
) -> None:
    """As `serve`, by so many processes on one socket; one that dies is replaced.

    Each calls `factory` ("module:function") for an application of its own, which returns it by way of
    `in_worker`, and may take `start_limit_s` until it serves.
    """
    config = server_config(factory, limits, host=host, port=port)
    config.factory, config.workers, config.timeout_worker_healthcheck = True, workers, start_limit_s
    sockets = _listening(config)
    bound_host, bound_port, *_ = sockets[0].getsockname()
    logger.info("serving", host=bound_host, port=bound_port, workers=workers)
    Multiprocess(config, sockets).run()


def in_worker(app: Starlette, limits: Limits, logger: Logger) -> Starlette:
    """Let a worker's process serve `app` as `serve` does. To be called by its factory."""
    _begin(logger)
    end = signal.getsignal(signal.SIGTERM)
    assert callable(end)  # noqa: S101 - the server that calls the factory has set it
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGTERM, _drained_first(app, limits.drain_ms / 1000, loop, end))
    return app


def _begin(logger: Logger) -> None:
    settle()
    logging.basicConfig(level=logging.WARNING, handlers=[StandardLogs(logger)], force=True)


def _drained_first(
    app: Starlette, drain_s: float, loop: asyncio.AbstractEventLoop, end: OnSignal
) -> OnSignal:
    """What is done on SIGTERM: readiness says no while requests are still answered, and then comes the end.
    Who is told twice does not wait."""

    def drain(sig: int, frame: FrameType | None) -> None:
        if app.state.is_draining:
            end(sig, frame)
            return
        app.state.is_draining = True
        loop.call_soon_threadsafe(loop.call_later, drain_s, end, sig, frame)

    return drain


def _listening(config: uvicorn.Config) -> list[socket.socket]:
    """The socket that `config` names, as often as connections are taken from it in one turn of the loop.

    Raises SystemExit when the address is taken.
    """
    first = config.bind_socket()
    return [first, *(first.dup() for _ in range(ACCEPTORS - 1))]


class _Server(uvicorn.Server):
    """Uvicorn's server, which says in our log when it listens."""

    def __init__(self, config: uvicorn.Config, logger: Logger, drain_s: float) -> None:
        super().__init__(config)
        self._logger = logger
        self._drain_s = drain_s
        self._on_term: OnSignal = super().handle_exit
        self._collected_s = time.monotonic()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: where nobody is being answered, let the collector go over everything now."""
        if not self.server_state.tasks and time.monotonic() - self._collected_s > QUIET_INTERVAL_S:
            _, _, rounds = gc.get_count()
            if rounds:
                gc.collect()
            self._collected_s = time.monotonic()
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says where."""
        await super().startup(sockets)
        if isinstance(self.config.app, Starlette):
            loop, end = asyncio.get_running_loop(), super().handle_exit
            self._on_term = _drained_first(self.config.app, self._drain_s, loop, end)
        for host, port, *_ in sorted({listener.getsockname() for listener in sockets or ()}):
            self._logger.info("serving", host=host, port=port)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM drains first, once there is something to drain; all else ends now."""
        if sig == signal.SIGTERM:
            self._on_term(sig, frame)
        else:
            super().handle_exit(sig, frame)
