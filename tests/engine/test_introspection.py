"""Who may ask for the schema, and what of it is shown."""

from __future__ import annotations

from typing import cast

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    IntrospectionQuery,
    build_client_schema,
    get_introspection_query,
)

from gateway.federation.engine import Engine, Request, RequestContext
from tests.engine.federation import Nobody, World, supergraph, world

SHOP = """
    type Query { best: Item secret: Hidden @inaccessible }
    type Item { id: ID! margin: Int @inaccessible state: State price: Int @authenticated }
    type Hidden @inaccessible { id: ID }
    enum State { NEW OLD @inaccessible }
"""


def shop() -> World:
    return world({"shop": (SHOP, {"best": {"id": "1"}}, None)})


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } }",
        '{ best { id } __type(name: "Item") { name } }',
        "query ($no: Boolean = false) { best { id } ... @include(if: $no) { s: __schema { description } } }",
        "{ ...F } fragment F on Query { __schema { description } }",
    ],
)
async def test_a_caller_who_may_not_introspect_is_refused_whole(text: str) -> None:
    here = shop()
    response = await here.ask(text, {}, RequestContext(may_introspect=False))
    assert (response.refused, response.data) == (True, None)
    assert [error["extensions"]["code"] for error in response.errors] == ["INTROSPECTION_DISABLED"]
    assert here.subgraphs.asked == []
    assert (await here.ask(text)).errors == ()


async def test_a_types_name_is_no_introspection() -> None:
    response = await shop().ask(
        "{ __typename best { __typename id } }", {}, RequestContext(may_introspect=False)
    )
    assert response.data == {"__typename": "Query", "best": {"__typename": "Item", "id": "1"}}


async def test_one_plan_serves_those_who_may_and_those_who_may_not() -> None:
    engine = Engine(supergraph(shop=SHOP), Nobody())
    request = Request("{ __schema { queryType { name } } }")
    refused = [
        (await engine.run(request, RequestContext(may_introspect=may))).refused for may in (True, False, True)
    ]
    assert refused == [False, True, False]


async def test_what_is_inaccessible_is_shown_to_nobody_and_what_needs_a_token_to_all() -> None:
    response = await shop().ask(get_introspection_query())
    assert response.data is not None
    schema = build_client_schema(cast("IntrospectionQuery", response.data))
    assert "Hidden" not in schema.type_map
    assert list(cast("GraphQLObjectType", schema.type_map["Query"]).fields) == ["best"]
    assert list(cast("GraphQLObjectType", schema.type_map["Item"]).fields) == ["id", "state", "price"]
    assert list(cast("GraphQLEnumType", schema.type_map["State"]).values) == ["NEW"]
