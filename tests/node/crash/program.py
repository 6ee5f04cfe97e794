"""A node or a gateway that can be killed often: for each line on its input it starts one and tells where.

It is a whole program, in a process and on a socket of its own. Only the imports, the catalogue and the
composed contract are done once, before the process is forked: they have nothing to lose.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette

from catalogue.sample import load_sample
from edge.serving import settle


def main() -> None:
    make = PROGRAMS[sys.argv[1]](json.loads(sys.argv[2]))
    for _ in sys.stdin:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        child = os.fork()
        if child == 0:
            serve(make(), listening)
        print(json.dumps([child, listening.getsockname()[1]]), flush=True)  # noqa: T201 - its answer
        listening.close()
        os.waitpid(child, 0)
        print(flush=True)  # noqa: T201 - it is gone


def node(given: dict[str, Any]) -> Callable[[], Starlette]:
    from region_node.app import Node
    from region_node.settings import read_settings

    settings, bundle = read_settings(**given), load_sample()
    return lambda: Node(settings, bundle=bundle).app


def gateway(given: dict[str, Any]) -> Callable[[], Starlette]:
    from gateway.app import Gateway, stored_contract
    from gateway.settings import GatewaySettings

    settings, bundle, contract = GatewaySettings(**given), load_sample(), stored_contract()
    return lambda: Gateway(settings, bundle=bundle, supergraph_sdl=contract).app


PROGRAMS = {"node": node, "gateway": gateway}


def serve(app: Starlette, listening: socket.socket) -> None:
    settle()
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])
    os._exit(0)


if __name__ == "__main__":
    main()
