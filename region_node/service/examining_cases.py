"""Use cases of examiners and exam sites: register, end; and what the register says against an exam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from region_node.domain import examining
from region_node.domain.examining import Examination, ExamParty, Registration
from region_node.domain.moment import Moment
from region_node.domain.organisations import organisation_code
from region_node.domain.outcome import Outcome
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from region_node.service.standard_cases import find_organisation, organisations
from schema.codes import RefusalCode


@dataclass(frozen=True, slots=True)
class RegisterExamParty:
    """`organisation` is a code or a name in any spelling."""

    organisation: str
    party: ExamParty
    code: str
    first_day: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class EndExamParty:
    """`first_day` is the first on which nobody may rely on it."""

    organisation: str
    party: ExamParty
    code: str
    first_day: date
    vetoed: bool
    reason: str


async def register_exam_party(
    bank: Bank, unit: Unit, moment: Moment, command: RegisterExamParty
) -> Registration | Refusal:
    organisation = await _organisation(bank, unit, command.organisation)
    if isinstance(organisation, Refusal):
        return organisation
    code = command.code.strip()
    new = Registration(organisation, command.party, code, 0, command.first_day, command.name)
    registered = await unit.exam_register.of(organisation, command.party, code)
    found = examining.register(new, registered)
    if not isinstance(found, Refusal):
        await unit.exam_register.add(found, moment)
    return found


async def end_exam_party(
    bank: Bank, unit: Unit, moment: Moment, command: EndExamParty
) -> Registration | Refusal:
    organisation = await _organisation(bank, unit, command.organisation)
    if isinstance(organisation, Refusal):
        return organisation
    registered = await unit.exam_register.of(organisation, command.party, command.code)
    ended = examining.end(registered, command.code, command.first_day, vetoed=command.vetoed)
    if not isinstance(ended, Refusal):
        await unit.exam_register.end(ended, command.reason, moment)
    return ended


async def exam_objection(
    unit: Unit, outcome: Outcome, examination: Examination, issuer: str | None, policy: Policy
) -> Refusal | None:
    """Return what the register of the issuer says against the exam of a certificate."""
    registered = await unit.exam_register.of(organisation_code(issuer)) if issuer else ()
    return examining.objection(examination, registered, outcome.examined_on, policy.review_window_days)


async def _organisation(bank: Bank, unit: Unit, asked: str) -> str | Refusal:
    known = organisations(bank.catalogue, await unit.standards.organisations())
    found = find_organisation(known, asked)
    return refuse(RefusalCode.UNKNOWN_ORGANISATION, id=asked) if found is None else found.code


REGISTER_EXAM_PARTY = UseCase("registerExamParty", RegisterExamParty, Registration, register_exam_party)
END_EXAM_PARTY = UseCase("endExamParty", EndExamParty, Registration, end_exam_party)
