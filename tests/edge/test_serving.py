"""A program that is really served: it starts, says so in one line, and ends on a signal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from tests.edge.conftest import NO_AUTHORITIES

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import logging, sys
from contextlib import asynccontextmanager
from edge.app import build_app
from edge.identity import Everyone
from edge.limits import Limits
from edge.logs import make_logger
from edge.schema_executor import SchemaExecutor
from edge.serving import serve
from edge.settings import EdgeSettings
from graphql import build_schema

async def ready():
    return []

@asynccontextmanager
async def lifespan(app):
    logging.getLogger("library").warning("beware of %s", "310101199001011234")
    yield

limits, logger = Limits(), make_logger("test")
executor = SchemaExecutor(build_schema("type Query { a: Int }"), limits)
app = build_app(EdgeSettings("test"), executor, Everyone(), ready, logger=logger, lifespan=lifespan)
serve(app, limits, logger, host="127.0.0.1", port=int(sys.argv[1]))
"""


@contextmanager
def program(port: int) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The program as a process of its own, and what it writes."""
    with subprocess.Popen(  # noqa: S603  # our own interpreter and text
        [sys.executable, "-c", PROGRAM, str(port)], stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stderr is not None
        try:
            yield process, process.stderr
        finally:
            process.kill()


def test_a_program_serves_until_a_signal_and_logs_lines_of_json_alone() -> None:
    with program(0) as (process, written):
        library, serving = json.loads(written.readline()), json.loads(written.readline())
        assert (library["event"], library["message"]) == ("library", "beware of %s")
        assert serving["event"] == "serving"
        with httpx.Client(base_url=f"http://127.0.0.1:{serving['port']}", verify=NO_AUTHORITIES) as client:
            headers = {"authorization": "Bearer judged-elsewhere"}
            answer = client.post("/graphql", json={"query": "{ a }"}, headers=headers)
        assert answer.json() == {"data": {"a": None}}
        assert "server" not in answer.headers
        with program(serving["port"]) as (second, said):
            assert "address already in use" in said.read().lower()
            assert second.wait(30) != 0
        process.send_signal(signal.SIGTERM)
        rest = written.read().splitlines()
        assert process.wait(30) in (0, -signal.SIGTERM)
    assert [json.loads(line)["event"] for line in rest] == ["request"]
