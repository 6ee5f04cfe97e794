"""What a caller may not see is answered as if the resolvers of one server had refused it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any

from graphql import GraphQLResolveInfo, execute_sync, get_named_type, parse, validate
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from gateway.federation.composition.guards import Requirement
from gateway.federation.composition.supergraph import Kind, Supergraph
from gateway.federation.engine import Claims, Engine, Request, RequestContext
from gateway.federation.sharding.dispatch import Dispatcher
from tests.engine.differential.data import Data, SplitSubgraphs
from tests.engine.differential.test_differential import made
from tests.operations import VALUES, Operations

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "100"))
REPLAY = os.environ.get("ENGINE_REPLAY")


def hidden(supergraph: Supergraph, random: Random) -> Iterator[str]:
    """Fields and types that need a token. A field of an interface needs it on all types or on none."""
    members = {name for names in supergraph.possible.values() for name in names}
    names = sorted({name for one in supergraph.types.values() for name in one.fields})
    everywhere = {name for name in names if random.random() < 0.15}
    for type_ in supergraph.types.values():
        if type_.kind is not Kind.OBJECT:
            continue
        if type_.name not in members and type_.name != "Query" and random.random() < 0.15:
            yield type_.name
        for name in type_.fields:
            if name in everywhere if type_.name in members else random.random() < 0.15:
                yield f"{type_.name}.{name}"


def guarded(supergraph: Supergraph, coordinates: frozenset[str]) -> Supergraph:
    def requirement(coordinate: str) -> Requirement | None:
        return Requirement(coordinate, authenticated=True) if coordinate in coordinates else None

    types = {
        type_.name: replace(
            type_,
            requirement=requirement(type_.name),
            fields={
                name: replace(one, requirement=requirement(f"{type_.name}.{name}"))
                for name, one in type_.fields.items()
            },
        )
        for type_ in supergraph.types.values()
    }
    return replace(supergraph, types=types)


@lru_cache(maxsize=16)
def world(schema_seed: int) -> tuple[Engine, Data, frozenset[str]] | None:
    found = made(schema_seed)
    if found is None:
        return None
    open_to_all, _, data = found
    coordinates = frozenset(hidden(open_to_all.supergraph, Random(schema_seed)))  # noqa: S311 # a test's choice
    closed = guarded(open_to_all.supergraph, coordinates)
    return Engine(closed, Dispatcher(SplitSubgraphs(data))), data, coordinates


def one_server(engine: Engine, data: Data, closed: frozenset[str], text: str) -> Any:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        parent, name = info.parent_type.name, info.field_name
        if closed & {f"{parent}.{name}", get_named_type(info.return_type).name}:
            raise PermissionError(name)
        return data.value(source, name, args.get("x"))

    result = execute_sync(
        engine.schema,
        parse(text),
        root_value=data.root(),
        variable_values=dict(VALUES),
        field_resolver=resolve,
        type_resolver=lambda value, *_: value["__typename"],
    )
    return result.data


def check(schema_seed: int, operation_seed: int) -> bool:
    found = world(schema_seed)
    if found is None:
        return False
    engine, data, coordinates = found
    text = Operations(Random(operation_seed), engine.schema).make()  # noqa: S311 # likewise
    if validate(engine.schema, parse(text)):
        return False
    for claims, closed in ((Claims(), coordinates), (Claims(authenticated=True), frozenset[str]())):
        response = asyncio.run(engine.run(Request(text, VALUES), RequestContext(claims=claims)))
        said = f"ENGINE_REPLAY={schema_seed},{operation_seed}\n{sorted(closed)}\n{text}"
        assert not response.refused, f"{said}\n{response.errors}"
        assert json.dumps(response.data) == json.dumps(one_server(engine, data, closed, text)), said
    return True


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 5_000), st.integers(0, 1_000_000))
def test_the_gateway_refuses_as_one_server_would(schema_seed: int, operation_seed: int) -> None:
    if REPLAY is not None:
        schema_seed, operation_seed = map(int, REPLAY.split(","))
    note(f"ENGINE_REPLAY={schema_seed},{operation_seed}")
    assume(check(schema_seed, operation_seed))
