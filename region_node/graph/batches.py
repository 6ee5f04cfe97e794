"""The batched loads of the graph: each is one statement, however many keys it is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from region_node.domain.account import Account, AccountEvent
from region_node.domain.ledger import LedgerEntry
from region_node.domain.outcome import Outcome, OutcomeEvent
from region_node.domain.transfer import Transfer
from region_node.service.bank_ports import EntryFilter, OutcomeFilter
from region_node.service.paging import Page, PageRequest
from region_node.service.ports import Unit
from region_node.service.transfer_ports import Statements

Keys = Collection[str]


async def accounts(unit: Unit, ids: Keys) -> Mapping[str, Account]:
    return await unit.accounts.by_ids(ids)


async def accounts_of_learners(unit: Unit, learner_ids: Keys) -> Mapping[str, tuple[Account, ...]]:
    return await unit.accounts.by_learners(learner_ids)


async def account_events(unit: Unit, ids: Keys) -> Mapping[str, tuple[AccountEvent, ...]]:
    return await unit.accounts.events(ids)


async def sealed_numbers(unit: Unit, ids: Keys) -> Mapping[str, bytes]:
    return await unit.accounts.sealed_numbers(ids)


async def balances(unit: Unit, account_ids: Keys) -> Mapping[str, int]:
    return await unit.ledger.balances(account_ids)


async def balances_at(
    unit: Unit, account_ids: Keys, day: date, known_at: datetime | None
) -> Mapping[str, int]:
    return await unit.ledger.balances_at(account_ids, day, known_at)


async def balances_of_learners(unit: Unit, learner_ids: Keys) -> Mapping[str, int]:
    return await unit.ledger.balances_of_learners(learner_ids)


async def outcomes(unit: Unit, ids: Keys) -> Mapping[str, Outcome]:
    return await unit.outcomes.by_ids(ids)


async def outcome_events(unit: Unit, ids: Keys) -> Mapping[str, tuple[OutcomeEvent, ...]]:
    return await unit.outcomes.events(ids)


async def uses(unit: Unit, outcome_ids: Keys) -> Mapping[str, str]:
    return await unit.outcomes.uses(outcome_ids)


async def entries(unit: Unit, ids: Keys) -> Mapping[str, LedgerEntry]:
    return await unit.ledger.by_ids(ids)


async def outcomes_of_accounts(
    unit: Unit, account_ids: Keys, where: OutcomeFilter, request: PageRequest
) -> Mapping[str, Page[Outcome]]:
    return await unit.outcomes.pages_of_accounts(account_ids, where, request)


async def outcomes_of_learners(
    unit: Unit, learner_ids: Keys, where: OutcomeFilter, request: PageRequest
) -> Mapping[str, Page[Outcome]]:
    return await unit.outcomes.pages_of_learners(learner_ids, where, request)


async def entries_of_accounts(
    unit: Unit, account_ids: Keys, where: EntryFilter, request: PageRequest
) -> Mapping[str, Page[LedgerEntry]]:
    return await unit.ledger.pages_of_accounts(account_ids, where, request)


async def transfers(unit: Unit, ids: Keys) -> Mapping[str, Transfer]:
    return await unit.transfers.by_ids(ids)


async def transfer_statements(unit: Unit, ids: Keys) -> Mapping[str, Statements]:
    return await unit.transfers.statements(ids)
