"""The life of a learning outcome (学习成果): SUBMITTED → VERIFIED or REJECTED, VERIFIED → REVOKED.

Every step is a dated event; the status on a past day, and what was known on one, follow from
the events alone. What a step does to the ledger and the account is decided here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from region_node.domain.account import Account, AccountStatus, not_open
from region_node.domain.bank_reasons import BankReason, write
from region_node.domain.examining import NOT_STATED, Examination
from region_node.domain.moment import Moment, is_known
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.standards import CertificateStandard
from schema.agreements import OutcomeKind, SkillLevel
from schema.codes import RefusalCode
from schema.credits import as_json, format_credits
from schema.details import Detail, DetailCode, detail


class OutcomeStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"


class OutcomeStep(StrEnum):
    """What happened to an outcome. FLAGGED changes no status: one it derives from was revoked."""

    SUBMITTED = "SUBMITTED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"
    FLAGGED = "FLAGGED"


class RevocationGround(StrEnum):
    FRAUD = "FRAUD"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a learner hands in: the facts of one achievement, before the bank has looked at them.

    `credits` are tenths. `certificate`, `level` and `standard_version` belong to X_CERTIFICATE
    alone. `certificate_number` is the serial on the paper; `examiner_level` what the examiner held.
    """

    kind: OutcomeKind
    title: str
    credits: int
    issued_on: date
    certificate: str | None = None
    level: SkillLevel | None = None
    standard_version: str | None = None
    organisation: str | None = None
    examined_on: date | None = None
    examiner_level: SkillLevel | None = None
    certificate_number: str | None = None
    derived_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An achievement in the bank's books, as it stands now. Credits are tenths, core + flexible.

    `valid_to` is the last day of its credits, given with the deposit; None: they stay for good. `expired`
    says that what was left of them has left the account (domain/expiry.py). `examiner` and `site` are what
    was stated of the exam when it was verified (domain/examining.py).
    """

    id: str
    account_id: str
    learner_id: str
    kind: OutcomeKind
    title: str
    status: OutcomeStatus
    credits: int
    core_credits: int
    flexible_credits: int
    issued_on: date
    examined_on: date
    submitted_on: date
    certificate: str | None = None
    level: SkillLevel | None = None
    standard_version: str | None = None
    organisation: str | None = None
    examiner_level: SkillLevel | None = None
    certificate_number: str | None = None
    derived_from: tuple[str, ...] = ()
    flagged: bool = False
    valid_to: date | None = None
    expired: bool = False
    examiner: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Replacing:
    """What replaces courses on an account: an outcome of this region, or one that came from another."""

    outcome_id: str
    account_id: str
    learner_id: str
    examined_on: date


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    """One step of an outcome's life. `number` counts from 1 within the outcome."""

    outcome_id: str
    number: int
    step: OutcomeStep
    on: date
    recorded_at: datetime
    by: str
    reason: str = ""
    ground: RevocationGround | None = None


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """The outcome after a step, and the event that tells of it. The repository numbers the event."""

    outcome: Outcome
    event: OutcomeEvent


TITLE_LIMIT_CHARACTERS = 200
SOURCES_LIMIT = 20


def submit(
    id: str,  # noqa: A002 - GraphQL's word for it
    account: Account,
    achievement: Achievement,
    policy: Policy,
    moment: Moment,
) -> OutcomeChange | Refusal:
    """Take an achievement into the books, unverified, or say why not."""
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    if account.barred_until is not None and moment.day < account.barred_until:
        return refuse(RefusalCode.SUBMISSION_BARRED, day=account.barred_until)
    problem = check(achievement, policy, moment.day)
    if problem is not None:
        return problem
    is_certificate = achievement.kind is OutcomeKind.X_CERTIFICATE
    core, flexible = policy.split(achievement.credits) if is_certificate else (achievement.credits, 0)
    outcome = Outcome(
        id=id,
        account_id=account.id,
        learner_id=account.learner_id,
        kind=achievement.kind,
        title=achievement.title.strip(),
        status=OutcomeStatus.SUBMITTED,
        credits=achievement.credits,
        core_credits=core,
        flexible_credits=flexible,
        issued_on=achievement.issued_on,
        examined_on=achievement.examined_on or achievement.issued_on,
        submitted_on=moment.day,
        certificate=achievement.certificate,
        level=achievement.level,
        standard_version=achievement.standard_version,
        organisation=achievement.organisation,
        examiner_level=achievement.examiner_level,
        certificate_number=achievement.certificate_number,
        derived_from=achievement.derived_from,
    )
    return OutcomeChange(outcome, _event(outcome, OutcomeStep.SUBMITTED, moment))


