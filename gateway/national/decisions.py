"""Makes the decisions the gateway takes itself, and reads those that a region sends.

The gateway itself only ever says REFUSED, where no agreement or permission lets it ask, or
UNDETERMINED, where a region did not answer: what is recognised, the deciding region says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import strawberry

from gateway.national.questions import Ground, Objection, Question
from gateway.national.wire import EVIDENCE_LIMIT_CHARACTERS, TEXT_LIMIT_CHARACTERS
from schema.agreements import Agreement
from schema.codes import Decision, Language, ReasonCode
from schema.credits import parse_credits
from schema.graph import CourseRecognition, Credits, DecisionInput, Reason, RecognitionDecision

UNDECIDING: Final = frozenset(
    {ReasonCode.REGION_DID_NOT_ANSWER, ReasonCode.NOT_PERMITTED, ReasonCode.MALFORMED_INPUT}
)
"""Reasons that say nothing of the outcome's worth."""
ITEMS_LIMIT: Final = 500
"""Courses, reasons, inputs, ... in one decision."""


def decide_here(
    question: Question, found: Sequence[Objection], ground: Ground, now: datetime, language: Language
) -> RecognitionDecision:
    """Return the answer to a question that goes no further, with every reason.

    REFUSED; but UNDETERMINED where the question itself is at fault, since the outcome may be good.
    """
    refused = any(one.code not in UNDECIDING for one in found)
    decision = Decision.REFUSED if refused else Decision.UNDETERMINED
    return _without_credit(question, decision, found, ground, now, language)


def undetermined(
    question: Question, silent: str, ground: Ground, now: datetime, language: Language
) -> RecognitionDecision:
    """Return the answer to a question that cannot be known now, because region `silent` is."""
    reason = Objection(ReasonCode.REGION_DID_NOT_ANSWER, {"region": silent})
    return _without_credit(question, Decision.UNDETERMINED, (reason,), ground, now, language)


def _without_credit(
    question: Question,
    decision: Decision,
    found: Sequence[Objection],
    ground: Ground,
    now: datetime,
    language: Language,
) -> RecognitionDecision:
    agreement, _ = ground.pairings.choose(
        question.from_region, question.to_region, question.as_of, question.known_at
    )
    reasons = [Reason(code=one.code, message=one.say(language)) for one in found]
    return RecognitionDecision(
        from_region=strawberry.ID(question.from_region),
        to_region=strawberry.ID(question.to_region),
        outcome_id=_id(question.outcome_id),
        certificate_code=question.certificate.code if question.certificate else None,
        decision=decision,
        credits_recognised=Credits(0),
        credits_unconverted=Credits(0),
        level=None,
        level_candidates=[],
        courses=[],
        agreement=_id(agreement.id if agreement else None),
        rules=None,
        reasons=reasons,
        missing_for_full=list(dict.fromkeys(one.remedy(language) for one in found)),
        inputs=[_agreement_input(agreement)] if agreement else [],
        as_of=question.as_of,
        known_at=question.known_at,
        decided_at=now,
        signature=None,
    )


def _agreement_input(agreement: Agreement) -> DecisionInput:
    terms = agreement.terms
    return DecisionInput(
        kind="agreement", id=strawberry.ID(agreement.id), version=str(terms.version), hash=terms.hash()
    )


def read_decision(plain: Any, question: Question) -> RecognitionDecision:
    """Read one decision as a region sent it. Raises ValueError where it is not one, or not on `question`."""
    try:
        decision = _decision(plain)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a decision is not of the contract's shape ({type(error).__name__})") from None
    if (decision.from_region, decision.to_region) != (question.from_region, question.to_region):
        raise ValueError("a decision is about other regions than were asked about")
    if decision.known_at != question.known_at:
        raise ValueError("a decision rests on what was known at another instant than was asked about")
    return decision


def _decision(plain: Mapping[str, Any]) -> RecognitionDecision:
    return RecognitionDecision(
        from_region=strawberry.ID(_text(plain["from"])),
        to_region=strawberry.ID(_text(plain["to"])),
        outcome_id=_id(_optional_text(plain["outcomeId"])),
        certificate_code=_optional_text(plain["certificateCode"]),
        decision=Decision(plain["decision"]),
        credits_recognised=Credits(parse_credits(plain["creditsRecognised"])),
        credits_unconverted=Credits(parse_credits(plain["creditsUnconverted"])),
        level=_optional_text(plain["level"]),
        level_candidates=[_text(level) for level in _items(plain["levelCandidates"])],
        courses=[
            CourseRecognition(
                name=_text(course["name"]),
                kind=_text(course["kind"]),
                credits=Credits(parse_credits(course["credits"])),
                rule=_text(course["rule"]),
            )
            for course in _items(plain["courses"])
        ],
        agreement=_id(_optional_text(plain["agreement"])),
        rules=_id(_optional_text(plain["rules"])),
        reasons=[
            Reason(code=ReasonCode(reason["code"]), message=_text(reason["message"]))
            for reason in _items(plain["reasons"])
        ],
        missing_for_full=[_text(missing) for missing in _items(plain["missingForFull"])],
        inputs=[
            DecisionInput(
                kind=_text(one["kind"]),
                id=strawberry.ID(_text(one["id"])),
                version=_text(one["version"]),
                hash=_text(one["hash"]),
            )
            for one in _items(plain["inputs"])
        ],
        as_of=date.fromisoformat(plain["asOf"]),
        known_at=_optional_instant(plain.get("knownAt")),
        decided_at=datetime.fromisoformat(plain["decidedAt"]),
        evidence=_evidence(plain.get("evidence")),
        signature=_optional_text(plain["signature"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT_CHARACTERS:
        raise ValueError("a text of a decision is none, or too long")
    return value


def _evidence(value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > EVIDENCE_LIMIT_CHARACTERS):
        raise ValueError("the evidence of a decision is no text, or too long")
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _optional_instant(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _id(value: str | None) -> strawberry.ID | None:
    return None if value is None else strawberry.ID(value)


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > ITEMS_LIMIT:
        raise ValueError("a list of a decision is none, or too long")
    return value
