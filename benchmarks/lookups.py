"""Recognitions a second at one node: certificate-level lookups, each of which is answered by a decision.

    in lists    500 questions in one request (`assessments(region, inputs)`), as a gateway asks
    singly      one question in each request

Every question is another one (three certificates, a day each), and brings the home region's facts, as the
contract has it. Measured is the way from the JSON of the variables to the bytes of the answer: variables,
permissions, snapshot, the seven checks, allotment, GraphQL. `decision` selects what somebody reads of it;
`signed` all there is, with hashes, signature and sentences, as a portal. The baseline is `assess` alone, on
values in memory, in the same run.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.filled_bank import databases
from benchmarks.node_reads import statements
from benchmarks.recognition import CERTIFICATES
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, Measured, take_turns
from catalogue.sample import load_sample
from creditbank.demo.scenarios import ECOMMERCE
from creditbank.demo.world import Ports, World, fill, lay_out
from edge.caller import PUBLIC, Caller, Role
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from edge.serving import settle
from gateway.national.wire import DECISION, STANDINGS
from region_node.app import Node
from region_node.domain.moment import Moment
from region_node.domain.recognition import assess
from region_node.domain.recognition_facts import Question, home_from_plain, question_from_plain
from region_node.graph.executor import NodeExecutor
from region_node.service.assessments import AssessmentAsked, hosts_of
from region_node.settings import read_settings

HOME: Final = "310000"
REGION: Final = "320000"
QUESTIONS: Final = 500
QUICK_QUESTIONS: Final = 20
SINGLE_REQUESTS: Final = 100
LAST_DAY: Final = date(2026, 6, 1)
PORTAL: Final = Caller(Role.PORTAL, "benchmark")
READ: Final = "decision creditsRecognised level courses { name credits } reasons { code }"
SELECTED: Final[Mapping[str, tuple[Caller, str]]] = {"decision": (PUBLIC, READ), "signed": (PORTAL, DECISION)}
COLUMNS: Final = {
    "database": "database",
    "asked": "asked",
    "selected": "selected",
    "statements": "SQL of a request",
    "per_cpu_s": "decisions per CPU second",
    "cpu_us": "CPU µs each",
    "p50_ms": "request ms",
    "ratio": "to assess alone",
}
NOTES: Final = (
    f"In lists of {QUESTIONS}, each question another one and with the home region's facts.",
    "CPU: of this process, one core; a PostgreSQL server's own is not in it.",
)

Ask = Callable[[], Awaitable[bytes]]


async def run(quick: bool, rounds: int) -> Result:
    """Measure; raises AssertionError where a list and its single questions are not decided alike."""
    count = QUICK_QUESTIONS if quick else QUESTIONS
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, databases() as urls:
        world = lay_out(Path(folder) / "world", Ports())
        async with _node(world, HOME) as home:
            questions = await _questions(home, count)
        for name, url in urls.items():
            async with _node(world, REGION, url) as node:
                rows += await _measured(name, node, questions, rounds)
    return Result("lookups", "Recognitions at a node", COLUMNS, rows, NOTES, quick)


@asynccontextmanager
async def _node(world: World, region: str, url: str | None = None) -> AsyncGenerator[Node, None]:
    """The demo's bank of a region, in this database if one is named."""
    config = world.node_config(region)
    if url is not None:
        settings = json.loads(config.read_text(encoding="utf-8"))
        config.write_text(json.dumps(settings | {"database_url": url}), encoding="utf-8")
    await fill(world, region)
    node = Node(read_settings(config), bundle=load_sample())
    try:
        yield node
    finally:
        await node.database.close()


