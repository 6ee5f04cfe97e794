"""What a decision is made from: the question, A's facts, and what B holds (DOMAIN.md, Sovereignty).

A speaks for the facts (`HomeFacts`), B decides by its own rules (`Host`). Nothing here says
more of a learner than the pseudonym, which B needs to find what it has recognised already.
Credits are tenths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from region_node.domain.canonical import hash_of
from region_node.domain.frameworks import ONE_PLUS_X, Framework, FrameworkMap
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.policy import UNTIL_SET, Policy
from region_node.domain.rules import RuleSet
from region_node.domain.standards import CertificateStandard
from schema.agreements import Agreement, OutcomeKind, SkillLevel
from schema.codes import ReasonCode
from schema.credits import format_credits, parse_credits
from schema.details import DetailCode


@dataclass(frozen=True, slots=True)
class CertificateQuestion:
    """A certificate asked about as a standard, without a learner. Days default as the contract says."""

    code: str
    level: SkillLevel
    standard_version: str | None = None
    issued_on: date | None = None
    examined_on: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What `issuer`'s certificate or outcome is worth in `accepter` on `as_of`.

    `known_at` asks for the answer by what was known at that instant; None: by what is known now.
    """

    issuer: str
    accepter: str
    as_of: date
    outcome_id: str | None = None
    certificate: CertificateQuestion | None = None
    major: str | None = None
    known_at: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """Return what is asked, in the contract's names; not `known_at`, which only names the asking."""
        asked = self.certificate
        return {
            "from": self.issuer,
            "to": self.accepter,
            "asOf": self.as_of.isoformat(),
            "outcomeId": self.outcome_id,
            "certificate": None
            if asked is None
            else {
                "code": asked.code,
                "level": asked.level.value,
                "standardVersion": asked.standard_version,
                "issuedOn": _plain(asked.issued_on),
                "examinedOn": _plain(asked.examined_on),
            },
            "major": self.major,
        }


def question_from_plain(plain: Mapping[str, Any]) -> Question:
    """Read what `Question.plain` wrote. Raises ValueError, KeyError or TypeError."""
    asked = plain["certificate"]
    return Question(
        issuer=plain["from"],
        accepter=plain["to"],
        as_of=date.fromisoformat(plain["asOf"]),
        outcome_id=plain["outcomeId"],
        certificate=None
        if asked is None
        else CertificateQuestion(
            code=asked["code"],
            level=SkillLevel(asked["level"]),
            standard_version=asked["standardVersion"],
            issued_on=_day(asked["issuedOn"]),
            examined_on=_day(asked["examinedOn"]),
        ),
        major=plain["major"],
    )


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What the home region says of the outcome or certificate, as it was on `as_of`.

    The field names are the contract's (graph/recognition.py): the gateway carries them from A
    to B unchanged. Unless `permitted` and `found`, and with `malformed` None, the rest is absent.
    `malformed` is a DetailCode, or what another version of the contract calls one.
    `agreement_reason` is what speaks against A's own copy of the agreement, if anything.
    """

    as_of: date
    permitted: bool = True
    found: bool = True
    malformed: str | None = None
    outcome_id: str | None = None
    learner_id: str | None = None
    status: OutcomeStatus | None = None
    revoked_on: date | None = None
    converted_by: str | None = None
    account_frozen: bool = False
    kind: OutcomeKind | None = None
    certificate_code: str | None = None
    level: SkillLevel | None = None
    issued_on: date | None = None
    examined_on: date | None = None
    examiner_advanced: bool | None = None
    credits: int | None = None
    core_credits: int | None = None
    flexible_credits: int | None = None
    organisation: str | None = None
    organisation_vetoed_on: date | None = None
    standard_version: str | None = None
    standard_known: bool = False
    standard_active_from: date | None = None
    standard_retired_on: date | None = None
    standard_hash: str | None = None
    framework: str | None = None
    framework_level: str | None = None
    agreement_id: str | None = None
    agreement_version: int | None = None
    agreement_hash: str | None = None
    agreement_reason: ReasonCode | None = None

    def plain(self) -> dict[str, Any]:
        """Return the facts as the contract writes them, those that are absent too."""
        return {
            wire: format_credits(value) if name in _CREDITS and value is not None else _plain(value)
            for name, wire, value in ((name, wire, getattr(self, name)) for name, wire in _WIRE)
        }

    def hash(self) -> str:
        return hash_of(self.plain())


def answered(home: HomeFacts) -> bool:
    """Are there facts to decide by?"""
    return home.permitted and home.found and home.malformed is None


def home_from_plain(plain: Mapping[str, Any]) -> HomeFacts:
    """Read what `HomeFacts.plain` wrote. Raises ValueError, KeyError or TypeError."""
    return HomeFacts(**{name: _READ.get(name, _same)(plain[wire]) for name, wire in _WIRE})


@dataclass(frozen=True, slots=True)
class LearnerUse:
    """What B has recognised for this learner: tenths in the calendar year so far, and the courses
    replaced already, each with the outcome that replaced it.
    """

    this_year: int = 0
    replaced: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Host:
    """What the deciding region holds on the day. `learner` is None where no learner is asked about.

    `agreements` are B's own copies with the home region, `maps` those of B's framework.
    `own_standard` and `own_veto` are B's knowledge of the same standard and issuer: B may know
    of a retirement or a veto that A does not.
    """

    region_known: bool = True
    certificate_known: bool = True
    agreements: Sequence[Agreement] = ()
    framework: Framework = ONE_PLUS_X
    maps: Sequence[FrameworkMap] = ()
    rule_set: RuleSet | None = None
    policy: Policy = UNTIL_SET
    own_standard: CertificateStandard | None = None
    own_veto: date | None = None
    learner: LearnerUse | None = None


def contradiction(question: Question, home: HomeFacts) -> DetailCode | None:
    """Return how the facts fail to be an answer to this question, or None.

    Facts travel through other hands; those that cannot be true of the question decide nothing.
    """
    if (question.outcome_id is None) == (question.certificate is None):
        return DetailCode.EITHER_OUTCOME_OR_CERTIFICATE
    if home.as_of != question.as_of:
        return DetailCode.STANDING_OF_OTHER_DAY
    if home.malformed is not None or not (home.permitted and home.found):
        return None
    asked = question.certificate
    if asked is not None and (asked.code, asked.level) != (home.certificate_code, home.level):
        return DetailCode.STANDING_OF_OTHER_CERTIFICATE
    if home.outcome_id != question.outcome_id or (home.learner_id is None) != (home.outcome_id is None):
        return DetailCode.STANDING_OF_OTHER_OUTCOME
    parts = (home.credits or 0, home.core_credits or 0, home.flexible_credits or 0)
    if min(parts) < 0 or parts[0] != parts[1] + parts[2]:
        return DetailCode.STANDING_CREDITS
    return None


def _same(value: Any) -> Any:
    return value


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


_WIRE: Final = tuple((one.name, _camel(one.name)) for one in fields(HomeFacts))
"""Each fact's name here, and in the contract."""
_CREDITS: Final = frozenset({"credits", "core_credits", "flexible_credits"})
_DAYS: Final = (
    "as_of revoked_on issued_on examined_on organisation_vetoed_on standard_active_from standard_retired_on"
)
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_DAYS.split(), _day),
    **dict.fromkeys(_CREDITS, _or_none(parse_credits)),
    "status": _or_none(OutcomeStatus),
    "kind": _or_none(OutcomeKind),
    "level": _or_none(SkillLevel),
    "agreement_reason": _or_none(ReasonCode),
}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
