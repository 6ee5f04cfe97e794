"""Qualification frameworks in the graph: a region's levels, and its maps from other frameworks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from region_node.domain import frameworks as domain
from region_node.domain.frameworks import framework_on
from region_node.graph.arguments import AsOf, IdempotencyKey, KnownAt, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused
from region_node.service.rule_cases import (
    SET_FRAMEWORK,
    SET_FRAMEWORK_MAP,
    SetFramework,
    SetFrameworkMap,
)
from schema.directives import Route
from schema.graph import SkillLevel


@strawberry.type(description="The framework level of a skill level, where a standard states none (等级对应)")
class SkillLevelPlace:
    skill: SkillLevel = strawberry.field(description="The skill level (技能等级)")
    level: str = strawberry.field(description="Its level in the framework (资历等级)")


@strawberry.type(description="A region's own levels (资历框架)")
class QualificationFramework:
    code: str = strawberry.field(description="Its code, such as GD; 1+X where the region has none (代码)")
    version: int = strawberry.field(description="Number; 0 where the region has set none (版本)")
    levels: list[str] = strawberry.field(description="Its levels, lowest first (等级)")
    of_skill: list[SkillLevelPlace] = strawberry.field(
        description="Where skill levels stand in it (等级对应)"
    )

    @classmethod
    def of(cls, framework: domain.Framework) -> Self:
        return cls(
            code=framework.code,
            version=framework.version,
            levels=list(framework.levels),
            of_skill=[
                SkillLevelPlace(skill=skill, level=framework.of_skill[skill])
                for skill in SkillLevel
                if skill in framework.of_skill
            ],
        )


@strawberry.type(description="What one level of another framework is here (等级映射)")
class LevelMapping:
    level: str = strawberry.field(description="Level of the other framework (对方等级)")
    targets: list[str] = strawberry.field(
        description="Levels here; none is a hole, several need a person (本区域等级)"
    )


@strawberry.type(description="One version of a map from another framework to the region's own (资历框架对照)")
class FrameworkMap:
    id: strawberry.ID = strawberry.field(description="Identifier (编号)")
    version: int = strawberry.field(description="Number, counted from 1 for each framework (版本)")
    from_framework: str = strawberry.field(name="from", description="The other framework (来源框架)")
    to_framework: str = strawberry.field(name="to", description="The region's own (本区域框架)")
    valid_from: date = strawberry.field(description="First day in force (生效日期)")
    levels: list[LevelMapping] = strawberry.field(description="Level by level (等级映射)")
    hash: str = strawberry.field(description="SHA-256 of its canonical form (RFC 8785) (散列值)")

    @classmethod
    def of(cls, one: domain.FrameworkMap) -> Self:
        return cls(
            id=strawberry.ID(one.id),
            version=one.version,
            from_framework=one.from_framework,
            to_framework=one.to_framework,
            valid_from=one.valid_from,
            levels=[
                LevelMapping(level=level, targets=list(targets))
                for level, targets in sorted(one.levels.items())
            ],
            hash=one.hash,
        )


@strawberry.input(description="The framework level of a skill level (等级对应)")
class SkillLevelPlaceInput:
    skill: SkillLevel = strawberry.field(description="The skill level (技能等级)")
    level: str = strawberry.field(description="Its level in the framework (资历等级)")


@strawberry.input(description="A region's own levels (资历框架)")
class FrameworkInput:
    code: str = strawberry.field(description="Its code, such as GD (代码)")
    levels: list[str] = strawberry.field(description="Its levels, lowest first (等级)")
    valid_from: date = strawberry.field(description="First day in force (生效日期)")
    of_skill: list[SkillLevelPlaceInput] = strawberry.field(
        default_factory=list, description="Where skill levels stand in it (等级对应)"
    )


@strawberry.input(description="What one level of another framework is here (等级映射)")
class LevelMappingInput:
    level: str = strawberry.field(description="Level of the other framework (对方等级)")
    targets: list[str] = strawberry.field(
        description="Levels here; none is a hole, several need a person (本区域等级)"
    )


@strawberry.type(description="A framework was set (资历框架已发布)")
class FrameworkSet:
    framework: QualificationFramework = strawberry.field(description="The new version (资历框架)")

    @classmethod
    def of(cls, framework: domain.Framework) -> Self:
        return cls(framework=QualificationFramework.of(framework))


@strawberry.type(description="A map was set (资历框架对照已发布)")
class FrameworkMapSet:
    framework_map: FrameworkMap = strawberry.field(name="map", description="The new version (对照表)")

    @classmethod
    def of(cls, one: domain.FrameworkMap) -> Self:
        return cls(framework_map=FrameworkMap.of(one))


FrameworkResult = Annotated[
    FrameworkSet | Refused,
    strawberry.union("FrameworkResult", description="The new version, or why not (框架结果)"),
]
FrameworkMapResult = Annotated[
    FrameworkMapSet | Refused,
    strawberry.union("FrameworkMapResult", description="The new version, or why not (对照结果)"),
]


@strawberry.type
class FrameworksQuery:
    @strawberry.field(
        description="Every version of a region's maps from other frameworks (资历框架对照)",
        directives=[Route(argument="region")],
    )
    async def framework_maps(self, info: Info, region: RegionCode) -> list[FrameworkMap] | None:
        info.context.require_region(region)
        async with info.context.reading() as unit:
            return [FrameworkMap.of(one) for one in await unit.frameworks.maps()]

    @strawberry.field(
        description="The framework of a region on a day (资历框架)", directives=[Route(argument="region")]
    )
    async def framework(
        self, info: Info, region: RegionCode, as_of: AsOf = None, known_at: KnownAt = None
    ) -> QualificationFramework | None:
        info.context.require_region(region)
        return await framework_of(info.context, as_of, known_at)


@strawberry.type
class FrameworksMutation:
    @strawberry.mutation(
        description="Set the region's own framework; its officers (发布资历框架)",
        directives=[Route(argument="region")],
    )
    async def set_framework(
        self,
        info: Info,
        region: RegionCode,
        framework: Annotated[FrameworkInput, strawberry.argument(description="The framework (资历框架)")],
        idempotency_key: IdempotencyKey,
    ) -> FrameworkResult | None:
        info.context.require_region(region)
        command = SetFramework(
            code=framework.code,
            levels=tuple(framework.levels),
            of_skill={place.skill: place.level for place in framework.of_skill},
            valid_from=framework.valid_from,
        )
        return await change(info.context, SET_FRAMEWORK, command, idempotency_key, FrameworkSet.of)

    @strawberry.mutation(
        description="Set a version of the map from another framework to the region's own; "
        "its officers (发布资历框架对照)",
        directives=[Route(argument="region")],
    )
    async def set_framework_map(
        self,
        info: Info,
        region: RegionCode,
        from_: Annotated[str, strawberry.argument(name="from", description="The other framework (来源框架)")],
        levels: Annotated[
            list[LevelMappingInput], strawberry.argument(description="Level by level (等级映射)")
        ],
        valid_from: Annotated[date, strawberry.argument(description="First day in force (生效日期)")],
        idempotency_key: IdempotencyKey,
    ) -> FrameworkMapResult | None:
        info.context.require_region(region)
        mapped = {one.level: tuple(one.targets) for one in levels}
        command = SetFrameworkMap(from_, mapped, valid_from)
        return await change(info.context, SET_FRAMEWORK_MAP, command, idempotency_key, FrameworkMapSet.of)


async def framework_of(
    context: Context, as_of: date | None, known_at: datetime | None
) -> QualificationFramework:
    async with context.reading() as unit:
        versions = await unit.frameworks.versions()
    return QualificationFramework.of(framework_on(versions, *context.time(as_of, known_at)))
