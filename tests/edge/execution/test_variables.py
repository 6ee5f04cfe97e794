"""Variables are coerced as graphql-core coerces them, or left to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from edge.execution.variables import Variables
from region_node.graph.schema import SCHEMA as NODE

SCHEMA = build_schema(
    """
    enum Level { LOW HIGH }
    input Inner { text: String! count: Int = 3 level: Level = LOW counts: [Int!] ids: [[ID!]] }
    input Outer { inner: Inner! more: [Inner] flag: Boolean = true part: Float last: Inner }
    input Itself { below: Itself count: Int }
    input Either @oneOf { count: Int text: String }
    type Query { asked: Int }
    """
)
# What an enum's names stand for is the enum's own affair.
level = SCHEMA.get_type("Level")
assert isinstance(level, GraphQLEnumType)
for number, value in enumerate(level.values.values()):
    value.value = number

DECLARED = """query ($outer: Outer, $inners: [Inner!]! = [{text: "t"}], $level: Level!, $count: Int = 4,
  $text: String, $deep: [[Level]]) { asked }"""

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31) - 1, 2**31),
    st.floats(allow_nan=False),
    st.sampled_from(["LOW", "HIGH", "", "3"]),
)
anything = st.recursive(
    leaves,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=2),
    max_leaves=5,
)
texts = st.text(max_size=3)
levels = st.sampled_from(["LOW", "HIGH"])


def strayed(proper: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is proper, and now and then what is not."""
    return st.integers(0, 15).flatmap(lambda luck: proper if luck else anything)


inners = st.fixed_dictionaries(
    {"text": strayed(texts)},
    optional={
        "count": strayed(st.integers(-5, 5) | st.none()),
        "level": strayed(levels | st.none()),
        "counts": strayed(st.none() | st.lists(st.integers(0, 9), max_size=3)),
        "ids": strayed(st.lists(st.none() | st.lists(texts | st.integers(), max_size=2), max_size=2)),
    },
)
outers = st.fixed_dictionaries(
    {"inner": strayed(inners)},
    optional={
        "more": strayed(st.lists(st.none() | inners, max_size=2) | inners),
        "flag": strayed(st.booleans() | st.none()),
        "part": strayed(st.floats(allow_nan=False, allow_infinity=False)),
        "last": strayed(inners | st.none()),
        "unknown": anything,
    },
)
variables = st.fixed_dictionaries(
    {"level": strayed(levels)},
    optional={
        "outer": strayed(outers | st.none()),
        "inners": strayed(st.lists(inners, max_size=2)),
        "count": strayed(st.integers(0, 9)),
        "text": strayed(texts | st.none()),
        "deep": strayed(st.lists(st.lists(levels, max_size=2), max_size=2)),
        "strange": anything,
    },
)


def both(schema: GraphQLSchema, text: str, given_: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What we make of the values, and graphql-core; None where we say nothing, and it tells of errors."""
    node = parse(text).definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    definitions = node.variable_definitions or ()
    theirs = get_variable_values(schema, definitions, dict(given_))
    ours = Variables(schema, definitions).coerced(given_)
    return ours and told(ours), None if isinstance(theirs, list) else told(theirs)


def told(values: VariableValues) -> str:
    """All of it, to the order, and 1 told from True."""
    sources = [
        (name, str(source.signature.type), source.signature.default is None, source.value)
        for name, source in values.sources.items()
    ]
    return f"{sources} {values.coerced}"


@given(variables)
def test_values_are_those_of_graphql_core(given_: dict[str, Any]) -> None:
    ours, theirs = both(SCHEMA, DECLARED, given_)
    if ours is not None:
        assert ours == theirs


@given(inners.filter(lambda one: both(SCHEMA, "query ($i: Inner) { asked }", {"i": one})[1] is not None))
def test_what_is_in_order_is_not_left_to_it(inner: dict[str, Any]) -> None:
    inner.pop("counts", None)  # a single item may stand for its list: that is left to graphql-core
    inner.pop("ids", None)
    ours, theirs = both(SCHEMA, "query ($i: Inner, $l: [Inner!]) { asked }", {"i": inner, "l": [inner]})
    assert ours == theirs
    assert ours is not None


@pytest.mark.parametrize(
    ("type_", "value"),
    [("Itself", {"below": {"count": 1}}), ("Either", {"count": 1}), ("[Int]", 1), ("String", 1)],
)
def test_what_is_rare_is_left_to_it(type_: str, value: Any) -> None:
    assert both(SCHEMA, f"query ($v: {type_}) {{ asked }}", {"v": value})[0] is None


def test_inputs_of_a_node_are_taken_on() -> None:
    standing = {"asOf": "2026-06-01", "permitted": True, "found": True, "level": "ADVANCED", "credits": "8.0"}
    asked = {"from": "310000", "certificate": {"code": "c", "level": "ADVANCED"}, "standing": standing}
    text = "query ($inputs: [AssessmentInput!]!, $r: ID!) { assessments(region: $r, inputs: $inputs) { to } }"
    ours, theirs = both(NODE._schema, text, {"inputs": [asked] * 2, "r": "320000"})
    assert ours == theirs
    assert ours is not None
