"""One representation that cannot be answered costs itself and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.conftest import Asker, Served
from tests.node.filled import fill

QUERY = "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Account { id } } }"


async def entities(asker: Asker, *representations: Any) -> tuple[list[Any], list[Any]]:
    body = await asker.post(QUERY, {"r": list(representations)})
    return body["data"]["_entities"], [
        (one["extensions"]["code"], one["path"]) for one in body.get("errors", [])
    ]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"__typename": "Nothing", "id": "1"}, "ENTITY_UNKNOWN"),
        ({"__typename": "PageInfo", "id": "1"}, "ENTITY_UNKNOWN"),
        ({"__typename": 5, "id": "1"}, "ENTITY_UNKNOWN"),
        ({"id": "1"}, "ENTITY_UNKNOWN"),
        ({"__typename": "Account"}, "ENTITY_KEY_INVALID"),
        ({"__typename": "Account", "id": None}, "ENTITY_KEY_INVALID"),
        ({"__typename": "Account", "id": {"a": 1}}, "ENTITY_KEY_INVALID"),
        ("text", "ENTITY_UNKNOWN"),
        (None, None),
    ],
)
async def test_a_bad_representation_is_an_error_at_its_place(
    sqlite_served: Served, bad: Any, code: str | None
) -> None:
    (account,) = await fill(sqlite_served.node.bank, accounts=1, outcomes=0)
    good = {"__typename": "Account", "id": account}
    if code is None:
        body = await sqlite_served.officer.post(QUERY, {"r": [good, bad]})
        assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        return
    found, errors = await entities(sqlite_served.officer, good, bad, good)
    shown = {"__typename": "Account", "id": account}
    assert found == [shown, None, shown]
    assert errors == [(code, ["_entities", 1])]


async def test_what_is_not_here_is_null(sqlite_served: Served) -> None:
    found, errors = await entities(
        sqlite_served.officer,
        {"__typename": "Account", "id": "320000-A-NOBODY"},
        {"__typename": "Learner", "id": "L-NOBODY"},
        {"__typename": "LearningOutcome", "id": "nonsense"},
        {"__typename": "LedgerEntry", "id": "320000-E-NOBODY_1"},
        {"__typename": "Region", "code": "310000"},
        {"__typename": "Region", "code": "320000"},
    )
    assert (found, errors) == ([None] * 5 + [{"__typename": "Region"}], [])


async def test_each_is_shown_only_to_whom_it_may_be(sqlite_served: Served) -> None:
    first, second = await fill(sqlite_served.node.bank, accounts=2, outcomes=0)
    found, errors = await entities(
        sqlite_served.learner("L-0"),
        {"__typename": "Account", "id": first},
        {"__typename": "Account", "id": second},
        {"__typename": "Learner", "id": "L-1"},
    )
    assert found == [{"__typename": "Account", "id": first}, None, None]
    assert errors == [("FORBIDDEN", ["_entities", 1]), ("FORBIDDEN", ["_entities", 2])]
    found, errors = await entities(sqlite_served.public, {"__typename": "Account", "id": first})
    assert (found, errors) == ([None], [("UNAUTHENTICATED", ["_entities", 0])])
