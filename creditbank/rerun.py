"""Decides again, offline, what a region decided: the same inputs must give the same signed bytes.

The question, the facts and the holdings come with the decision (its field `evidence`), the published
documents from files: answers to `publishedInputs`, or the documents themselves. A signed answer to
`standings` among the files shows besides that the facts are the home region's word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from creditbank.findings import Finding, Verdict, nodes_of
from edge.region_keys import TrustedKey, holds, signing_key_of
from region_node.domain.canonical import hash_of
from region_node.domain.evidence import Evidence, again, read_evidence
from region_node.domain.holdings import documents_of
from region_node.domain.recognition_facts import HomeFacts, answered, home_from_plain
from region_node.domain.recognition_statement import standing_statement, statement

_STANDING: Final = ("permitted", "found", "statedAt", "signature")
_BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class SignedStanding:
    """Facts, when they were stated, and the signature as it came."""

    facts: HomeFacts
    stated_at: datetime
    signature: str | None


@dataclass(slots=True)
class Inputs:
    """What files brought: documents by the SHA-256 of their canonical form, and standings."""

    documents: dict[str, Any] = field(default_factory=dict)
    standings: list[SignedStanding] = field(default_factory=list)


def read_inputs(texts: Iterable[bytes]) -> Inputs:
    """Read published documents and standings wherever they are in these JSON files. Raises ValueError."""
    found = Inputs()
    for text in texts:
        whole = json.loads(text)
        found.documents[hash_of(whole)] = whole
        for node in nodes_of(whole):
            if isinstance(node.get("content"), str):
                content = node["content"]
                found.documents[hashlib.sha256(content.encode()).hexdigest()] = json.loads(content)
            elif all(name in node for name in _STANDING):
                try:
                    facts = home_from_plain(node)
                except _BROKEN as error:
                    raise ValueError(f"a standing lacks a fact, or it is none: {error}") from None
                stated_at = datetime.fromisoformat(node["statedAt"])
                found.standings.append(SignedStanding(facts, stated_at, node["signature"]))
    return found


def rerun(
    answer: Mapping[str, Any], signed: bytes, inputs: Inputs, keys: Mapping[str, TrustedKey]
) -> Iterator[Finding]:
    """Hold the decision's reasoning against its inputs; `signed` are the bytes that the region signed."""
    if not isinstance(answer.get("evidence"), str):
        told = "It came without its evidence: ask for the field `evidence` of the decision."
        yield Finding(Verdict.UNKNOWN, told)
        return
    named = {one["kind"]: one["hash"] for one in answer["inputs"]}
    try:
        evidence = read_evidence(answer["evidence"])
        strange = [kind for kind, hash_ in _hashes(evidence).items() if named.get(kind) != hash_]
    except _BROKEN as error:
        yield Finding(Verdict.FALSE, f"Its evidence is not of the contract's form: {error!r}.")
        return
    if strange:
        yield Finding(Verdict.FALSE, f"Its evidence is not what was signed: {', '.join(strange)} differ.")
        return
    needed = documents_of(evidence.holdings)
    missing = sorted(name for name, hash_ in needed.items() if hash_ not in inputs.documents)
    if missing:
        yield Finding(Verdict.UNKNOWN, _ask_for(answer, [needed[name] for name in missing]))
        return
    yield _decided_again(answer, signed, evidence, inputs.documents)
    yield _home_s_word(answer, evidence, inputs.standings, keys)


def _hashes(evidence: Evidence) -> dict[str, str]:
    found = {"question": hash_of(evidence.question.plain()), "holdings": hash_of(evidence.holdings)}
    home = evidence.home
    return found | ({"home-facts": home.hash()} if home is not None and answered(home) else {})


def _ask_for(answer: Mapping[str, Any], hashes: list[str]) -> str:
    lacking = [one for one in answer["inputs"] if one["hash"] in hashes]
    listed = ", ".join(f"{one['kind']} {one['id']} version {one['version']}" for one in lacking)
    return (
        f"These published inputs are not among the files: {listed}. Ask region {answer['to']} for "
        "publishedInputs(region, inputs) with the decision's own inputs, and give its answer as --inputs."
    )


def _decided_again(
    answer: Mapping[str, Any], signed: bytes, evidence: Evidence, documents: Mapping[str, Any]
) -> Finding:
    known_at = answer.get("knownAt")
    if known_at is not None:
        question = replace(evidence.question, known_at=datetime.fromisoformat(known_at))
        evidence = replace(evidence, question=question)
    try:
        made = again(evidence, documents)
    except _BROKEN as error:
        return Finding(Verdict.FALSE, f"Its inputs are not of the contract's form: {error!r}.")
    if statement(made, datetime.fromisoformat(answer["decidedAt"])) != signed:
        told = f"Decided again by the same inputs it is another: {made.decision.value}, by this program."
        return Finding(Verdict.FALSE, told)
    told = f"Decided again by {len(answer['inputs'])} inputs it is the same, to all {len(signed)} bytes."
    return Finding(Verdict.HOLDS, told)


def _home_s_word(
    answer: Mapping[str, Any],
    evidence: Evidence,
    standings: list[SignedStanding],
    keys: Mapping[str, TrustedKey],
) -> Finding:
    home = answer["from"]
    stated = [one for one in standings if one.facts == evidence.home and one.signature is not None]
    if not stated:
        told = f"That region {home} said so is told by its signed standing, as one more --inputs."
        return Finding(Verdict.HOLDS, told)
    one = stated[0]
    known_at = answer.get("knownAt")
    said = standing_statement(
        home,
        answer["to"],
        one.facts,
        one.stated_at,
        None if known_at is None else datetime.fromisoformat(known_at),
    )
    key = signing_key_of(one.signature or "", keys)
    if key is None or key.region not in (None, home):
        return Finding(Verdict.UNKNOWN, f"None of the given keys is region {home}'s, which signed the facts.")
    if not holds(one.signature or "", key.key, said):
        return Finding(Verdict.FALSE, f"Region {home} did not sign these facts so.")
    return Finding(Verdict.HOLDS, f"Region {home} signed the facts on {one.stated_at.isoformat()}.")
