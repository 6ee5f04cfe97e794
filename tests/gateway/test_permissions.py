"""Who may ask what at the gateway, field by field and role by role."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema

from edge.caller import PUBLIC, Caller, Role
from gateway.federation.document.prepare import prepare
from gateway.permissions import Routes, concerns, refusals

SCHEMA = build_schema("""
    type Query {
      region(code: ID!): Region
      regions: [Region!]!
      account(id: ID!): Account
      outcomes(regions: [ID!]): LearningOutcomeConnection!
      learner(id: ID!): Learner
      agreements(region: ID!): [Agreement!]!
    }
    type Mutation { freezeAccount(id: ID!): Account  submit(input: SubmitInput!): Account }
    input SubmitInput { account: ID! }
    type Region { code: ID! account(id: ID!): Account }
    type Account { id: ID! }
    type Learner { id: ID! }
    type Agreement { id: ID! }
    type LearningOutcome { id: ID! }
    type LearningOutcomeConnection { edges: [LearningOutcomeEdge!]! totalCount: Int! }
    type LearningOutcomeEdge { node: LearningOutcome }
""")
ROUTES: Routes = {
    ("Query", "account"): ("id",),
    ("Query", "outcomes"): ("regions",),
    ("Query", "agreements"): ("region",),
    ("Mutation", "freezeAccount"): ("id",),
    ("Mutation", "submit"): ("input", "account"),
}
PORTAL = Caller(Role.PORTAL, "portal")
LEARNER = Caller(Role.LEARNER, "learner", learner_id="L-ME")
OFFICER = Caller(Role.OFFICER, "officer", region="440000")
AUDITOR = Caller(Role.AUDITOR, "auditor", region="440000")


def refused(query: str, caller: Caller, **variables: Any) -> dict[str, str]:
    """The code by which each root field is refused."""
    found = refusals(concerns(prepare(SCHEMA, query), ROUTES), variables, caller)
    return {one.key: one.code for one in found}


@pytest.mark.parametrize(
    "query",
    [
        '{ account(id: "440000-A-1") { id } }',
        "{ outcomes { totalCount } }",
        '{ learner(id: "L-ME") { __typename } }',
        '{ region(code: "440000") { ... on Region { code account(id: "440000-A-1") { id } } } }',
        'query { ...F } fragment F on Query { regions { account(id: "1") { id } } }',
        'mutation { freezeAccount(id: "440000-A-1") { id } }',
    ],
)
def test_whatever_is_about_a_learner_needs_a_token(query: str) -> None:
    assert list(refused(query, PUBLIC).values()) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("caller", [PUBLIC, PORTAL, LEARNER, OFFICER, AUDITOR])
def test_rules_and_agreements_are_public(caller: Caller) -> None:
    assert refused('{ agreements(region: "310000") { id } regions { code } __typename }', caller) == {}


@pytest.mark.parametrize(
    ("query", "variables", "allowed"),
    [
        ('{ account(id: "440000-A-1") { id } }', {}, True),
        ('{ account(id: "310000-A-1") { id } }', {}, False),
        ("query($id: ID!) { account(id: $id) { id } }", {"id": "440000-A-1"}, True),
        ("query($id: ID!) { account(id: $id) { id } }", {"id": "310000-A-1"}, False),
        ('{ outcomes(regions: ["440000"]) { totalCount } }', {}, True),
        ('{ outcomes(regions: ["440000", "310000"]) { totalCount } }', {}, False),
        ("query($r: [ID!]) { outcomes(regions: $r) { totalCount } }", {"r": ["310000"]}, False),
        ('{ region(code: "310000") { account(id: "1") { id } } }', {}, False),
        ('{ region(code: "310000") { code } }', {}, True),
        ('{ learner(id: "L-ANY") { id } }', {}, True),
    ],
)
@pytest.mark.parametrize("caller", [OFFICER, AUDITOR])
def test_officers_and_auditors_ask_about_their_own_region(
    query: str, variables: dict[str, Any], allowed: bool, caller: Caller
) -> None:
    assert (refused(query, caller, **variables) == {}) is allowed


@pytest.mark.parametrize(
    ("query", "variables", "allowed"),
    [
        ('{ learner(id: "L-ME") { id } }', {}, True),
        ('{ learner(id: "L-YOU") { id } }', {}, False),
        ("query($id: ID!) { learner(id: $id) { id } }", {"id": "L-YOU"}, False),
    ],
)
def test_learners_ask_about_themselves(query: str, variables: dict[str, Any], allowed: bool) -> None:
    assert (refused(query, LEARNER, **variables) == {}) is allowed


@pytest.mark.parametrize(
    ("caller", "code"), [(PUBLIC, "UNAUTHENTICATED"), (PORTAL, "FORBIDDEN"), (AUDITOR, "FORBIDDEN")]
)
def test_portals_and_auditors_change_nothing(caller: Caller, code: str) -> None:
    assert refused('mutation { freezeAccount(id: "440000-A-1") { id } }', caller) == {"freezeAccount": code}


def test_officers_change_their_own_regions_books() -> None:
    mutation = "mutation($input: SubmitInput!) { submit(input: $input) { id } }"
    assert refused(mutation, OFFICER, input={"account": "440000-A-1"}) == {}
    assert refused(mutation, OFFICER, input={"account": "310000-A-1"}) == {"submit": "FORBIDDEN"}


def test_one_field_that_is_refused_names_itself_by_its_alias() -> None:
    query = '{ mine: learner(id: "L-ME") { id } theirs: learner(id: "L-YOU") { id } }'
    assert refused(query, LEARNER) == {"theirs": "FORBIDDEN"}
