"""Streamed lists: which items come when, and what ends a list."""

from __future__ import annotations

from graphql import parse, validate

from gateway.federation.engine import Request, RequestContext, Response
from gateway.federation.transport import TransportFailure
from tests.engine.execution.test_deferred import Shop, following
from tests.engine.incremental import merged


async def test_the_first_items_come_with_the_list_and_the_others_after_it() -> None:
    payloads = await Shop().all('{ items @stream(initialCount: 1, label: "rest") { name } }')
    assert payloads == [
        {
            "data": {"items": [{"name": "n1"}]},
            "pending": [{"id": "0", "path": ["items"], "label": "rest"}],
            "hasNext": True,
        },
        {
            "incremental": [{"id": "0", "items": [{"name": "n2"}]}],
            "completed": [{"id": "0"}],
            "hasNext": False,
        },
    ]


async def test_items_wait_for_what_is_read_of_them() -> None:
    shop = Shop("stock")
    answer = await shop.begin("{ items @stream { name count } }")
    assert answer.first.data == {"items": []}
    shop.gates["stock"].set()
    last = await following(answer)
    assert last["incremental"] == [
        {"id": "0", "items": [{"name": "n1", "count": 10}, {"name": "n2", "count": 20}]}
    ]


async def test_what_is_deferred_in_an_item_is_pending_when_the_item_is_there() -> None:
    shop = Shop("stock")
    answer = await shop.begin("{ items @stream(initialCount: 1) { name ... @defer { count } } }")
    assert [one["path"] for one in answer.first.pending] == [["items", 0], ["items"]]
    second = await following(answer)
    assert second["incremental"] == [{"id": "1", "items": [{"name": "n2"}]}]
    assert second["pending"] == [{"id": "2", "path": ["items", 1]}]
    shop.gates["stock"].set()
    payloads = [answer.first.formatted(), second, await following(answer)]
    assert merged(payloads) == {"items": [{"name": "n1", "count": 10}, {"name": "n2", "count": 20}]}


async def test_a_null_within_an_item_stays_there() -> None:
    (_, last) = await Shop().all("{ items @stream { name maker { city } } }")
    (entry,) = last["incremental"]
    assert entry["items"] == [{"name": "n1", "maker": {"city": "Ulm"}}, {"name": "n2", "maker": None}]
    assert [error["path"] for error in entry["errors"]] == [["items", 1, "maker", "city"]]


async def test_an_item_that_must_not_be_null_ends_the_list() -> None:
    shop = Shop(faults={"stock": TransportFailure("SHARD_UNREACHABLE", "The line is dead.")})
    (first, last) = await shop.all("{ items @stream { name count } }")
    assert first["data"] == {"items": []}
    (completed,) = last["completed"]
    assert [error["extensions"]["code"] for error in completed["errors"]] == ["SHARD_UNREACHABLE"]
    assert "incremental" not in last


async def test_a_variable_decides_whether_and_how_many() -> None:
    text = "query ($on: Boolean, $n: Int = 1) { items @stream(if: $on, initialCount: $n) { name } }"
    shop = Shop()
    assert [len(each.get("data", {}).get("items", ())) for each in await shop.all(text)] == [1, 0]
    for values in ({"on": False}, {"n": 2}, {"n": 9}):
        answer = await shop.engine.stream(Request(text, values), RequestContext())
        assert isinstance(answer, Response)
        assert answer.data == {"items": [{"name": "n1"}, {"name": "n2"}]}


def test_only_lists_are_streamed() -> None:
    schema = Shop().engine.schema
    (error,) = validate(schema, parse("{ best @stream { name } }"))
    assert "list" in error.message
