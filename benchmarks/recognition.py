"""500 recognitions in one call, against 500 calls of one, through the gateway and two real banks.

The banks are those of the demo's Shanghai and Jiangsu, with their rules and agreements; the questions
are all different (two ways, three certificates, many days). What the banks are asked is counted by the
banks themselves (`/metrics`): one request a bank in each of the two waves, whatever the number of
questions (gateway/national/recognition.py).
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import psutil  # type: ignore[import-untyped] # it ships no types

from benchmarks.processes import cpu_clock, free_port
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, take_turns
from creditbank.demo.processes import Program, Programs
from creditbank.demo.scenarios import ECOMMERCE, SHOP
from creditbank.demo.world import Ports, World, fill, lay_out
from gateway.clients.exchange import PooledExchange
from gateway.clients.settings import HttpSettings

REGIONS: Final = ("310000", "320000")
CERTIFICATES: Final = (SHOP, "X5fbe735018", "X579edc1253")
QUESTIONS: Final = 500
QUICK_QUESTIONS: Final = 40
CONCURRENT: Final = 8
WAVES: Final = 2
LAST_DAY: Final = date(2026, 6, 1)
TIME_S: Final = 60.0
HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))
COUNTED: Final = re.compile(r"^creditbank_graphql_requests_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)

DECISION: Final = "{ decision creditsRecognised level courses { name credits } reasons { code } }"
MANY: Final = f"query($inputs: [RecognitionInput!]!) {{ mutualRecognitions(inputs: $inputs) {DECISION} }}"
ONE: Final = f"query($input: RecognitionInput!) {{ mutualRecognition(input: $input) {DECISION} }}"

COLUMNS: Final = {
    "way": "way",
    "questions": "questions",
    "time_ms": "time ms",
    "cpu_ms": "CPU ms, all three",
    "asked_310000": "requests to 310000",
    "asked_320000": "requests to 320000",
    "ratio": "CPU ratio",
    "time_ratio": "time ratio",
}
NOTES: Final = (
    f"Single calls: {CONCURRENT} at a time. CPU: gateway and both banks together.",
    "Each bank is home of one half and decides on the other: one request a wave makes two.",
)


async def run(quick: bool, rounds: int) -> Result:
    """Measure; raises AssertionError where both ways do not decide alike, or a bank is asked too often."""
    count = QUICK_QUESTIONS if quick else QUESTIONS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        programs = stack.enter_context(Programs(folder))
        world = lay_out(folder / "world", _ports())
        started = await _start(world, programs)
        rows = await _measured(world, started, questions(count), min(rounds, 5))
    title = f"{count} recognitions: one call against {count} calls"
    return Result("recognition", title, COLUMNS, rows, NOTES, quick)


def questions(count: int) -> list[dict[str, Any]]:
    """Return as many different questions about certificates."""
    both_ways = (REGIONS, REGIONS[::-1])
    asked = []
    for number in range(count):
        one, other = both_ways[number % 2]
        code = CERTIFICATES[number // 2 % 3]
        asked.append(
            {
                "from": one,
                "to": other,
                "certificate": {"code": code, "level": "INTERMEDIATE"},
                "major": ECOMMERCE,
                "asOf": (LAST_DAY - timedelta(days=number // 6)).isoformat(),
            }
        )
    return asked


def _ports() -> Ports:
    return Ports(gateway=free_port(), first_node=free_port())


async def _start(world: World, programs: Programs) -> list[Program]:
    for region in REGIONS:
        await fill(world, region)
    started = [
        programs.start(
            "gateway", world.ports.gateway, ["gateway", "serve", "--config", str(world.gateway_config)]
        )
    ]
    for region in REGIONS:
        arguments = ["node", "serve", "--config", str(world.node_config(region))]
        started.append(programs.start(region, world.ports.node(region), arguments))
    await asyncio.to_thread(programs.await_ready, lambda _: None)
    return started


async def _measured(
    world: World, started: Sequence[Program], asked: list[dict[str, Any]], rounds: int
) -> list[Row]:
    exchange = PooledExchange(HttpSettings())
    address = f"{started[0].url}/graphql"

    async def post(query: str, variables: Mapping[str, Any]) -> Any:
        body = orjson.dumps({"query": query, "variables": variables})
        answer = orjson.loads((await exchange.post(address, HEADERS, body, TIME_S)).body)
        assert "errors" not in answer, answer["errors"][:2]
        return answer["data"]

    async def at_once() -> Any:
        return (await post(MANY, {"inputs": asked}))["mutualRecognitions"]

    async def one_by_one() -> Any:
        found: list[Any] = [None] * len(asked)
        left = iter(enumerate(asked))

        async def client() -> None:
            for place, question in left:
                found[place] = (await post(ONE, {"input": question}))["mutualRecognition"]

        await asyncio.gather(*(client() for _ in range(CONCURRENT)))
        return found

    clocks = [cpu_clock(psutil.Process(program.process.pid)) for program in started]

    def cpu_s() -> float:
        return sum(clock() for clock in clocks)

    contenders = [Contender("one call", at_once, cpu_s), Contender("single calls", one_by_one, cpu_s)]
    try:
        assert await at_once() == await one_by_one(), "the two ways do not decide alike"
        counts = {each.name: await _asked(world, each) for each in contenders}
        assert counts["one call"] == dict.fromkeys(REGIONS, WAVES), counts
        measured = await take_turns(contenders, Load(rounds, 1, 1))
    finally:
        await exchange.aclose()
    base = measured["one call"]
    return [
        {
            "way": name,
            "questions": len(asked),
            "time_ms": round(found.p50_ms, 1),
            "cpu_ms": round(found.cpu_us / 1000, 1),
            **{f"asked_{region}": counts[name][region] for region in REGIONS},
            "ratio": round(found.cpu_us / base.cpu_us, 2),
            "time_ratio": round(found.p50_ms / base.p50_ms, 2),
        }
        for name, found in measured.items()
    ]


async def _asked(world: World, contender: Contender) -> dict[str, int]:
    """How many requests each bank answers while the contender asks."""
    before = await _answered(world)
    await contender.ask()
    after = await _answered(world)
    return {region: after[region] - before[region] for region in REGIONS}


async def _answered(world: World) -> dict[str, int]:
    async with httpx.AsyncClient(trust_env=False) as client:
        texts = {
            region: (await client.get(f"http://127.0.0.1:{world.ports.node(region)}/metrics")).text
            for region in REGIONS
        }
    return {region: int(sum(map(float, COUNTED.findall(text)))) for region, text in texts.items()}
