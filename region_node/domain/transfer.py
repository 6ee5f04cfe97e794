"""A transfer (学分转移) as each side keeps it: what goes where, and how it stands there.

The source takes the outcome's credits out of the account and exports them; the target answers once
and for ever; the source follows that answer. Which statements travel and why no crash, replay or
clock loses or makes a credit: docs/TRANSFERS.md. The moves are in transfer_source.py and
transfer_target.py. Credits are tenths.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from schema.codes import ReasonCode
from schema.ids import region_of
from schema.transfers import TransferState, Verdict

DAYS_DEFAULT: Final = 30
DAYS_LIMIT: Final = 366
"""How long an export may be accepted."""

OPEN_AT_SOURCE: Final = frozenset({TransferState.EXPORTED, TransferState.CANCELLING})
"""The credits are on the way: the outcome is used by the entry that took them out."""
OPEN_AT_TARGET: Final = frozenset({TransferState.REFERRED})

STATE_OF: Final = {
    Verdict.ACCEPTED: TransferState.ACCEPTED,
    Verdict.REFUSED: TransferState.REFUSED,
    Verdict.NO_ACCOUNT: TransferState.REFUSED,
    Verdict.DECLINED: TransferState.REFUSED,
    Verdict.CANCELLED: TransferState.CANCELLED,
    Verdict.EXPIRED: TransferState.EXPIRED,
}
"""How a transfer stands at the target by its verdict; at the source, ACCEPTED is COMPLETED."""


class StatementKind(StrEnum):
    """What a side states, signed, at most once for each transfer."""

    EXPORT = "EXPORT"
    CANCELLATION = "CANCELLATION"
    RECEIPT = "RECEIPT"
    CONFIRMATION = "CONFIRMATION"


@dataclass(frozen=True, slots=True)
class Heading:
    """What every statement of one transfer repeats: it speaks of this transfer and no other.

    `expires_on` is the last day on which the target may accept, by the target's own calendar.
    """

    transfer: str
    issuer: str
    accepter: str
    learner_id: str
    outcome_id: str
    credits: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class Transfer:
    """One side's record. `account_id` is that side's; None where the target knows no open one.

    `entry_id` is the entry that took the credits out (source) or in (target); `accepted` is what the
    target took of them. `reasons` are those of its decision, also while it is still referred.
    """

    heading: Heading
    state: TransferState
    began_on: date
    account_id: str | None = None
    entry_id: str | None = None
    accepted: int = 0
    verdict: Verdict | None = None
    reasons: tuple[ReasonCode, ...] = ()

    @property
    def id(self) -> str:
        return self.heading.transfer

    @property
    def outgoing(self) -> bool:
        """Is this the source's record?"""
        return self.account_id is not None and region_of(self.account_id) == self.heading.issuer


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement as it travels: canonical JSON (RFC 8785), and its side's detached JWS."""

    statement: str
    signature: str
