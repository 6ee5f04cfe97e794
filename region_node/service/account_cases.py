"""Use cases of an account: open, freeze, unfreeze, close; and the decision of a fraud case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from region_node.domain import account as life
from region_node.domain.account import Account, AccountChange, AccountStatus, LearnerGroup
from region_node.domain.case import CaseClosed, CaseFinding, close, open_case
from region_node.domain.citizen import read_citizen_number
from region_node.domain.ledger import account_of
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.service.members import announce
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode
from schema.ids import make_id


@dataclass(frozen=True, slots=True)
class OpenAccount:
    citizen_number: str = field(repr=False)
    group: LearnerGroup


@dataclass(frozen=True, slots=True)
class StepOfAccount:
    """One step of an account's life, and why."""

    account_id: str
    reason: str = ""


async def open_account(bank: Bank, unit: Unit, moment: Moment, command: OpenAccount) -> Account | Refusal:
    """One learner has one account that is not closed; who closed theirs may open another."""
    number = read_citizen_number(command.citizen_number, moment.day)
    if isinstance(number, Refusal):
        return number
    index = bank.vault.blind_index(number.reveal())
    held = await unit.accounts.held_by(index)
    living = next((account for account in held if account.status is not AccountStatus.CLOSED), None)
    if living is not None:
        return refuse(RefusalCode.ACCOUNT_EXISTS, id=living.id)
    account_id = make_id(bank.region, "A", bank.vault.account_unique(number.reveal(), len(held)))
    change = life.open_account(account_id, bank.vault.learner_id(number.reveal()), command.group, moment)
    await unit.accounts.add(change, bank.vault.seal(number.reveal(), owner=account_id), index)
    return change.account


async def _announce(bank: Bank, moment: Moment, command: OpenAccount) -> None:
    number = read_citizen_number(command.citizen_number, moment.day)
    if not isinstance(number, Refusal):
        await announce(bank, [number.reveal()])


def _step(
    name: str,
    decide: Callable[[Account, Moment, str], AccountChange | Refusal],
    against: Callable[[Unit, Account], Awaitable[Refusal | None]] | None = None,
) -> UseCase[StepOfAccount, Account]:
    """`against` says what else in the books speaks against the step."""

    async def run(_: Bank, unit: Unit, moment: Moment, command: StepOfAccount) -> Account | Refusal:
        account = await unit.accounts.lock(command.account_id)
        if account is None:
            return refuse(RefusalCode.UNKNOWN_ACCOUNT, id=command.account_id)
        problem = None if against is None else await against(unit, account)
        change = problem or decide(account, moment, command.reason)
        if isinstance(change, Refusal):
            return change
        await unit.accounts.save(change)
        return change.account

    return UseCase(name, StepOfAccount, Account, run)


async def _undecided(unit: Unit, account: Account) -> Refusal | None:
    """An account with a case to be decided is opened again by deciding it, and in no other way."""
    waiting = open_case(await unit.cases.of_account(account.id))
    return None if waiting is None else refuse(RefusalCode.CASE_OPEN, id=waiting.id, account=account.id)


async def _under_way(unit: Unit, account: Account) -> Refusal | None:
    """Credits that are on their way must find their account: to come home to, or to arrive at."""
    transfer = await unit.transfers.under_way(account.id)
    if transfer is None:
        return None
    return refuse(RefusalCode.TRANSFER_UNDER_WAY, id=transfer.id, state=transfer.state)


@dataclass(frozen=True, slots=True)
class CloseCase:
    case_id: str
    finding: CaseFinding
    reason: str


async def close_case(_: Bank, unit: Unit, moment: Moment, command: CloseCase) -> CaseClosed | Refusal:
    """Decide a fraud case; what that does to the account is done with it."""
    account_id = account_of(command.case_id)
    account = await unit.accounts.lock(account_id) if account_id else None
    cases = await unit.cases.of_account(account.id) if account else ()
    case = next((one for one in cases if one.id == command.case_id), None)
    if account is None or case is None:
        return refuse(RefusalCode.UNKNOWN_CASE, id=command.case_id)
    others = [one for one in cases if one.id != case.id]
    closed = close(case, others, account, command.finding, command.reason, moment)
    if isinstance(closed, Refusal):
        return closed
    await unit.cases.close(closed.case)
    if closed.step is not None:
        await unit.accounts.save(closed.step)
    elif closed.account != account:
        await unit.accounts.bar(closed.account)
    return closed


OPEN_ACCOUNT = UseCase("openAccount", OpenAccount, Account, open_account, before=_announce)
FREEZE_ACCOUNT = _step("freezeAccount", life.freeze)
UNFREEZE_ACCOUNT = _step("unfreezeAccount", life.unfreeze, _undecided)
CLOSE_ACCOUNT = _step("closeAccount", life.close, _under_way)
CLOSE_CASE = UseCase("closeCase", CloseCase, CaseClosed, close_case)
