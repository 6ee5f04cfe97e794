"""One operation executed twice: by the plan compiled for it, and by graphql-core."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Mapping
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from edge.execution.compile import compile_document
from edge.execution.run import Request

Errors = dict[tuple[str | int, ...], list[tuple[tuple[str | int, ...], str]]]


def is_valid(schema: GraphQLSchema, text: str) -> bool:
    return not validate(schema, parse(text))


async def compiled(
    schema: GraphQLSchema, text: str, context: Any, variables: Mapping[str, Any]
) -> ExecutionResult:
    """Raises AssertionError where the operation is left to graphql-core."""
    document = parse(text)
    node = get_operation_ast(document)
    assert isinstance(node, OperationDefinitionNode)
    values = get_variable_values(schema, node.variable_definitions or (), dict(variables))
    assert not isinstance(values, list), values
    plan = compile_document(schema, document)[id(node)].plan(values)
    assert plan is not None
    return await Request(plan, context, values).run()


async def by_graphql_core(
    schema: GraphQLSchema, text: str, context: Any, variables: Mapping[str, Any]
) -> ExecutionResult:
    result = execute(schema, parse(text), context_value=context, variable_values=dict(variables))
    answered = await result if inspect.isawaitable(result) else result
    while begun := asyncio.all_tasks() - {asyncio.current_task()}:  # it sees what it gave up through
        await asyncio.wait(begun)
    return answered


def told(errors: list[GraphQLError] | None) -> list[tuple[Any, ...]]:
    """Everything of the errors that a client or a log could see, in order."""
    return [
        (tuple(one.path or ()), one.message, one.locations, type(one.original_error), one.extensions)
        for one in errors or ()
    ]


def check_same(ours: ExecutionResult, theirs: ExecutionResult, said: str) -> None:
    """The same data to the order of keys; every null explained, by the same error where there is one.

    Which of several failures under one null is told depends, in graphql-core, on which came first.
    """
    assert json.dumps(ours.data) == json.dumps(theirs.data), said
    found, expected = _by_null(ours), _by_null(theirs)
    assert found.keys() == expected.keys(), said
    for place, errors in expected.items():
        if [path for path, _ in errors] == [place] == [path for path, _ in found[place]]:
            assert found[place] == errors, said


def _by_null(result: ExecutionResult) -> Errors:
    """The errors by the null that they explain: the first place on an error's path that is null."""
    found: Errors = {}
    for error in result.errors or ():
        path = tuple(error.path or ())
        holder: Any = result.data
        length = 0
        while holder is not None and length < len(path):
            holder = holder[path[length]]
            length += 1
        found.setdefault(path[:length], []).append((path, error.message))
    return found
