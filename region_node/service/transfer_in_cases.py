"""Use cases of a transfer's target: accept by its own rules, or decline. It answers once, for ever."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from region_node.domain import transfer_target as life
from region_node.domain.account import Account, AccountStatus
from region_node.domain.ledger import EntryKind, LedgerEntry
from region_node.domain.moment import Moment
from region_node.domain.outcome import Replacing
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import Question, contradiction
from region_node.domain.recognition_statement import plain_decision
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.transfer import OPEN_AT_TARGET, Heading, Signed, StatementKind, Transfer
from region_node.domain.transfer_statements import Export, Receipt, read_cancellation, read_export
from region_node.service.assessments import AssessmentAsked, assessed
from region_node.service.conversion_cases import place
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from region_node.service.statements import believed, state
from region_node.service.transfer_out_cases import TransferMoved
from schema.codes import RefusalCode
from schema.details import DetailCode, detail
from schema.transfers import Verdict


@dataclass(frozen=True, slots=True)
class AcceptTransfer:
    """`judged`: an officer of this region has decided that what would refer it may stand."""

    export: Signed
    judged: bool = False


@dataclass(frozen=True, slots=True)
class DeclineTransfer:
    """By an officer of this region, on the export."""

    export: Signed


@dataclass(frozen=True, slots=True)
class RefuseCancelled:
    """On the source's word that it cancelled."""

    cancellation: Signed


async def accept_transfer(
    bank: Bank, unit: Unit, moment: Moment, command: AcceptTransfer
) -> TransferMoved | Refusal:
    """Answer an export by this region's rules of today, or repeat the answer that was given before."""
    export = await believed(bank, command.export, read_export, lambda one: one.heading.issuer)
    if isinstance(export, Refusal):
        return export
    account = await _open_account(unit, export.heading.learner_id)
    known = await _known(bank, unit, moment, export.heading, account)
    if isinstance(known, Refusal | TransferMoved):
        return known
    question = Question(
        issuer=export.heading.issuer,
        accepter=bank.region,
        as_of=moment.day,
        outcome_id=export.heading.outcome_id,
        major=export.major,
    )
    problem = _contradiction(export, question)
    if problem is not None:
        return refuse(RefusalCode.STATEMENT_INVALID, detail=detail(problem))
    assessment = used_by = None
    if account is not None and not life.overdue(export.heading, moment.day):
        asked = AssessmentAsked(question, replace(export.facts, as_of=moment.day))
        assessment = await assessed(bank, unit, asked, judged=command.judged)
        used_by = await unit.outcomes.use_in(account.id, export.heading.outcome_id)
    answer = life.accept(known, moment.day, assessment, used_by=used_by)
    entry = None
    if answer.verdict is Verdict.ACCEPTED and assessment is not None:
        entry = await _post(unit, moment, answer, export, assessment)
    decision = None if assessment is None else plain_decision(assessment, moment.at)
    await _answered(bank, unit, moment, answer, decision, entry, (StatementKind.EXPORT, command.export))
    return TransferMoved(export.heading.transfer)


async def decline_transfer(
    bank: Bank, unit: Unit, moment: Moment, command: DeclineTransfer
) -> TransferMoved | Refusal:
    export = await believed(bank, command.export, read_export, lambda one: one.heading.issuer)
    if isinstance(export, Refusal):
        return export
    told = (StatementKind.EXPORT, command.export)
    return await _refuse(bank, unit, moment, export.heading, Verdict.DECLINED, told)


async def refuse_cancelled(
    bank: Bank, unit: Unit, moment: Moment, command: RefuseCancelled
) -> TransferMoved | Refusal:
    """Promise never to accept, whether or not the export ever comes; too late where it was accepted."""
    found = await believed(bank, command.cancellation, read_cancellation, lambda one: one.heading.issuer)
    if isinstance(found, Refusal):
        return found
    told = (StatementKind.CANCELLATION, command.cancellation)
    return await _refuse(bank, unit, moment, found.heading, Verdict.CANCELLED, told)


async def _refuse(
    bank: Bank,
    unit: Unit,
    moment: Moment,
    heading: Heading,
    verdict: Verdict,
    told: tuple[StatementKind, Signed],
) -> TransferMoved | Refusal:
    known = await _known(bank, unit, moment, heading, None)
    if isinstance(known, Refusal | TransferMoved):
        return known
    await _answered(bank, unit, moment, life.decline(known, verdict), None, None, told)
    return TransferMoved(heading.transfer)


