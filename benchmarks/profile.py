"""Where the time goes: our gateway's CPU for one request of the federation benchmark, part by part.

Shares come from a sampler in the gateway's process (`profiled_gateway`); what a request costs, and what
the same request costs the floor by hand, from the CPU clocks of both processes in the same run.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

import orjson

from benchmarks.federated import CONCURRENT, QUICK_REQUESTS, REQUESTS, asking, supergraph
from benchmarks.processes import running
from benchmarks.results import Result, Row
from benchmarks.rounds import Contender, Load, Measured, take_turns
from gateway.clients.exchange import PooledExchange
from gateway.clients.settings import HttpSettings

FLOOR: Final = "by hand"
OURS: Final = "this gateway"
COLUMNS: Final = {"part": "part", "share_percent": "share %", "ms": "ms/request"}


async def run(quick: bool, rounds: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        file, samples = Path(name) / "supergraph.graphql", Path(name) / "samples.json"
        exchange = PooledExchange(HttpSettings())
        with running("benchmarks.federated_subgraphs") as subgraphs:
            file.write_text(supergraph(subgraphs.told), encoding="utf-8")
            with (
                running("benchmarks.federated_floor", json.dumps(subgraphs.told)) as floor,
                running("benchmarks.profiled_gateway", file, samples) as ours,
            ):
                contenders = [
                    Contender(FLOOR, asking(exchange, floor.told["port"]), floor.cpu_s),
                    Contender(OURS, asking(exchange, ours.told["port"]), ours.cpu_s),
                ]
                load = Load(rounds, QUICK_REQUESTS if quick else REQUESTS, CONCURRENT)
                measured = await take_turns(contenders, load)
        await exchange.aclose()
        counted: dict[str, int] = orjson.loads(samples.read_bytes())
    title = "Where a request of 96 KB over four subgraphs spends its CPU"
    return Result("profile", title, COLUMNS, _rows(counted, measured), _notes(measured), quick)


def _rows(counted: dict[str, int], measured: dict[str, Measured]) -> list[Row]:
    whole, cost_ms = sum(counted.values()), measured[OURS].cpu_us / 1000
    return [
        {
            "part": part,
            "share_percent": round(100 * count / whole, 1),
            "ms": round(cost_ms * count / whole, 3),
        }
        for part, count in sorted(counted.items(), key=lambda item: -item[1])
    ]


def _notes(measured: dict[str, Measured]) -> list[str]:
    ours_ms, floor_ms = (measured[name].cpu_us / 1000 for name in (OURS, FLOOR))
    ratio = ours_ms / floor_ms
    return [
        f"With the sampler in it {ours_ms:.2f} ms a request; by hand {floor_ms:.2f} ms (ratio {ratio:.2f}).",
    ]
