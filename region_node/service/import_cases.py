"""Imports many achievements at once: the very use cases of officers, several in one transaction.

Each row has its own idempotency key, claimed and answered in the transaction that makes the change.
So a batch that fails is not there at all, and one that was done is not done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from region_node.domain import outcome as life
from region_node.domain.account import AccountStatus, LearnerGroup
from region_node.domain.moment import Moment
from region_node.domain.outcome import Achievement
from region_node.domain.refusal import Refusal, refuse
from region_node.service.account_cases import OPEN_ACCOUNT, OpenAccount
from region_node.service.outcome_cases import SUBMIT_OUTCOME, SubmitOutcome
from region_node.service.perform import answered, repeated
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode


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

    async def batch() -> list[Imported | Refusal]:
        async with bank.units.write() as unit:
            return [await _import(bank, unit, moment, row, open_as) for row in rows]

    return await repeated(batch)


async def _import(
    bank: Bank, unit: Unit, moment: Moment, row: ImportedAchievement, open_as: LearnerGroup | None
) -> Imported | Refusal:
    held = await unit.accounts.held_by(bank.vault.blind_index(row.citizen_number))
    living = next((account for account in held if account.status is not AccountStatus.CLOSED), None)
    account_id = living.id if living else None
    if account_id is None:
        if open_as is None:
            return refuse(RefusalCode.UNKNOWN_ACCOUNT, id="of this citizen number")
        policy = await unit.policies.in_force(moment.day)
        problem = life.check(row.achievement, policy, moment.day)
        if problem is not None:  # no account for a row that cannot be submitted
            return problem
        opening = OpenAccount(row.citizen_number, open_as)
        opened = await answered(bank, unit, OPEN_ACCOUNT, opening, key=f"{row.key}-account", moment=moment)
        if isinstance(opened, Refusal):
            return opened
        account_id = opened.id
    command = SubmitOutcome(account_id, row.achievement)
    answer = await answered(bank, unit, SUBMIT_OUTCOME, command, key=row.key, moment=moment)
    if isinstance(answer, Refusal):
        return answer
    return Imported(answer.outcome.id, account_opened=living is None)
