"""The award of a certificate by courses and exams: the courses are used, the certificate is deposited with
what they gave, in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from region_node.domain import outcome as life
from region_node.domain.account import AccountStatus, not_open
from region_node.domain.award import Earned, Exams, earn
from region_node.domain.examining import NOT_STATED, Examination
from region_node.domain.expiry import last_day
from region_node.domain.identity import identity_of_earned
from region_node.domain.ledger import EntryKind, outcome_id
from region_node.domain.moment import Moment
from region_node.domain.organisations import first_veto, organisation_code
from region_node.domain.outcome import OutcomeChange
from region_node.domain.policy import Policy
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.verification import objection
from region_node.service.examining_cases import exam_objection
from region_node.service.outcome_cases import OutcomeChanged
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.agreements import SkillLevel
from schema.codes import RefusalCode


@dataclass(frozen=True, slots=True)
class AwardCertificate:
    """`courses` are verified outcomes of the account, in the order in which they are to be used."""

    account_id: str
    certificate: str
    level: SkillLevel
    major: str
    courses: tuple[str, ...]
    theory_passed_on: date | None
    practical_passed_on: date | None
    examiner_level: SkillLevel | None = None
    examination: Examination = NOT_STATED


async def award_certificate(
    bank: Bank, unit: Unit, moment: Moment, command: AwardCertificate
) -> OutcomeChanged | Refusal:
    account = await unit.accounts.lock(command.account_id)
    if account is None:
        return refuse(RefusalCode.UNKNOWN_ACCOUNT, id=command.account_id)
    if account.status is not AccountStatus.OPEN:
        return not_open(account)
    certificate = bank.catalogue.certificate(command.certificate)
    if certificate is None:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=command.certificate)
    if bank.catalogue.major(command.major) is None:
        return refuse(RefusalCode.UNKNOWN_MAJOR, id=command.major)
    asked = list(dict.fromkeys(command.courses))
    found = await unit.outcomes.by_ids(asked) if asked else {}
    for course in asked:
        if course not in found or found[course].account_id != account.id:
            return refuse(RefusalCode.UNKNOWN_OUTCOME, id=course)
    key = (certificate.code, command.level)
    rule_set = (await unit.rules.in_force([moment.day])).get(moment.day)
    earned = earn(
        certificate.code,
        command.level,
        [found[course] for course in asked],
        Exams(command.theory_passed_on, command.practical_passed_on),
        rules=[] if rule_set is None else [rule for rule in rule_set.rules if rule.major == command.major],
        standards=(await unit.standards.of([key])).get(key, ()),
        used=await unit.outcomes.uses(asked) if asked else {},
        today=moment.day,
    )
    if isinstance(earned, Refusal):
        return earned
    policy = await unit.policies.in_force(moment.day)
    change = life.earned_certificate(
        outcome_id(account.id, await unit.outcomes.count(account.id) + 1),
        [course for course, _, _ in earned.taken],
        earned.standard,
        certificate.name,
        earned.examined_on,
        command.examiner_level,
        last_day(moment.day, policy.validity_years),
        moment,
        command.examination,
    )
    against = await _objection(unit, earned, change, command.examination, policy)
    return against or await _post(unit, moment, earned, change)


async def _objection(
    unit: Unit, earned: Earned, change: OutcomeChange, examination: Examination, policy: Policy
) -> Refusal | None:
    code = organisation_code(earned.standard.organisation)
    vetoed_on = first_veto((await unit.standards.vetoes([code])).get(code, ()))
    against = objection(change.outcome, [earned.standard], vetoed_on)
    issuer = earned.standard.organisation
    against = against or await exam_objection(unit, change.outcome, examination, issuer, policy)
    if against is not None:
        return against
    twin = await unit.outcomes.twin(_identity(earned, change))
    return None if twin is None else refuse(RefusalCode.OUTCOME_EXISTS, id=twin)


async def _post(unit: Unit, moment: Moment, earned: Earned, change: OutcomeChange) -> OutcomeChanged:
    """One entry takes from each course, one gives the sum to the certificate."""
    outcome = change.outcome
    book = await unit.ledger.book(outcome.account_id)
    entries = []
    for course, rule, amount in earned.taken:
        memo = f"counts towards {outcome.id}, rule {rule.id}"
        book, entry = book.post(EntryKind.CONVERSION, -amount, moment, outcome_id=course.id, memo=memo)
        entries.append(entry)
    book, given = book.post(
        EntryKind.CONVERSION, outcome.credits, moment, outcome_id=outcome.id, memo=outcome.title
    )
    await unit.outcomes.add(change, _identity(earned, change))
    for (course, _, _), entry in zip(earned.taken, entries, strict=True):
        await unit.outcomes.use(outcome.account_id, course.id, entry)
    await unit.ledger.add([*entries, given])
    return OutcomeChanged(outcome, (*entries, given))


def _identity(earned: Earned, change: OutcomeChange) -> str:
    return identity_of_earned(change.outcome.account_id, earned.standard)


AWARD_CERTIFICATE = UseCase("awardCertificate", AwardCertificate, OutcomeChanged, award_certificate)
