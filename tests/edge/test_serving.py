"""A program that is really served: it starts, says so in one line, and ends on a signal."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import httpx
import pytest
from joserfc.jwk import OKPKey
from starlette.applications import Starlette

import edge.serving
from edge.limits import Limits
from edge.logs import make_logger
from edge.serving import server_config
from tests.edge.conftest import NO_AUTHORITIES, client_of, tiny_app

ROOT = Path(__file__).resolve().parents[2]
ASKED_LIMIT = 5_000
"""Questions asked before a signal must have been heard: many times what it takes."""
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

WORKERS = """
import os
from edge.app import build_app
from edge.identity import Everyone
from edge.limits import Limits
from edge.logs import make_logger
from edge.schema_executor import SchemaExecutor
from edge.serving import in_worker, serve_workers
from edge.settings import EdgeSettings
from graphql import build_schema

LIMITS, LOGGER = Limits(drain_ms=600_000), make_logger("test")

async def ready():
    return []

def application():
    executor = SchemaExecutor(build_schema("type Query { a: Int }"), LIMITS)
    LOGGER.info("worker", pid=os.getpid())
    app = build_app(EdgeSettings("test"), executor, Everyone(), ready, logger=LOGGER)
    return in_worker(app, LIMITS, LOGGER)

if __name__ == "__main__":
    serve_workers("workers:application", 1, LIMITS, LOGGER, host="127.0.0.1", port=0, start_limit_s=60)
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


async def test_a_program_told_to_stop_says_so_and_still_answers_for_a_while(key: OKPKey) -> None:
    app = tiny_app(key, io.BytesIO())
    config = server_config(app, Limits(), host="127.0.0.1", port=0)
    config.load()
    server = edge.serving._Server(config, make_logger("test", io.BytesIO()), drain_s=600.0)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await server.startup(sockets=[listener])
        async with client_of(f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            assert (await client.get("/health/ready")).status_code == 200
            server.handle_exit(signal.SIGTERM, None)
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["checks"][0]["name"]) == (503, "draining")
            answer = await client.post("/graphql", json={"query": "{ hello }"})
            assert answer.json()["data"] == {"hello": "hello world"}
            at_first = server.should_exit
            server.handle_exit(signal.SIGTERM, None)
            assert (at_first, server.should_exit) == (False, True), "who is told twice does not wait"
        await server.shutdown(sockets=[listener])


def test_a_worker_drains_as_a_program_does_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "workers.py"
    file.write_text(WORKERS, encoding="utf-8")
    command, path = [sys.executable, str(file)], {**os.environ, "PYTHONPATH": f"{ROOT}"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=path) as process:  # noqa: S603
        assert process.stderr is not None
        told = [json.loads(process.stderr.readline()) for _ in range(2)]
        [serving] = [line for line in told if line["event"] == "serving"]
        [worker] = [line["pid"] for line in told if line["event"] == "worker"]
        base_url = f"http://127.0.0.1:{serving['port']}"
        try:
            # It says that it begins; then it listens.
            patient = httpx.HTTPTransport(verify=NO_AUTHORITIES, retries=8)
            with httpx.Client(base_url=base_url, transport=patient) as client:
                assert client.get("/health/ready").status_code == 200
                process.send_signal(signal.SIGTERM)
                seen = [200]
                while seen[-1] == 200 and len(seen) < ASKED_LIMIT:
                    seen.append(client.get("/health/ready").status_code)
                assert seen[-1] == 503
                assert client.post("/graphql", json={"query": "{ a }"}).json() == {"data": {"a": None}}
            os.kill(worker, signal.SIGTERM)  # told twice, it does not wait
            assert process.wait(30) == 0
        finally:
            process.kill()
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


async def test_the_collector_goes_over_everything_in_a_quiet_moment_and_not_while_somebody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ring:
        def __init__(self) -> None:
            self.itself = self

    monkeypatch.setattr(edge.serving, "QUIET_INTERVAL_S", -1)
    logger = make_logger("test", io.BytesIO())
    server = edge.serving._Server(server_config(Starlette(), Limits(), host="", port=0), logger, 0)
    kept = Ring()
    ring = weakref.ref(kept)
    gc.collect(0)
    gc.collect(1)  # it is now among what is old
    del kept
    task = asyncio.ensure_future(asyncio.sleep(0))
    server.server_state.tasks.add(task)
    await server.on_tick(1)
    assert ring() is not None
    server.server_state.tasks.clear()
    await server.on_tick(1)
    assert ring() is None
