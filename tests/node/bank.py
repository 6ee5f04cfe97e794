"""The mutations of a bank as tests make them: shortest words for what a test only needs to have happened."""

from __future__ import annotations

import itertools
from typing import Any

from tests.node.conftest import Asker, citizen_number

KEYS = (f"key-{number}" for number in itertools.count())

REFUSAL = "... on Refusal { code message }"
ACCOUNT = f"""__typename {REFUSAL} ... on AccountChanged {{
  account {{ id status group openedOn learner {{ id }} }} }}"""
OUTCOME = f"""__typename {REFUSAL} ... on OutcomeChanged {{
  outcome {{ id status credits coreCredits flexibleCredits flagged
    account {{ id status balance barredUntil }} }}
  entries {{ id kind credits balanceAfter reverses outcomeId }} flagged case {{ id status outcomeId }} }}"""

CLOSED = f"""__typename {REFUSAL} ... on CaseClosed {{
  case {{ id status finding findingReason closedOn }} account {{ status barredUntil }} }}"""


def new_key() -> str:
    return next(KEYS)


async def open_account(officer: Asker, order: int = 1, key: str | None = None, **rest: Any) -> dict[str, Any]:
    answer = await officer.ask(
        f"mutation($r: ID!, $i: OpenAccountInput!, $k: String!) {{"
        f" openAccount(region: $r, input: $i, idempotencyKey: $k) {{ {ACCOUNT} }} }}",
        r=officer.region,
        i={"citizenNumber": citizen_number(order), "group": "IN_SCHOOL", **rest},
        k=key or new_key(),
    )
    result: dict[str, Any] = answer["openAccount"]
    return result


async def submit(asker: Asker, account: str, key: str | None = None, **achievement: Any) -> dict[str, Any]:
    given = {"kind": "COURSE", "title": "网络营销", "credits": "2.0", "issuedOn": "2026-05-01", **achievement}
    answer = await asker.ask(
        f"mutation($a: ID!, $i: SubmitOutcomeInput!, $k: String!) {{"
        f" submitOutcome(account: $a, input: $i, idempotencyKey: $k) {{ {OUTCOME} }} }}",
        a=account,
        i=given,
        k=key or new_key(),
    )
    result: dict[str, Any] = answer["submitOutcome"]
    return result


async def step(
    asker: Asker, mutation: str, identifier: str, key: str | None = None, **rest: str
) -> dict[str, Any]:
    """Run verifyOutcome, rejectOutcome, revokeOutcome, freezeAccount … on one ID."""
    shown = ACCOUNT if mutation.endswith("Account") else OUTCOME
    types = {"reason": "String!", "ground": "RevocationGround!", "major": "ID!"}
    declared = "".join(f", ${name}: {types[name]}" for name in rest)
    given = "".join(f", {name}: ${name}" for name in rest)
    answer = await asker.ask(
        f"mutation($id: ID!, $k: String!{declared}) {{"
        f" {mutation}(id: $id, idempotencyKey: $k{given}) {{ {shown} }} }}",
        id=identifier,
        k=key or new_key(),
        **rest,
    )
    result: dict[str, Any] = answer[mutation]
    return result


async def deposited(officer: Asker, account: str, **achievement: Any) -> str:
    """Submit and verify; return the outcome's ID."""
    submitted = await submit(officer, account, **achievement)
    identifier: str = submitted["outcome"]["id"]
    verified = await step(officer, "verifyOutcome", identifier)
    assert verified["outcome"]["status"] == "VERIFIED"
    return identifier


async def close_case(officer: Asker, case: str, finding: str) -> dict[str, Any]:
    answer = await officer.ask(
        f"mutation($id: ID!, $f: CaseFinding!, $k: String!) {{"
        f' closeCase(id: $id, finding: $f, reason: "as heard", idempotencyKey: $k) {{ {CLOSED} }} }}',
        id=case,
        f=finding,
        k=new_key(),
    )
    result: dict[str, Any] = answer["closeCase"]
    return result
