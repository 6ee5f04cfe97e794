"""Use cases of a transfer's source: reserve and export, cancel, and confirm what the target answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from region_node.domain import transfer_source as life
from region_node.domain.ledger import EntryKind, LedgerEntry, account_of, transfer_id
from region_node.domain.moment import Moment
from region_node.domain.outcome import Outcome
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.transfer import DAYS_DEFAULT, OPEN_AT_SOURCE, Heading, Signed, StatementKind, Transfer
from region_node.domain.transfer_source import Settlement
from region_node.domain.transfer_statements import (
    Cancellation,
    Confirmation,
    Export,
    hash_of_statement,
    read_receipt,
)
from region_node.service.expiry import await_expiry_again
from region_node.service.outcome_cases import lock_outcome
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from region_node.service.standings import standing_of
from region_node.service.statements import believed, state, unable
from schema.agreements import choose
from schema.codes import ReasonCode, RefusalCode
from schema.details import DetailCode, detail


@dataclass(frozen=True, slots=True)
class ReserveTransfer:
    """`expires_on` is the last day on which the target may accept; a month from now when None."""

    outcome_id: str
    to: str
    major: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    transfer_id: str


@dataclass(frozen=True, slots=True)
class ConfirmTransfer:
    receipt: Signed


@dataclass(frozen=True, slots=True)
class TransferMoved:
    """Which transfer it is about; how it stands is read afterwards, so that a repeat sees it as it is."""

    id: str


async def reserve_transfer(
    bank: Bank, unit: Unit, moment: Moment, command: ReserveTransfer
) -> TransferMoved | Refusal:
    """Take the outcome's credits out of the account and export them: one deed, for one signs the other."""
    if command.major is not None and bank.catalogue.major(command.major) is None:
        return refuse(RefusalCode.UNKNOWN_MAJOR, id=command.major)
    found = await lock_outcome(unit, command.outcome_id)
    if isinstance(found, Refusal):
        return found
    account, outcome = found
    against = await _not_covered(unit, outcome, command.to, moment.day, bank.region)
    problem = against or await unable(bank, command.to)
    if problem is not None:
        return problem
    identifier = transfer_id(account.id, await unit.transfers.count(account.id) + 1)
    heading = Heading(
        transfer=identifier,
        issuer=bank.region,
        accepter=command.to,
        learner_id=outcome.learner_id,
        outcome_id=outcome.id,
        credits=outcome.credits,
        expires_on=command.expires_on or moment.day + timedelta(days=DAYS_DEFAULT),
    )
    book = await unit.ledger.book(account.id)
    used_by = await unit.outcomes.use_in(account.id, outcome.id)
    transfer = life.reserve(heading, account, outcome, moment, used_by=used_by, balance=book.balance)
    if isinstance(transfer, Refusal):
        return transfer
    facts = await standing_of(bank, unit, outcome.id, command.to, moment.day)
    assert facts is not None  # noqa: S101 - the outcome was just locked
    _book, entry = book.post(
        EntryKind.TRANSFER_OUT,
        -outcome.credits,
        moment,
        outcome_id=outcome.id,
        memo=f"to {command.to}, transfer {identifier}",
    )
    await unit.ledger.add([entry])
    await unit.transfers.add(replace(transfer, entry_id=entry.id))
    export = state(bank, Export(heading, command.major, facts, moment.at))
    await unit.transfers.keep(identifier, [(StatementKind.EXPORT, export)], moment)
    return TransferMoved(identifier)


async def cancel_transfer(
    bank: Bank, unit: Unit, moment: Moment, command: CancelTransfer
) -> TransferMoved | Refusal:
    """State that the target is not to accept. The credits come home when it says that it did not."""
    transfer = await _locked(unit, command.transfer_id)
    if transfer is None:
        return refuse(RefusalCode.UNKNOWN_TRANSFER, id=command.transfer_id)
    problem = await unable(bank, transfer.heading.accepter)
    if problem is not None:
        return problem
    cancelling = life.cancel(transfer)
    if isinstance(cancelling, Refusal):
        return cancelling
    if cancelling != transfer:
        await unit.transfers.save(cancelling)
        signed = state(bank, Cancellation(transfer.heading, moment.at))
        await unit.transfers.keep(transfer.id, [(StatementKind.CANCELLATION, signed)], moment)
    return TransferMoved(transfer.id)


