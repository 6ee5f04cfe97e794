"""What waits for a region's officers: complete, oldest first, in pages, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from edge.caller import Role
from region_node.domain.outcome import OutcomeStatus
from region_node.graph.desk import SUBMITTED_FIRST
from region_node.service.bank_ports import OutcomeFilter
from region_node.service.paging import PageRequest
from tests.node.bank import deposited, open_account, step, submit
from tests.node.conftest import TODAY, Asker, Served
from tests.node.counting import statements
from tests.node.databases import REGION
from tests.node.published import agree, propose

TO_VERIFY = """query($r: ID!, $first: Int, $after: String, $filter: OutcomeFilter) { desk(region: $r) {
  outcomesToVerify(first: $first, after: $after, filter: $filter) {
    totalCount edges { node { id title } } pageInfo { hasNextPage endCursor } } } }"""
CASES = """query($r: ID!, $filter: CaseFilter) { desk(region: $r) {
  openCases(filter: $filter) { edges { node { outcomeId status } } } } }"""
UNSIGNED = """query($r: ID!, $with: ID) { desk(region: $r) {
  agreementsToSign(with: $with) { totalCount edges { node { with status } } } } }"""


async def to_verify(officer: Asker, **given: Any) -> Any:
    return (await officer.ask(TO_VERIFY, r=REGION, **given))["desk"]["outcomesToVerify"]


async def test_outcomes_wait_in_the_order_in_which_they_were_handed_in(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    handed_in = []
    for place in range(5):
        handed_in.append((await submit(served.officer, account, title=f"course {place}"))["outcome"]["id"])
        served.clock.go_to(TODAY + timedelta(days=place + 1))
    await step(served.officer, "verifyOutcome", handed_in[1])
    await step(served.officer, "rejectOutcome", handed_in[3], reason="not legible")
    first = await to_verify(served.officer, first=2)
    rest = await to_verify(served.officer, first=2, after=first["pageInfo"]["endCursor"])
    seen = [edge["node"]["id"] for page in (first, rest) for edge in page["edges"]]
    assert seen == [handed_in[0], handed_in[2], handed_in[4]]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert rest["pageInfo"]["hasNextPage"] is False
    narrowed = await to_verify(served.officer, filter={"kind": "MOOC"})
    assert narrowed["edges"] == []
    assert (await to_verify(served.officer, filter={"status": "VERIFIED"}))["edges"] == []


async def test_cases_wait_until_they_are_decided(served: Served) -> None:
    accounts = [(await open_account(served.officer, order))["account"]["id"] for order in (1, 2)]
    outcomes = [await deposited(served.officer, account) for account in accounts]
    for place, outcome in enumerate(outcomes):
        served.clock.go_to(TODAY + timedelta(days=place))
        await step(served.officer, "revokeOutcome", outcome, reason="forged", ground="FRAUD")
    edges = (await served.officer.ask(CASES, r=REGION))["desk"]["openCases"]["edges"]
    assert [edge["node"] for edge in edges] == [{"outcomeId": one, "status": "OPEN"} for one in outcomes]
    query = "query($a: ID!) { account(id: $a) { learner { id } } }"
    learner = (await served.officer.ask(query, a=accounts[1]))["account"]["learner"]["id"]
    for wanted, found in (
        ({"learner": learner}, outcomes[1:]),
        ({"outcome": outcomes[0]}, outcomes[:1]),
        ({"openedFrom": (TODAY + timedelta(days=1)).isoformat()}, outcomes[1:]),
        ({"openedTo": TODAY.isoformat()}, outcomes[:1]),
        ({"status": "OPEN"}, outcomes),
        ({"status": "CLOSED"}, []),
    ):
        edges = (await served.officer.ask(CASES, r=REGION, filter=wanted))["desk"]["openCases"]["edges"]
        assert [edge["node"]["outcomeId"] for edge in edges] == found


@pytest.mark.parametrize("who", ["public", "learner", "portal", "officer elsewhere"])
async def test_nobody_else_sees_the_desk(sqlite_served: Served, who: str) -> None:
    askers = {
        "public": sqlite_served.public,
        "learner": sqlite_served.learner("L-1"),
        "portal": sqlite_served.portal,
        "officer elsewhere": sqlite_served.asker(Role.OFFICER, region="310000"),
    }
    (error,) = await askers[who].refused(CASES, r=REGION)
    assert error["extensions"]["code"] == ("UNAUTHENTICATED" if who == "public" else "FORBIDDEN")
    assert error["path"] == ["desk"]


async def test_an_auditor_may_look(sqlite_served: Served) -> None:
    auditor = sqlite_served.asker(Role.AUDITOR, region=REGION)
    assert (await to_verify(auditor))["totalCount"] == 0


async def test_agreements_wait_until_this_side_has_signed(served: Served) -> None:
    signed = await agree(served.officer, "310000")
    await propose(served.officer, "440000")
    await propose(served.officer, "510000")
    asked = (await served.officer.ask(UNSIGNED, r=REGION))["desk"]["agreementsToSign"]
    assert signed
    assert asked["totalCount"] == 2
    assert {edge["node"]["with"] for edge in asked["edges"]} == {"440000", "510000"}
    assert {edge["node"]["status"] for edge in asked["edges"]} == {"PROPOSED"}
    asked = (await served.officer.ask(UNSIGNED, r=REGION, **{"with": "440000"}))["desk"]["agreementsToSign"]
    assert [edge["node"]["with"] for edge in asked["edges"]] == ["440000"]


async def test_the_queue_is_read_by_its_index(sqlite_served: Served) -> None:
    database = sqlite_served.node.database
    with statements(database) as seen:
        async with sqlite_served.node.bank.units.read() as unit:
            waiting = OutcomeFilter(status=OutcomeStatus.SUBMITTED)
            await unit.outcomes.page(waiting, PageRequest(SUBMITTED_FIRST, 20))
    async with database.read() as connection:
        given = (20,) * seen[0].count("?")
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[0]}", given)).all()
    assert [row[-1] for row in plan] == ["SCAN outcomes USING INDEX outcomes_submitted"]