async def _questions(home: Node, count: int) -> list[dict[str, Any]]:
    """Return inputs of `assessments`, the facts of each as the home region states them."""
    asked = [
        {
            "certificate": {"code": CERTIFICATES[number % 3], "level": "INTERMEDIATE"},
            "asOf": (LAST_DAY - timedelta(days=number // 3)).isoformat(),
        }
        for number in range(count)
    ]
    variables = {"region": HOME, "inputs": [one | {"to": REGION} for one in asked]}
    stated = orjson.loads(await _ask(NodeExecutor(home.bank, Limits()), STANDINGS, variables, PUBLIC))
    return [
        one | {"from": HOME, "major": ECOMMERCE, "standing": facts}
        for one, facts in zip(asked, stated["standings"], strict=True)
    ]


async def _ask(executor: NodeExecutor, query: str, variables: Mapping[str, Any], caller: Caller) -> bytes:
    context = CallContext(caller, float("inf"), Trace("0" * 32, "0" * 16))
    result = await executor.execute(Operation(query, variables), context)
    assert isinstance(result, ExecutionResult)
    assert not result.errors, result.errors
    return orjson.dumps(result.data)


async def _measured(
    database: str, node: Node, questions: Sequence[Mapping[str, Any]], rounds: int
) -> list[Row]:
    asks: dict[tuple[str, str], Ask] = {}
    for selected, (caller, selection) in SELECTED.items():
        listed, single = _asks(node, questions, caller, selection)
        together = orjson.loads(await listed())["assessments"]
        alone = [one for _ in questions for one in orjson.loads(await single())["assessments"]]
        assert _undated(together) == _undated(alone), f"{database}: a list is decided otherwise"
        asks |= {("in lists", selected): listed, ("singly", selected): single}
    counts = {way: await statements(node.database, ask) for way, ask in asks.items()}
    pure = await _pure(node, questions)
    settle()
    base = (await take_turns([Contender("assess", pure)], Load(rounds, 1, 1)))["assess"]
    each_us = base.cpu_us / len(questions)
    rows: list[Row] = [_row(database, "assess alone", "–", None, base, len(questions), each_us)]
    for way, ask in asks.items():
        decided = len(questions) if way[0] == "in lists" else 1
        load = Load(rounds, 1 if decided > 1 else min(SINGLE_REQUESTS, len(questions)), 1)
        found = (await take_turns([Contender("node", ask)], load))["node"]
        rows.append(_row(database, *way, counts[way], found, decided, each_us))
    return rows


def _asks(
    node: Node, questions: Sequence[Mapping[str, Any]], caller: Caller, selection: str
) -> tuple[Ask, Ask]:
    """All questions in one request, and one after the other."""
    executor = NodeExecutor(node.bank, Limits())
    query = (
        "query($region: ID!, $inputs: [AssessmentInput!]!)"
        f" {{ assessments(region: $region, inputs: $inputs) {{ {selection} }} }}"
    )
    whole = orjson.dumps({"region": REGION, "inputs": questions})
    bodies: Iterator[bytes] = cycle([orjson.dumps({"region": REGION, "inputs": [one]}) for one in questions])

    async def listed() -> bytes:
        return await _ask(executor, query, orjson.loads(whole), caller)

    async def single() -> bytes:
        return await _ask(executor, query, orjson.loads(next(bodies)), caller)

    return listed, single


async def _pure(node: Node, questions: Sequence[Mapping[str, Any]]) -> Callable[[], Awaitable[object]]:
    """What decides all questions on values in memory."""
    asked = []
    for one in questions:
        home = home_from_plain(one["standing"])
        question = _question(one)
        asked.append(AssessmentAsked(question, home))
    moment: Moment = node.bank.moment("benchmark")
    async with node.bank.units.read() as unit:
        hosts = await hosts_of(node.bank, unit, PUBLIC, moment, asked)

    async def decide() -> object:
        return [assess(one.question, one.home, host) for one, host in hosts]

    return decide


def _question(one: Mapping[str, Any]) -> Question:
    certificate = {"standardVersion": None, "issuedOn": None, "examinedOn": None} | one["certificate"]
    return question_from_plain({"outcomeId": None, "to": REGION, **one, "certificate": certificate})


def _undated(decisions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    left_out = ("decidedAt", "signature")
    return [{name: value for name, value in one.items() if name not in left_out} for one in decisions]


def _row(
    database: str,
    asked: str,
    selected: str,
    counted: int | None,
    found: Measured,
    decided: int,
    base_us: float,
) -> Row:
    each_us = found.cpu_us / decided
    return {
        "database": database,
        "asked": asked,
        "selected": selected,
        "statements": counted,
        "per_cpu_s": round(1e6 / each_us),
        "cpu_us": round(each_us, 1),
        "p50_ms": round(found.p50_ms, 2),
        "ratio": round(each_us / base_us, 2),
    }
