"""A node over a database of a benchmark, as it is served, in a process of its own.

    python -m benchmarks.served_node DATABASE_URL REGION

prints {"port": …, "token": …}, the token being an officer's, and ends with its input.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.bare_endpoint import serve_app
from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.tokens import generate_key, issue_token, jwks
from region_node.app import Node
from region_node.service.vault import KEY_BYTES
from region_node.settings import read_settings

if __name__ == "__main__":
    url, region = sys.argv[1:]
    key = generate_key()
    with tempfile.TemporaryDirectory(prefix="served-node-") as folder:
        keys = Path(folder) / "jwks.json"
        keys.write_bytes(jwks(key))
        settings = read_settings(
            region=region,
            database_url=url,
            catalogue="unused",
            encryption_key="11" * KEY_BYTES,
            index_key="22" * KEY_BYTES,
            pseudonym_key="33" * KEY_BYTES,
            identity={"keys_file": keys},
        )
        token = issue_token(key, Caller(Role.OFFICER, "benchmark", region=region))
        serve_app(Node(settings, bundle=load_sample()).app, token=token)
