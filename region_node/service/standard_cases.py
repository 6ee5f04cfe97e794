"""Use cases of standards and their organisations: register, retire, review, veto."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from catalogue.lookup import Catalogue
from catalogue.names import name_key
from region_node.domain.moment import Moment
from region_node.domain.organisations import EvaluationOrganisation, organisation_code
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.review import Conclusion, Reviewed, conclude, review
from region_node.domain.standards import CertificateStandard, check_retirement, check_standard
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail


@dataclass(frozen=True, slots=True)
class RegisterStandard:
    """`credits` are tenths; without `core` the policy's share splits them. `organisation` None: the
    one that the catalogue names.
    """

    certificate: str
    level: SkillLevel
    version: str
    credits: int
    active_from: date
    core: int | None = None
    organisation: str | None = None
    framework_level: str | None = None


@dataclass(frozen=True, slots=True)
class RetireStandard:
    certificate: str
    level: SkillLevel
    version: str
    first_day: date


@dataclass(frozen=True, slots=True)
class ConcludeReview:
    """`first_day` is the first without new issues by what the review of `year` retires."""

    year: int
    first_day: date


@dataclass(frozen=True, slots=True)
class VetoOrganisation:
    """`organisation` is a code or a name in any spelling."""

    organisation: str
    first_day: date
    reason: str = ""


async def register_standard(
    bank: Bank, unit: Unit, moment: Moment, command: RegisterStandard
) -> CertificateStandard | Refusal:
    certificate = bank.catalogue.certificate(command.certificate)
    if certificate is None:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=command.certificate)
    policy = await unit.policies.in_force(command.active_from)
    core = policy.split(command.credits)[0] if command.core is None else command.core
    standard = CertificateStandard(
        certificate=certificate.code,
        organisation=(command.organisation or certificate.organisation or "").strip(),
        level=command.level,
        version=command.version.strip(),
        core=core,
        flexible=command.credits - core,
        active_from=command.active_from,
        framework_level=command.framework_level,
    )
    key = (certificate.code, command.level)
    registered = (await unit.standards.of([key])).get(key, ())
    problem = check_standard(standard, certificate, policy, registered)
    if problem is not None:
        return problem
    await unit.standards.add(standard, moment)
    return standard


async def retire_standard(
    bank: Bank, unit: Unit, moment: Moment, command: RetireStandard
) -> CertificateStandard | Refusal:
    if bank.catalogue.certificate(command.certificate) is None:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=command.certificate)
    key = (command.certificate, command.level)
    registered = (await unit.standards.of([key])).get(key, ())
    standard = next((one for one in registered if one.version == command.version), None)
    if standard is None:
        return refuse(RefusalCode.UNKNOWN_STANDARD, id=command.version)
    problem = check_retirement(standard, command.first_day)
    if problem is not None:
        return problem
    retired = replace(standard, retired_from=command.first_day)
    await unit.standards.retire(retired, moment)
    return retired


async def conclude_review(
    _: Bank, unit: Unit, moment: Moment, command: ConcludeReview
) -> Conclusion | Refusal:
    earlier = await unit.standards.conclusion(command.year)
    if earlier is not None:
        return refuse(
            RefusalCode.REVIEW_CONCLUDED,
            year=command.year,
            count=len(earlier.retired),
            day=earlier.retired_from,
        )
    ranking = await _ranking(unit, command.year)
    conclusion = conclude(ranking, command.year, command.first_day, moment.day)
    if not isinstance(conclusion, Refusal):
        await unit.standards.conclude(conclusion, moment)
    return conclusion


async def yearly_review(unit: Unit, year: int) -> tuple[Reviewed, ...]:
    """Return the ranking as it was concluded; before that, as it stands."""
    concluded = await unit.standards.conclusion(year)
    return await _ranking(unit, year) if concluded is None else concluded.ranking


async def _ranking(unit: Unit, year: int) -> tuple[Reviewed, ...]:
    return review(await unit.standards.all(), await unit.statistics.issued(year), year)


async def veto_organisation(
    bank: Bank, unit: Unit, moment: Moment, command: VetoOrganisation
) -> EvaluationOrganisation | Refusal:
    known = organisations(bank.catalogue, await unit.standards.organisations())
    organisation = find_organisation(known, command.organisation)
    if organisation is None:
        return refuse(RefusalCode.UNKNOWN_ORGANISATION, id=command.organisation)
    if organisation.vetoed_on is not None and organisation.vetoed_on <= command.first_day:
        before = detail(DetailCode.VETOED_BEFORE, organisation=organisation.name, day=organisation.vetoed_on)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=before)
    vetoed = replace(organisation, vetoed_on=command.first_day)
    await unit.standards.veto(vetoed, command.reason, moment)
    return vetoed


def organisations(
    catalogue: Catalogue, kept: tuple[EvaluationOrganisation, ...]
) -> tuple[EvaluationOrganisation, ...]:
    """Return the organisations that the catalogue or the region's books name, by code."""
    named = {
        organisation_code(certificate.organisation): certificate.organisation
        for certificate in catalogue.certificates
        if certificate.organisation
    }
    found = {code: EvaluationOrganisation(code, name) for code, name in named.items()}
    for one in kept:
        found[one.code] = replace(one, name=named.get(one.code, one.name))
    return tuple(found[code] for code in sorted(found))


def find_organisation(known: tuple[EvaluationOrganisation, ...], asked: str) -> EvaluationOrganisation | None:
    key = name_key(asked)
    return next((one for one in known if one.code == asked or name_key(one.name) == key), None)


REGISTER_STANDARD = UseCase("registerStandard", RegisterStandard, CertificateStandard, register_standard)
RETIRE_STANDARD = UseCase("retireStandard", RetireStandard, CertificateStandard, retire_standard)
CONCLUDE_REVIEW = UseCase("concludeReview", ConcludeReview, Conclusion, conclude_review)
VETO_ORGANISATION = UseCase("vetoOrganisation", VetoOrganisation, EvaluationOrganisation, veto_organisation)
