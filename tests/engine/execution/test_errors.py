"""What the client is told when a subgraph says no, says nonsense, or says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.federation.engine import Request, RequestContext
from gateway.federation.transport import Reply, TransportFailure
from tests.engine.federation import World, by_key, world

SHOP = """
    type Query { goods: [Item!] best: Item certain: Item! }
    type Item @key(fields: "id") { id: ID! name: String code: String! }
"""
STOCK = """
    type Item @key(fields: "id") { id: ID! count: Int place: Place! }
    type Place { row: Int! shelf: Shelf }
    enum Shelf { LOW HIGH CELLAR @inaccessible }
"""
GOODS = [{"__typename": "Item", "id": str(i), "name": f"n{i}", "code": f"c{i}"} for i in (1, 2, 1)]


def fail(**_: Any) -> Any:
    raise RuntimeError("the scales are broken")


def shops(stock: list[dict[str, Any]] | None = None) -> World:
    known = stock or [
        {"__typename": "Item", "id": str(i), "count": i, "place": {"row": i, "shelf": "LOW"}} for i in (1, 2)
    ]
    roots = {"goods": GOODS, "best": GOODS[0], "certain": GOODS[0]}
    return world({"shop": (SHOP, roots, None), "stock": (STOCK, {}, by_key(known, "id"))})


async def test_an_error_about_an_entity_is_told_at_every_place_where_it_stands() -> None:
    stock = [
        {"__typename": "Item", "id": "1", "count": fail, "place": {"row": 1}},
        {"__typename": "Item", "id": "2", "count": 2, "place": {"row": 1}},
    ]
    response = await shops(stock).ask("{ things: goods { id amount: count } }")
    assert response.data == {
        "things": [{"id": "1", "amount": None}, {"id": "2", "amount": 2}, {"id": "1", "amount": None}]
    }
    assert [error["path"] for error in response.errors] == [["things", 0, "amount"], ["things", 2, "amount"]]
    assert {error["message"] for error in response.errors} == {"the scales are broken"}
    assert response.errors[0]["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "service": "stock"}


async def test_a_subgraphs_own_code_is_kept() -> None:
    shop = shops()
    error = {"message": "no", "path": ["best"], "extensions": {"code": "FORBIDDEN", "reason": "closed"}}
    shop.subgraphs.faults["shop"] = Reply({"best": None}, (error,))
    response = await shop.ask("{ best { id } }")
    assert response.data == {"best": None}
    assert response.errors[0]["extensions"] == {"code": "FORBIDDEN", "reason": "closed", "service": "shop"}


async def test_a_null_that_may_not_be_takes_its_parent_with_it() -> None:
    stock: list[dict[str, Any]] = [{"__typename": "Item", "id": "1", "place": {"row": None}}]
    response = await shops(stock).ask("{ best { name place { row } } certain { id } }")
    assert response.data == {"best": None, "certain": {"id": "1"}}
    assert [error["path"] for error in response.errors] == [["best", "place", "row"]]


async def test_a_null_at_the_root_leaves_no_data() -> None:
    shop = shops()
    shop.subgraphs.faults["shop"] = Reply({"certain": None}, ())
    response = await shop.ask("{ certain { id } best { id } }")
    assert response.data is None
    assert not response.refused
    assert [(error["path"], error["extensions"]["code"]) for error in response.errors] == [
        (["certain"], "NULL_IN_NON_NULL")
    ]


async def test_an_entity_that_nobody_knows_is_null_where_it_may_be() -> None:
    stock = [{"__typename": "Item", "id": "2", "count": 2}]
    response = await shops(stock).ask("{ goods { id count } }")
    assert [item["count"] for item in (response.data or {})["goods"]] == [None, 2, None]
    assert response.errors == ()


async def test_a_subgraph_that_does_not_answer_leaves_the_rest_of_the_response() -> None:
    shop = shops()
    shop.subgraphs.faults["stock"] = TransportFailure("SHARD_UNREACHABLE", "Nobody is there.")
    response = await shop.ask("{ best { name count } }")
    assert response.data == {"best": {"name": "n1", "count": None}}
    (error,) = response.errors
    assert error["path"] == ["best"]
    assert error["extensions"]["code"] == "SHARD_UNREACHABLE"
    assert error["extensions"]["service"] == "stock"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"goods": "none"}, ["goods"]),
        ({"goods": [{"name": "a"}, 7]}, ["goods", 1]),
        ({"goods": [{"name": {"of": "a"}}]}, ["goods", 0, "name"]),
        ({"goods": {"name": "a"}}, ["goods"]),
    ],
)
async def test_a_value_of_the_wrong_shape_becomes_null_and_an_error(data: Any, told: list[Any]) -> None:
    shop = shops()
    shop.subgraphs.faults["shop"] = Reply(data, ())
    response = await shop.ask("{ goods { name } best { id } }")
    assert [error["path"] for error in response.errors] == [told]
    assert response.errors[0]["extensions"]["code"] == "INVALID_SUBGRAPH_VALUE"
    assert (response.data or {})["best"] is None


async def test_a_value_that_clients_may_not_know_is_null() -> None:
    stock = [{"__typename": "Item", "id": "1", "place": {"row": 1, "shelf": "CELLAR"}}]
    response = await shops(stock).ask("{ best { place { row shelf } } }")
    assert response.data == {"best": {"place": {"row": 1, "shelf": None}}}
    assert [error["path"] for error in response.errors] == [["best", "place", "shelf"]]
    assert "CELLAR" not in response.errors[0]["message"]


@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        ("{ goods {", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ bads }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { best { id } } query B { best { id } }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("query ($a: Boolean!) { best { id @skip(if: $a) } }", {"a": "yes"}, "BAD_USER_INPUT"),
        ("{" * 400 + "}" * 400, {}, "GRAPHQL_PARSE_FAILED"),
        ("{" + " best { id }" * 4_000 + "}", {}, "LIMIT_TOKENS"),
    ],
)
async def test_what_cannot_be_run_is_refused_with_a_code(text: str, variables: Any, code: str) -> None:
    shop = shops()
    response = await shop.ask(text, variables)
    assert response.refused
    assert {error["extensions"]["code"] for error in response.errors} == {code}
    assert "data" not in response.formatted()
    assert shop.subgraphs.sent == []


async def test_an_error_without_a_path_is_told_of_each_field_that_it_left_empty() -> None:
    shop = shops()
    refusal = {"message": "the day is malformed", "extensions": {"code": "BAD_USER_INPUT"}}
    shop.subgraphs.faults["shop"] = Reply(None, (refusal,))
    response = await shop.ask("{ sure: certain { id } best { id } }")
    assert response.data is None
    assert [(error["path"], error["extensions"]["code"]) for error in response.errors] == [
        (["sure"], "BAD_USER_INPUT"),
        (["best"], "BAD_USER_INPUT"),
    ]


async def test_a_failure_of_one_request_for_several_places_is_told_at_each() -> None:
    shop = shops()
    shop.subgraphs.faults["stock"] = TransportFailure("SHARD_UNREACHABLE", "Nobody is there.")
    response = await shop.ask("{ best { count } goods { count } }")
    assert response.data == {"best": {"count": None}, "goods": [{"count": None}] * 3}
    assert {tuple(error["path"]) for error in response.errors} == {
        ("best",),
        ("goods", 0),
        ("goods", 1),
        ("goods", 2),
    }


async def test_an_error_without_a_place_is_told_at_the_fields_that_were_asked_for() -> None:
    shop = shops()
    data = {"one": GOODS[0], "certain": GOODS[0]}
    shop.subgraphs.faults["shop"] = Reply(data, ({"message": "The prices are of yesterday."},))
    response = await shop.ask("{ one: best { id } certain { id } }")
    assert response.data == {"one": {"id": "1"}, "certain": {"id": "1"}}
    assert [error["path"] for error in response.errors] == [["one"], ["certain"]]


async def test_root_fields_that_are_left_out_are_null_and_cost_no_request() -> None:
    shop = shops()
    request = Request("{ mine: best { id count } goods { name } }", without=frozenset({"mine"}))
    response = await shop.engine.run(request, RequestContext())
    assert response.data == {"mine": None, "goods": [{"name": "n1"}, {"name": "n2"}, {"name": "n1"}]}
    assert response.errors == ()
    assert (await shop.ask("{ mine: best { id } goods { name } }")).data is not None
    whole = Request("{ best { id } }", without=frozenset({"best"}))
    asked = len(shop.subgraphs.sent)
    assert (await shop.engine.run(whole, RequestContext())).data == {"best": None}
    assert len(shop.subgraphs.sent) == asked
