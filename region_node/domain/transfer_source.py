"""The source's moves: EXPORTED → CANCELLING, and from either, by the target's receipt alone, to its end.

    EXPORTED ──cancel──▶ CANCELLING
        └───────┬────────────┘ settle
                ▼
    COMPLETED (accepted) │ REFUSED │ CANCELLED │ EXPIRED

No clock moves anything here: only the target's word that it did not accept, and never will, brings
credits home.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from region_node.domain.account import Account, AccountStatus, not_open
from region_node.domain.expiry import over
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome, OutcomeStatus, wrong_status
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.transfer import DAYS_LIMIT, OPEN_AT_SOURCE, STATE_OF, Heading, Transfer
from region_node.domain.transfer_statements import Receipt
from schema.codes import RefusalCode
from schema.credits import format_credits
from schema.details import DetailCode, detail
from schema.transfers import TransferState, Verdict


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the transfer ends at the source. `returned` tenths come home of those that had left."""

    transfer: Transfer
    returned: int


def reserve(
    heading: Heading, account: Account, outcome: Outcome, moment: Moment, *, used_by: str | None, balance: int
) -> Transfer | Refusal:
    """Let the outcome go, whole. `used_by` is the entry that used it, `balance` the account's tenths."""
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    if outcome.status is not OutcomeStatus.VERIFIED:
        return wrong_status(outcome, OutcomeStatus.VERIFIED)
    expired = over(outcome, moment.day)
    if expired is not None:
        return expired
    if used_by is not None:
        return refuse(RefusalCode.ALREADY_CONVERTED, id=outcome.id, entry=used_by)
    if not moment.day <= heading.expires_on <= moment.day + timedelta(days=DAYS_LIMIT):
        range_ = detail(DetailCode.EXPIRY_RANGE, limit=DAYS_LIMIT, day=moment.day)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=range_)
    if balance < heading.credits:
        return refuse(
            RefusalCode.BALANCE_TOO_SMALL,
            id=account.id,
            balance=format_credits(balance),
            credits=format_credits(heading.credits),
        )
    return Transfer(heading, TransferState.EXPORTED, moment.day, account.id)


def cancel(transfer: Transfer) -> Transfer | Refusal:
    """Ask for the credits back. Whether they come, the target says; cancelling again changes nothing."""
    if transfer.state not in OPEN_AT_SOURCE:
        return wrong_state(transfer, TransferState.EXPORTED)
    return replace(transfer, state=TransferState.CANCELLING)


def settle(transfer: Transfer, receipt: Receipt) -> Settlement | Refusal:
    """Follow the target's answer, whatever day it is and whether or not a cancellation was sent."""
    if receipt.heading != transfer.heading:
        return refuse(RefusalCode.STATEMENT_INVALID, detail=detail(DetailCode.STATEMENT_OF_OTHER_TERMS))
    if transfer.state not in OPEN_AT_SOURCE:
        return wrong_state(transfer, TransferState.EXPORTED)
    accepted = receipt.verdict is Verdict.ACCEPTED
    state = TransferState.COMPLETED if accepted else STATE_OF[receipt.verdict]
    settled = replace(
        transfer,
        state=state,
        accepted=receipt.accepted,
        verdict=receipt.verdict,
        reasons=receipt.reasons,
    )
    return Settlement(settled, returned=transfer.heading.credits - receipt.accepted)


def wrong_state(transfer: Transfer, needed: TransferState) -> Refusal:
    return refuse(RefusalCode.TRANSFER_STATE, id=transfer.id, state=transfer.state, needed=needed)
