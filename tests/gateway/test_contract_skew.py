"""Real nodes on three versions of the contract behind one gateway (docs/SHARDING.md, 7).

Each is a whole bank on a socket of its own. Two serve the program's own schema with parts taken out of it
or put into it, so that what they state, validate and answer is one and the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
)
from strawberry.printer import print_schema

from catalogue.sample import load_sample
from creditbank.commands.schema import check
from edge.caller import Caller, Role
from edge.tokens import issue_token
from region_node.app import Node
from region_node.domain.account import Account, LearnerGroup
from region_node.domain.outcome import Achievement
from region_node.graph.entities import NodeSchema
from region_node.graph.schema import SCHEMA, make_schema
from region_node.service.account_cases import OPEN_ACCOUNT, OpenAccount
from region_node.service.outcome_cases import SUBMIT_OUTCOME, OutcomeChanged, SubmitOutcome
from region_node.service.perform import perform
from schema.agreements import OutcomeKind
from tests.gateway.country import Country, country
from tests.node.conftest import citizen_number, node_settings
from tests.node.databases import Sqlite
from tests.serving import Served, Servers, listen

CURRENT, OLDER, NEWER = REGIONS = "310000", "320000", "440000"
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
ASKED_LIMIT = 5_000
"""Questions asked before all contracts must be known: many times what it takes."""

ONE_VERSION_AGO: Final = (
    "Account.state",
    "AccountState",
    "OutcomeOrder.CREDITS_DESC",
    "SubmitOutcomeInput.examinerLevel",
)
TWO_VERSIONS_AGO: Final = (
    "Statistics.meanCreditsPerAccount",
    "Query.frameworkMaps",
    "Account.outcomes(filter:)",
    "OutcomeFilter.flagged",
)
"""What each version took up: a node that is two versions back has none of either."""


def take_out(schema: NodeSchema, *coordinates: str) -> None:
    types: dict[str, Any] = schema._schema.type_map
    for coordinate in coordinates:
        type_name, _, rest = coordinate.removesuffix(":)").partition(".")
        member, _, argument = rest.partition("(")
        if not member:
            del types[type_name]
            continue
        type_ = types[type_name]
        members = type_.values if isinstance(type_, GraphQLEnumType) else type_.fields
        if argument:
            del members[member].args[argument]
        else:
            del members[member]


def older() -> NodeSchema:
    schema = make_schema()
    take_out(schema, *ONE_VERSION_AGO, *TWO_VERSIONS_AGO)
    return schema


def newer() -> NodeSchema:
    """The next version: a new field, one that is gone at last, and an argument that must be given now."""
    schema = make_schema()
    take_out(schema, "Statistics.conversions")
    types: dict[str, Any] = schema._schema.type_map
    day = types["Date"]
    assert isinstance(day, GraphQLScalarType)
    types["Account"].fields["nickname"] = GraphQLField(GraphQLString, resolve=lambda *_: "学子")
    types["Query"].fields["organisations"].args["asOf"] = GraphQLArgument(GraphQLNonNull(day))
    return schema


@dataclass(frozen=True)
class Skewed:
    """The country, what each region's node was asked, and the accounts of the one learner in all of them."""

    country: Country
    nodes: Mapping[str, Served]
    accounts: Mapping[str, Account]
    outcomes: Mapping[str, str]

    @property
    def learner(self) -> str:
        return self.accounts[CURRENT].learner_id

    def ask(self, query: str, officer_of: str | None = None, /, **variables: Any) -> dict[str, Any]:
        """The whole response, to the portal or to an officer of a region."""
        caller = Caller(Role.PORTAL, "portal")
        if officer_of is not None:
            caller = Caller(Role.OFFICER, "officer", officer_of)
        token = issue_token(self.country.key, caller)
        answer = self.country.post(query, headers={"authorization": f"Bearer {token}"}, variables=variables)
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def skewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Skewed]:
    """All begin on one contract; then one node goes back to an older one, and one goes ahead, while the
    gateway runs, which asks nobody again by itself."""
    folder = tmp_path_factory.mktemp("skewed")
    databases = Sqlite(folder)
    with Servers() as servers:
        nodes, accounts, outcomes = {}, {}, {}
        settings = {
            region: node_settings(databases.fresh(region), folder / "keys.json", region=region, clock_at=NOW)
            for region in REGIONS
        }
        for number, region in enumerate(REGIONS):
            node = Node(settings[region], bundle=load_sample())
            nodes[region] = servers.start(node.app)
            accounts[region], outcomes[region] = servers.call(one_outcome(node, number))

        def publish() -> None:
            shards = [{"code": each, "name": each, "url": f"{nodes[each].url}/graphql"} for each in REGIONS]
            (folder / "nodes.json").write_text(json.dumps({"shards": shards}), encoding="utf-8")

        with country(servers, folder, {}, publish=publish, contracts_interval_ms=3_600_000) as built:
            found = Skewed(built, nodes, accounts, outcomes)
            assert "errors" not in found.ask(ALL_KNOW)
            for region, schema in ((OLDER, older()), (NEWER, newer())):
                servers.stop(nodes[region])
                node = Node(settings[region], bundle=load_sample(), schema=schema)
                nodes[region] = servers.start(node.app, listen(nodes[region].port))
            wait_until_contracts_are_known(found)
            yield found


