"""Evaluation organisations in the graph, as this region sees them, and the veto."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

import strawberry

from region_node.domain import organisations as domain
from region_node.graph.arguments import IdempotencyKey, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Context, Info
from region_node.graph.refusals import Refused
from region_node.service.standard_cases import VETO_ORGANISATION, VetoOrganisation, organisations
from schema.directives import Route


@strawberry.type(description="An enterprise that develops X standards and examines (培训评价组织)")
class EvaluationOrganisation:
    code: strawberry.ID = strawberry.field(description="Derived from its name, the same everywhere (代码)")
    name: str = strawberry.field(description="Its name (名称)")
    vetoed_on: date | None = strawberry.field(
        description="Day of its veto here: exams from then on are refused (一票否决日期)"
    )

    @classmethod
    def of(cls, organisation: domain.EvaluationOrganisation) -> Self:
        return cls(
            code=strawberry.ID(organisation.code), name=organisation.name, vetoed_on=organisation.vetoed_on
        )


@strawberry.type(description="An organisation was vetoed (已一票否决)")
class OrganisationVetoed:
    organisation: EvaluationOrganisation = strawberry.field(description="The organisation (培训评价组织)")

    @classmethod
    def of(cls, organisation: domain.EvaluationOrganisation) -> Self:
        return cls(organisation=EvaluationOrganisation.of(organisation))


OrganisationResult = Annotated[
    OrganisationVetoed | Refused,
    strawberry.union("OrganisationResult", description="The organisation, or why not (否决结果)"),
]


@strawberry.type
class OrganisationsQuery:
    @strawberry.field(
        description="The evaluation organisations of the catalogue and of this region (培训评价组织)",
        directives=[Route(argument="region")],
    )
    async def organisations(self, info: Info, region: RegionCode) -> list[EvaluationOrganisation] | None:
        info.context.require_region(region)
        return await organisations_of(info.context)


@strawberry.type
class OrganisationsMutation:
    @strawberry.mutation(
        description="Veto an organisation from a day: one veto outweighs all approvals; "
        "the region's officers (一票否决)",
        directives=[Route(argument="region")],
    )
    async def veto_organisation(
        self,
        info: Info,
        region: RegionCode,
        organisation: Annotated[
            strawberry.ID, strawberry.argument(description="Its code, or its name (代码或名称)")
        ],
        from_: Annotated[
            date,
            strawberry.argument(name="from", description="First day whose exams are refused (否决日期)"),
        ],
        idempotency_key: IdempotencyKey,
        reason: Annotated[str, strawberry.argument(description="Why, for the record (原因)")] = "",
    ) -> OrganisationResult | None:
        info.context.require_region(region)
        command = VetoOrganisation(organisation, from_, reason)
        return await change(info.context, VETO_ORGANISATION, command, idempotency_key, OrganisationVetoed.of)


async def organisations_of(context: Context) -> list[EvaluationOrganisation]:
    async with context.reading() as unit:
        kept = await unit.standards.organisations()
    return [EvaluationOrganisation.of(one) for one in organisations(context.bank.catalogue, kept)]
