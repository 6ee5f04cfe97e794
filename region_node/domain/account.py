"""The life of an account (账户): OPEN ⇄ FROZEN, either → CLOSED. Every step is a dated event.

The status on a past day is what the last event up to that day says, so nothing is overwritten
that a later question could need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from region_node.domain.bank_reasons import BankReason, write
from region_node.domain.moment import Moment, is_known
from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode
from schema.details import DetailCode, detail


class AccountStatus(StrEnum):
    OPEN = "OPEN"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


class LearnerGroup(StrEnum):
    """Who the learner is to the system (群体); the sources count eight."""

    IN_SCHOOL = "IN_SCHOOL"
    SENIOR_SECONDARY_LEAVER = "SENIOR_SECONDARY_LEAVER"
    VETERAN = "VETERAN"
    RETIRED_ATHLETE = "RETIRED_ATHLETE"
    LAID_OFF_WORKER = "LAID_OFF_WORKER"
    MIGRANT_WORKER = "MIGRANT_WORKER"
    JOB_CHANGER = "JOB_CHANGER"
    IN_WORK = "IN_WORK"


@dataclass(frozen=True, slots=True)
class Account:
    """A learner's account as it stands now. `barred_until` is the first day of submissions again."""

    id: str
    learner_id: str
    group: LearnerGroup
    status: AccountStatus
    opened_on: date
    barred_until: date | None = None


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One step of an account's life. `number` counts from 1 within the account."""

    account_id: str
    number: int
    status: AccountStatus
    on: date
    recorded_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountChange:
    """The account after a step, and the event that tells of it. The repository numbers the event."""

    account: Account
    event: AccountEvent


def open_account(id: str, learner_id: str, group: LearnerGroup, moment: Moment) -> AccountChange:  # noqa: A002
    account = Account(
        id=id, learner_id=learner_id, group=group, status=AccountStatus.OPEN, opened_on=moment.day
    )
    return _step(account, AccountStatus.OPEN, moment, write(BankReason.OPENED))


def freeze(account: Account, moment: Moment, reason: str) -> AccountChange | Refusal:
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    return _step(account, AccountStatus.FROZEN, moment, reason)


def unfreeze(account: Account, moment: Moment, reason: str) -> AccountChange | Refusal:
    if account.status is not AccountStatus.FROZEN:
        found = detail(DetailCode.ACCOUNT_NOT_FROZEN, account=account.id, status=account.status)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=found)
    return _step(account, AccountStatus.OPEN, moment, reason)


def close(account: Account, moment: Moment, reason: str) -> AccountChange | Refusal:
    """A frozen account stays until its case is decided: closing is no way out of one."""
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    return _step(account, AccountStatus.CLOSED, moment, reason)


def not_open(account: Account) -> Refusal:
    """Why nothing can be added to this account now."""
    if account.status is AccountStatus.FROZEN:
        return refuse(RefusalCode.ACCOUNT_FROZEN, id=account.id)
    return refuse(RefusalCode.ACCOUNT_NOT_OPEN, id=account.id, status=account.status)


def status_on(
    events: Sequence[AccountEvent], day: date, known_at: datetime | None = None
) -> AccountStatus | None:
    """Return the status at the end of `day`, as known at `known_at`; None before the account was opened."""
    return next(
        (
            event.status
            for event in reversed(events)
            if event.on <= day and is_known(event.recorded_at, known_at)
        ),
        None,
    )


def _step(account: Account, status: AccountStatus, moment: Moment, reason: str) -> AccountChange:
    event = AccountEvent(
        account_id=account.id,
        number=0,
        status=status,
        on=moment.day,
        recorded_at=moment.at,
        by=moment.by,
        reason=reason,
    )
    return AccountChange(account=replace(account, status=status), event=event)
