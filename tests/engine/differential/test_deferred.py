"""An operation with `@defer` and `@stream` is answered, all in all, as the same one without them.

And, fragment by fragment and place by place, as graphql-core answers it: unless there are nulls where none
may be, since a null that a subgraph lets bubble takes away what other fragments asked of that subgraph too.
The subgraphs answer in random order. `ENGINE_EXAMPLES` and `ENGINE_REPLAY` are as in `test_differential`.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from graphql import (
    ExperimentalIncrementalExecutionResults,
    GraphQLSchema,
    experimental_execute_incrementally,
    parse,
    validate,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.federation.engine import Engine, Request
from gateway.federation.sharding.dispatch import Dispatcher
from tests.engine.differential.data import Data, SplitSubgraphs
from tests.engine.differential.test_differential import ATTEMPTS_LIMIT, made
from tests.engine.incremental import Unpunctual, delivered, failed, merged
from tests.operations import VALUES, Operations

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "160"))
REPLAY = os.environ.get("ENGINE_REPLAY")
OPERATIONS_PER_SCHEMA = 8
PARTS = re.compile(r"@(defer|stream)\([^)]*\)")


async def reference(schema: GraphQLSchema, data: Data, text: str) -> list[Any]:
    """What graphql-core delivers when one server has everything."""
    result = experimental_execute_incrementally(
        schema,
        parse(text),
        root_value=data.root(),
        variable_values=VALUES,
        field_resolver=lambda source, info, **args: data.value(source, info.field_name, args.get("x")),
        type_resolver=lambda value, *_: value["__typename"],
    )
    assert not isinstance(result, asyncio.Future)
    if not isinstance(result, ExperimentalIncrementalExecutionResults):
        return [result.formatted]  # type: ignore[union-attr] # no resolver here is asynchronous
    return [result.initial_result.formatted, *[one.formatted async for one in result.subsequent_results]]


def check(schema_seed: int, operation_seed: int) -> bool:
    """Compare once; False where the seeds make nothing to compare."""
    world = made(schema_seed)
    if world is None:
        return False
    whole, _, given_data = world
    data = replace(given_data, faults=operation_seed % 2 == 0)
    subgraphs = Unpunctual(SplitSubgraphs(data), Random(operation_seed))  # noqa: S311 # likewise
    engine = Engine(whole.supergraph, Dispatcher(subgraphs))
    text = Operations(Random(operation_seed), engine.schema, defers=50, streams=40).make()  # noqa: S311 # likewise
    if not PARTS.search(text) or validate(engine.schema, parse(text)):
        return False
    payloads = asyncio.run(delivered(engine, Request(text, VALUES)))
    said = f"ENGINE_REPLAY={schema_seed},{operation_seed}\n{text}\n{payloads}"
    try:
        ours = merged(payloads)
    except (AssertionError, LookupError, TypeError) as error:
        raise AssertionError(said) from error
    if not data.faults:
        theirs = asyncio.run(reference(engine.schema, data, text))
        assert ours == merged(theirs), f"{said}\n{theirs}"
        assert _pending(payloads[0]) == _pending(theirs[0]), f"{said}\n{theirs}"
    if not failed(payloads):
        assert ours == data.oracle(engine.schema, _declared(PARTS.sub("", text)), VALUES), said
    return True


def _pending(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """The fragments that are pending: label and path. Of a list that is whole nothing need be pending."""
    pending = payload.get("pending", ())
    return sorted((one["label"], str(one["path"])) for one in pending if one["label"].startswith("d"))


def _declared(text: str) -> str:
    """The operation without the variables that it no longer uses."""
    head, brace, body = text.partition("{")
    for name in VALUES:
        if f"${name}" not in body:
            head = re.sub(rf"\${name}: [^,)]*,? ?", "", head)
    return head.replace("(, ", "(").replace(", )", ")").replace("()", "") + brace + body


@settings(max_examples=max(1, EXAMPLES // OPERATIONS_PER_SCHEMA), suppress_health_check=list(HealthCheck))
@given(st.integers(0, 50_000), st.integers(0, 1_000_000))
def test_the_parts_together_are_the_whole(schema_seed: int, operation_seed: int) -> None:
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
