"""What is compiled, what is left to graphql-core, and how many plans one operation may have."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values

from edge.execution.compile import VARIANTS_LIMIT, Compiled, compile_document

SCHEMA = build_schema(
    """
    directive @tagged on QUERY
    type Query { a: Int b: [Query!] }
    type Mutation { m: Int }
    type Subscription { s: Int }
    """
)


def first(text: str) -> tuple[OperationDefinitionNode, Compiled | None]:
    document = parse(text)
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return node, compile_document(SCHEMA, document).get(id(node))


@pytest.mark.parametrize(
    "text",
    [
        "mutation { m }",
        "subscription { s }",
        "{ __schema { queryType { name } } }",
        '{ a ...F } fragment F on Query { __type(name: "Query") { name } }',
        "{ a ... @defer { b { a } } }",
        "{ b @stream(initialCount: 1) { a } }",
        "query @tagged { a }",
    ],
)
def test_is_left_to_graphql_core(text: str) -> None:
    assert first(text)[1] is None


def test_each_query_of_a_document_is_compiled_for_itself() -> None:
    document = parse("query A { a __typename } query B { b { a } } mutation C { m }")
    assert len(compile_document(SCHEMA, document)) == 2


def test_plans_differ_by_the_conditions_only_and_are_limited() -> None:
    flags = [f"f{number}" for number in range(8)]
    declared = ", ".join(f"${flag}: Boolean!" for flag in flags)
    selected = " ".join(f"x_{flag}: a @include(if: ${flag})" for flag in flags)
    node, compiled = first(f"query ({declared}, $n: Int) {{ {selected} b {{ a }} }}")
    assert compiled is not None

    def values(chosen: int, n: int) -> VariableValues:
        given = {flag: bool(chosen >> place & 1) for place, flag in enumerate(flags)}
        coerced = get_variable_values(SCHEMA, node.variable_definitions or (), {**given, "n": n})
        assert isinstance(coerced, VariableValues)
        return coerced

    none_of_them = compiled.plan(values(0, 1))
    assert none_of_them is not None
    assert list(none_of_them.root.template) == ["b"]
    assert compiled.plan(values(0, 2)) is none_of_them
    plans = [compiled.plan(values(chosen, 1)) for chosen in range(2 ** len(flags))]
    assert sum(plan is not None for plan in plans) == VARIANTS_LIMIT
    assert compiled.plan(values(0, 3)) is none_of_them
