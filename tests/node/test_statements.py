"""A page or a batch costs the same number of SQL statements whatever its size."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.conftest import Served
from tests.node.counting import statements
from tests.node.filled import fill

PAGE = """query($first: Int!) { accounts(region: "320000", first: $first) {
  edges { cursor node { id status balance learner { id } region { code }
    history { status on }
    outcomes(first: 3, orderBy: CREDITS_DESC) {
      edges { node { id title credits certificate { name } history { step } usedBy { id } derivedFrom { id }
                     account { id balance } } }
      pageInfo { hasNextPage endCursor } } } }
  pageInfo { hasNextPage } } }"""

ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) {
  ... on Account { id balance outcomes(first: 2) { totalCount edges { node { id credits } } } }
  ... on Learner { id totalCredits accounts { id } outcomes(first: 2) { edges { node { id } } } }
  ... on LearningOutcome { id title }
  ... on LedgerEntry { id credits account { id } } } }"""


async def count(served: Served, query: str, **variables: Any) -> tuple[int, Any]:
    with statements(served.node.database) as seen:
        data = await served.officer.ask(query, **variables)
    return len(seen), data


async def test_a_page_of_accounts_with_balances_and_outcomes(served: Served) -> None:
    await fill(served.node.bank, accounts=55, outcomes=4)
    small, _ = await count(served, PAGE, first=2)
    large, data = await count(served, PAGE, first=50)
    assert small == large == 7
    nodes = [edge["node"] for edge in data["accounts"]["edges"]]
    assert len(nodes) == 50
    assert {node["balance"] for node in nodes} == {"5.0"}
    for node in nodes:
        assert [edge["node"]["credits"] for edge in node["outcomes"]["edges"]] == ["1.4", "1.3", "1.2"]
        assert node["outcomes"]["pageInfo"]["hasNextPage"] is True


async def test_a_total_is_counted_only_where_it_is_asked_for(served: Served) -> None:
    await fill(served.node.bank, accounts=3, outcomes=2)
    plain, _ = await count(served, '{ accounts(region: "320000") { edges { node { id } } } }')
    total, data = await count(
        served,
        '{ accounts(region: "320000", first: 1) { ...F } } fragment F on AccountConnection { totalCount }',
    )
    assert (plain, total, data["accounts"]["totalCount"]) == (1, 2, 3)


@pytest.mark.parametrize("size", [2, 200])
async def test_a_batch_of_entities(served: Served, size: int) -> None:
    accounts = await fill(served.node.bank, accounts=size, outcomes=1)

    async def batch(name: str, keys: list[str]) -> tuple[int, list[Any]]:
        asked = [{"__typename": name, "id": key} for key in keys]
        seen, data = await count(served, ENTITIES, r=asked)
        return seen, data["_entities"]

    learners = [f"L-{number}" for number in range(size)]
    outcomes = [account.replace("-A-", "-O-") + "_1" for account in accounts]
    entries = [account.replace("-A-", "-E-") + "_1" for account in accounts]
    for name, keys, expected in (
        ("Account", accounts, 4),
        ("Learner", learners, 3),
        ("LearningOutcome", outcomes, 1),
        ("LedgerEntry", entries, 2),
    ):
        seen, found = await batch(name, keys)
        assert [one["id"] for one in found] == keys
        assert seen == expected, name


async def test_all_kinds_in_one_batch_in_the_order_asked(served: Served) -> None:
    (account,) = await fill(served.node.bank, accounts=1, outcomes=1)
    asked = [
        {"__typename": "Learner", "id": "L-0"},
        {"__typename": "LearningOutcome", "id": account.replace("-A-", "-O-") + "_1"},
        {"__typename": "Account", "id": account},
        {"__typename": "Learner", "id": "L-0"},
    ]
    _, data = await count(
        served, "query($r: [_Any!]!) { _entities(representations: $r) { __typename } }", r=asked
    )
    assert [one["__typename"] for one in data["_entities"]] == [one["__typename"] for one in asked]
