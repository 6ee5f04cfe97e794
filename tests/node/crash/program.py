"""A node that can be killed often: for each line on its input it starts one, and says where it is.

It is a whole node, in a process and on a socket of its own. Only the imports and the catalogue are
done once, before the process is forked: they have nothing to lose.
"""

from __future__ import annotations

import json
import os
import socket
import sys

import uvicorn

from catalogue.lookup import Catalogue
from catalogue.sample import load_sample
from edge.serving import settle
from region_node.app import Node
from region_node.settings import NodeSettings, read_settings


def main() -> None:
    settings, bundle = read_settings(**json.loads(sys.argv[1])), load_sample()
    for _ in sys.stdin:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        child = os.fork()
        if child == 0:
            serve(settings, bundle, listening)
        print(json.dumps([child, listening.getsockname()[1]]), flush=True)  # noqa: T201 - its answer
        listening.close()
        os.waitpid(child, 0)
        print(flush=True)  # noqa: T201 - it is gone


def serve(settings: NodeSettings, bundle: Catalogue, listening: socket.socket) -> None:
    node = Node(settings, bundle=bundle)
    settle()
    config = uvicorn.Config(node.app, log_config=None, access_log=False, lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])
    os._exit(0)


if __name__ == "__main__":
    main()