async def _known(
    bank: Bank, unit: Unit, moment: Moment, heading: Heading, account: Account | None
) -> Transfer | TransferMoved | Refusal:
    """Return the record to be answered, new or referred; `TransferMoved` where it was answered before."""
    if heading.accepter != bank.region:
        elsewhere = detail(DetailCode.STATEMENT_FOR_OTHER_REGION, region=heading.accepter)
        return refuse(RefusalCode.STATEMENT_INVALID, detail=elsewhere)
    known = await unit.transfers.lock(heading.transfer)
    if known is None:
        return life.begun(heading, moment.day, account.id if account else None)
    if known.heading != heading:
        return refuse(RefusalCode.STATEMENT_INVALID, detail=detail(DetailCode.STATEMENT_OF_OTHER_TERMS))
    if known.state not in OPEN_AT_TARGET:
        return TransferMoved(known.id)
    return replace(known, account_id=account.id if account else known.account_id)


async def _open_account(unit: Unit, learner_id: str) -> Account | None:
    held = (await unit.accounts.by_learners([learner_id])).get(learner_id, ())
    living = next((one for one in held if one.status is AccountStatus.OPEN), None)
    locked = await unit.accounts.lock(living.id) if living else None
    return locked if locked is not None and locked.status is AccountStatus.OPEN else None


def _contradiction(export: Export, question: Question) -> DetailCode | None:
    """Return how the facts fail to be those of the exported outcome, or None."""
    heading, facts = export.heading, export.facts
    if (facts.learner_id, facts.credits) != (heading.learner_id, heading.credits):
        return DetailCode.STANDING_OF_OTHER_OUTCOME
    return contradiction(replace(question, as_of=facts.as_of), facts)


async def _post(
    unit: Unit, moment: Moment, transfer: Transfer, export: Export, assessment: Assessment
) -> LedgerEntry:
    """The credits come in, and go to the courses at once: as a certificate's do at home."""
    heading, account_id = transfer.heading, transfer.account_id or ""
    book, entry = (await unit.ledger.book(account_id)).post(
        EntryKind.TRANSFER_IN,
        transfer.accepted,
        moment,
        outcome_id=heading.outcome_id,
        memo=f"from {heading.issuer}, transfer {transfer.id}",
    )
    await unit.ledger.add([entry])
    await unit.outcomes.use(account_id, heading.outcome_id, entry)
    examined_on = export.facts.examined_on or export.facts.issued_on or moment.day
    source = Replacing(heading.outcome_id, account_id, heading.learner_id, examined_on)
    memo = f"recognised by {assessment.rules}"
    await place(unit, moment, book, source, assessment.courses, memo=memo)
    return entry


async def _answered(
    bank: Bank,
    unit: Unit,
    moment: Moment,
    answer: Transfer,
    decision: dict[str, Any] | None,
    entry: LedgerEntry | None,
    told: tuple[StatementKind, Signed],
) -> None:
    """Write down the record, what it was made on, and the receipt where the answer is final."""
    transfer = replace(answer, entry_id=entry.id if entry else None)
    new = await unit.transfers.lock(transfer.id) is None
    await (unit.transfers.add(transfer) if new else unit.transfers.save(transfer))
    kept = (await unit.transfers.statements([transfer.id])).get(transfer.id, {})
    statements = [] if told[0] in kept else [told]
    if transfer.verdict is not None:
        receipt = Receipt(
            heading=transfer.heading,
            verdict=transfer.verdict,
            accepted=transfer.accepted,
            reasons=transfer.reasons,
            decision=decision,
            entry=transfer.entry_id,
            at=moment.at,
        )
        statements.append((StatementKind.RECEIPT, state(bank, receipt)))
    await unit.transfers.keep(transfer.id, statements, moment)


ACCEPT_TRANSFER = UseCase("acceptTransfer", AcceptTransfer, TransferMoved, accept_transfer)
DECLINE_TRANSFER = UseCase("declineTransfer", DeclineTransfer, TransferMoved, decline_transfer)
REFUSE_CANCELLED = UseCase("refuseCancelled", RefuseCancelled, TransferMoved, refuse_cancelled)