def check(achievement: Achievement, policy: Policy, today: date) -> Refusal | None:
    """Return what is wrong with the facts by themselves: the catalogue and the books are not asked."""
    is_certificate = achievement.kind is OutcomeKind.X_CERTIFICATE
    if achievement.credits <= 0:
        return refuse(RefusalCode.MALFORMED_CREDITS, detail=as_json(format_credits(achievement.credits)))
    if is_certificate and achievement.credits > policy.ceiling:
        return refuse(
            RefusalCode.CEILING_EXCEEDED,
            credits=format_credits(achievement.credits),
            ceiling=format_credits(policy.ceiling),
        )
    wrong = _wrong(achievement, today, is_certificate=is_certificate)
    return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong) if wrong else None


def _wrong(achievement: Achievement, today: date, *, is_certificate: bool) -> Detail | None:
    issued, examined = achievement.issued_on, achievement.examined_on
    if not 0 < len(achievement.title.strip()) <= TITLE_LIMIT_CHARACTERS:
        return detail(DetailCode.TITLE_LENGTH, limit=TITLE_LIMIT_CHARACTERS)
    if is_certificate and (achievement.certificate is None or achievement.level is None):
        return detail(DetailCode.CERTIFICATE_AND_LEVEL_NEEDED)
    if not is_certificate and (achievement.certificate or achievement.level or achievement.standard_version):
        return detail(DetailCode.ONLY_OF_CERTIFICATES)
    if issued > today:
        return detail(DetailCode.ISSUED_AFTER_TODAY, day=issued, today=today)
    if examined is not None and examined > issued:
        return detail(DetailCode.EXAMINED_AFTER_ISSUE, day=examined, issued=issued)
    if len(achievement.derived_from) > SOURCES_LIMIT:
        return detail(DetailCode.TOO_MANY_SOURCES, limit=SOURCES_LIMIT)
    return None


def verify(
    outcome: Outcome,
    account: Account,
    valid_to: date | None,
    moment: Moment,
    examination: Examination = NOT_STATED,
) -> OutcomeChange | Refusal:
    """Only VERIFIED outcomes are deposited; the deposit is the caller's next act.

    `valid_to` is the last day of the credits, None where they stay for good. Who is in the register of
    examiners holds ADVANCED, whatever was handed in.
    """
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    if outcome.status is not OutcomeStatus.SUBMITTED:
        return wrong_status(outcome, OutcomeStatus.SUBMITTED)
    if valid_to is not None and valid_to < moment.day:
        return refuse(RefusalCode.CREDITS_EXPIRED, id=outcome.id, day=valid_to)
    examiner = outcome.examiner_level if examination.examiner is None else SkillLevel.ADVANCED
    valid = replace(
        outcome,
        valid_to=valid_to,
        examiner=examination.examiner,
        site=examination.site,
        examiner_level=examiner,
    )
    return _change(valid, OutcomeStatus.VERIFIED, _event(outcome, OutcomeStep.VERIFIED, moment))


def reject(outcome: Outcome, moment: Moment, reason: str) -> OutcomeChange | Refusal:
    if outcome.status is not OutcomeStatus.SUBMITTED:
        return wrong_status(outcome, OutcomeStatus.SUBMITTED)
    event = _event(outcome, OutcomeStep.REJECTED, moment, reason)
    return _change(outcome, OutcomeStatus.REJECTED, event)


def revoke(
    outcome: Outcome, moment: Moment, ground: RevocationGround, reason: str
) -> OutcomeChange | Refusal:
    """Take back a verification. Nothing is deleted: the caller posts the REVERSAL and flags what derives."""
    if outcome.status is not OutcomeStatus.VERIFIED:
        return wrong_status(outcome, OutcomeStatus.VERIFIED)
    event = _event(outcome, OutcomeStep.REVOKED, moment, reason, ground)
    return _change(outcome, OutcomeStatus.REVOKED, event)


