"""Use cases of cohorts and course matrices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from catalogue.names import name_key
from region_node.domain.cohort import Cohort, CohortStep, Funnel, advance, funnel
from region_node.domain.matrix import CourseMatrix, Relation, check_matrix, read_table
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from region_node.service.programme_ports import CohortFilter
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail
from schema.ids import make_id

ACCOUNTS_LIMIT: Final = 1_000
TERM_LIMIT_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class RecordCohortStep:
    certificate: str
    level: SkillLevel
    term: str
    step: CohortStep
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishMatrix:
    """`table` is the matrix in CSV (domain/matrix.py, HEADER)."""

    major: str
    certificate: str
    relation: Relation
    valid_from: date
    table: str


async def record_cohort_step(
    bank: Bank, unit: Unit, moment: Moment, command: RecordCohortStep
) -> Funnel | Refusal:
    """Record one step for many accounts; the answer is the cohort's funnel after it."""
    term = command.term.strip()
    if not 0 < len(term) <= TERM_LIMIT_CHARACTERS:
        wrong = detail(DetailCode.LENGTH, field="term", limit=TERM_LIMIT_CHARACTERS)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
    if not 0 < len(command.accounts) <= ACCOUNTS_LIMIT:
        wrong = detail(DetailCode.COUNT, field="accounts", limit=ACCOUNTS_LIMIT)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
    certificate = bank.catalogue.certificate(command.certificate)
    if certificate is None or command.level not in certificate.levels:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=command.certificate)
    held = await unit.accounts.lock_all(command.accounts)
    unknown = next((account for account in command.accounts if account not in held), None)
    if unknown is not None:
        return refuse(RefusalCode.UNKNOWN_ACCOUNT, id=unknown)
    cohort = Cohort(certificate.code, command.level, term)
    new = advance(await unit.cohorts.taken(cohort, command.accounts), command.step, command.accounts)
    if isinstance(new, Refusal):
        return new
    await unit.cohorts.add(cohort, command.step, new, moment)
    return funnel(await unit.cohorts.counts(CohortFilter(cohort.certificate, cohort.level, term)))


async def publish_matrix(
    bank: Bank, unit: Unit, moment: Moment, command: PublishMatrix
) -> CourseMatrix | Refusal:
    if bank.catalogue.major(command.major) is None:
        return refuse(RefusalCode.UNKNOWN_MAJOR, id=command.major)
    if bank.catalogue.certificate(command.certificate) is None:
        return refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=command.certificate)
    cells = read_table(command.table)
    if isinstance(cells, Refusal):
        return cells
    earlier = await unit.matrices.versions(command.major, command.certificate)
    version = len(earlier) + 1
    matrix = CourseMatrix(
        id=make_id(bank.region, "M", f"{command.major}_{command.certificate}_{version}"),
        version=version,
        major=command.major,
        certificate=command.certificate,
        relation=command.relation,
        valid_from=command.valid_from,
        cells=cells,
    )
    courses = {name_key(course.name) for course in bank.catalogue.courses_of(command.major)}
    policy = await unit.policies.in_force(command.valid_from)
    problem = check_matrix(matrix, earlier, policy.ceiling, lambda name: name_key(name) in courses)
    if problem is not None:
        return problem
    await unit.matrices.add(matrix, moment)
    return matrix


RECORD_COHORT_STEP = UseCase("recordCohortStep", RecordCohortStep, Funnel, record_cohort_step)
PUBLISH_MATRIX = UseCase("publishMatrix", PublishMatrix, CourseMatrix, publish_matrix)
