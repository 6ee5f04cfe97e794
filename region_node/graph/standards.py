"""Certificate standards in the graph: registered, and retired with their holders' rights kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Self

import strawberry

from edge.errors import PublicError
from region_node.domain import review as review_domain
from region_node.domain import standards as domain
from region_node.graph.arguments import IdempotencyKey, KnownAt, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused
from region_node.service.standard_cases import (
    CONCLUDE_REVIEW,
    REGISTER_STANDARD,
    RETIRE_STANDARD,
    ConcludeReview,
    RegisterStandard,
    RetireStandard,
    yearly_review,
)
from schema.directives import Route
from schema.graph import Credits, SkillLevel

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2200


@strawberry.type(description="One version of the standard of a certificate at a level (职业技能等级标准)")
class CertificateStandard:
    certificate: strawberry.ID = strawberry.field(description="Certificate code (证书代码)")
    level: SkillLevel = strawberry.field(description="Skill level (等级)")
    version: str = strawberry.field(description="Version, such as 2020年1.0版 (标准版本)")
    organisation: str = strawberry.field(description="Who develops it and examines (培训评价组织)")
    credits: Credits = strawberry.field(description="Credits of its certificate (学分)")
    core_credits: Credits = strawberry.field(description="Fixed by the standard (核心学分)")
    flexible_credits: Credits = strawberry.field(description="Tailored by a college or region (柔性学分)")
    active_from: date = strawberry.field(description="First day on which it issues (启用日期)")
    retired_from: date | None = strawberry.field(
        description="First day on which it no longer issues; holders keep their rights (退出日期)"
    )
    framework_level: str | None = strawberry.field(
        description="Level in the region's framework; null where the skill level decides (资历等级)"
    )
    hash: str = strawberry.field(description="SHA-256 of its canonical form (RFC 8785) (散列值)")

    @classmethod
    def of(cls, standard: domain.CertificateStandard) -> Self:
        return cls(
            certificate=strawberry.ID(standard.certificate),
            level=standard.level,
            version=standard.version,
            organisation=standard.organisation,
            credits=Credits(standard.credits),
            core_credits=Credits(standard.core),
            flexible_credits=Credits(standard.flexible),
            active_from=standard.active_from,
            retired_from=standard.retired_from,
            framework_level=standard.framework_level,
            hash=standard.hash,
        )


@strawberry.input(description="A standard to register (登记标准)")
class RegisterStandardInput:
    certificate: strawberry.ID = strawberry.field(description="Certificate code (证书代码)")
    level: SkillLevel = strawberry.field(description="Skill level (等级)")
    version: str = strawberry.field(description="Version, such as 2020年1.0版 (标准版本)")
    credits: Credits = strawberry.field(description='Credits of its certificate, such as "8.0" (学分)')
    active_from: date = strawberry.field(description="First day on which it issues (启用日期)")
    core_credits: Credits | None = strawberry.field(
        default=None, description="Fixed by the standard; the policy's share when absent (核心学分)"
    )
    organisation: str | None = strawberry.field(
        default=None, description="Who develops it; the catalogue's when absent (培训评价组织)"
    )
    framework_level: str | None = strawberry.field(
        default=None, description="Level in the region's framework (资历等级)"
    )


@strawberry.type(description="A standard was registered or retired (标准已变更)")
class StandardChanged:
    standard: CertificateStandard = strawberry.field(description="The standard after the change (标准)")

    @classmethod
    def of(cls, standard: domain.CertificateStandard) -> Self:
        return cls(standard=CertificateStandard.of(standard))


StandardResult = Annotated[
    StandardChanged | Refused,
    strawberry.union("StandardResult", description="The standard after the change, or why not (标准结果)"),
]


@strawberry.type
class StandardsQuery:
    @strawberry.field(
        description="The standards this region has registered (职业技能等级标准)",
        directives=[Route(argument="region")],
    )
    async def standards(
        self,
        info: Info,
        region: RegionCode,
        certificate: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this certificate (证书代码)")
        ] = None,
        known_at: KnownAt = None,
    ) -> list[CertificateStandard] | None:
        info.context.require_region(region)
        return await standards_of(info.context, certificate, known_at)


@strawberry.type(description="One standard in the yearly review (年度审核)")
class ReviewedStandard:
    standard: CertificateStandard = strawberry.field(description="The standard (标准)")
    issued: int = strawberry.field(
        description="Certificates issued by it in the year that stand verified (颁发数)"
    )
    retires: bool = strawberry.field(
        description="Whether it is in the bottom tenth, to be retired (是否列入退出)"
    )

    @classmethod
    def of(cls, reviewed: review_domain.Reviewed) -> Self:
        return cls(
            standard=CertificateStandard.of(reviewed.standard),
            issued=reviewed.issued,
            retires=reviewed.retires,
        )


@strawberry.type
class ReviewQuery:
    @strawberry.field(
        description="The standards active at a year's end, fewest issues first, the bottom tenth marked; "
        "once the review is concluded, as it was then, and marked is what it retired (年度审核)",
        directives=[Route(argument="region")],
    )
    async def yearly_review(
        self,
        info: Info,
        region: RegionCode,
        year: Annotated[int, strawberry.argument(description="The year, 2000 to 2200 (年度)")],
    ) -> list[ReviewedStandard] | None:
        info.context.require_region(region)
        _require_year(year)
        async with info.context.reading() as unit:
            ranking = await yearly_review(unit, year)
        return [ReviewedStandard.of(one) for one in ranking]


@strawberry.type(description="A year's review was concluded (年度审核已完成)")
class ReviewConcluded:
    year: int = strawberry.field(description="The year (年度)")
    retired_from: date = strawberry.field(description="First day without new issues (退出日期)")
    standards: list[ReviewedStandard] = strawberry.field(
        description="Its ranking, fewest issues first; marked is what it retired (审核结果)"
    )

    @classmethod
    def of(cls, conclusion: review_domain.Conclusion) -> Self:
        return cls(
            year=conclusion.year,
            retired_from=conclusion.retired_from,
            standards=[ReviewedStandard.of(one) for one in conclusion.ranking],
        )


ReviewResult = Annotated[
    ReviewConcluded | Refused,
    strawberry.union("ReviewResult", description="The review as concluded, or why not (年度审核结果)"),
]


@strawberry.type
class StandardsMutation:
    @strawberry.mutation(
        description="Register a version of a standard; the region's officers (登记标准)",
        directives=[Route(argument="region")],
    )
    async def register_standard(
        self,
        info: Info,
        region: RegionCode,
        standard: Annotated[RegisterStandardInput, strawberry.argument(description="The standard (标准)")],
        idempotency_key: IdempotencyKey,
    ) -> StandardResult | None:
        info.context.require_region(region)
        command = RegisterStandard(
            certificate=standard.certificate,
            level=standard.level,
            version=standard.version,
            credits=standard.credits,
            active_from=standard.active_from,
            core=standard.core_credits,
            organisation=standard.organisation,
            framework_level=standard.framework_level,
        )
        return await change(info.context, REGISTER_STANDARD, command, idempotency_key, StandardChanged.of)

    @strawberry.mutation(
        description="Stop new issues by a standard from a day; holders keep their rights; "
        "the region's officers (标准退出)",
        directives=[Route(argument="region")],
    )
    async def retire_standard(
        self,
        info: Info,
        region: RegionCode,
        certificate: Annotated[strawberry.ID, strawberry.argument(description="Certificate code (证书代码)")],
        level: Annotated[SkillLevel, strawberry.argument(description="Skill level (等级)")],
        version: Annotated[str, strawberry.argument(description="Version of the standard (标准版本)")],
        from_: Annotated[
            date,
            strawberry.argument(name="from", description="First day without new issues (退出日期)"),
        ],
        idempotency_key: IdempotencyKey,
    ) -> StandardResult | None:
        info.context.require_region(region)
        command = RetireStandard(certificate, level, version, from_)
        return await change(info.context, RETIRE_STANDARD, command, idempotency_key, StandardChanged.of)

    @strawberry.mutation(
        description="Conclude a year's review, once: what it marks issues nothing from a day on, holders "
        "keep their rights; the region's officers (完成年度审核)",
        directives=[Route(argument="region")],
    )
    async def conclude_review(
        self,
        info: Info,
        region: RegionCode,
        year: Annotated[int, strawberry.argument(description="The year, 2000 to 2200 (年度)")],
        from_: Annotated[
            date,
            strawberry.argument(
                name="from", description="First day without new issues, after today (退出日期)"
            ),
        ],
        idempotency_key: IdempotencyKey,
    ) -> ReviewResult | None:
        info.context.require_region(region)
        _require_year(year)
        command = ConcludeReview(year, from_)
        return await change(info.context, CONCLUDE_REVIEW, command, idempotency_key, ReviewConcluded.of)


def _require_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PublicError("YEAR_INVALID", found=year)


async def standards_of(
    context: Context, certificate: str | None, known_at: datetime | None
) -> list[CertificateStandard]:
    async with context.reading() as unit:
        found = await unit.standards.all(certificate)
    return [CertificateStandard.of(standard) for standard in domain.known_standards(found, known_at)]
