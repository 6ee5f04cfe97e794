"""Over HTTP: what a token shows decides what is answered, what may be spent, and who sees the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from joserfc.jwk import OKPKey
from strawberry.asgi import GraphQL

from edge.caller import Caller, Role
from edge.configuration import IdentityGroup
from edge.tokens import generate_key, issue_token, jwks
from gateway.access import AccessGroup, CostBudgets
from gateway.federation.composition.compose import Subgraph, compose
from gateway.foreign import SupergraphSettings, supergraph_app
from tests.gateway.country import Country, country
from tests.serving import Served, Servers

SDL = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
      import: ["@authenticated", "@requiresScopes", "@policy", "@listSize"])
    type Query {
      courses(first: Int!): [Course!]! @listSize(slicingArguments: ["first"])
      exam: String @requiresScopes(scopes: [["exam:read", "exam:enter"], ["teach"]])
      register: String @policy(policies: [["role:officer"], ["role:auditor"]])
    }
    type Course { title: String marks: [Int!] @authenticated }
"""


@strawberry.type
class Course:
    title: str
    marks: list[int]


@strawberry.type
class Query:
    @strawberry.field
    def courses(self, first: int) -> list[Course]:
        return [Course(title=f"c{number}", marks=[number]) for number in range(first)]

    @strawberry.field
    def exam(self) -> str:
        return "questions"

    @strawberry.field
    def register(self) -> str:
        return "names"


@dataclass(frozen=True)
class School:
    subgraph: Served
    gateway: Served
    key: OKPKey

    def ask(self, query: str, caller: Caller | None = None, **more: Any) -> Any:
        headers = {} if caller is None else {"authorization": f"Bearer {issue_token(self.key, caller)}"}
        with httpx.Client(trust_env=False) as client:
            body = {"query": query, **more}
            return client.post(f"{self.gateway.url}/graphql", json=body, headers=headers).json()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    key = generate_key()
    (tmp_path / "keys.json").write_bytes(jwks(key))
    settings = SupergraphSettings(
        identity=IdentityGroup(keys_file=tmp_path / "keys.json"),
        access=AccessGroup(
            introspection=(Role.OFFICER,), cost_budgets=CostBudgets(public=5, learner=50, officer=None)
        ),
    )
    with Servers() as servers:
        subgraph = servers.start(GraphQL(strawberry.Schema(Query)))
        supergraph = compose([Subgraph("school", subgraph.url, SDL)]).sdl()
        yield School(subgraph, servers.start(supergraph_app(supergraph, settings)), key)


def learner(*scopes: str) -> Caller:
    return Caller(Role.LEARNER, "somebody", learner_id="L-1", scopes=frozenset(scopes))


OFFICER = Caller(Role.OFFICER, "somebody", region="440000")


def codes(answer: Any) -> list[Any]:
    return [(error["path"], error["extensions"]["code"]) for error in answer.get("errors", ())]


def test_a_token_opens_what_needs_one(school: School) -> None:
    query = "{ courses(first: 2) { title marks } }"
    answer = school.ask(query)
    assert answer["data"] == {"courses": [{"title": "c0", "marks": None}, {"title": "c1", "marks": None}]}
    assert codes(answer) == [(["courses", index, "marks"], "UNAUTHORIZED_FIELD_OR_TYPE") for index in (0, 1)]
    assert school.ask(query, learner()) == {
        "data": {"courses": [{"title": "c0", "marks": [0]}, {"title": "c1", "marks": [1]}]}
    }


@pytest.mark.parametrize(
    ("scopes", "seen"),
    [((), False), (("exam:read",), False), (("exam:read", "exam:enter"), True), (("teach",), True)],
)
def test_scopes_are_the_tokens(school: School, scopes: tuple[str, ...], seen: bool) -> None:
    answer = school.ask("{ exam }", learner(*scopes))
    assert answer["data"] == {"exam": "questions" if seen else None}
    assert len(school.subgraph.requests) == (1 if seen else 0)


def test_a_role_is_a_policy(school: School) -> None:
    assert school.ask("{ register }", OFFICER) == {"data": {"register": "names"}}
    assert codes(school.ask("{ register }", learner("role:officer"))) == [
        (["register"], "UNAUTHORIZED_FIELD_OR_TYPE")
    ]


def test_each_role_has_its_budget(school: School) -> None:
    query = "query ($n: Int!) { courses(first: $n) { title } }"
    answers = [
        school.ask(query, caller, variables={"n": n}, extensions={"cost": True})
        for caller, n in ((None, 5), (None, 6), (learner(), 6), (learner(), 51), (OFFICER, 51))
    ]
    assert [one.get("extensions", {}).get("cost") for one in answers] == [
        {"estimated": 5, "budget": 5},
        None,
        {"estimated": 6, "budget": 50},
        None,
        {"estimated": 51, "budget": None},
    ]
    refused = [one for one in answers if "data" not in one]
    told = [error["extensions"] for one in refused for error in one["errors"]]
    assert [(one["code"], one["estimated"], one["budget"]) for one in told] == [
        ("COST_ESTIMATED_TOO_EXPENSIVE", 6, 5),
        ("COST_ESTIMATED_TOO_EXPENSIVE", 51, 50),
    ]
    assert len(school.subgraph.requests) == 3


def test_the_schema_is_shown_to_whom_it_is_meant_for(school: School) -> None:
    query = "{ __schema { queryType { name } } }"
    assert school.ask(query, OFFICER) == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    for caller in (None, learner()):
        answer = school.ask(query, caller)
        assert "data" not in answer
        assert answer["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"


@pytest.fixture
def banks(tmp_path: Path) -> Iterator[Country]:
    access = AccessGroup(introspection=(Role.PORTAL,), cost_budgets=CostBudgets(public=9, portal=1_000))
    with Servers() as servers, country(servers, tmp_path, {}, access=access) as found:
        yield found


def test_the_banks_gateway_goes_by_its_settings(banks: Country) -> None:
    regions, schema = "{ regions { code } }", "{ __schema { queryType { name } } }"
    for query, code in ((regions, "COST_ESTIMATED_TOO_EXPENSIVE"), (schema, "INTROSPECTION_DISABLED")):
        answer = banks.post(query).json()
        assert "data" not in answer
        [error] = answer["errors"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["hint"]
        assert "errors" not in banks.post(query, Role.PORTAL).json()
