"""The two questions the gateway asks of regions, exactly as they travel.

A's facts reach B as A stated them: the gateway reads the few it must act on and passes the
whole object through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.national.questions import CertificateAsked, Question
from schema.agreements import OutcomeKind, SkillLevel

STANDING_FIELDS: Final = (
    "asOf permitted found malformed outcomeId learnerId status revokedOn convertedBy accountFrozen "
    "kind certificateCode level issuedOn examinedOn examinerAdvanced credits coreCredits flexibleCredits "
    "organisation organisationVetoedOn standardVersion standardKnown standardActiveFrom standardRetiredOn "
    "standardHash framework frameworkLevel agreementId agreementVersion agreementHash agreementReason"
)
"""Every field of the contract's `Standing`, which are those of the input `StandingFacts`."""

STANDINGS: Final = (
    "query Standings($region: ID!, $inputs: [StandingInput!]!) "
    "{ standings(region: $region, inputs: $inputs) { " + STANDING_FIELDS + " } }"
)

ASSESSMENTS: Final = (
    "query Assessments($region: ID!, $inputs: [AssessmentInput!]!) "
    "{ assessments(region: $region, inputs: $inputs) { "
    "from to outcomeId certificateCode decision creditsRecognised creditsUnconverted level levelCandidates "
    "courses { name kind credits rule } agreement rules reasons { code message } missingForFull "
    "inputs { kind id version hash } asOf decidedAt signature } }"
)


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
    }


def assessment_input(question: Question, standing: Standing) -> dict[str, Any]:
    """Return the question as the deciding region is asked it, with the home region's facts."""
    return {
        "from": question.from_region,
        "outcomeId": question.outcome_id,
        "certificate": _certificate(question.certificate),
        "major": question.major,
        "asOf": question.as_of.isoformat(),
        "standing": dict(standing.facts),
    }


def read_standings(reply: Mapping[str, Any], count: int) -> list[Standing]:
    """Read the answer to STANDINGS. Raises ValueError where it is not of the contract's shape."""
    found = reply.get("standings")
    if not isinstance(found, list) or len(found) != count:
        raise ValueError("not one standing for each question")
    return [_standing(plain) for plain in found]


def _standing(plain: Any) -> Standing:
    if not isinstance(plain, dict):
        raise ValueError("a standing is not of the contract's shape")
    permitted, known, code = plain.get("permitted"), plain.get("found"), plain.get("certificateCode")
    if not isinstance(permitted, bool) or not isinstance(known, bool) or not isinstance(code, str | None):
        raise ValueError("a standing is not of the contract's shape")
    level, kind = plain.get("level"), plain.get("kind")
    return Standing(
        permitted=permitted,
        found=known,
        certificate_code=code,
        level=None if level is None else SkillLevel(level),
        kind=None if kind is None else OutcomeKind(kind),
        facts=plain,
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
