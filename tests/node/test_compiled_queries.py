"""Whatever a bank is asked, by whom ever: a compiled query is answered as graphql-core answers it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    is_required_argument,
    is_required_input_field,
)

from edge.caller import PUBLIC, Caller, Role
from edge.operation import CallContext, Trace
from region_node.graph.context import Context
from region_node.graph.schema import SCHEMA
from tests.edge.execution.compared import by_graphql_core, check_same, compiled, is_valid
from tests.node.conftest import Served
from tests.node.databases import REGION
from tests.node.filled import fill
from tests.operations import VALUES, Operations

OPERATIONS = 120
ATTEMPTS_LIMIT = 40
SCALARS = {
    "Int": ("0", "1", "3", "-1"),
    "Float": ("0.5",),
    "Boolean": ("true", "false"),
    "String": ('"x"', '""'),
    "Date": ('"2026-06-01"', '"2025-01-01"'),
    "DateTime": ('"2026-06-01T12:00:00+08:00"',),
    "Credits": ('"1.0"',),
}
CALLERS = (
    Caller(Role.OFFICER, "an officer", region=REGION),
    Caller(Role.AUDITOR, "an auditor", region=REGION),
    Caller(Role.LEARNER, "a learner", learner_id="L-1"),
    PUBLIC,
)


class Arguments:
    """Arguments of a bank's fields, IDs being mostly of rows that it has."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = ids

    def __call__(self, random: Random, definition: GraphQLField) -> str:
        given = [
            f"{name}: {self._value(random, argument.type)}"
            for name, argument in definition.args.items()
            if is_required_argument(argument) or random.random() < 0.3
        ]
        return f"({', '.join(given)})" if given else ""

    def _value(self, random: Random, type_: Any) -> str:
        if isinstance(type_, GraphQLNonNull):
            return self._value(random, type_.of_type)
        if isinstance(type_, GraphQLList):
            return f"[{', '.join(self._value(random, type_.of_type) for _ in range(random.randint(0, 3)))}]"
        if isinstance(type_, GraphQLInputObjectType):
            given = [
                f"{name}: {self._value(random, field.type)}"
                for name, field in type_.fields.items()
                if is_required_input_field(field) or random.random() < 0.15
            ]
            return f"{{{', '.join(given)}}}"
        if isinstance(type_, GraphQLEnumType):
            return str(random.choice(list(type_.values)))
        if type_.name == "ID":
            return json.dumps(random.choice(self._ids))
        if type_.name == "_Any":
            kind = random.choice(("Account", "LearningOutcome", "Learner", "LedgerEntry", "Nothing"))
            return f'{{__typename: "{kind}", id: {json.dumps(random.choice(self._ids))}}}'
        return random.choice(SCALARS[type_.name])


async def test_a_bank_answers_the_same(sqlite_served: Served) -> None:
    node = sqlite_served.node
    accounts = await fill(node.bank, accounts=4, outcomes=3)
    ids = [REGION, REGION, REGION, "310000", "L-1", "L-2", *accounts]
    ids += [
        f"{account.replace('-A-', kind)}_{place}"
        for account in accounts
        for kind in ("-O-", "-E-")
        for place in (1, 2)
    ]
    schema: GraphQLSchema = SCHEMA._schema
    arguments = Arguments(ids)
    answered = refused = 0
    for seed in range(OPERATIONS):
        text = _operation(schema, arguments, seed)
        caller = CALLERS[seed % len(CALLERS)]

        call = CallContext(caller, float("inf"), Trace("0" * 32, "0" * 16))
        async with Context(call, node.bank) as context:
            ours = await compiled(schema, text, context, VALUES)
        async with Context(call, node.bank) as context:
            theirs = await by_graphql_core(schema, text, context, VALUES)
        check_same(ours, theirs, text)
        answered += ours.data is not None
        refused += bool(ours.errors)
    assert answered > OPERATIONS / 3
    assert refused > OPERATIONS / 10


def _operation(schema: GraphQLSchema, arguments: Arguments, seed: int) -> str:
    for attempt in range(ATTEMPTS_LIMIT):
        random = Random(f"{seed} {attempt}")  # noqa: S311 # a test's choice
        text = Operations(random, schema, arguments, {"$yes": "Boolean!", "$no": "Boolean!"}).make()
        if is_valid(schema, text):
            return text
    pytest.fail(f"no valid operation from seed {seed}")
