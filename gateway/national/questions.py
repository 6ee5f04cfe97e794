"""What a client asks about recognition, and what can be said without asking any region.

Pure: the published agreements, the register and the catalogue are all it looks at. A question
that no agreement carries ends here, so that no region hears of it (DOMAIN.md, Sovereignty).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from edge.caller import Caller, Role
from gateway.national.pairings import Pairings
from schema.agreements import Agreement, OutcomeKind, SkillLevel
from schema.codes import Language, ReasonCode, say
from schema.details import DetailCode, Worded, detail
from schema.ids import region_of
from schema.remedies import REMEDIES


@dataclass(frozen=True, slots=True)
class CertificateAsked:
    """A certificate without a learner; days default to the question's `as_of`, version to the newest."""

    code: str
    level: SkillLevel
    standard_version: str | None = None
    issued_on: date | None = None
    examined_on: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Is this certificate, or this learner's outcome, of `from_region` worth anything in `to_region`?

    `known_at` asks by what was known at that instant; None: by what is known now.
    """

    from_region: str
    to_region: str
    as_of: date
    certificate: CertificateAsked | None = None
    outcome_id: str | None = None
    major: str | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """One failed check: its code, and the facts that its sentence names."""

    code: ReasonCode
    facts: Mapping[str, Any] = field(default_factory=dict)

    def say(self, language: Language) -> str:
        """Return the sentence in the reader's language."""
        return say(self.code, language, **self.facts)

    def remedy(self, language: Language) -> str:
        """Return what would remove the objection, without a full stop: it is an item of a list."""
        return REMEDIES[self.code][0 if language == "en" else 1].format_map(Worded(self.facts, language))


@dataclass(frozen=True, slots=True)
class Ground:
    """What the gateway knows: the registered regions, the agreements, and what the catalogue lists."""

    regions: Collection[str]
    pairings: Pairings
    has_certificate: Callable[[str], bool]
    has_major: Callable[[str], bool]


def objections(question: Question, ground: Ground, caller: Caller) -> tuple[Objection, ...]:
    """Return what already speaks against `question`, in the order of the checks; empty: ask the regions."""
    return (
        _malformed(question, ground)
        or _regions(question, ground.regions)
        or _agreement(question, ground)
        or _permission(question, caller)
    )


def scope_objection(
    question: Question,
    pairings: Pairings,
    certificate: str | None,
    level: SkillLevel | None,
    kind: OutcomeKind,
) -> Objection | None:
    """Return OUT_OF_SCOPE when the agreement in force does not cover what the outcome turned out to be."""
    agreement, _ = pairings.choose(
        question.from_region, question.to_region, question.as_of, question.known_at
    )
    if agreement is None or agreement.terms.covering(certificate, level, kind) is None:
        return Objection(ReasonCode.OUT_OF_SCOPE)
    return None


def _malformed(question: Question, ground: Ground) -> tuple[Objection, ...]:
    details = []
    if (question.certificate is None) == (question.outcome_id is None):
        details.append(detail(DetailCode.EITHER_OUTCOME_OR_CERTIFICATE))
    if question.outcome_id is not None and region_of(question.outcome_id) != question.from_region:
        outcome, region = question.outcome_id[:80], question.from_region[:20]
        details.append(detail(DetailCode.OUTCOME_OF_OTHER_REGION, outcome=outcome, region=region))
    if question.major is not None and not ground.has_major(question.major):
        details.append(detail(DetailCode.NO_SUCH_MAJOR, major=question.major[:20]))
    return tuple(Objection(ReasonCode.MALFORMED_INPUT, {"detail": one}) for one in details)


def _regions(question: Question, registered: Collection[str]) -> tuple[Objection, ...]:
    sides = dict.fromkeys((question.from_region, question.to_region))
    unknown = tuple(
        Objection(ReasonCode.UNKNOWN_REGION, {"region": side[:20]})
        for side in sides
        if side not in registered
    )
    if unknown or len(sides) == 2:
        return unknown
    return (Objection(ReasonCode.SAME_REGION, {"region": question.from_region}),)


def _agreement(question: Question, ground: Ground) -> tuple[Objection, ...]:
    issuer, accepter = question.from_region, question.to_region
    agreement, code = ground.pairings.choose(issuer, accepter, question.as_of, question.known_at)
    codes = [] if code is None else [code]
    if agreement and code is not ReasonCode.WRONG_DIRECTION:
        codes += [] if agreement.terms.accepts_from(issuer, accepter) else [ReasonCode.WRONG_DIRECTION]
    found = [Objection(one, _facts(question, agreement)) for one in codes]
    asked = question.certificate
    if asked is None:
        return tuple(found)
    if agreement and agreement.terms.covering(asked.code, asked.level, OutcomeKind.X_CERTIFICATE) is None:
        found.append(Objection(ReasonCode.OUT_OF_SCOPE))
    if not ground.has_certificate(asked.code):
        found.append(Objection(ReasonCode.UNKNOWN_CERTIFICATE, {"certificate": asked.code[:40]}))
    return tuple(found)


def _facts(question: Question, agreement: Agreement | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "from_": question.from_region,
        "to": question.to_region,
        "as_of": question.as_of.isoformat(),
    }
    if agreement is None:
        return facts
    terms = agreement.terms
    day = terms.first_day
    if question.as_of >= day:
        ended = agreement.ended_on - timedelta(days=1) if agreement.ended_on else None
        day = min((last for last in (terms.last_day, ended) if last), default=day)
    return {**facts, "day": day.isoformat(), "accepts": terms.accepts}


def _permission(question: Question, caller: Caller) -> tuple[Objection, ...]:
    """Refuse what no region could answer this caller; whose outcome it is only the home region knows."""
    if question.outcome_id is None or caller.role in (Role.PORTAL, Role.LEARNER):
        return ()
    if caller.region is not None and caller.region in (question.from_region, question.to_region):
        return ()
    return (Objection(ReasonCode.NOT_PERMITTED),)
