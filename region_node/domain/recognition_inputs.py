"""What a decision was made from, and every version of it by name and hash.

Most who ask want the decision alone, so the hashes are worked out when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from region_node.domain.agreements import terms_hash
from region_node.domain.canonical import hash_of
from region_node.domain.frameworks import LevelMatch
from region_node.domain.holdings import Holdings, plain_holdings
from region_node.domain.recognition_facts import HomeFacts, Host, Question, answered
from schema.agreements import Agreement


@dataclass(frozen=True, slots=True)
class InputVersion:
    """One versioned input of a decision: whoever holds the same hash can decide the same."""

    kind: str
    id: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Basis:
    """The question, A's facts, B's holdings, and what of those was chosen: the agreement, the map."""

    question: Question
    home: HomeFacts | None
    host: Host
    agreement: Agreement | None
    match: LevelMatch

    def holdings(self) -> Holdings:
        return plain_holdings(self.host, self.agreement, self.match)


def inputs_of(basis: Basis) -> Iterator[InputVersion]:
    """Name every version the decision rests on, in the order in which the checks use them.

    First the question itself, and last what was held besides the published documents.
    """
    question, home, host, match = basis.question, basis.home, basis.host, basis.match
    as_of = question.as_of.isoformat()
    yield InputVersion("question", _subject(question, home), as_of, hash_of(question.plain()))
    if basis.agreement is not None:
        terms = basis.agreement.terms
        yield InputVersion("agreement", basis.agreement.id, str(terms.version), terms_hash(terms))
    if home is not None and answered(home):
        if home.agreement_id is not None:
            version = str(home.agreement_version)
            yield InputVersion("home-agreement", home.agreement_id, version, home.agreement_hash or "")
        yield InputVersion("home-facts", _subject(question, home), home.as_of.isoformat(), home.hash())
        if home.standard_hash is not None and home.standard_version is not None:
            yield InputVersion("standard", _standard(home), home.standard_version, home.standard_hash)
    own = host.own_standard
    if own is not None:
        yield InputVersion("own-standard", own.id, own.version, own.hash)
    framework = host.framework
    yield InputVersion("framework", framework.code, str(framework.version), framework.hash)
    if match.map is not None:
        yield InputVersion("framework-map", match.map.id, str(match.map.version), match.map.hash)
    if host.rule_set is not None:
        rules = host.rule_set
        yield InputVersion("rules", rules.id, str(rules.version), rules.hash)
    policy = host.policy
    yield InputVersion("policy", f"{question.accepter}-policy", str(policy.version), policy.hash)
    yield InputVersion("holdings", question.accepter, as_of, hash_of(basis.holdings()))


def certificate_asked(question: Question, home: HomeFacts | None) -> str | None:
    if home is not None and home.certificate_code is not None:
        return home.certificate_code
    return question.certificate.code if question.certificate else None


def _subject(question: Question, home: HomeFacts | None) -> str:
    return question.outcome_id or certificate_asked(question, home) or ""


def _standard(home: HomeFacts) -> str:
    level = home.level.value if home.level else ""
    return f"{home.certificate_code}/{level}/{home.standard_version}"
