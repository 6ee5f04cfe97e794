"""The federation benchmark: one query of 96 KB over four subgraphs, for our engine and for others.

    python -m benchmarks federated                        ours against the hand-written floor
    python -m benchmarks federated --rivals FOLDER        and @apollo/gateway and Hive Gateway

FOLDER is a copy of benchmarks/rivals in which `npm install` was run; it needs Node. All gateways stand
before the same subgraphs (`federated_subgraphs`, which answer from memory) with the same supergraph,
and take turns. What counts is how many requests one second of the gateway's CPU answers.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Final

import orjson
import psutil  # type: ignore[import-untyped] # it ships no types

from benchmarks.federated_subgraphs import LINK, SDL
from benchmarks.processes import cpu_clock, free_port, running
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, Measured, take_turns
from creditbank.demo.processes import Programs
from gateway.clients.exchange import PooledExchange
from gateway.clients.failures import NodeFailure
from gateway.clients.settings import HttpSettings
from gateway.federation.composition.compose import Subgraph, compose

CONCURRENT: Final = 16
REQUESTS: Final = 200
QUICK_REQUESTS: Final = 20
TIME_S: Final = 30.0
START_TRIES: Final = 150
START_PAUSE_S: Final = 0.2
HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))
FLOOR: Final = "by hand"
OURS: Final = "this gateway"
EACH_BY_ITSELF: Final = {"clients": {"deduplication": {"flights": 0}}}
"""Requests that are all the same would be answered by each other's subgraph requests: none shall be."""
RIVALS: Final[Mapping[str, Callable[[Path, int], list[str]]]] = {
    "@apollo/gateway": lambda file, port: ["node", "apollo.mjs", str(file), str(port)],
    "Hive Gateway": lambda file, port: _hive(file, port),
    "Hive Gateway, Rust planner": lambda file, port: [*_hive(file, port), "--hive-router-runtime"],
}

QUERY: Final = """
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query TestQuery {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User
    reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User
    reviews { ...Review product { ...Product } } } } }
}
"""
COLUMNS: Final = {
    "gateway": "gateway",
    "subgraph_requests": "subgraph requests",
    "cpu_ms": "CPU ms/request",
    "per_cpu_s": "requests per CPU second",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "ratio": "of this gateway's",
}
NOTES: Final = (
    f"{CONCURRENT} requests at a time; CPU of the gateway's process alone, median of rounds that took turns.",
    "Last column: requests per CPU second in parts of this gateway's.",
)


async def run(quick: bool, rounds: int, rivals: Path | None = None) -> Result:
    """Measure; raises AssertionError where a gateway does not answer as the floor does."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        subgraphs = stack.enter_context(running("benchmarks.federated_subgraphs"))
        file = folder / "supergraph.graphql"
        file.write_text(supergraph(subgraphs.told), encoding="utf-8")
        exchange = PooledExchange(HttpSettings())
        stack.push_async_callback(exchange.aclose)

        floor = stack.enter_context(running("benchmarks.federated_floor", json.dumps(subgraphs.told)))
        gateways = {FLOOR: (floor.told["port"], floor.cpu_s)}
        programs = stack.enter_context(Programs(folder))
        port = free_port()
        config = folder / "gateway.json"
        config.write_bytes(orjson.dumps(EACH_BY_ITSELF))
        served = ["gateway", "serve", "--supergraph", str(file), "--config", str(config), "--port", str(port)]
        ours = programs.start("gateway", port, served)
        await asyncio.to_thread(programs.await_ready, lambda _: None)
        gateways[OURS] = (port, cpu_clock(psutil.Process(ours.process.pid)))
        for name, command in (RIVALS if rivals else {}).items():
            port = free_port()
            pid = stack.enter_context(program(command(file, port), rivals, folder / "rival.log"))
            gateways[name] = (port, tree_clock(pid))

        contenders, asked = [], {}
        expected = None
        for name, (port, cpu_s) in gateways.items():
            ask = asking(exchange, port)
            data = json.loads(await _first(ask))["data"]
            expected = expected or data
            assert data == expected, f"{name} does not answer as {FLOOR} does"
            before = await _requests(exchange, subgraphs.told)
            await ask()
            asked[name] = await _requests(exchange, subgraphs.told) - before
            contenders.append(Contender(name, ask, cpu_s))
        load = Load(rounds, QUICK_REQUESTS if quick else REQUESTS, CONCURRENT)
        measured = await take_turns(contenders, load)
    rows = [_row(name, found, asked[name], measured[OURS]) for name, found in measured.items()]
    return Result("federated", "Four subgraphs, one query of 96 KB", COLUMNS, rows, NOTES, quick)


def _row(name: str, found: Measured, asked: int, ours: Measured) -> Row:
    return {
        "gateway": name,
        "subgraph_requests": asked,
        "cpu_ms": round(found.cpu_us / 1000, 2),
        "per_cpu_s": round(1e6 / found.cpu_us),
        "p50_ms": round(found.p50_ms, 1),
        "p99_ms": round(found.p99_ms, 1),
        "ratio": round(ours.cpu_us / found.cpu_us, 2),
    }


def supergraph(ports: Mapping[str, int]) -> str:
    """The four subgraphs composed, at these ports."""
    subgraphs = [
        Subgraph(name, f"http://127.0.0.1:{ports[name]}/{name}", LINK + text) for name, text in SDL.items()
    ]
    return compose(subgraphs).sdl()


def asking(exchange: PooledExchange, port: int) -> Callable[[], Awaitable[bytes]]:
    """What asks a gateway the one query."""
    body = orjson.dumps({"query": QUERY})

    async def ask() -> bytes:
        return (await exchange.post(f"http://127.0.0.1:{port}/graphql", HEADERS, body, TIME_S)).body

    return ask


async def _first(ask: Callable[[], Awaitable[bytes]]) -> bytes:
    """The first answer of a gateway that may still be starting."""
    for _ in range(START_TRIES):
        try:
            return await ask()
        except NodeFailure:
            await asyncio.sleep(START_PAUSE_S)
    return await ask()


async def _requests(exchange: PooledExchange, ports: Mapping[str, int]) -> int:
    """How many requests the subgraphs have answered until now."""
    answers = [
        await exchange.post(f"http://127.0.0.1:{port}/", HEADERS, b"", TIME_S) for port in ports.values()
    ]
    return sum(int(answer.body) for answer in answers)


def _hive(file: Path, port: int) -> list[str]:
    gateway = ["node", "node_modules/.bin/hive-gateway", "supergraph", str(file)]
    return [*gateway, "--host", "127.0.0.1", "--port", str(port), "--disable-websockets"]


@contextmanager
def program(command: list[str], folder: Path | None, log: Path) -> Iterator[int]:
    """Run somebody else's gateway in its folder; give its process's number."""
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603 # what the caller installed
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as started,
    ):
        try:
            yield started.pid
        finally:
            started.terminate()


def tree_clock(pid: int) -> Callable[[], float]:
    """The CPU clock of a process and of those that it started."""
    root = psutil.Process(pid)

    def cpu_s() -> float:
        return sum(cpu_clock(each)() for each in (root, *root.children(recursive=True)))

    return cpu_s
