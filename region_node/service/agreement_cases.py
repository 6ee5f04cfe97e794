"""Use cases of an agreement: propose, sign, suspend, end. Each side moves its own copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from region_node.domain import agreements as life
from region_node.domain.agreements import AgreementChange
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.agreements import Agreement, AgreementTerms
from schema.codes import RefusalCode


@dataclass(frozen=True, slots=True)
class ProposeAgreement:
    terms: AgreementTerms


@dataclass(frozen=True, slots=True)
class SignAgreement:
    agreement_id: str


@dataclass(frozen=True, slots=True)
class SuspendAgreement:
    """`first_day` None: the first that the notice allows."""

    agreement_id: str
    first_day: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndAgreement:
    agreement_id: str
    last_day: date
    reason: str = ""


async def propose_agreement(
    bank: Bank, unit: Unit, moment: Moment, command: ProposeAgreement
) -> Agreement | Refusal:
    terms = command.terms
    problem = life.check_terms(
        terms,
        bank.region,
        region_known=lambda code: bank.catalogue.region(code) is not None,
        certificate_known=lambda code: bank.catalogue.certificate(code) is not None,
    )
    if problem is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=problem)
    partner = next(party for party in terms.parties if party != bank.region)
    existing = (await unit.agreements.with_partners([partner])).get(partner, ())
    change = life.propose(terms, bank.region, existing, moment)
    if isinstance(change, Refusal):
        return change
    await unit.agreements.add(change)
    return change.agreement


async def sign_agreement(
    bank: Bank, unit: Unit, moment: Moment, command: SignAgreement
) -> Agreement | Refusal:
    def signed(agreement: Agreement) -> AgreementChange | Refusal:
        signer = bank.signer
        signature = None if signer is None else signer.sign(agreement.terms.canonical())
        return life.sign(agreement, moment, signature)

    return await _move(unit, command.agreement_id, signed)


async def suspend_agreement(
    _: Bank, unit: Unit, moment: Moment, command: SuspendAgreement
) -> Agreement | Refusal:
    return await _move(
        unit,
        command.agreement_id,
        lambda agreement: life.suspend(agreement, moment, command.first_day, command.reason),
    )


async def end_agreement(_: Bank, unit: Unit, moment: Moment, command: EndAgreement) -> Agreement | Refusal:
    return await _move(
        unit,
        command.agreement_id,
        lambda agreement: life.end(agreement, command.last_day, moment, command.reason),
    )


async def _move(
    unit: Unit, agreement_id: str, step: Callable[[Agreement], AgreementChange | Refusal]
) -> Agreement | Refusal:
    agreement = await unit.agreements.lock(agreement_id)
    if agreement is None:
        return refuse(RefusalCode.UNKNOWN_AGREEMENT, id=agreement_id)
    change = step(agreement)
    if isinstance(change, Refusal):
        return change
    await unit.agreements.save(change)
    return change.agreement


PROPOSE_AGREEMENT = UseCase("proposeAgreement", ProposeAgreement, Agreement, propose_agreement)
SIGN_AGREEMENT = UseCase("signAgreement", SignAgreement, Agreement, sign_agreement)
SUSPEND_AGREEMENT = UseCase("suspendAgreement", SuspendAgreement, Agreement, suspend_agreement)
END_AGREEMENT = UseCase("endAgreement", EndAgreement, Agreement, end_agreement)
