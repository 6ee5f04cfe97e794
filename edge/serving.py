"""How both programs are put on a socket: uvicorn with our limits, our log lines, and nothing said twice."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import signal
import socket
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from edge.door import Door
from edge.limits import Limits
from edge.logs import Logger, StandardLogs

KEEP_ALIVE_S: Final = 75
"""Longer than clients keep idle connections, so that it is they who close them, between requests."""
BACKLOG_LIMIT: Final = 512
ACCEPTORS: Final = 16
"""The loop (uvloop) takes one new connection from a listening socket in each of its turns, of which an
overloaded one makes ten to fifty a second: new clients would wait for seconds. So the same socket is listened
to several times."""
YOUNG_OBJECTS: Final = 20_000
"""New containers after which the collector looks for rings among them: one answer of many rows makes some
thousands, hardly ever in a ring. With Python's 700 it takes 8% of the CPU of a request to 31 regions."""
SOCKET_QUEUE_LIMIT: Final = 16
HEADERS_LIMIT_BYTES: Final = 65_536


def server_config(app: ASGIApp, limits: Limits, *, host: str, port: int) -> uvicorn.Config:
    """Uvicorn's settings for one program."""
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
    """Take what is loaded by now, schemas and catalogue, out of the garbage collector's rounds.

    It lives as long as the program, and a round over it stops every request for tens of milliseconds.
    To be called once, when everything is assembled, by a program that serves until it ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


def serve(app: ASGIApp, limits: Limits, logger: Logger, *, host: str, port: int) -> None:
    """Serves until a signal ends it. What libraries log (warnings and above) goes into our lines.

    Port 0 takes a free one; the line `serving` tells which. Raises SystemExit when the
    address is taken or the program's lifespan does not start.
    """
    settle()
    logging.basicConfig(level=logging.WARNING, handlers=[StandardLogs(logger)], force=True)
    config = server_config(app, limits, host=host, port=port)
    _Server(config, logger, limits.drain_ms / 1000).run(listening(config))


def listening(config: uvicorn.Config) -> list[socket.socket]:
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
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says where."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        for host, port, *_ in sorted({listener.getsockname() for listener in sockets or ()}):
            self._logger.info("serving", host=host, port=port)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM drains first: readiness says no while requests are still answered; all else ends now."""
        state = getattr(self.config.app, "state", None)
        if sig != signal.SIGTERM or self._loop is None or state is None or state.is_draining:
            super().handle_exit(sig, frame)
            return
        state.is_draining = True
        end = super().handle_exit
        self._loop.call_soon_threadsafe(self._loop.call_later, self._drain_s, end, sig, frame)
