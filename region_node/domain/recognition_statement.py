"""What regions sign of recognition: a decision as the deciding region does, facts as the home region does.

Of a decision everything that decides is signed, nothing that only explains.

The fields are those of the contract's RecognitionDecision, so that whoever holds an answer can
build the same bytes again: all but `signature`, and of reasons the codes alone, because their
sentences depend on the reader's language; for the same reason without `missingForFull`. `knownAt`
is there only where an earlier instant was asked about.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import rfc8785

from region_node.domain.canonical import canonical
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import HomeFacts
from schema.credits import format_credits


def statement(assessment: Assessment, decided_at: datetime) -> bytes:
    """Return the canonical JSON (RFC 8785) of the decision. `decided_at` is written in UTC."""
    return rfc8785.dumps(plain_decision(assessment, decided_at))


def plain_decision(assessment: Assessment, decided_at: datetime) -> dict[str, Any]:
    """Return what is stated of the decision, as plain JSON values."""
    question = assessment.question
    plain: dict[str, Any] = {
        "from": question.issuer,
        "to": question.accepter,
        "outcomeId": question.outcome_id,
        "certificateCode": assessment.certificate_code,
        "decision": assessment.decision.value,
        "creditsRecognised": format_credits(assessment.recognised),
        "creditsUnconverted": format_credits(assessment.unconverted),
        "level": assessment.level,
        "levelCandidates": list(assessment.level_candidates),
        "courses": [
            {
                "name": course.name,
                "kind": course.kind,
                "credits": format_credits(course.credits),
                "rule": course.rule,
            }
            for course in assessment.courses
        ],
        "agreement": assessment.agreement,
        "rules": assessment.rules,
        "reasons": [one.code.value for one in assessment.reasons],
        "inputs": [
            {"kind": one.kind, "id": one.id, "version": one.version, "hash": one.hash}
            for one in assessment.inputs
        ],
        "asOf": question.as_of.isoformat(),
        "decidedAt": decided_at.astimezone(UTC).isoformat(),
    }
    if question.known_at is not None:
        plain["knownAt"] = question.known_at.astimezone(UTC).isoformat()
    return plain


def standing_statement(
    home: str, to: str, facts: HomeFacts, stated_at: datetime, known_at: datetime | None
) -> bytes:
    """Return the canonical JSON (RFC 8785) of what region `home` states to region `to`."""
    plain = {
        "from": home,
        "to": to,
        "standing": facts.plain(),
        "statedAt": stated_at.astimezone(UTC).isoformat(),
    }
    if known_at is not None:
        plain["knownAt"] = known_at.astimezone(UTC).isoformat()
    return canonical(plain)
