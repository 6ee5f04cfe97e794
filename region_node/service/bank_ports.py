"""The repositories of the bank itself, as its use cases and its graph need them.

Whatever takes several IDs costs one statement, however many there are. An ID that is not
here is left out of the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from region_node.domain.account import Account, AccountChange, AccountEvent, AccountStatus, LearnerGroup
from region_node.domain.case import CaseStatus, FraudCase
from region_node.domain.ledger import AccountBook, EntryKind, LedgerEntry
from region_node.domain.members import Member
from region_node.domain.outcome import Outcome, OutcomeChange, OutcomeEvent, OutcomeStatus
from region_node.service.paging import Page, PageRequest
from schema.agreements import OutcomeKind, SkillLevel


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What is None is not asked for; days are included at both ends."""

    status: AccountStatus | None = None
    group: LearnerGroup | None = None
    learner_id: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """What is None is not asked for; days are included at both ends."""

    status: OutcomeStatus | None = None
    kind: OutcomeKind | None = None
    certificate: str | None = None
    level: SkillLevel | None = None
    learner_id: str | None = None
    flagged: bool | None = None
    issued_from: date | None = None
    issued_to: date | None = None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What is None is not asked for; the day and the instant are included."""

    kind: EntryKind | None = None
    outcome_id: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What is None is not asked for; days are included at both ends."""

    status: CaseStatus | None = None
    learner_id: str | None = None
    outcome_id: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True, slots=True)
class BankSums:
    """What one bank holds, summed by the database. Credits are tenths."""

    accounts: int
    learners: int
    outcomes: int
    verified_outcomes: int
    conversions: int
    deposited_credits: int
    balance: int


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that was just opened, its citizen number sealed, and the index it is found by."""

    change: AccountChange
    citizen_sealed: bytes
    citizen_index: str


class Members(Protocol):
    """Who is in the bank (domain/members.py)."""

    async def add(self, learner_ids: Collection[str]) -> Sequence[str]:
        """Let them join; return those who were no members, each once, in their order."""
        ...

    async def since(self, number: int, limit: int) -> Sequence[Member]:
        """Return the members from this number on, at most so many; number 0 is nobody, and always there."""
        ...

    async def count(self) -> int: ...


class Accounts(Protocol):
    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Account]: ...
    async def by_learners(self, learner_ids: Collection[str]) -> Mapping[str, tuple[Account, ...]]: ...
    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[AccountEvent, ...]]: ...
    async def sealed_numbers(self, ids: Collection[str]) -> Mapping[str, bytes]: ...
    async def page(self, where: AccountFilter, request: PageRequest) -> Page[Account]: ...
    async def lock(self, id: str) -> Account | None:  # noqa: A002
        """Return the account, which nobody else changes until this transaction ends."""
        ...

    async def lock_all(self, ids: Collection[str]) -> Mapping[str, Account]:
        """Lock several, in the order of their IDs, so that two who do so never wait for each other."""
        ...

    async def held_by_each(self, citizen_indexes: Collection[str]) -> Mapping[str, tuple[Account, ...]]: ...
    async def held_by(self, citizen_index: str) -> tuple[Account, ...]:
        """Return every account that was ever opened for this citizen, closed ones too."""
        ...

    async def add(self, change: AccountChange, citizen_sealed: bytes, citizen_index: str) -> None: ...
    async def add_all(self, new: Sequence[NewAccount]) -> None: ...
    async def save(self, change: AccountChange) -> None: ...
    async def bar(self, account: Account) -> None:
        """Save `barred_until` alone."""
        ...


class Outcomes(Protocol):
    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Outcome]: ...
    async def events(self, ids: Collection[str]) -> Mapping[str, tuple[OutcomeEvent, ...]]: ...
    async def uses(self, ids: Collection[str]) -> Mapping[str, str]:
        """Return the ID of the ledger entry that used each outcome; an unused one is left out.

        An outcome that is on its way to another region is used by the entry that took it out.
        """
        ...

    async def page(self, where: OutcomeFilter, request: PageRequest) -> Page[Outcome]: ...
    async def pages_of_accounts(
        self,
        account_ids: Collection[str],
        where: OutcomeFilter,
        request: PageRequest,
    ) -> Mapping[str, Page[Outcome]]: ...
    async def pages_of_learners(
        self,
        learner_ids: Collection[str],
        where: OutcomeFilter,
        request: PageRequest,
    ) -> Mapping[str, Page[Outcome]]: ...
    async def count(self, account_id: str) -> int: ...
    async def counts(self, account_ids: Collection[str]) -> Mapping[str, int]: ...
    async def twins(self, identities: Collection[str]) -> Mapping[str, str]: ...
    async def twin(self, identity: str) -> str | None:
        """Return the ID of the same achievement, submitted before and not rejected."""
        ...

    async def deriving_from(self, id: str) -> tuple[Outcome, ...]:  # noqa: A002
        """Return every outcome that rests on this one, directly or through others."""
        ...

    async def add(self, change: OutcomeChange, identity: str) -> None: ...
    async def add_all(self, new: Sequence[tuple[OutcomeChange, str]]) -> None:
        """Add outcomes, each with its identity."""
        ...

    async def save(self, changes: Sequence[OutcomeChange]) -> None: ...
    async def release(self, outcome: Outcome) -> None:
        """Let its achievement be handed in again: from now on it is the twin of nothing."""
        ...

    async def use_in(self, account_id: str, outcome_id: str) -> str | None:
        """Return the ID of the entry that used the outcome in this account, another region's outcome too."""
        ...

    async def use(self, account_id: str, outcome_id: str, entry: LedgerEntry) -> None:
        """Mark the outcome as used. Raises `Conflict` where it was used already."""
        ...

    async def use_all(self, uses: Sequence[tuple[Outcome, LedgerEntry]]) -> None:
        """As `use`, of many outcomes of this region."""
        ...

    async def expiring(self, day: date, limit: int) -> tuple[Outcome, ...]:
        """Return outcomes whose last day was before `day` and that are not expired yet, the longest first."""
        ...

    async def set_expired(self, outcomes: Sequence[Outcome]) -> None:
        """Save whether each is expired."""
        ...

    async def replaced_courses(self, account_id: str) -> Mapping[str, str]:
        """Return course → the outcome that replaced it in this account."""
        ...

    async def replace_courses(
        self, account_id: str, outcome_id: str, courses: Collection[str], day: date
    ) -> None: ...


