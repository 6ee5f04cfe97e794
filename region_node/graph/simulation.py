"""What a draft agreement would have changed, for those who are to sign it (协议模拟)."""

from __future__ import annotations

from typing import Annotated, Self

import strawberry

from edge.errors import PublicError
from region_node.domain import simulation as domain
from region_node.domain.account import LearnerGroup
from region_node.domain.refusal import Refusal
from region_node.graph.agreements import AgreementTermsInput
from region_node.graph.arguments import RegionCode
from region_node.graph.context import Info
from region_node.graph.recognition import AssessmentInput, check_inputs
from region_node.service.simulations import simulate_agreement
from schema.directives import Route
from schema.graph import Credits, Decision


@strawberry.type(description="What one rule gave one group of learners, before and by the draft (模拟明细)")
class SimulatedLine:
    group: LearnerGroup | None = strawberry.field(
        description="The learners' group here; null without a learner or an account here (群体)"
    )
    rule: str = strawberry.field(description="The conversion rule (转换规则)")
    course: str = strawberry.field(description="Name of its course (课程)")
    requests: int = strawberry.field(description="Requests that it gave credits to (请求数)")
    before: Credits = strawberry.field(description="Credits under the agreements of the day (原认可学分)")
    after: Credits = strawberry.field(description="Credits under the draft (模拟认可学分)")
    gained: Credits = strawberry.field(description="Sum of what requests gain (增加学分)")
    lost: Credits = strawberry.field(description="Sum of what requests lose (减少学分)")

    @classmethod
    def of(cls, line: domain.Line) -> Self:
        return cls(
            group=line.group,
            rule=line.rule,
            course=line.course,
            requests=line.requests,
            before=Credits(line.before),
            after=Credits(line.after),
            gained=Credits(line.gained),
            lost=Credits(line.lost),
        )


@strawberry.type(description="How many requests were decided so before, and so under the draft (结论变化)")
class SimulatedDecisions:
    before: Decision = strawberry.field(description="Under the agreements of the day (原结论)")
    after: Decision = strawberry.field(description="Under the draft (模拟结论)")
    requests: int = strawberry.field(description="Requests (请求数)")


@strawberry.type(description="What a draft agreement would have changed in past requests (协议模拟结果)")
class AgreementSimulation:
    requests: int = strawberry.field(description="Requests replayed (请求数)")
    decisions: list[SimulatedDecisions] = strawberry.field(description="How decisions change (结论变化)")
    lines: list[SimulatedLine] = strawberry.field(
        description="Credits gained and lost, by learner group and rule (按群体和规则的学分增减)"
    )

    @classmethod
    def of(cls, made: domain.Simulation) -> Self:
        return cls(
            requests=made.requests,
            decisions=[
                SimulatedDecisions(before=before, after=after, requests=count)
                for (before, after), count in made.decisions.items()
            ],
            lines=[SimulatedLine.of(line) for line in made.lines],
        )


@strawberry.type
class SimulationQuery:
    @strawberry.field(
        description="Replay past requests as if both sides had signed a draft agreement and it had been in "
        "force: what each learner group and rule gains and loses; at most 500 requests, each as "
        "`assessments` was asked it, with knownAt the instant of asking; the region's officers and auditors "
        "(协议模拟)",
        directives=[Route(argument="region")],
    )
    async def simulate_agreement(
        self,
        info: Info,
        region: RegionCode,
        terms: Annotated[AgreementTermsInput, strawberry.argument(description="The draft (协议草案)")],
        requests: Annotated[
            list[AssessmentInput], strawberry.argument(description="Past requests (历史认定请求)")
        ],
    ) -> AgreementSimulation | None:
        context = info.context
        check_inputs(context, region, len(requests))
        context.require(context.caller.may_read_region(region))
        asked = [one.read(region, context.moment.day) for one in requests]
        async with context.reading() as unit:
            made = await simulate_agreement(
                context.bank, unit, context.caller, context.moment, terms.terms(region), asked
            )
        if isinstance(made, Refusal):
            raise PublicError(made.code.value, **made.facts)
        return AgreementSimulation.of(made)
