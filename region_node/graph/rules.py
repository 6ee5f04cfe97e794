"""Conversion rules in the graph: what was published, and publishing a new set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Self

import strawberry

from catalogue.entries import CourseKind
from region_node.domain import rules as domain
from region_node.domain.moment import is_known
from region_node.domain.refusal import Refusal
from region_node.domain.rule_checks import DraftRule
from region_node.domain.rules import RuleDirection
from region_node.graph import published_batches as batches
from region_node.graph.arguments import AsOf, IdempotencyKey, KnownAt, RegionCode
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused, refused
from region_node.service.rule_cases import PUBLISH_RULES, PublishRules
from schema.directives import Route
from schema.graph import Credits, SkillLevel, describe_enum

describe_enum(
    RuleDirection,
    "Which way a conversion rule works (转换方向)",
    {
        "EXEMPTION": "The certificate replaces the course (书证换课程)",
        "AWARD": "The course counts towards the certificate (课程换书证)",
    },
)


@strawberry.type(description="One line of a rule set: a certificate at a level and a course (转换规则)")
class ConversionRule:
    id: strawberry.ID = strawberry.field(description="Identifier within its set (规则编号)")
    direction: RuleDirection = strawberry.field(description="Which way it works (转换方向)")
    certificate: strawberry.ID = strawberry.field(description="Certificate code (证书代码)")
    level: SkillLevel = strawberry.field(description="Skill level of the certificate (等级)")
    major: strawberry.ID = strawberry.field(description="Major of the course (专业代码)")
    course: strawberry.ID = strawberry.field(description="The course in the catalogue (课程编号)")
    course_name: str = strawberry.field(description="Name of the course (课程名称)")
    course_kind: CourseKind = strawberry.field(description="What part of the major it is (课程类别)")
    credits: Credits = strawberry.field(description="Credits it stands for (学分)")
    covers_flexible: bool = strawberry.field(
        description="Whether it takes flexible credits that the agreement does not cover (是否覆盖柔性学分)"
    )

    @classmethod
    def of(cls, rule: domain.ConversionRule) -> Self:
        return cls(
            id=strawberry.ID(rule.id),
            direction=rule.direction,
            certificate=strawberry.ID(rule.certificate),
            level=rule.level,
            major=strawberry.ID(rule.major),
            course=strawberry.ID(rule.course),
            course_name=rule.course_name,
            course_kind=rule.course_kind,
            credits=Credits(rule.credits),
            covers_flexible=rule.covers_flexible,
        )


@strawberry.type(description="One published version of a region's conversion rules (规则集)")
class RuleSet:
    id: strawberry.ID = strawberry.field(description="Identifier (规则集编号)")
    version: int = strawberry.field(description="Number, counted from 1 (版本)")
    published_at: datetime = strawberry.field(description="When it was published (发布时间)")
    valid_from: date = strawberry.field(description="First day in force (生效日期)")
    valid_to: date | None = strawberry.field(
        description="Last day in force, before a newer set; null where none is published (失效日期)"
    )
    votes: int = strawberry.field(description="Votes of the committee for it (委员会票数)")
    hash: str = strawberry.field(description="SHA-256 of its canonical form (RFC 8785) (散列值)")
    rules: list[ConversionRule] = strawberry.field(
        description="Its rules, in the order in which courses take credits (规则)"
    )


@strawberry.input(description="One rule, as its author writes it (转换规则)")
class ConversionRuleInput:
    certificate: strawberry.ID = strawberry.field(description="Certificate code (证书代码)")
    level: SkillLevel = strawberry.field(description="Skill level of the certificate (等级)")
    major: strawberry.ID = strawberry.field(description="Major of the course (专业代码)")
    course: str = strawberry.field(description="Name of the course as the major lists it (课程名称)")
    credits: Credits = strawberry.field(description='Credits it stands for, such as "4.0" (学分)')
    direction: RuleDirection = strawberry.field(
        default=RuleDirection.EXEMPTION, description="Which way it works (转换方向)"
    )
    kind: CourseKind | None = strawberry.field(
        default=None, description="Part of the major, where the profile does not say (课程类别)"
    )
    covers_flexible: bool = strawberry.field(
        default=False, description="Whether it takes flexible credits in any case (是否覆盖柔性学分)"
    )

    def draft(self) -> DraftRule:
        return DraftRule(
            direction=self.direction,
            certificate=self.certificate,
            level=self.level,
            major=self.major,
            course=self.course,
            credits=self.credits,
            kind=self.kind,
            covers_flexible=self.covers_flexible,
        )


@strawberry.type(description="A rule set was published (规则集已发布)")
class RulesPublished:
    rule_set: RuleSet = strawberry.field(description="The new set (规则集)")


RulesResult = Annotated[
    RulesPublished | Refused,
    strawberry.union("RulesResult", description="The new set, or why not (规则发布结果)"),
]

OnlyCertificate = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only rules for this certificate (证书代码)")
]
OnlyMajor = Annotated[
    strawberry.ID | None, strawberry.argument(description="Only rules for this major (专业代码)")
]


@strawberry.type
class RulesQuery:
    @strawberry.field(
        description="A region's rule sets, newest first; of one day the one in force then (规则集)",
        directives=[Route(argument="region")],
    )
    async def rule_sets(
        self,
        info: Info,
        region: RegionCode,
        certificate: OnlyCertificate = None,
        major: OnlyMajor = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> list[RuleSet] | None:
        info.context.require_region(region)
        return await rule_sets_of(info.context, certificate, major, as_of, known_at)


@strawberry.type
class RulesMutation:
    @strawberry.mutation(
        description="Publish a whole set of rules, in force until the next; refused with the rules at fault "
        "where credits could mint themselves; the region's officers (发布规则集)",
        directives=[Route(argument="region")],
    )
    async def publish_rules(
        self,
        info: Info,
        region: RegionCode,
        rules: Annotated[list[ConversionRuleInput], strawberry.argument(description="All rules (规则)")],
        valid_from: Annotated[date, strawberry.argument(description="First day in force (生效日期)")],
        idempotency_key: IdempotencyKey,
        votes: Annotated[int, strawberry.argument(description="Votes of the committee (委员会票数)")] = 0,
    ) -> RulesResult | None:
        context = info.context
        context.require_region(region)
        if not context.caller.acts_for_region(region):
            return refused(context.not_permitted(), context.locale)
        command = PublishRules(tuple(rule.draft() for rule in rules), valid_from, votes)
        answer = await context.perform(PUBLISH_RULES, command, idempotency_key)
        if isinstance(answer, Refusal):
            return refused(answer, context.locale)
        published = await context.load(batches.rule_sets, answer.rule_set_id)
        assert published is not None  # noqa: S101 - what was published stays
        return RulesPublished(rule_set=_shown(published, None, published.rules))


async def rule_sets_of(
    context: Context,
    certificate: str | None,
    major: str | None,
    as_of: date | None,
    known_at: datetime | None,
) -> list[RuleSet]:
    """Return the region's sets with the rules asked for, as known at `known_at`.

    `as_of` chooses the one in force that day.
    """
    async with context.reading() as unit:
        newest_first = [one for one in await unit.rules.all() if is_known(one.published_at, known_at)]
        chosen = None if as_of is None else (await unit.rules.at([(as_of, known_at)])).get((as_of, known_at))
    ends = _ends(newest_first)
    return [
        _shown(
            one,
            ends[one.id],
            tuple(
                rule
                for rule in one.rules
                if certificate in (None, rule.certificate) and major in (None, rule.major)
            ),
        )
        for one in newest_first
        if as_of is None or one is chosen
    ]


def _ends(newest_first: Sequence[domain.RuleSet]) -> dict[str, date | None]:
    """Return each set's last day: the day before the next one's first. A set replaced on its first
    day was never in force, and ends before it begins.
    """
    ends: dict[str, date | None] = {}
    following: date | None = None
    for one in newest_first:
        ends[one.id] = None if following is None else following - timedelta(days=1)
        following = one.valid_from
    return ends


def _shown(
    rule_set: domain.RuleSet, valid_to: date | None, rules: tuple[domain.ConversionRule, ...]
) -> RuleSet:
    return RuleSet(
        id=strawberry.ID(rule_set.id),
        version=rule_set.version,
        published_at=rule_set.published_at,
        valid_from=rule_set.valid_from,
        valid_to=valid_to,
        votes=rule_set.votes,
        hash=rule_set.hash,
        rules=[ConversionRule.of(rule) for rule in rules],
    )
