"""Use cases of an outcome: submit, verify, reject, revoke, and what each does to the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from region_node.domain import outcome as life
from region_node.domain.account import Account, AccountStatus, freeze
from region_node.domain.bank_reasons import BankReason, write
from region_node.domain.case import CaseStatus, FraudCase
from region_node.domain.examining import NOT_STATED, Examination
from region_node.domain.expiry import last_day
from region_node.domain.identity import identity
from region_node.domain.ledger import EntryKind, LedgerEntry, account_of, case_id, outcome_id
from region_node.domain.moment import Moment
from region_node.domain.organisations import first_veto, organisation_code
from region_node.domain.outcome import Achievement, Outcome, RevocationGround
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.verification import objection
from region_node.service.examining_cases import exam_objection
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.codes import RefusalCode


@dataclass(frozen=True, slots=True)
class SubmitOutcome:
    account_id: str
    achievement: Achievement


@dataclass(frozen=True, slots=True)
class VerifyOutcome:
    outcome_id: str


@dataclass(frozen=True, slots=True)
class VerifyExamined:
    """As `VerifyOutcome`, and who examined, where, and whether a person has judged what is referred."""

    outcome_id: str
    examination: Examination


@dataclass(frozen=True, slots=True)
class RejectOutcome:
    outcome_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RevokeOutcome:
    outcome_id: str
    ground: RevocationGround
    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeChanged:
    """The outcome after the change, and everything else the change did."""

    outcome: Outcome
    entries: tuple[LedgerEntry, ...] = ()
    flagged: tuple[str, ...] = ()
    case: FraudCase | None = None


async def submit_outcome(
    bank: Bank, unit: Unit, moment: Moment, command: SubmitOutcome
) -> OutcomeChanged | Refusal:
    account = await unit.accounts.lock(command.account_id)
    if account is None:
        return refuse(RefusalCode.UNKNOWN_ACCOUNT, id=command.account_id)
    achievement = command.achievement
    policy = await unit.policies.in_force(moment.day)
    identifier = outcome_id(account.id, await unit.outcomes.count(account.id) + 1)
    change = life.submit(identifier, account, achievement, policy, moment)
    if isinstance(change, Refusal):
        return change
    if achievement.certificate is not None and bank.catalogue.certificate(achievement.certificate) is None:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=achievement.certificate)
    sources = await unit.outcomes.by_ids(achievement.derived_from) if achievement.derived_from else {}
    for source in achievement.derived_from:
        if source not in sources or sources[source].account_id != account.id:
            return refuse(RefusalCode.UNKNOWN_OUTCOME, id=source)
    named = identity(account.id, achievement)
    twin = await unit.outcomes.twin(named)
    if twin is not None:
        return refuse(RefusalCode.OUTCOME_EXISTS, id=twin)
    await unit.outcomes.add(change, named)
    return OutcomeChanged(change.outcome)


async def verify_outcome(
    bank: Bank, unit: Unit, moment: Moment, command: VerifyOutcome
) -> OutcomeChanged | Refusal:
    return await verify_examined(bank, unit, moment, VerifyExamined(command.outcome_id, NOT_STATED))


async def verify_examined(
    _: Bank, unit: Unit, moment: Moment, command: VerifyExamined
) -> OutcomeChanged | Refusal:
    found = await lock_outcome(unit, command.outcome_id)
    if isinstance(found, Refusal):
        return found
    account, outcome = found
    policy = await unit.policies.in_force(moment.day)
    change = life.verify(
        outcome, account, last_day(outcome.issued_on, policy.validity_years), moment, command.examination
    )
    if isinstance(change, Refusal):
        return change
    against = await _objection(unit, outcome, command.examination, policy)
    if against is not None:
        return against
    book = await unit.ledger.book(account.id)
    _book, entry = book.post(
        EntryKind.DEPOSIT, outcome.credits, moment, outcome_id=outcome.id, memo=outcome.title
    )
    await unit.outcomes.save([change])
    await unit.ledger.add([entry])
    return OutcomeChanged(change.outcome, (entry,))


async def _objection(
    unit: Unit, outcome: Outcome, examination: Examination, policy: Policy
) -> Refusal | None:
    """Why a certificate may not be verified; nothing speaks against another kind of outcome here."""
    if outcome.certificate is None or outcome.level is None:
        return None
    key = (outcome.certificate, outcome.level)
    standards = (await unit.standards.of([key])).get(key, ())
    issuer = outcome.organisation or (standards[0].organisation if standards else None)
    code = None if issuer is None else organisation_code(issuer)
    vetoed_on = None if code is None else first_veto((await unit.standards.vetoes([code])).get(code, ()))
    against = objection(outcome, standards, vetoed_on)
    return against or await exam_objection(unit, outcome, examination, issuer, policy)


async def reject_outcome(
    _: Bank, unit: Unit, moment: Moment, command: RejectOutcome
) -> OutcomeChanged | Refusal:
    found = await lock_outcome(unit, command.outcome_id)
    if isinstance(found, Refusal):
        return found
    change = life.reject(found[1], moment, command.reason)
    if isinstance(change, Refusal):
        return change
    await unit.outcomes.save([change])
    return OutcomeChanged(change.outcome)


async def revoke_outcome(
    _: Bank, unit: Unit, moment: Moment, command: RevokeOutcome
) -> OutcomeChanged | Refusal:
    """Post the compensating REVERSAL and flag what derives; for fraud, open a case, freeze and bar.

    What was revoked by mistake may be handed in again, unless it was used: an achievement is used once.
    """
    found = await lock_outcome(unit, command.outcome_id)
    if isinstance(found, Refusal):
        return found
    account, outcome = found
    change = life.revoke(outcome, moment, command.ground, command.reason)
    if isinstance(change, Refusal):
        return change
    resting = [one for one in await unit.outcomes.deriving_from(outcome.id) if not one.flagged]
    flags = [life.flag(one, outcome, moment) for one in resting]
    await unit.outcomes.save([change, *flags])
    used_by = await unit.outcomes.use_in(account.id, outcome.id)
    if command.ground is RevocationGround.ERROR and used_by is None:
        await unit.outcomes.release(outcome)
    entries = await _reverse_deposit(unit, outcome, moment, command.reason)
    case = None
    if command.ground is RevocationGround.FRAUD:
        case = await _open_case(unit, account, outcome, moment, command.reason)
    return OutcomeChanged(change.outcome, entries, tuple(one.id for one in resting), case)


async def lock_outcome(unit: Unit, identifier: str) -> tuple[Account, Outcome] | Refusal:
    """Return the outcome and its account, which nobody else changes until this transaction ends."""
    account_id = account_of(identifier)
    account = await unit.accounts.lock(account_id) if account_id else None
    outcome = (await unit.outcomes.by_ids([identifier])).get(identifier) if account else None
    if account is None or outcome is None:
        return refuse(RefusalCode.UNKNOWN_OUTCOME, id=identifier)
    return account, outcome


async def _reverse_deposit(
    unit: Unit, outcome: Outcome, moment: Moment, reason: str
) -> tuple[LedgerEntry, ...]:
    """Take back the deposit, and what expired of it: it was not the learner's to lose.

    An outcome that conversion made was never deposited: what made it is reversed at its source.
    """
    posted = (await unit.ledger.of_outcomes([outcome.id])).get(outcome.id, ())
    book = await unit.ledger.book(outcome.account_id)
    entries = []
    for kind in (EntryKind.EXPIRY, EntryKind.DEPOSIT):
        for one in posted:
            if one.kind is kind:
                book, entry = book.post(
                    EntryKind.REVERSAL,
                    -one.credits,
                    moment,
                    outcome_id=outcome.id,
                    reverses=one.id,
                    memo=reason,
                )
                entries.append(entry)
    await unit.ledger.add(entries)
    return tuple(entries)


async def _open_case(
    unit: Unit, account: Account, outcome: Outcome, moment: Moment, reason: str
) -> FraudCase:
    case = FraudCase(
        id=case_id(account.id, await unit.cases.count(account.id) + 1),
        account_id=account.id,
        learner_id=account.learner_id,
        outcome_id=outcome.id,
        status=CaseStatus.OPEN,
        opened_on=moment.day,
        reason=reason,
    )
    await unit.cases.add(case)
    barred = life.bar(account, await unit.policies.in_force(moment.day), moment)
    if account.status is AccountStatus.OPEN:
        frozen = freeze(barred, moment, write(BankReason.CASE_OPENED, subject=case.id))
        assert not isinstance(frozen, Refusal)  # noqa: S101 - an OPEN account can always be frozen
        await unit.accounts.save(frozen)
    else:
        await unit.accounts.bar(barred)
    return case


SUBMIT_OUTCOME = UseCase("submitOutcome", SubmitOutcome, OutcomeChanged, submit_outcome)
VERIFY_OUTCOME = UseCase("verifyOutcome", VerifyOutcome, OutcomeChanged, verify_outcome)
VERIFY_EXAMINED = UseCase("verifyExamined", VerifyExamined, OutcomeChanged, verify_examined)
REJECT_OUTCOME = UseCase("rejectOutcome", RejectOutcome, OutcomeChanged, reject_outcome)
REVOKE_OUTCOME = UseCase("revokeOutcome", RevokeOutcome, OutcomeChanged, revoke_outcome)
