"""Expiry (学分失效): credits stay for as many years as the policy gave them when they were deposited.

The last day is fixed with the deposit: a policy that is set later shortens nobody's rights. What is left of
an outcome after that day leaves the account by an EXPIRY entry, and the entry uses the outcome up, so that it
can be neither converted nor sent anywhere. What was converted before is a course by then, and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from region_node.domain.ledger import AccountBook, EntryKind, LedgerEntry
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome
from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode


@dataclass(frozen=True, slots=True)
class Expired:
    """An outcome whose last day is over: `entry` takes what was left of it; None where nothing was."""

    outcome: Outcome
    book: AccountBook
    entry: LedgerEntry | None


def last_day(issued_on: date, years: int | None) -> date | None:
    """Return the last day of credits of that day of issue; None where they stay for good.

    Who was issued something on 29 February has it until the day before 1 March, where there is no such day.
    """
    if years is None:
        return None
    year = issued_on.year + years
    if year > date.max.year:
        return None
    leap_day = (issued_on.month, issued_on.day) == (2, 29)
    anniversary = date(year, 3, 1) if leap_day else issued_on.replace(year=year)
    return anniversary - timedelta(days=1)


def over(outcome: Outcome, day: date) -> Refusal | None:
    """Return why the outcome's credits are of no use any more on `day`, if so."""
    if outcome.valid_to is None or day <= outcome.valid_to:
        return None
    return refuse(RefusalCode.CREDITS_EXPIRED, id=outcome.id, day=outcome.valid_to)


def expire(outcome: Outcome, entries: Sequence[LedgerEntry], book: AccountBook, moment: Moment) -> Expired:
    """Post what is left of an outcome whose last day is over. `entries` are those that speak of it.

    It is true from the day after the last, or from the day of what has come back since then.
    """
    if outcome.valid_to is None or moment.day <= outcome.valid_to:
        raise ValueError(f"{outcome.id} is valid on {moment.day}")
    expired = replace(outcome, expired=True)
    left = sum(entry.credits for entry in entries)
    if left <= 0:
        return Expired(expired, book, None)
    first = max(outcome.valid_to + timedelta(days=1), *(entry.posted_on for entry in entries))
    book, entry = book.post(
        EntryKind.EXPIRY, -left, replace(moment, day=first), outcome_id=outcome.id, memo=outcome.title
    )
    return Expired(expired, book, entry)
