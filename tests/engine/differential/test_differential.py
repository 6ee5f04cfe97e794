"""The gateway over any split of a schema answers as one server with the whole schema does.

`ENGINE_EXAMPLES=20000 pytest tests/engine/differential` runs more than the usual 2,000; a failure
names the two seeds that make it, and `ENGINE_REPLAY=<schema seed>,<operation seed>` runs just that one.
"""

from __future__ import annotations

import asyncio
import json
import os
from functools import lru_cache
from random import Random

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from tests.engine.differential.data import Data, SplitSubgraphs
from tests.engine.differential.split import make_split
from tests.engine.federation import LINK
from tests.operations import VALUES, Operations

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "2000"))
REPLAY = os.environ.get("ENGINE_REPLAY")
OPERATIONS_PER_SCHEMA = 8
ATTEMPTS_LIMIT = 60


@lru_cache(maxsize=16)
def made(schema_seed: int) -> tuple[Engine, SplitSubgraphs, Data] | None:
    """The world of a seed; None where the split does not compose (a field that no key leads to)."""
    split = make_split(Random(schema_seed))  # noqa: S311 # a test's choice
    composed = compose([Subgraph(name, "", LINK + sdl) for name, sdl in split.sdls().items()])
    if composed.supergraph_sdl is None:
        return None
    data = Data(split, schema_seed)
    subgraphs = SplitSubgraphs(data)
    return Engine(read_supergraph(composed.supergraph_sdl), Dispatcher(subgraphs)), subgraphs, data


def check(schema_seed: int, operation_seed: int) -> bool:
    """Compare once; False where the seeds make nothing to compare."""
    world = made(schema_seed)
    if world is None:
        return False
    engine, subgraphs, data = world
    text = Operations(Random(operation_seed), engine.schema).make()  # noqa: S311 # likewise
    if validate(engine.schema, parse(text)):
        return False
    subgraphs.sent.clear()
    response = asyncio.run(engine.run(Request(text, VALUES), RequestContext()))
    expected = data.oracle(engine.schema, text, VALUES)
    said = f"ENGINE_REPLAY={schema_seed},{operation_seed}\n{text}"
    assert not response.refused, f"{said}\n{response.errors}"
    assert json.dumps(response.data) == json.dumps(expected), said
    return True


@settings(max_examples=max(1, EXAMPLES // OPERATIONS_PER_SCHEMA), suppress_health_check=list(HealthCheck))
@given(st.integers(0, 50_000), st.integers(0, 1_000_000))
def test_the_gateway_answers_as_one_server_would(schema_seed: int, operation_seed: int) -> None:
    if REPLAY is not None:
        assert check(*map(int, REPLAY.split(","))), "these seeds make nothing to compare"
        return
    assume(made(schema_seed) is not None)
    compared = 0
    for seed in range(operation_seed, operation_seed + ATTEMPTS_LIMIT):
        compared += check(schema_seed, seed)
        if compared == OPERATIONS_PER_SCHEMA:
            return
    pytest.fail(f"schema {schema_seed} has hardly any valid operation from {operation_seed} on")