class Ledger(Protocol):
    async def book(self, account_id: str) -> AccountBook: ...
    async def books(self, account_ids: Collection[str]) -> Mapping[str, AccountBook]:
        """Return the book of each account that has entries."""
        ...

    async def balances(self, account_ids: Collection[str]) -> Mapping[str, int]: ...
    async def balances_at(
        self, account_ids: Collection[str], day: date, known_at: datetime | None
    ) -> Mapping[str, int]:
        """Return the sums of what was posted by the end of `day` and by `known_at`, where anything was."""
        ...

    async def balances_of_learners(self, learner_ids: Collection[str]) -> Mapping[str, int]: ...
    async def by_ids(self, ids: Collection[str]) -> Mapping[str, LedgerEntry]: ...
    async def of_outcomes(self, ids: Collection[str]) -> Mapping[str, tuple[LedgerEntry, ...]]:
        """Return the entries that speak of each outcome, in order of posting."""
        ...

    async def pages_of_accounts(
        self,
        account_ids: Collection[str],
        where: EntryFilter,
        request: PageRequest,
    ) -> Mapping[str, Page[LedgerEntry]]: ...
    async def add(self, entries: Sequence[LedgerEntry]) -> None: ...


class Cases(Protocol):
    async def count(self, account_id: str) -> int: ...
    async def add(self, case: FraudCase) -> None: ...
    async def of_account(self, account_id: str) -> tuple[FraudCase, ...]: ...
    async def close(self, case: FraudCase) -> None: ...
    async def page(self, where: CaseFilter, request: PageRequest) -> Page[FraudCase]: ...


class Statistics(Protocol):
    async def sums(self) -> BankSums: ...
    async def issued(self, year: int) -> Mapping[tuple[str, SkillLevel], int]:
        """Return how many certificates issued in `year` stand verified, by certificate and level."""
        ...