def flag(outcome: Outcome, revoked: Outcome, moment: Moment) -> OutcomeChange:
    """Mark an outcome that rests on a revoked one: a person must look at it."""
    event = _event(outcome, OutcomeStep.FLAGGED, moment, write(BankReason.DERIVES_FROM, subject=revoked.id))
    return OutcomeChange(replace(outcome, flagged=True), event)


def replaced_course(
    id: str,  # noqa: A002 - GraphQL's word for it
    source: Replacing,
    name: str,
    credits: int,  # noqa: A002 - the bank's word for it
    moment: Moment,
) -> OutcomeChange:
    """Return the course that a certificate replaces: an outcome of its own, resting on the certificate."""
    outcome = Outcome(
        id=id,
        account_id=source.account_id,
        learner_id=source.learner_id,
        kind=OutcomeKind.COURSE,
        title=name,
        status=OutcomeStatus.VERIFIED,
        credits=credits,
        core_credits=credits,
        flexible_credits=0,
        issued_on=moment.day,
        examined_on=source.examined_on,
        submitted_on=moment.day,
        derived_from=(source.outcome_id,),
    )
    replaced = write(BankReason.REPLACED_BY, subject=source.outcome_id)
    event = _event(outcome, OutcomeStep.VERIFIED, moment, replaced)
    return OutcomeChange(outcome, event)


def earned_certificate(
    id: str,  # noqa: A002 - GraphQL's word for it
    courses: Sequence[Outcome],
    standard: CertificateStandard,
    title: str,
    examined_on: date,
    examiner_level: SkillLevel | None,
    valid_to: date | None,
    moment: Moment,
    examination: Examination = NOT_STATED,
) -> OutcomeChange:
    """Return the certificate that courses and exams earn: verified by being awarded here."""
    outcome = Outcome(
        id=id,
        account_id=courses[0].account_id,
        learner_id=courses[0].learner_id,
        kind=OutcomeKind.X_CERTIFICATE,
        title=title,
        status=OutcomeStatus.VERIFIED,
        credits=standard.credits,
        core_credits=standard.core,
        flexible_credits=standard.flexible,
        issued_on=moment.day,
        examined_on=examined_on,
        submitted_on=moment.day,
        certificate=standard.certificate,
        level=standard.level,
        standard_version=standard.version,
        organisation=standard.organisation,
        examiner_level=examiner_level if examination.examiner is None else SkillLevel.ADVANCED,
        derived_from=tuple(course.id for course in courses),
        valid_to=valid_to,
        examiner=examination.examiner,
        site=examination.site,
    )
    return OutcomeChange(
        outcome, _event(outcome, OutcomeStep.VERIFIED, moment, write(BankReason.EARNED_BY_COURSES))
    )


def bar(account: Account, policy: Policy, moment: Moment) -> Account:
    """Return the account with new submissions barred for the policy's days, never for fewer than before."""
    until = moment.day + timedelta(days=policy.bar_days)
    return replace(account, barred_until=max(until, account.barred_until or until))


def wrong_status(outcome: Outcome, needed: OutcomeStatus) -> Refusal:
    return refuse(RefusalCode.OUTCOME_STATUS, id=outcome.id, status=outcome.status, needed=needed)


def status_on(
    events: Sequence[OutcomeEvent], day: date, known_at: datetime | None = None
) -> OutcomeStatus | None:
    """Return the status at the end of `day`, as known at `known_at`; None before the submission."""
    return next(
        (
            OutcomeStatus(event.step.value)
            for event in reversed(events)
            if event.step is not OutcomeStep.FLAGGED
            and event.on <= day
            and is_known(event.recorded_at, known_at)
        ),
        None,
    )


def _change(outcome: Outcome, status: OutcomeStatus, event: OutcomeEvent) -> OutcomeChange:
    return OutcomeChange(replace(outcome, status=status), event)


def _event(
    outcome: Outcome,
    step: OutcomeStep,
    moment: Moment,
    reason: str = "",
    ground: RevocationGround | None = None,
) -> OutcomeEvent:
    return OutcomeEvent(
        outcome_id=outcome.id,
        number=0,
        step=step,
        on=moment.day,
        recorded_at=moment.at,
        by=moment.by,
        reason=reason,
        ground=ground,
    )
