"""A region's policy in the graph: dated versions of what DOMAIN.md leaves to the region."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from catalogue.entries import CourseKind
from region_node.domain import policy as domain
from region_node.domain.policy import BASIC_CORE_BOTH, policy_on
from region_node.graph.arguments import AsOf, IdempotencyKey, KnownAt, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused
from region_node.service.rule_cases import SET_POLICY, SetPolicy
from schema.directives import Route
from schema.graph import Credits, SkillLevel


@strawberry.type(description="Which kinds of course a skill level replaces (等级可替代的课程类别)")
class LevelOpening:
    level: SkillLevel = strawberry.field(description="The skill level (等级)")
    opens: list[CourseKind] = strawberry.field(description="Kinds of course it replaces (课程类别)")


@strawberry.input(description="Which kinds of course a skill level replaces (等级可替代的课程类别)")
class LevelOpeningInput:
    level: SkillLevel = strawberry.field(description="The skill level (等级)")
    opens: list[CourseKind] = strawberry.field(description="Kinds of course it replaces (课程类别)")


@strawberry.type(description="One version of what a region sets for itself (政策)")
class Policy:
    version: int = strawberry.field(description="Number; 0 where the region has set none (版本)")
    valid_from: date | None = strawberry.field(
        description="First day in force; null for version 0 (生效日期)"
    )
    ceiling_credits: Credits = strawberry.field(description="Most that one certificate carries (学分上限)")
    flexible_percent: int = strawberry.field(
        description="Flexible share of a certificate's credits (柔性学分比例)"
    )
    yearly_ceiling: Credits | None = strawberry.field(
        description="Most that one learner has recognised in a calendar year; null: no bound (年度上限)"
    )
    review_window_days: int = strawberry.field(
        description="Days before a veto whose exams a person must decide (复核期天数)"
    )
    bar_days: int = strawberry.field(
        description="Days after a fraud case without new submissions (禁止提交天数)"
    )
    committee_votes: int = strawberry.field(description="Votes that a rule set needs (委员会票数)")
    validity_years: int | None = strawberry.field(
        description="Years from the day of issue for which credits deposited now stay; null: for good "
        "(学分有效年限)"
    )
    level_opens: list[LevelOpening] = strawberry.field(
        description="Kinds of course each level replaces (等级可替代的课程类别)"
    )
    hash: str = strawberry.field(description="SHA-256 of its canonical form (RFC 8785) (散列值)")

    @classmethod
    def of(cls, policy: domain.Policy) -> Self:
        return cls(
            version=policy.version,
            valid_from=policy.valid_from if policy.version else None,
            ceiling_credits=Credits(policy.ceiling),
            flexible_percent=policy.flexible_percent,
            yearly_ceiling=None if policy.yearly_ceiling is None else Credits(policy.yearly_ceiling),
            review_window_days=policy.review_window_days,
            bar_days=policy.bar_days,
            committee_votes=policy.committee_votes,
            validity_years=policy.validity_years,
            level_opens=[
                LevelOpening(level=level, opens=list(policy.level_opens.get(level, ())))
                for level in SkillLevel
            ],
            hash=policy.hash,
        )


@strawberry.input(description="A version of the policy to set; what is absent is as in the sources (政策)")
class PolicyInput:
    valid_from: date = strawberry.field(description="First day in force (生效日期)")
    ceiling_credits: Credits = strawberry.field(
        default=Credits(80), description="Most that one certificate carries (学分上限)"
    )
    flexible_percent: int = strawberry.field(
        default=30, description="Flexible share of a certificate's credits (柔性学分比例)"
    )
    yearly_ceiling: Credits | None = strawberry.field(
        default=None,
        description="Most that one learner has recognised in a year; no bound when absent (年度上限)",
    )
    review_window_days: int = strawberry.field(
        default=30, description="Days before a veto whose exams a person must decide (复核期天数)"
    )
    bar_days: int = strawberry.field(
        default=365, description="Days after a fraud case without new submissions (禁止提交天数)"
    )
    committee_votes: int = strawberry.field(default=0, description="Votes that a rule set needs (委员会票数)")
    validity_years: int | None = strawberry.field(
        default=None,
        description="Years from the day of issue for which credits stay; for good when absent (学分有效年限)",
    )
    level_opens: list[LevelOpeningInput] | None = strawberry.field(
        default=None,
        description="Kinds of course each level replaces; absent: ELEMENTARY basic, INTERMEDIATE core, "
        "ADVANCED both (等级可替代的课程类别)",
    )

    def policy(self) -> domain.Policy:
        openings = self.level_opens
        return domain.Policy(
            version=0,
            valid_from=self.valid_from,
            ceiling=self.ceiling_credits,
            flexible_percent=self.flexible_percent,
            yearly_ceiling=self.yearly_ceiling,
            review_window_days=self.review_window_days,
            bar_days=self.bar_days,
            committee_votes=self.committee_votes,
            validity_years=self.validity_years,
            level_opens=dict(BASIC_CORE_BOTH)
            if openings is None
            else {opening.level: tuple(opening.opens) for opening in openings},
        )


@strawberry.type(description="A version of the policy was set (政策已发布)")
class PolicySet:
    policy: Policy = strawberry.field(description="The new version (政策)")

    @classmethod
    def of(cls, policy: domain.Policy) -> Self:
        return cls(policy=Policy.of(policy))


PolicyResult = Annotated[
    PolicySet | Refused,
    strawberry.union("PolicyResult", description="The new version, or why not (政策结果)"),
]


@strawberry.type
class PolicyQuery:
    @strawberry.field(
        description="The policy in force in a region on a day (政策)", directives=[Route(argument="region")]
    )
    async def policy(
        self, info: Info, region: RegionCode, as_of: AsOf = None, known_at: KnownAt = None
    ) -> Policy | None:
        info.context.require_region(region)
        return await policy_of(info.context, as_of, known_at)


@strawberry.type
class PolicyMutation:
    @strawberry.mutation(
        description="Set a new version of the policy; the region's officers (发布政策)",
        directives=[Route(argument="region")],
    )
    async def set_policy(
        self,
        info: Info,
        region: RegionCode,
        policy: Annotated[PolicyInput, strawberry.argument(description="The version (政策)")],
        idempotency_key: IdempotencyKey,
    ) -> PolicyResult | None:
        info.context.require_region(region)
        command = SetPolicy(policy.policy())
        return await change(info.context, SET_POLICY, command, idempotency_key, PolicySet.of)


async def policy_of(context: Context, as_of: date | None, known_at: datetime | None) -> Policy:
    async with context.reading() as unit:
        versions = await unit.policies.versions()
    return Policy.of(policy_on(versions, *context.time(as_of, known_at)))
