"""What the use cases need of the outside world. Storage implements it, the composition root chooses it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from catalogue.lookup import Catalogue
from region_node.domain.moment import Moment
from region_node.service.announcer import Announcer
from region_node.service.bank_ports import Accounts, Cases, Ledger, Members, Outcomes, Statistics
from region_node.service.changes import Changes
from region_node.service.examining_ports import ExamRegister
from region_node.service.log_ports import Log, LogPositions
from region_node.service.programme_ports import Cohorts, Matrices
from region_node.service.recognition_ports import (
    Agreements,
    Frameworks,
    LearnerUses,
    Policies,
    Rules,
    Standards,
)
from region_node.service.signer import Signer
from region_node.service.transfer_ports import PartnerKeys, Transfers
from region_node.service.vault import Vault


class Clock(Protocol):
    """Where "now" comes from. A setting: the system's clock, or one that stands still."""

    def now(self) -> datetime:
        """Return the present instant, aware."""
        ...


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The first answer to an idempotency key. `request_hash` tells whether a repeat asks the same."""

    request_hash: str
    answer: str | None
    """JSON of the answer; None while the change that claimed the key is still being made."""


class Answers(Protocol):
    """First answers by idempotency key, written in the transaction of the change itself."""

    async def claim(self, caller: str, key: str, request_hash: str, at: datetime) -> StoredAnswer | None:
        """Take the key for this transaction; return the earlier claim where there is one.

        A claim that another transaction is just making is waited for.
        """
        ...

    async def record(self, caller: str, key: str, answer: str) -> None: ...

    async def first_answers(self, caller: str, keys: Collection[str]) -> Mapping[str, StoredAnswer]:
        """Return what these keys were answered; a key that is not claimed is left out."""
        ...

    async def add_all(self, caller: str, answers: Mapping[str, StoredAnswer], at: datetime) -> None:
        """Claim keys and answer them. Raises `Conflict` where one was claimed meanwhile."""
        ...


class Unit(Protocol):
    """One transaction and the repositories that read and write in it."""

    @property
    def answers(self) -> Answers: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def members(self) -> Members: ...
    @property
    def outcomes(self) -> Outcomes: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def log(self) -> Log: ...
    @property
    def log_positions(self) -> LogPositions: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def statistics(self) -> Statistics: ...
    @property
    def agreements(self) -> Agreements: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def frameworks(self) -> Frameworks: ...
    @property
    def standards(self) -> Standards: ...
    @property
    def exam_register(self) -> ExamRegister: ...
    @property
    def learner_uses(self) -> LearnerUses: ...
    @property
    def transfers(self) -> Transfers: ...
    @property
    def cohorts(self) -> Cohorts: ...
    @property
    def matrices(self) -> Matrices: ...


class Units(Protocol):
    """Opens transactions. Leaving a block normally commits; leaving it by an exception rolls back.

    Raises `StorageFailure` and `Conflict` (service/failures.py), never a driver's own error.
    """

    def read(self) -> AbstractAsyncContextManager[Unit]:
        """One snapshot: every statement sees the same state. The database refuses to write in it."""
        ...

    def write(self) -> AbstractAsyncContextManager[Unit]: ...


@dataclass(frozen=True, slots=True)
class Bank:
    """One region's bank: everything a use case needs besides its transaction and its command."""

    region: str
    units: Units
    clock: Clock
    time_zone: ZoneInfo
    vault: Vault
    catalogue: Catalogue
    changes: Changes
    """Wakes who waits for an account's changes."""
    signer: Signer | None = None
    """Signs decisions; without a key none is signed."""
    public_url: str | None = None
    """Where the world reaches this node; without it no credential is issued."""
    partner_keys: PartnerKeys | None = None
    """By what other regions sign; without it no transfer begins or ends here."""
    announcer: Announcer | None = None
    """Tells gateways who is in the bank; without it they ask about everybody."""

    def moment(self, by: str) -> Moment:
        """Return the present moment, its day being the region's."""
        at = self.clock.now()
        return Moment(at=at, day=self.day_of(at), by=by)

    def day_of(self, at: datetime) -> date:
        """Return the region's day at an instant."""
        return at.astimezone(self.time_zone).date()
