"""Cohorts as funnels, and course matrices, in the graph."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Self

import strawberry

from region_node.domain import cohort as cohort_domain
from region_node.domain import matrix as domain
from region_node.domain.account import LearnerGroup
from region_node.domain.cohort import CohortStep
from region_node.domain.matrix import Part, Relation, Treatment
from region_node.graph.arguments import AsOf, IdempotencyKey, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Info
from region_node.graph.queries import RegionCodes
from region_node.graph.refusals import Refused
from region_node.service.programme_cases import (
    PUBLISH_MATRIX,
    RECORD_COHORT_STEP,
    PublishMatrix,
    RecordCohortStep,
)
from region_node.service.programme_ports import CohortFilter
from schema.directives import Aggregate, AggregateOp, Gather, Route, Scatter
from schema.graph import Credits, SkillLevel, describe_enum

_SUM: Final = Aggregate(op=AggregateOp.SUM)

describe_enum(
    CohortStep,
    "How far a learner came in a cohort (培训步骤)",
    {
        "REGISTERED": "Registered (报名)",
        "TRAINED": "Took the training (参训)",
        "SAT": "Sat the exam (参考)",
        "PASSED": "Passed it (通过)",
    },
)
describe_enum(
    Relation,
    "What a certificate is to a major; it belongs to the pair (书证关系)",
    {
        "SUPPLEMENT": "It supplements the major (补充)",
        "REINFORCE": "It reinforces the major (强化)",
        "EXTEND": "It extends the major (拓展)",
    },
)
describe_enum(
    Part,
    "A part of a programme, the rows of a matrix (课程类别)",
    {
        "SHARED": "Shared courses (公共课程)",
        "CORE_AND_ELECTIVE": "Core and limited elective courses (核心与限选课程)",
        "PRACTICAL": "Practical courses (实践课程)",
    },
)
describe_enum(
    Treatment,
    "What happens to a course for a task (课程处理)",
    {
        "ITERATED": "Taught again with new content ○ (迭代)",
        "INTEGRATED": "Integrated into the course ● (融合)",
        "NEW": "A new course ▲ (新增)",
        "STRENGTHENED": "Strengthened ■ (强化)",
        "DELETED": "Deleted ☒ (删除)",
        "SUPPORT": "The course supports the certificate ↑ (支撑)",
    },
)


@strawberry.type(
    description="How many took each step of these cohorts, summed over the regions that tell. A region tells "
    "the public nothing where so few people are counted that they could be recognised: its counts are null, "
    "and it is counted in `withheld` (培训漏斗)"
)
class CohortFunnel:
    registered: int | None = strawberry.field(description="Registered (报名人数)", directives=[_SUM])
    trained: int | None = strawberry.field(description="Trained (参训人数)", directives=[_SUM])
    sat: int | None = strawberry.field(description="Sat the exam (参考人数)", directives=[_SUM])
    passed: int | None = strawberry.field(description="Passed it (通过人数)", directives=[_SUM])
    withheld: int = strawberry.field(
        description="Regions whose counts are not in these, being too small to be shown (未公布的区域数)",
        directives=[_SUM],
    )

    @classmethod
    def of(cls, funnel: cohort_domain.Funnel) -> Self:
        registered, trained, sat, passed = funnel.steps
        return cls(registered=registered, trained=trained, sat=sat, passed=passed, withheld=0)

    @classmethod
    def not_shown(cls) -> Self:
        return cls(registered=None, trained=None, sat=None, passed=None, withheld=1)


@strawberry.type(description="One course at one task of the certificate (矩阵单元格)")
class MatrixCell:
    part: Part = strawberry.field(description="The part of the programme (课程类别)")
    course: str = strawberry.field(description="Name of the course (课程名称)")
    area: str = strawberry.field(description="Work area of the certificate (工作领域)")
    task: str = strawberry.field(description="Its task (工作任务)")
    treatment: Treatment = strawberry.field(description="What happens to the course (课程处理)")
    symbol: str = strawberry.field(description="The sign of it in the matrix (符号)")
    credits: Credits = strawberry.field(description="Credits of the task in the course (学分)")

    @classmethod
    def of(cls, cell: domain.Cell) -> Self:
        return cls(
            part=cell.part,
            course=cell.course,
            area=cell.area,
            task=cell.task,
            treatment=cell.treatment,
            symbol=domain.SYMBOLS[cell.treatment],
            credits=Credits(cell.credits),
        )


@strawberry.type(
    description="One version of a course matrix, of a major and a certificate (书证融通课程矩阵)"
)
class CourseMatrix:
    id: strawberry.ID = strawberry.field(description="Identifier (矩阵编号)")
    version: int = strawberry.field(description="Number, counted from 1 (版本)")
    major: strawberry.ID = strawberry.field(description="Code of the major (专业代码)")
    certificate: strawberry.ID = strawberry.field(description="Code of the certificate (证书代码)")
    relation: Relation = strawberry.field(description="What the certificate is to the major (书证关系)")
    valid_from: date = strawberry.field(description="First day in force (生效日期)")
    credits: Credits = strawberry.field(description="Credits of all cells (学分合计)")
    cells: list[MatrixCell] = strawberry.field(description="Its cells, as they were given (单元格)")
    hash: str = strawberry.field(description="SHA-256 of its canonical form (RFC 8785) (散列值)")
    published: strawberry.Private[domain.CourseMatrix]

    @classmethod
    def of(cls, matrix: domain.CourseMatrix) -> Self:
        return cls(
            id=strawberry.ID(matrix.id),
            version=matrix.version,
            major=strawberry.ID(matrix.major),
            certificate=strawberry.ID(matrix.certificate),
            relation=matrix.relation,
            valid_from=matrix.valid_from,
            credits=Credits(matrix.credits),
            cells=[MatrixCell.of(cell) for cell in matrix.cells],
            hash=matrix.hash,
            published=matrix,
        )

    @strawberry.field(description="The matrix as text with its signs, in the reader's language (矩阵文本)")
    def text(self, info: Info) -> str:
        catalogue = info.context.catalogue
        major = catalogue.major(self.published.major)
        certificate = catalogue.certificate(self.published.certificate)
        return domain.render(
            self.published,
            major.name if major else self.published.major,
            certificate.name if certificate else self.published.certificate,
            info.context.locale,
        )


@strawberry.type(description="A course matrix was published (矩阵已发布)")
class MatrixPublished:
    matrix: CourseMatrix = strawberry.field(description="The new version (矩阵)")

    @classmethod
    def of(cls, matrix: domain.CourseMatrix) -> Self:
        return cls(matrix=CourseMatrix.of(matrix))


@strawberry.type(description="A step of a cohort was recorded (培训步骤已登记)")
class CohortRecorded:
    funnel: CohortFunnel = strawberry.field(description="The cohort after it (培训漏斗)")

    @classmethod
    def of(cls, funnel: cohort_domain.Funnel) -> Self:
        return cls(funnel=CohortFunnel.of(funnel))


MatrixResult = Annotated[
    MatrixPublished | Refused,
    strawberry.union("MatrixResult", description="The new version, or why not (矩阵发布结果)"),
]
CohortResult = Annotated[
    CohortRecorded | Refused,
    strawberry.union("CohortResult", description="The cohort after the step, or why not (登记结果)"),
]
MajorCode = Annotated[strawberry.ID, strawberry.argument(description="Code of the major (专业代码)")]
CertificateCode = Annotated[strawberry.ID, strawberry.argument(description="Certificate code (证书代码)")]


@strawberry.type
class ProgrammeQuery:
    @strawberry.field(
        description="How many registered, trained, sat and passed, of these cohorts; small counts are for "
        "the region's officers and auditors alone (培训漏斗)",
        directives=[Route(argument="regions"), Scatter(gather=Gather.SUM)],
    )
    async def cohort_funnel(
        self,
        info: Info,
        regions: RegionCodes = None,
        certificate: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this certificate (证书代码)")
        ] = None,
        level: Annotated[
            SkillLevel | None, strawberry.argument(description="Only of this level (等级)")
        ] = None,
        term: Annotated[str | None, strawberry.argument(description="Only of this term (批次)")] = None,
        group: Annotated[
            LearnerGroup | None, strawberry.argument(description="Only learners of this group (群体)")
        ] = None,
    ) -> CohortFunnel | None:
        if regions is not None and info.context.bank.region not in regions:
            return None
        where = CohortFilter(certificate, level, term, group)
        may_see_all = info.context.caller.may_read_region(info.context.bank.region)
        async with info.context.reading() as unit:
            funnel = cohort_domain.funnel(await unit.cohorts.counts(where))
            beside = () if may_see_all else where.wider()
            wider = [cohort_domain.funnel(await unit.cohorts.counts(one)) for one in beside]
        if may_see_all or cohort_domain.may_be_shown(funnel, wider):
            return CohortFunnel.of(funnel)
        return CohortFunnel.not_shown()

    @strawberry.field(
        description="Course matrices of a region; of one day those in force then (课程矩阵)",
        directives=[Route(argument="region")],
    )
    async def course_matrices(
        self,
        info: Info,
        region: RegionCode,
        major: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this major (专业代码)")
        ] = None,
        certificate: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this certificate (证书代码)")
        ] = None,
        as_of: AsOf = None,
    ) -> list[CourseMatrix] | None:
        info.context.require_region(region)
        async with info.context.reading() as unit:
            versions = await unit.matrices.versions(major, certificate)
        if as_of is not None:
            versions = domain.in_force(versions, as_of)
        return [CourseMatrix.of(one) for one in versions]


@strawberry.type
class ProgrammeMutation:
    @strawberry.mutation(
        description="Record a step of a cohort for its accounts; nobody skips a step; "
        "the region's officers (登记培训步骤)",
        directives=[Route(argument="region")],
    )
    async def record_cohort_step(
        self,
        info: Info,
        region: RegionCode,
        certificate: CertificateCode,
        level: Annotated[SkillLevel, strawberry.argument(description="Skill level (等级)")],
        term: Annotated[str, strawberry.argument(description="The region's own name for when (批次)")],
        step: Annotated[CohortStep, strawberry.argument(description="The step (步骤)")],
        accounts: Annotated[
            list[strawberry.ID], strawberry.argument(description="Whose, at most 1000 (账户)")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CohortResult | None:
        info.context.require_region(region)
        command = RecordCohortStep(certificate, level, term, step, tuple(accounts))
        return await change(info.context, RECORD_COHORT_STEP, command, idempotency_key, CohortRecorded.of)

    @strawberry.mutation(
        description="Publish a version of a course matrix from a table in CSV, with the columns part, "
        "course, area, task, symbol and credits; the region's officers (发布课程矩阵)",
        directives=[Route(argument="region")],
    )
    async def publish_matrix(
        self,
        info: Info,
        region: RegionCode,
        major: MajorCode,
        certificate: CertificateCode,
        relation: Annotated[Relation, strawberry.argument(description="Of the pair (书证关系)")],
        valid_from: Annotated[date, strawberry.argument(description="First day in force (生效日期)")],
        table: Annotated[str, strawberry.argument(description="The table in CSV (矩阵表格)")],
        idempotency_key: IdempotencyKey,
    ) -> MatrixResult | None:
        info.context.require_region(region)
        command = PublishMatrix(major, certificate, relation, valid_from, table)
        return await change(info.context, PUBLISH_MATRIX, command, idempotency_key, MatrixPublished.of)