async def confirm_transfer(
    bank: Bank, unit: Unit, moment: Moment, command: ConfirmTransfer
) -> TransferMoved | Refusal:
    """Follow the target's receipt: what it did not accept comes home, what it did is gone for good.

    An account that is frozen or closed by now keeps nothing from it: the target's answer stands.
    """
    receipt = await believed(bank, command.receipt, read_receipt, lambda one: one.heading.accepter)
    if isinstance(receipt, Refusal):
        return receipt
    transfer = await _locked(unit, receipt.heading.transfer)
    if transfer is None:
        return refuse(RefusalCode.UNKNOWN_TRANSFER, id=receipt.heading.transfer)
    if transfer.state not in OPEN_AT_SOURCE:
        return await _repeated(unit, transfer, command.receipt)
    settlement = life.settle(transfer, receipt)
    if isinstance(settlement, Refusal):
        return settlement
    await _post(unit, moment, settlement)
    settled = settlement.transfer
    await unit.transfers.save(settled)
    digest = hash_of_statement(command.receipt.statement)
    confirmation = Confirmation(settled.heading, settled.state, settled.accepted, digest, moment.at)
    await unit.transfers.keep(
        settled.id,
        [(StatementKind.RECEIPT, command.receipt), (StatementKind.CONFIRMATION, state(bank, confirmation))],
        moment,
    )
    return TransferMoved(settled.id)


async def _not_covered(unit: Unit, outcome: Outcome, to: str, day: date, region: str) -> Refusal | None:
    """Why this side's own copy of the agreement does not let the outcome go there, if so."""
    copies = (await unit.agreements.with_partners([to])).get(to, ())
    agreement, reason = choose(copies, region, to, day)
    if reason is None and agreement is not None:
        covered = agreement.terms.covering(outcome.certificate, outcome.level, outcome.kind)
        reason = None if covered else ReasonCode.OUT_OF_SCOPE
    return None if reason is None else refuse(RefusalCode.NOT_COVERED, to=to, reason=reason)


async def _locked(unit: Unit, identifier: str) -> Transfer | None:
    """Return a transfer of this region, its account locked: whoever changes it does so first."""
    account_id = account_of(identifier)
    account = await unit.accounts.lock(account_id) if account_id else None
    if account is None:
        return None
    return (await unit.transfers.by_ids([identifier])).get(identifier)


async def _repeated(unit: Unit, transfer: Transfer, receipt: Signed) -> TransferMoved | Refusal:
    """The receipt that was followed may come again; another one is the target's broken word."""
    kept = (await unit.transfers.statements([transfer.id]))[transfer.id].get(StatementKind.RECEIPT)
    if kept is not None and kept.statement == receipt.statement:
        return TransferMoved(transfer.id)
    return refuse(RefusalCode.STATEMENT_INVALID, detail=detail(DetailCode.ANOTHER_RECEIPT))


async def _post(unit: Unit, moment: Moment, settlement: Settlement) -> None:
    """Undo what went out where not all of it was accepted, and post what was."""
    transfer = settlement.transfer
    heading, entry_id = transfer.heading, transfer.entry_id or ""
    out = (await unit.ledger.by_ids([entry_id]))[entry_id]
    entries: list[LedgerEntry] = []
    if settlement.returned:
        memo = f"{transfer.state.value.lower()} by {heading.accepter}, transfer {transfer.id}"
        book = await unit.ledger.book(out.account_id)
        book, back = book.post(
            EntryKind.REVERSAL, -out.credits, moment, outcome_id=out.outcome_id, reverses=out.id, memo=memo
        )
        entries.append(back)
        if transfer.accepted:
            _book, gone = book.post(
                EntryKind.TRANSFER_OUT,
                -transfer.accepted,
                moment,
                outcome_id=out.outcome_id,
                memo=f"accepted by {heading.accepter}, transfer {transfer.id}",
            )
            entries.append(gone)
        outcome = (await unit.outcomes.by_ids([heading.outcome_id]))[heading.outcome_id]
        await await_expiry_again(unit, outcome)
    await unit.ledger.add(entries)
    if transfer.accepted:
        await unit.outcomes.use(out.account_id, heading.outcome_id, out)


RESERVE_TRANSFER = UseCase("reserveTransfer", ReserveTransfer, TransferMoved, reserve_transfer)
CANCEL_TRANSFER = UseCase("cancelTransfer", CancelTransfer, TransferMoved, cancel_transfer)
CONFIRM_TRANSFER = UseCase("confirmTransfer", ConfirmTransfer, TransferMoved, confirm_transfer)