async def one_outcome(node: Node, number: int) -> tuple[Account, str]:
    """The same learner's account in each region, with an outcome of 1, 2 or 3 credits."""
    bank = node.bank
    opening = OpenAccount(citizen_number(1), LearnerGroup.IN_WORK)
    account = await perform(bank, OPEN_ACCOUNT, opening, key="1", moment=bank.moment("a-test"))
    assert isinstance(account, Account)
    course = Achievement(OutcomeKind.COURSE, "网络营销", 10 + 10 * number, date(2026, 5, 1 + number))
    submitted = await perform(
        bank, SUBMIT_OUTCOME, SubmitOutcome(account.id, course), key="2", moment=bank.moment("a-test")
    )
    assert isinstance(submitted, OutcomeChanged)
    return account, submitted.outcome.id


ALL_KNOW: Final = "{ statistics { meanCreditsPerAccount conversions } }"


def wait_until_contracts_are_known(found: Skewed) -> None:
    """The others refuse what they do not know, and are asked at once which contract they run."""
    for _ in range(ASKED_LIMIT):
        codes = [error["extensions"]["code"] for error in found.ask(ALL_KNOW).get("errors", ())]
        if codes == ["UNSUPPORTED_BY_SHARD"] * 2:
            return
    raise AssertionError("the nodes' contracts are not known")


def told(response: Mapping[str, Any]) -> list[tuple[str, list[str], list[Any]]]:
    """Region, coordinates and path of each error; every one of them is that of skew, with what to do."""
    errors = response.get("errors", [])
    assert {error["extensions"]["code"] for error in errors} <= {"UNSUPPORTED_BY_SHARD"}, errors
    for error in errors:
        assert f"Region {error['extensions']['shard']}" in error["message"]
        assert "Leave out" in error["extensions"]["hint"]
    return [(e["extensions"]["shard"], e["extensions"]["coordinates"], e["path"]) for e in errors]


def coverage(response: Mapping[str, Any]) -> tuple[int, int, list[str]]:
    found = response["extensions"]["coverage"]
    return found["asked"], found["answered"], [one["shard"] for one in found["missing"]]


def test_a_field_that_one_node_lacks_is_null_there_and_whole_elsewhere(skewed: Skewed) -> None:
    answer = skewed.ask(
        """query($id: ID!) { learner(id: $id) {
          totalCredits accounts { id state { status } } outcomes(first: 5) { totalCount }
        } }""",
        id=skewed.learner,
    )
    learner = answer["data"]["learner"]
    assert learner["accounts"] == [
        {"id": skewed.accounts[each].id, "state": None if each == OLDER else {"status": "OPEN"}}
        for each in REGIONS
    ]
    assert (learner["totalCredits"], learner["outcomes"]["totalCount"]) == ("0.0", len(REGIONS))
    assert told(answer) == [(OLDER, ["Account.state"], ["learner"])]
    assert coverage(answer) == (3, 3, [])


def test_a_sum_is_of_the_nodes_that_have_the_field(skewed: Skewed) -> None:
    answer = skewed.ask("{ statistics { accounts outcomes conversions meanCreditsPerAccount } }")
    assert answer["data"]["statistics"] == {
        "accounts": 3,
        "outcomes": 3,
        "conversions": 0,
        "meanCreditsPerAccount": "0.0",
    }
    assert told(answer) == [
        (OLDER, ["Statistics.meanCreditsPerAccount"], ["statistics"]),
        (NEWER, ["Statistics.conversions"], ["statistics"]),
    ]
    assert coverage(answer) == (3, 3, [])


@pytest.mark.parametrize(
    ("query", "region", "lacking"),
    [
        ("{ frameworkMaps(region: $region) { from to } }", OLDER, "Query.frameworkMaps"),
        ("{ organisations(region: $region) { code } }", NEWER, "Query.organisations(asOf:)!"),
    ],
)
def test_a_root_field_that_a_node_cannot_answer_is_not_sent_to_it(
    skewed: Skewed, query: str, region: str, lacking: str
) -> None:
    text = f"query($region: ID!) {query}"
    before = len(skewed.nodes[region].requests)
    answer = skewed.ask(text, region=region)
    [name] = answer["data"]
    assert (answer["data"][name], told(answer)) == (None, [(region, [lacking], [name])])
    assert coverage(answer) == (1, 0, [region])
    assert len(skewed.nodes[region].requests) == before
    assert told(skewed.ask(text, region=CURRENT)) == []


