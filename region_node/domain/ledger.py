"""The ledger (分录): signed entries that are only ever added. A balance is their sum, nothing else.

Credits are tenths. An entry is numbered within its account, and its ID says both, so that any
entry is found without an index of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from region_node.domain.moment import Moment
from schema.ids import make_id, region_of


class EntryKind(StrEnum):
    DEPOSIT = "DEPOSIT"
    CONVERSION = "CONVERSION"
    AWARD = "AWARD"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    EXPIRY = "EXPIRY"
    REVERSAL = "REVERSAL"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of an account. `credits` is signed; `balance_after` sums all entries up to this one."""

    id: str
    account_id: str
    number: int
    kind: EntryKind
    credits: int
    posted_on: date
    posted_at: datetime
    balance_after: int
    outcome_id: str | None = None
    reverses: str | None = None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class AccountBook:
    """Where an account's ledger stands: how many entries there are and what they sum to."""

    account_id: str
    entries: int = 0
    balance: int = 0

    def post(
        self,
        kind: EntryKind,
        credits: int,  # noqa: A002 - the bank's word for it
        moment: Moment,
        *,
        outcome_id: str | None = None,
        reverses: str | None = None,
        memo: str = "",
    ) -> tuple[AccountBook, LedgerEntry]:
        """Return the book with one entry more, and that entry."""
        number = self.entries + 1
        balance = self.balance + credits
        entry = LedgerEntry(
            id=entry_id(self.account_id, number),
            account_id=self.account_id,
            number=number,
            kind=kind,
            credits=credits,
            posted_on=moment.day,
            posted_at=moment.at,
            balance_after=balance,
            outcome_id=outcome_id,
            reverses=reverses,
            memo=memo,
        )
        return AccountBook(self.account_id, number, balance), entry


def entry_id(account_id: str, number: int) -> str:
    return _within(account_id, "E", number)


def outcome_id(account_id: str, number: int) -> str:
    return _within(account_id, "O", number)


def case_id(account_id: str, number: int) -> str:
    return _within(account_id, "C", number)


def transfer_id(account_id: str, number: int) -> str:
    return _within(account_id, "T", number)


def account_of(id: str) -> str | None:  # noqa: A002 - GraphQL's word for it
    """Return the account that an outcome, entry, case or transfer belongs to; None for any other ID."""
    region = region_of(id)
    unique = id.split("-", 2)[2] if region else ""
    owner, separator, number = unique.rpartition("_")
    if region is None or not separator or not number.isdigit():
        return None
    return make_id(region, "A", owner)


def _within(account_id: str, kind: str, number: int) -> str:
    region, _, unique = account_id.split("-", 2)
    return make_id(region, kind, f"{unique}_{number}")
