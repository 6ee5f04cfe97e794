"""Replays past requests under a draft agreement at the deciding region, and adds up what it answers.

A request is what somebody kept of an answer: any JSON in which decisions stand with their `evidence`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from creditbank.failure import Failure
from creditbank.findings import nodes_of
from schema.credits import parse_credits

BATCH_LIMIT: Final = 500
"""Requests that a node replays at once."""
TIMEOUT_S: Final = 60.0
QUERY: Final = """query($region: ID!, $terms: AgreementTermsInput!, $requests: [AssessmentInput!]!) {
  simulateAgreement(region: $region, terms: $terms, requests: $requests) {
    decisions { before after requests }
    lines { group rule course requests before after gained lost } } }"""


@dataclass(slots=True)
class Line:
    """What one rule gave one group. Credits are tenths."""

    group: str | None
    rule: str
    course: str
    requests: int = 0
    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


@dataclass(slots=True)
class Totals:
    """`decisions` counts requests by what was decided before and under the draft."""

    lines: dict[tuple[str | None, str, str], Line] = field(default_factory=dict)
    decisions: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(self.decisions.values())

    def add(self, answer: Mapping[str, Any]) -> None:
        for one in answer["decisions"]:
            key = (one["before"], one["after"])
            self.decisions[key] = self.decisions.get(key, 0) + one["requests"]
        for one in answer["lines"]:
            line_key = (one["group"], one["rule"], one["course"])
            line = self.lines.setdefault(line_key, Line(*line_key))
            line.requests += one["requests"]
            for name in ("before", "after", "gained", "lost"):
                setattr(line, name, getattr(line, name) + parse_credits(one[name]))


def read_requests(texts: Iterable[bytes], region: str) -> list[dict[str, Any]]:
    """Return the requests that `region` decided, as `simulateAgreement` takes them. Raises ValueError."""
    return [
        _request(node)
        for text in texts
        for node in nodes_of(json.loads(text))
        if isinstance(node.get("evidence"), str) and node.get("to") == region
    ]


def _request(decision: Mapping[str, Any]) -> dict[str, Any]:
    evidence = json.loads(decision["evidence"])
    question = evidence["question"]
    return {
        "from": question["from"],
        "outcomeId": question["outcomeId"],
        "certificate": question["certificate"],
        "major": question["major"],
        "asOf": question["asOf"],
        "knownAt": decision.get("knownAt") or decision["decidedAt"],
        "standing": evidence["standing"],
    }


def terms_input(terms: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Return canonical terms as the graph takes them, seen from `region`. Raises ValueError, KeyError."""
    others = [party for party in terms["parties"] if party != region]
    if len(others) != 1:
        raise ValueError(f"region {region} is not one of the parties {terms['parties']}")
    scope = [
        {name: value for name, value in line.items() if (name, value) != ("certificate", "*")}
        for line in terms["scope"]
    ]
    same = ("kind", "accepts", "firstDay", "lastDay", "version", "noticeDays")
    given = {name: terms[name] for name in same if terms.get(name) is not None}
    return {"with": others[0], "scope": scope, **given}


def simulate(
    url: str, token: str, region: str, terms: Mapping[str, Any], requests: Sequence[Mapping[str, Any]]
) -> Totals:
    """Ask in batches and add up. Raises `Failure` where there is no answer, or a refusal."""
    totals = Totals()
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
        for answer in _answers(client, token, region, terms, requests):
            totals.add(answer)
    return totals


def _answers(
    client: httpx.Client,
    token: str,
    region: str,
    terms: Mapping[str, Any],
    requests: Sequence[Mapping[str, Any]],
) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(requests), BATCH_LIMIT):
        batch = requests[start : start + BATCH_LIMIT]
        variables = {"region": region, "terms": terms, "requests": batch}
        try:
            response = client.post(
                "/graphql",
                json={"query": QUERY, "variables": variables},
                headers={"authorization": f"Bearer {token}"},
            )
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Failure(f"{client.base_url} gave no answer: {error!r}") from None
        answer = (body.get("data") or {}).get("simulateAgreement")
        if answer is None:
            told = [str(error.get("message")) for error in body.get("errors", ())]
            raise Failure(f"region {region} did not simulate it: {'; '.join(told) or response.status_code}")
        yield answer
