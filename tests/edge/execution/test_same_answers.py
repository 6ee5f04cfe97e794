"""A compiled query is answered as graphql-core answers it, whatever is asked and whatever fails.

`EXECUTION_EXAMPLES=20000 pytest tests/edge/execution` runs more than the usual number; a failure prints
its two seeds and the operation.
"""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLSchema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.execution.compared import by_graphql_core, check_same, compiled, is_valid, told
from tests.edge.execution.unruly import SCHEMA, World
from tests.operations import VALUES, VARIABLES, Operations

EXAMPLES = int(os.environ.get("EXECUTION_EXAMPLES", "400"))
SEEDS = st.integers(0, 1_000_000)
ATTEMPTS_LIMIT = 40
ARGUMENTS = {
    "first": ("first: 2", "first: $x", "first: $many"),
    "where": (
        "where: {least: 1}",
        "where: $where",
        "where: null",
        "where: {least: $x, colour: BLUE}",
        "where: {inner: [{colours: [RED, null]}, {inner: []}]}",
    ),
    "colour": ("colour: BLUE", "colour: $colour"),
    "x": ("x: 0", "x: $x"),
}
DECLARED = {**VARIABLES, "$many": "Int!", "$where": "Where", "$colour": "Colour!"}
GIVEN: dict[str, Any] = {**VALUES, "x": 2, "many": 4, "where": {"colour": "RED"}, "colour": "BLUE"}


def core_schema() -> GraphQLSchema:
    schema: GraphQLSchema = SCHEMA._schema
    return schema


def arguments(random: Random, definition: GraphQLField) -> str:
    given = [random.choice(ARGUMENTS[name]) for name in definition.args if random.random() < 0.5]
    return f"({', '.join(given)})" if given else ""


def operation(seed: int) -> str:
    """A valid operation; the seeds after this one are tried until there is one."""
    for attempt in range(ATTEMPTS_LIMIT):
        random = Random(seed + attempt)  # noqa: S311 # a test's choice
        text = Operations(random, core_schema(), arguments, DECLARED).make()
        if is_valid(core_schema(), text):
            return text
    raise AssertionError(f"no valid operation from seed {seed} on")


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(SEEDS, SEEDS)
async def test_what_is_answered_at_once_is_the_same_to_the_last_error(world_seed: int, seed: int) -> None:
    text = operation(seed)
    ours = await compiled(core_schema(), text, World(world_seed, late=False), GIVEN)
    theirs = await by_graphql_core(core_schema(), text, World(world_seed, late=False), GIVEN)
    said = f"world {world_seed}, operation {seed}\n{text}"
    assert json.dumps(ours.data) == json.dumps(theirs.data), said
    assert told(ours.errors) == told(theirs.errors), said


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")  # graphql-core drops what it began
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # and says so this way too
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(SEEDS, SEEDS)
async def test_what_is_awaited_is_the_same_and_every_null_is_explained(world_seed: int, seed: int) -> None:
    text = operation(seed)
    ours = await compiled(core_schema(), text, World(world_seed, late=True), GIVEN)
    theirs = await by_graphql_core(core_schema(), text, World(world_seed, late=True), GIVEN)
    check_same(ours, theirs, f"world {world_seed}, operation {seed}\n{text}")


@pytest.mark.parametrize("late", [False, True])
async def test_the_same_request_always_has_the_same_errors(late: bool) -> None:
    below = "... on Branch { child { __typename } children { __typename } }"
    text = f"{{ things(first: 9, where: {{least: 9}}) {{ {below} }} }}"
    answers = [await compiled(core_schema(), text, World(3, late=late), {}) for _ in range(3)]
    assert answers[0].errors
    assert told(answers[0].errors) == told(answers[1].errors) == told(answers[2].errors)
