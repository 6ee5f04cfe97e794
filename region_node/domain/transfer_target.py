"""The target's moves: one answer to a transfer, the first, for ever.

    (nothing) ──accept──▶ REFERRED ──accept by an officer──▶ ACCEPTED
        │ accept, decline     │ decline, or too late
        ▼                     ▼
    ACCEPTED │ REFUSED │ CANCELLED │ EXPIRED

A target that has answered gives that answer again, whatever it is told. One that refused before any
export came has thereby said that it will never accept it. The last day is judged here, by this side's
calendar, and by no other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from region_node.domain.recognition_decision import Assessment
from region_node.domain.transfer import STATE_OF, Heading, Transfer
from schema.codes import Decision, ReasonCode
from schema.transfers import TransferState, Verdict

_ACCEPTABLE = (Decision.RECOGNISED, Decision.PARTIAL)


def overdue(heading: Heading, today: date) -> bool:
    return today > heading.expires_on


def accept(
    known: Transfer, today: date, assessment: Assessment | None, *, used_by: str | None = None
) -> Transfer:
    """Answer an export by this region's rules; while an officer must decide, the record has no verdict.

    `known` is the record as it stands or would begin, not yet answered; `assessment` what the rules
    say, None where the learner has no open account; `used_by` an earlier use of the same outcome here.
    """
    if overdue(known.heading, today):
        return _final(known, Verdict.EXPIRED)
    if assessment is None:
        return _final(known, Verdict.NO_ACCOUNT)
    if used_by is not None:
        return _final(known, Verdict.REFUSED, (ReasonCode.ALREADY_CONVERTED,))
    reasons = tuple(dict.fromkeys(one.code for one in assessment.reasons))
    if assessment.decision is Decision.REFERRED:
        return replace(known, state=TransferState.REFERRED, reasons=reasons)
    if assessment.decision not in _ACCEPTABLE:
        return _final(known, Verdict.REFUSED, reasons)
    return replace(_final(known, Verdict.ACCEPTED, reasons), accepted=assessment.recognised)


def decline(known: Transfer, verdict: Verdict) -> Transfer:
    """Answer without looking at the outcome: the source cancelled, or this region's officer will not."""
    return _final(known, verdict)


def begun(heading: Heading, today: date, account_id: str | None) -> Transfer:
    """Return the record of a transfer that this side hears of for the first time."""
    return Transfer(heading, TransferState.REFERRED, today, account_id)


def _final(known: Transfer, verdict: Verdict, reasons: tuple[ReasonCode, ...] = ()) -> Transfer:
    return replace(known, state=STATE_OF[verdict], verdict=verdict, reasons=reasons)
