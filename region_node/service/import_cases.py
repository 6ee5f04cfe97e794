"""Imports many achievements at once: the very use cases of officers, on a transaction that reads ahead.

Each row has its own idempotency key, claimed and answered in the transaction that makes the change.
So a batch that fails is not there at all, and one that was done is not done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from region_node.domain import outcome as life
from region_node.domain.account import Account, AccountStatus, LearnerGroup
from region_node.domain.identity import identity
from region_node.domain.moment import Moment
from region_node.domain.outcome import Achievement
from region_node.domain.refusal import Refusal, refuse
from region_node.service.account_cases import OPEN_ACCOUNT, OpenAccount
from region_node.service.members import announce
from region_node.service.outcome_cases import SUBMIT_OUTCOME, SubmitOutcome
from region_node.service.perform import answered, repeated
from region_node.service.ports import Bank, Unit
from region_node.service.read_ahead import ReadAhead
from schema.codes import RefusalCode
from schema.ids import make_id


@dataclass(frozen=True, slots=True)
class ImportedAchievement:
    """One row of a sheet. `key` is its idempotency key."""

    key: str
    citizen_number: str = field(repr=False)
    achievement: Achievement


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one row. `account_opened` where its learner had no account before."""

    outcome_id: str
    account_opened: bool


async def import_achievements(
    bank: Bank, moment: Moment, rows: Sequence[ImportedAchievement], *, open_as: LearnerGroup | None
) -> list[Imported | Refusal]:
    """Submit all of them in one transaction; answer in their order. Raises `StorageFailure`.

    `open_as` is the group of accounts to be opened for learners who have none; None opens none.
    """
    if open_as is not None:
        await announce(bank, [row.citizen_number for row in rows])

    async def batch() -> list[Imported | Refusal]:
        async with bank.units.write() as unit:
            ahead = ReadAhead(unit)
            await _read_ahead(bank, ahead, moment, rows)
            answers = [await _import(bank, ahead.unit, moment, row, open_as) for row in rows]
            await ahead.write(moment.by, moment.at)
            return answers

    return await repeated(batch)


async def _read_ahead(
    bank: Bank, ahead: ReadAhead, moment: Moment, rows: Sequence[ImportedAchievement]
) -> None:
    keys = [key for row in rows for key in (row.key, _opening_key(row))]
    indexes = [bank.vault.blind_index(row.citizen_number) for row in rows]
    await ahead.load(moment.by, keys, set(indexes))
    identities = set()
    for row, index in zip(rows, indexes, strict=True):
        held = await ahead.accounts.held_by(index)
        account_id = living.id if (living := _living(held)) else _next_account(bank, row, held)
        identities.add(identity(account_id, row.achievement))
    await ahead.load_twins(identities)


async def _import(
    bank: Bank, unit: Unit, moment: Moment, row: ImportedAchievement, open_as: LearnerGroup | None
) -> Imported | Refusal:
    held = await unit.accounts.held_by(bank.vault.blind_index(row.citizen_number))
    living = _living(held)
    account_id = living.id if living else None
    if account_id is None:
        if open_as is None:
            return refuse(RefusalCode.UNKNOWN_ACCOUNT, id="of this citizen number")
        policy = await unit.policies.in_force(moment.day)
        problem = life.check(row.achievement, policy, moment.day)
        if problem is not None:  # no account for a row that cannot be submitted
            return problem
        opening = OpenAccount(row.citizen_number, open_as)
        opened = await answered(bank, unit, OPEN_ACCOUNT, opening, key=_opening_key(row), moment=moment)
        if isinstance(opened, Refusal):
            return opened
        account_id = opened.id
    command = SubmitOutcome(account_id, row.achievement)
    answer = await answered(bank, unit, SUBMIT_OUTCOME, command, key=row.key, moment=moment)
    if isinstance(answer, Refusal):
        return answer
    return Imported(answer.outcome.id, account_opened=living is None)


def _living(held: Sequence[Account]) -> Account | None:
    return next((account for account in held if account.status is not AccountStatus.CLOSED), None)


def _opening_key(row: ImportedAchievement) -> str:
    return f"{row.key}-account"


def _next_account(bank: Bank, row: ImportedAchievement, held: Sequence[Account]) -> str:
    """The ID that an account opened now for this citizen gets."""
    return make_id(bank.region, "A", bank.vault.account_unique(row.citizen_number, len(held)))
