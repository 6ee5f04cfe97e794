"""Callers who never stop: each changes an account of its own, and knows what it was promised."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.node.bank import ACCOUNT, OUTCOME
from tests.node.conftest import citizen_number
from tests.node.databases import REGION

OPEN = f"""mutation($r: ID!, $i: OpenAccountInput!, $k: String!) {{
  openAccount(region: $r, input: $i, idempotencyKey: $k) {{ {ACCOUNT} }} }}"""
SUBMIT = f"""mutation($a: ID!, $i: SubmitOutcomeInput!, $k: String!) {{
  submitOutcome(account: $a, input: $i, idempotencyKey: $k) {{ {OUTCOME} }} }}"""
VERIFY = f"mutation($o: ID!, $k: String!) {{ verifyOutcome(id: $o, idempotencyKey: $k) {{ {OUTCOME} }} }}"
REVOKE = f"""mutation($o: ID!, $k: String!) {{
  revokeOutcome(id: $o, ground: ERROR, reason: "r", idempotencyKey: $k) {{ {OUTCOME} }} }}"""

Request = tuple[str, dict[str, Any]]


@dataclass
class Caller:
    """`pending` was sent and not answered: it was done or not, and is sent again with its key."""

    number: int
    chance: random.Random
    acknowledged: Callable[[], None]
    account: str = ""
    entries: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What was promised of the ledger: entry → (credits, balance after)."""
    outcomes: dict[str, str] = field(default_factory=dict)
    """What was promised of outcomes: outcome → status."""
    first_answers: list[tuple[Request, Any]] = field(default_factory=list)
    pending: Request | None = None
    keys: Iterator[int] = field(default_factory=count)

    async def work(self, client: httpx.AsyncClient) -> None:
        """Send one change after another until the node is gone."""
        while True:
            self.pending = self.pending or self._next()
            try:
                body = await ask(client, self.pending)
            except httpx.TransportError:
                return
            if "errors" in body:  # the database was not to be had in time: again, with the same key
                assert body["errors"][0]["extensions"]["code"].startswith("DATABASE_"), body
                continue
            (answer,) = body["data"].values()
            assert answer["__typename"] != "Refusal", answer
            self._learn(self.pending, answer)
            self.pending = None
            self.acknowledged()

    def _next(self) -> Request:
        key = f"caller {self.number} change {next(self.keys)}"
        if not self.account:
            person = {"citizenNumber": citizen_number(self.number), "group": "IN_WORK"}
            return OPEN, {"r": REGION, "i": person, "k": key}
        submitted = [one for one, status in self.outcomes.items() if status == "SUBMITTED"]
        verified = [one for one, status in self.outcomes.items() if status == "VERIFIED"]
        drawn = self.chance.random()
        if submitted and drawn < 0.5:
            return VERIFY, {"o": self.chance.choice(submitted), "k": key}
        if verified and drawn < 0.7:
            return REVOKE, {"o": self.chance.choice(verified), "k": key}
        given = {"kind": "COURSE", "title": key, "credits": "2.0", "issuedOn": "2026-01-01"}
        return SUBMIT, {"a": self.account, "i": given, "k": key}

    def _learn(self, request: Request, answer: dict[str, Any]) -> None:
        self.first_answers.append((request, answer))
        if "account" in answer:
            self.account = answer["account"]["id"]
            return
        self.outcomes[answer["outcome"]["id"]] = answer["outcome"]["status"]
        for entry in answer["entries"]:
            self.entries[entry["id"]] = (entry["credits"], entry["balanceAfter"])


async def ask(client: httpx.AsyncClient, request: Request) -> dict[str, Any]:
    query, variables = request
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    body: dict[str, Any] = answer.json()
    return body
