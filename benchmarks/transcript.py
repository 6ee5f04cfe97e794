"""One learner's transcript over 1, 8 and 31 regions: what the gateway costs beyond a bare client.

The regions are `stub_shards`, in a process of their own. Two comparisons, each by turns in one run:

in process   the engine with its guards and its transport, against the bare client, both called as
             functions in this process, both ending with the response's bytes
over HTTP    the whole gateway (`creditbank gateway serve`: HTTP, identity, permissions, limits, logs,
             metrics, engine), against the bare client behind the least endpoint, each in its own process
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import orjson
import psutil  # type: ignore[import-untyped] # it ships no types

from benchmarks.bare_client import NAMED_TRANSCRIPT, TRANSCRIPT, BareClient
from benchmarks.processes import cpu_clock, free_port, running
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, Measured, take_turns
from benchmarks.served_gateway import lay_out
from catalogue.sample import load_sample
from creditbank.demo.processes import Programs
from edge.serving import settle
from gateway.app import stored_contract
from gateway.clients.exchange import PooledExchange
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.settings import HttpSettings
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.sharding.members import Memberships
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.sharding.shards import Standing

LEARNER: Final = "L-7f3a"
ROWS: Final = 40
SHARDS: Final = (1, 8, 31)
QUICK_SHARDS: Final = (1, 8)
TIME_S: Final = 60.0
CONCURRENT: Final = 8
SHARD_REQUESTS: Final = 2_400
"""Sent in each round, however they are divided, so that rounds take alike whatever the number of shards."""
QUICK_SHARD_REQUESTS: Final = 160

COLUMNS: Final = {
    "shards": "shards",
    "comparison": "comparison",
    "contender": "contender",
    "cpu_us": "CPU µs/request",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "ratio": "CPU ratio",
    "to_client": "to the bare client alone",
}
NOTES: Final = (
    "CPU: of the measured process alone, user and kernel, all threads; median of rounds that took turns.",
    f"Latency: {CONCURRENT} requests at a time from one client; shards and client share the machine's cores.",
    "CPU ratio: to the bare client, or the bare endpoint, of the same comparison and number of shards.",
)


async def run(quick: bool, rounds: int) -> Result:
    """Measure; raises AssertionError where gateway and bare client do not answer alike."""
    rows: list[Row] = []
    for count in QUICK_SHARDS if quick else SHARDS:
        requests = (QUICK_SHARD_REQUESTS if quick else SHARD_REQUESTS) // count
        load = Load(rounds, max(16, requests), CONCURRENT)
        with running("benchmarks.stub_shards", count, ROWS) as shards:
            urls = {region: f"http://127.0.0.1:{port}/graphql" for region, port in shards.told.items()}
            async with in_process(urls) as contenders:
                alone = await take_turns(contenders, load)
            async with _over_http(urls) as contenders:
                served = await take_turns(contenders, load)
            client_us = alone["bare client"].cpu_us
            rows += _rows(count, "in process", alone, "bare client", client_us)
            rows += _rows(count, "over HTTP", served, "bare endpoint", client_us)
    title = "Transcript of one learner: gateway against a bare client"
    return Result("transcript", title, COLUMNS, rows, NOTES, quick)


def _rows(
    count: int, comparison: str, measured: Mapping[str, Measured], baseline: str, client_us: float
) -> list[Row]:
    base = measured[baseline].cpu_us
    return [
        {
            "shards": count,
            "comparison": comparison,
            "contender": name,
            **found.plain(),
            "ratio": round(found.cpu_us / base, 2),
            "to_client": round(found.cpu_us / client_us, 2),
        }
        for name, found in measured.items()
    ]


class Listed:
    """The stub shards as a registry lists them."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._standings: dict[str, Standing] = dict.fromkeys(sorted(urls), "ACTIVE")

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return self._standings

    def url(self, subgraph: str, shard: str) -> str | None:
        return self._urls.get(shard)


