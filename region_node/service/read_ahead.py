"""A transaction that reads ahead for many changes and writes them together at its end.

The use cases run on it as they run on any other; only the number of statements differs. It holds what
opening accounts and submitting outcomes need, and nothing else: another repository is not to be had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import cast

from region_node.domain.account import Account, AccountChange
from region_node.domain.outcome import Outcome, OutcomeChange
from region_node.domain.policy import Policy
from region_node.service.bank_ports import NewAccount
from region_node.service.ports import StoredAnswer, Unit


class ReadAhead:
    """Wraps one unit. Nothing is written before `write`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.answers = _Answers()
        self.accounts = _Accounts()
        self.outcomes = _Outcomes(unit)
        self.policies = _Policies(unit)

    @property
    def unit(self) -> Unit:
        """Itself, as use cases take it."""
        return cast("Unit", self)

    async def load(self, caller: str, keys: Collection[str], citizen_indexes: Collection[str]) -> None:
        """Read the answers to these keys and the accounts of these citizens, which are locked."""
        self.answers.first = dict(await self._unit.answers.first_answers(caller, keys))
        held = await self._unit.accounts.held_by_each(citizen_indexes)
        ids = [account.id for accounts in held.values() for account in accounts]
        self.accounts.locked = dict(await self._unit.accounts.lock_all(ids))
        self.accounts.held = {
            index: tuple(self.accounts.locked[account.id] for account in accounts)
            for index, accounts in held.items()
        }
        self.outcomes.numbers = Counter(await self._unit.outcomes.counts(ids))

    async def load_twins(self, identities: Collection[str]) -> None:
        self.outcomes.twins = dict(await self._unit.outcomes.twins(identities))

    async def write(self, caller: str, at: datetime) -> None:
        """Write everything that the use cases added. Raises `Conflict`."""
        await self._unit.answers.add_all(caller, self.answers.given, at)
        await self._unit.accounts.add_all(self.accounts.added)
        await self._unit.outcomes.add_all(self.outcomes.added)


class _Answers:
    def __init__(self) -> None:
        self.first: dict[str, StoredAnswer] = {}
        self.given: dict[str, StoredAnswer] = {}

    async def claim(self, _caller: str, key: str, request_hash: str, _at: datetime) -> StoredAnswer | None:
        earlier = self.first.get(key) or self.given.get(key)
        if earlier is None:
            self.given[key] = StoredAnswer(request_hash, None)
        return earlier

    async def record(self, _caller: str, key: str, answer: str) -> None:
        self.given[key] = StoredAnswer(self.given[key].request_hash, answer)


class _Accounts:
    def __init__(self) -> None:
        self.held: dict[str, tuple[Account, ...]] = {}
        self.locked: dict[str, Account] = {}
        self.added: list[NewAccount] = []

    async def held_by(self, citizen_index: str) -> tuple[Account, ...]:
        return self.held.get(citizen_index, ())

    async def lock(self, account_id: str) -> Account | None:
        return self.locked.get(account_id)

    async def add(self, change: AccountChange, citizen_sealed: bytes, citizen_index: str) -> None:
        account = change.account
        self.added.append(NewAccount(change, citizen_sealed, citizen_index))
        self.held[citizen_index] = (*self.held.get(citizen_index, ()), account)
        self.locked[account.id] = account


class _Outcomes:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.numbers: Counter[str] = Counter()
        self.twins: dict[str, str] = {}
        self.added: list[tuple[OutcomeChange, str]] = []

    async def count(self, account_id: str) -> int:
        return self.numbers[account_id]

    async def twin(self, identity: str) -> str | None:
        return self.twins.get(identity)

    async def by_ids(self, ids: Collection[str]) -> Mapping[str, Outcome]:
        return await self._unit.outcomes.by_ids(ids)

    async def add(self, change: OutcomeChange, identity: str) -> None:
        self.added.append((change, identity))
        self.numbers[change.outcome.account_id] += 1
        self.twins[identity] = change.outcome.id


class _Policies:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._kept: dict[date, Policy] = {}

    async def in_force(self, day: date) -> Policy:
        if day not in self._kept:
            self._kept[day] = await self._unit.policies.in_force(day)
        return self._kept[day]
