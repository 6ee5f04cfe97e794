"""A fraud case (造假案件): opened by a revocation for fraud, it keeps the account frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CaseStatus(StrEnum):
    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class FraudCase:
    id: str
    account_id: str
    learner_id: str
    outcome_id: str
    status: CaseStatus
    opened_on: date
    reason: str
    closed_on: date | None = None
