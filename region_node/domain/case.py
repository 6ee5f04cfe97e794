"""A fraud case (造假案件): opened by a revocation for fraud, it keeps the account frozen until it is decided.

UPHELD: the account is opened again, the bar on new submissions stays to its end. DISMISSED: the
bar goes too. While another case of the account is open, the account stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from region_node.domain.account import Account, AccountChange, AccountStatus, unfreeze
from region_node.domain.bank_reasons import BankReason, write
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode


class CaseStatus(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class CaseFinding(StrEnum):
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class FraudCase:
    """`finding` and `finding_reason` are of a closed case."""

    id: str
    account_id: str
    learner_id: str
    outcome_id: str
    status: CaseStatus
    opened_on: date
    reason: str
    closed_on: date | None = None
    finding: CaseFinding | None = None
    finding_reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """The case as decided, and what that does to the account: `step` where its status changes."""

    case: FraudCase
    account: Account
    step: AccountChange | None


def close(
    case: FraudCase,
    others: Sequence[FraudCase],
    account: Account,
    finding: CaseFinding,
    reason: str,
    moment: Moment,
) -> CaseClosed | Refusal:
    """Decide an open case. `others` are the account's other cases."""
    if case.status is not CaseStatus.OPEN:
        return refuse(RefusalCode.CASE_CLOSED, id=case.id, finding=case.finding or "–")
    closed = replace(
        case, status=CaseStatus.CLOSED, closed_on=moment.day, finding=finding, finding_reason=reason
    )
    if finding is CaseFinding.DISMISSED and not any(_weighs(other) for other in others):
        account = replace(account, barred_until=None)
    if account.status is not AccountStatus.FROZEN or open_case(others) is not None:
        return CaseClosed(closed, account, None)
    decided = write(BankReason.CASE_DECIDED, subject=case.id, finding=finding.value)
    step = unfreeze(account, moment, decided)
    if isinstance(step, Refusal):
        return step
    return CaseClosed(closed, step.account, step)


def open_case(cases: Sequence[FraudCase]) -> FraudCase | None:
    """Return the first case that is still to be decided."""
    return next((case for case in cases if case.status is CaseStatus.OPEN), None)


def _weighs(case: FraudCase) -> bool:
    """Does the case justify a bar: is it open, or was it upheld?"""
    return case.finding is not CaseFinding.DISMISSED