@asynccontextmanager
async def regions_engine(
    urls: Mapping[str, str], memberships: Memberships | None = None
) -> AsyncGenerator[Engine, None]:
    """The engine with its guards and its transport, which may take its time to connect to a thousand."""
    supergraph = read_supergraph(stored_contract())
    facts = read_facts(supergraph)
    listed = Listed(urls)
    http = HttpTransport(listed, HttpSettings(timeout_ms=round(TIME_S * 1000), connect_timeout_ms=10_000))
    dispatcher = Dispatcher(GuardedTransport(http), facts, listed, memberships=memberships)
    try:
        yield Engine(supergraph, dispatcher, separate=frozenset(facts))
    finally:
        await http.aclose()


@asynccontextmanager
async def in_process(urls: Mapping[str, str]) -> AsyncGenerator[list[Contender], None]:
    client = BareClient(urls)
    loop = asyncio.get_running_loop()
    async with regions_engine(urls) as engine:

        async def by_engine() -> bytes:
            context = RequestContext(deadline_s=loop.time() + TIME_S)
            response = await engine.run(Request(TRANSCRIPT, {"learner": LEARNER}), context)
            return orjson.dumps(response.formatted())

        async def by_client() -> bytes:
            return orjson.dumps({"data": await client.transcript(LEARNER)})

        await _require_alike(by_client, by_engine)
        settle()
        try:
            yield [Contender("engine", by_engine), Contender("bare client", by_client)]
        finally:
            await client.aclose()


@asynccontextmanager
async def _over_http(urls: Mapping[str, str]) -> AsyncGenerator[list[Contender], None]:
    names = {region.code: region.name for region in load_sample().regions}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        programs = stack.enter_context(Programs(folder))
        token = lay_out(folder, {region: {"url": url} for region, url in urls.items()})
        arguments = ["gateway", "serve", "--config", str(folder / "gateway.json"), "--port"]
        port = free_port()
        gateway = programs.start("gateway", port, [*arguments, str(port)])
        programs.await_ready(lambda _: None)
        plain = stack.enter_context(running("benchmarks.bare_endpoint", json.dumps(urls), "null"))
        named = stack.enter_context(running("benchmarks.bare_endpoint", json.dumps(urls), json.dumps(names)))
        exchange = PooledExchange(HttpSettings())
        stack.push_async_callback(exchange.aclose)
        headers = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("authorization", f"Bearer {token}"),
        ]

        def asking(address: str, query: str) -> Callable[[], Awaitable[bytes]]:
            body = orjson.dumps({"query": query, "variables": {"learner": LEARNER}})

            async def ask() -> bytes:
                return (await exchange.post(f"{address}/graphql", headers, body, TIME_S)).body

            return ask

        gateway_cpu = cpu_clock(psutil.Process(gateway.process.pid))
        asks = {
            "gateway": (asking(gateway.url, TRANSCRIPT), gateway_cpu),
            "bare endpoint": (asking(f"http://127.0.0.1:{plain.told['port']}", TRANSCRIPT), plain.cpu_s),
            "gateway, with names": (asking(gateway.url, NAMED_TRANSCRIPT), gateway_cpu),
            "bare endpoint, with names": (
                asking(f"http://127.0.0.1:{named.told['port']}", NAMED_TRANSCRIPT),
                named.cpu_s,
            ),
        }
        await _require_alike(asks["gateway"][0], asks["bare endpoint"][0])
        await _require_alike(asks["gateway, with names"][0], asks["bare endpoint, with names"][0])
        yield [Contender(name, ask, cpu_s) for name, (ask, cpu_s) in asks.items()]


async def _require_alike(one: Callable[[], Awaitable[bytes]], other: Callable[[], Awaitable[bytes]]) -> None:
    """A ratio between two different answers would mean nothing."""
    first, second = orjson.loads(await one()), orjson.loads(await other())
    assert "errors" not in first, first["errors"]
    assert first["data"] == second["data"], "gateway and bare client do not answer alike"
