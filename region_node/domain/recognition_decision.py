"""What a decision says, and how its reasons weigh against each other.

Precedence, whatever the number of reasons:
    1. any reason that refuses          → REFUSED
    2. else any that leaves it unknown  → UNDETERMINED
    3. else any that refers             → REFERRED
    4. else by credits: all → RECOGNISED, some → PARTIAL, none → REFUSED
Credits and courses are granted by RECOGNISED and PARTIAL only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final

from region_node.domain.allotment import Share
from region_node.domain.holdings import Holdings
from region_node.domain.recognition_facts import HomeFacts, Question
from region_node.domain.recognition_inputs import Basis, InputVersion, inputs_of
from schema.codes import Decision, Language, ReasonCode, say
from schema.details import Fact, fact


class Effect(Enum):
    """What one reason does to a decision."""

    REFUSES = "refuses"
    UNKNOWN = "leaves it unknown"
    REFERS = "refers it to a person"
    REDUCES = "takes credits away"


_OTHERS: Final[Mapping[ReasonCode, Effect]] = {
    ReasonCode.REGION_DID_NOT_ANSWER: Effect.UNKNOWN,
    ReasonCode.NOT_PERMITTED: Effect.UNKNOWN,
    ReasonCode.MALFORMED_INPUT: Effect.UNKNOWN,
    ReasonCode.AGREEMENT_MISMATCH: Effect.REFERS,
    ReasonCode.ACCOUNT_FROZEN: Effect.REFERS,
    ReasonCode.ISSUER_UNDER_REVIEW: Effect.REFERS,
    ReasonCode.EXAMINER_UNQUALIFIED: Effect.REFERS,
    ReasonCode.LEVEL_AMBIGUOUS: Effect.REFERS,
    ReasonCode.LEVEL_NOT_ELIGIBLE: Effect.REDUCES,
    ReasonCode.COURSE_ALREADY_REPLACED: Effect.REDUCES,
    ReasonCode.CERTIFICATE_CEILING: Effect.REDUCES,
    ReasonCode.RATE_APPLIED: Effect.REDUCES,
    ReasonCode.FLEX_NOT_MAPPED: Effect.REDUCES,
    ReasonCode.COURSES_INSUFFICIENT: Effect.REDUCES,
    ReasonCode.CAP_REACHED: Effect.REDUCES,
}
EFFECTS: Final[Mapping[ReasonCode, Effect]] = {code: _OTHERS.get(code, Effect.REFUSES) for code in ReasonCode}


@dataclass(frozen=True, slots=True)
class Reason:
    """One failed check. `facts` fill the sentence of `code` and of its remedy, in any language."""

    code: ReasonCode
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def message(self, language: Language) -> str:
        return say(self.code, language, **self.facts)


def reason(code: ReasonCode, **facts: object) -> Reason:
    return Reason(code, {name: fact(value) for name, value in facts.items()})


@dataclass(frozen=True, slots=True)
class CourseShare:
    """Tenths of credits recognised for one course, and by which rule."""

    course: str
    name: str
    kind: str
    credits: int
    rule: str


def course_share(share: Share) -> CourseShare:
    rule = share.rule
    return CourseShare(rule.course, rule.course_name, rule.course_kind.value, share.credits, rule.id)


@dataclass(frozen=True)
class Assessment:
    """The deciding region's answer: the same question, facts and holdings always give the same.

    `basis` is what it was made from (domain/evidence.py).

    `recognised` and `unconverted` are tenths and together the certificate's credits (0 where
    they are not known). `missing` is what would have to change for full recognition.
    """

    certificate_code: str | None
    decision: Decision
    recognised: int
    unconverted: int
    level: str | None
    level_candidates: tuple[str, ...]
    courses: tuple[CourseShare, ...]
    agreement: str | None
    rules: str | None
    reasons: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    basis: Basis = field(compare=False)

    @property
    def question(self) -> Question:
        return self.basis.question

    @property
    def home(self) -> HomeFacts | None:
        return self.basis.home

    @cached_property
    def holdings(self) -> Holdings:
        return self.basis.holdings()

    @cached_property
    def inputs(self) -> tuple[InputVersion, ...]:
        return tuple(inputs_of(self.basis))


def weigh(reasons: Iterable[Reason], granted: int, whole: int, *, judged: bool = False) -> Decision:
    """Return the decision by the precedence above; `granted` and `whole` are tenths of credits.

    `judged`: the person to whom it would be referred has decided that those reasons may stand.
    """
    effects = {EFFECTS[one.code] for one in reasons}
    if judged:
        effects.discard(Effect.REFERS)
    if Effect.REFUSES in effects:
        return Decision.REFUSED
    if Effect.UNKNOWN in effects:
        return Decision.UNDETERMINED
    if Effect.REFERS in effects:
        return Decision.REFERRED
    if granted == whole > 0:
        return Decision.RECOGNISED
    return Decision.PARTIAL if granted > 0 else Decision.REFUSED