@pytest.mark.parametrize("arguments", ["orderBy: CREDITS_DESC", "orderBy: $order"])
def test_rows_cannot_be_had_of_a_node_that_lacks_their_order(skewed: Skewed, arguments: str) -> None:
    declared = ", $order: OutcomeOrder!" if "$" in arguments else ""
    rows_of = f"outcomes(filter: {{learner: $id}}, {arguments})"
    text = f"query($id: ID!{declared}) {{ {rows_of} {{ edges {{ node {{ id }} }} }} }}"
    answer = skewed.ask(text, id=skewed.learner, **({"order": "CREDITS_DESC"} if declared else {}))
    assert rows(answer) == [skewed.outcomes[NEWER], skewed.outcomes[CURRENT]]
    assert told(answer) == [(OLDER, ["OutcomeOrder.CREDITS_DESC"], ["outcomes"])]
    assert coverage(answer) == (3, 2, [OLDER])


def test_an_order_that_all_have_is_asked_of_all(skewed: Skewed) -> None:
    text = """query($filter: OutcomeFilter!, $order: OutcomeOrder!) {
      outcomes(filter: $filter, orderBy: $order) { edges { node { id } } } }"""
    answer = skewed.ask(text, filter={"learner": skewed.learner}, order="ISSUED_ON_DESC")
    assert rows(answer) == [skewed.outcomes[each] for each in reversed(REGIONS)]
    assert (told(answer), coverage(answer)) == ([], (3, 3, []))


def test_an_input_field_counts_where_it_says_something(skewed: Skewed) -> None:
    text = "query($filter: OutcomeFilter!) { outcomes(filter: $filter) { totalCount } }"
    silent = skewed.ask(text, filter={"learner": skewed.learner, "flagged": None})
    assert (silent["data"]["outcomes"], told(silent)) == ({"totalCount": 3}, [])
    saying = skewed.ask(text, filter={"learner": skewed.learner, "flagged": False})
    assert (saying["data"]["outcomes"], coverage(saying)) == ({"totalCount": 2}, (3, 2, [OLDER]))
    assert told(saying) == [(OLDER, ["OutcomeFilter.flagged"], ["outcomes"])]


def test_an_argument_within_costs_the_field_that_is_given_it(skewed: Skewed) -> None:
    text = """query($id: ID!, $account: ID!) { account(id: $account) {
      id outcomes(filter: {learner: $id}) { totalCount } ledger { totalCount } } }"""
    answer = skewed.ask(text, id=skewed.learner, account=skewed.accounts[OLDER].id)
    assert answer["data"]["account"] is None  # its outcomes may not be null
    assert told(answer) == [(OLDER, ["Account.outcomes(filter:)"], ["account"])]
    assert coverage(answer) == (1, 1, [])


@pytest.mark.parametrize(("given", "is_done"), [({}, True), ({"examinerLevel": "ADVANCED"}, False)])
def test_a_change_is_made_by_an_older_node_where_it_can_take_all_of_it(
    skewed: Skewed, given: dict[str, Any], is_done: bool
) -> None:
    text = """mutation($account: ID!, $input: SubmitOutcomeInput!, $key: String!) {
      submitOutcome(account: $account, input: $input, idempotencyKey: $key) {
        __typename ... on OutcomeChanged { outcome { title } } } }"""
    course = {"kind": "COURSE", "title": f"网店运营{len(given)}", "credits": "2.0", "issuedOn": "2026-05-09"}
    answer = skewed.ask(
        text, OLDER, account=skewed.accounts[OLDER].id, input=course | given, key=f"key-{len(given)}"
    )
    if is_done:
        assert answer["data"]["submitOutcome"]["outcome"] == {"title": course["title"]}
        assert told(answer) == []
    else:
        assert (answer["data"] or {}).get("submitOutcome") is None
        assert told(answer) == [(OLDER, ["SubmitOutcomeInput.examinerLevel"], ["submitOutcome"])]


def test_what_is_demanded_whole_is_not_given_without_what_a_node_lacks(skewed: Skewed) -> None:
    answer = skewed.ask("{ statistics @complete { accounts meanCreditsPerAccount } }")
    [incomplete] = [e for e in answer["errors"] if e["extensions"]["code"] == "INCOMPLETE"]
    assert (answer["data"]["statistics"], incomplete["extensions"]["shards"]) == (None, [OLDER])


def test_the_check_of_the_change_foretells_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = []
    for name, schema in (("older", older()), ("now", SCHEMA)):
        files.append(tmp_path / f"{name}.graphql")
        files[-1].write_text(print_schema(schema), encoding="utf-8")
    check(*files)  # it raises where a change breaks somebody
    _, _, told_of_nodes = capsys.readouterr().out.partition("while nodes are still on the old contract")
    foretold = re.findall(r"^  UNSUPPORTED_BY_SHARD (.+): ", told_of_nodes, re.MULTILINE)
    within = ["AccountState.balance", "AccountState.status"]
    assert sorted(foretold) == sorted((*ONE_VERSION_AGO, *TWO_VERSIONS_AGO, *within))


def rows(answer: Mapping[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in answer["data"]["outcomes"]["edges"]]
