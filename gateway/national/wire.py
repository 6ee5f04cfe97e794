"""The two questions the gateway asks of regions, exactly as they travel.

A's facts reach B as A stated them: the gateway reads the few it must act on and passes the
whole object through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from gateway.national.questions import CertificateAsked, Question
from schema.agreements import OutcomeKind, SkillLevel
from schema.codes import ReasonCode
from schema.credits import parse_credits

TEXT_LIMIT_CHARACTERS: Final = 2_000
"""A text of a region's answer; a longer one is no answer to what was asked."""
EVIDENCE_LIMIT_CHARACTERS: Final = 100_000
"""The evidence of one decision."""
OUTCOME_STATUSES: Final = frozenset({"SUBMITTED", "VERIFIED", "REJECTED", "REVOKED"})


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError("not a Boolean")


def _text(value: Any) -> None:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT_CHARACTERS:
        raise ValueError("not a text, or too long")


def _number(value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("not an Int")


def _status(value: Any) -> None:
    if value not in OUTCOME_STATUSES:
        raise ValueError("not a status of an outcome")


Check = Callable[[Any], object]
REQUIRED: Final[Mapping[str, Check]] = {
    "asOf": date.fromisoformat,
    "permitted": _flag,
    "found": _flag,
    "accountFrozen": _flag,
    "standardKnown": _flag,
}
OPTIONAL: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("malformed", "outcomeId", "learnerId", "convertedBy", "certificateCode"), _text),
    **dict.fromkeys(("organisation", "standardVersion", "standardHash"), _text),
    **dict.fromkeys(("framework", "frameworkLevel", "agreementId", "agreementHash"), _text),
    **dict.fromkeys(("revokedOn", "issuedOn", "examinedOn", "organisationVetoedOn"), date.fromisoformat),
    **dict.fromkeys(("standardActiveFrom", "standardRetiredOn"), date.fromisoformat),
    **dict.fromkeys(("credits", "coreCredits", "flexibleCredits"), parse_credits),
    "status": _status,
    "kind": OutcomeKind,
    "level": SkillLevel,
    "examinerAdvanced": _flag,
    "agreementVersion": _number,
    "agreementReason": ReasonCode,
}
STANDING_FIELDS: Final = (*REQUIRED, *OPTIONAL)
"""Every field of the contract's `Standing`, which are those of the input `StandingFacts`."""

STANDINGS: Final = (
    "query Standings($region: ID!, $inputs: [StandingInput!]!) "
    f"{{ standings(region: $region, inputs: $inputs) {{ {' '.join(STANDING_FIELDS)} }} }}"
)

DECISION: Final = (
    "from to outcomeId certificateCode decision creditsRecognised creditsUnconverted level levelCandidates "
    "courses { name kind credits rule } agreement rules reasons { code message } missingForFull "
    "inputs { kind id version hash } asOf decidedAt signature"
)


@cache
def _assessments(*further: str) -> str:
    shown = " ".join((DECISION, *further))
    return (
        "query Assessments($region: ID!, $inputs: [AssessmentInput!]!) "
        f"{{ assessments(region: $region, inputs: $inputs) {{ {shown} }} }}"
    )


ASSESSMENTS: Final = _assessments()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a home region says of one outcome: the facts the gateway acts on, and all of them as they came."""

    permitted: bool
    found: bool
    certificate_code: str | None
    level: SkillLevel | None
    kind: OutcomeKind | None
    facts: Mapping[str, Any]


def standing_input(question: Question) -> dict[str, Any]:
    """Return the question as the home region is asked it."""
    return {
        "to": question.to_region,
        "outcomeId": question.outcome_id,
        "certificate": _certificate(question.certificate),
        "asOf": question.as_of.isoformat(),
        **_known_at(question),
    }


def assessment_input(question: Question, standing: Standing) -> dict[str, Any]:
    """Return the question as the deciding region is asked it, with the home region's facts."""
    return {
        "from": question.from_region,
        "outcomeId": question.outcome_id,
        "certificate": _certificate(question.certificate),
        "major": question.major,
        "asOf": question.as_of.isoformat(),
        **_known_at(question),
        "standing": dict(standing.facts),
    }


def assessments_query(questions: Iterable[Question], *, evidence: bool) -> str:
    """Return the text that asks for what is needed and no more: nodes of an older contract lack the rest."""
    known_at = any(one.known_at is not None for one in questions)
    return _assessments(*(("knownAt",) if known_at else ()), *(("evidence",) if evidence else ()))


def _known_at(question: Question) -> dict[str, str]:
    return {} if question.known_at is None else {"knownAt": question.known_at.isoformat()}


def read_standings(reply: Mapping[str, Any], count: int) -> list[Standing]:
    """Read the answer to STANDINGS. Raises ValueError where it is not of the contract's shape."""
    found = reply.get("standings")
    if not isinstance(found, list) or len(found) != count:
        raise ValueError("not one standing for each question")
    return [_standing(plain) for plain in found]


def _standing(plain: Any) -> Standing:
    """One region's slip must not spoil another's questions to the same region: every fact is checked here."""
    if not isinstance(plain, dict):
        raise ValueError("a standing is not of the contract's shape")
    facts: dict[str, Any] = {name: plain.get(name) for name in STANDING_FIELDS}
    for name, value in facts.items():
        try:
            if name in REQUIRED:
                REQUIRED[name](value)
            elif value is not None:
                OPTIONAL[name](value)
        except (ValueError, TypeError):
            raise ValueError(f"{name} of a standing is not of the contract's shape") from None
    level, kind = facts["level"], facts["kind"]
    return Standing(
        permitted=facts["permitted"],
        found=facts["found"],
        certificate_code=facts["certificateCode"],
        level=None if level is None else SkillLevel(level),
        kind=None if kind is None else OutcomeKind(kind),
        facts=facts,
    )


def _certificate(asked: CertificateAsked | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {
        "code": asked.code,
        "level": asked.level.value,
        "standardVersion": asked.standard_version,
        "issuedOn": asked.issued_on.isoformat() if asked.issued_on else None,
        "examinedOn": asked.examined_on.isoformat() if asked.examined_on else None,
    }
