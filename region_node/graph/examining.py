"""Examiners and exam sites in the graph: for a region's officers and auditors, since examiners are people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from edge.errors import PublicError
from region_node.domain import examining as domain
from region_node.domain.examining import ExamParty
from region_node.graph.arguments import AsOf, IdempotencyKey, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Info
from region_node.graph.mutations import Reason
from region_node.graph.refusals import Refused
from region_node.service.examining_cases import (
    END_EXAM_PARTY,
    REGISTER_EXAM_PARTY,
    EndExamParty,
    RegisterExamParty,
)
from region_node.service.standard_cases import find_organisation, organisations
from schema.codes import RefusalCode
from schema.directives import Route
from schema.graph import describe_enum

describe_enum(
    ExamParty,
    "What an organisation examines with (考试主体)",
    {
        "EXAMINER": "An examiner, who holds ADVANCED (考官)",
        "SITE": "An exam site (考点)",
    },
)


@strawberry.type(
    description="An examiner or exam site of an organisation, registered by the day (考官、考点登记)"
)
class ExamRegistration:
    organisation: strawberry.ID = strawberry.field(description="The organisation's code (培训评价组织)")
    party: ExamParty = strawberry.field(description="Examiner or site (主体类型)")
    code: strawberry.ID = strawberry.field(description="What the organisation calls it (编号)")
    name: str = strawberry.field(description="Name of a site; examiners have none here (名称)")
    first_day: date = strawberry.field(description="First day of the registration (登记日期)")
    ended_on: date | None = strawberry.field(
        description="First day without it; null while it holds (终止日期)"
    )
    vetoed: bool = strawberry.field(
        description="It ended by a veto: a person judges exams in the review window before (是否被否决)"
    )
    recorded_at: datetime = strawberry.field(description="When the bank recorded it (记录时间)")

    @classmethod
    def of(cls, registration: domain.Registration) -> Self:
        return cls(
            organisation=strawberry.ID(registration.organisation),
            party=registration.party,
            code=strawberry.ID(registration.code),
            name=registration.name,
            first_day=registration.first_day,
            ended_on=registration.ended_on,
            vetoed=registration.vetoed,
            recorded_at=registration.recorded_at,
        )


@strawberry.type(
    description="An examiner or exam site was registered, or its registration ended (登记已变更)"
)
class ExamRegistrationChanged:
    registration: ExamRegistration = strawberry.field(description="The registration after it (登记)")

    @classmethod
    def of(cls, registration: domain.Registration) -> Self:
        return cls(registration=ExamRegistration.of(registration))


ExamRegistrationResult = Annotated[
    ExamRegistrationChanged | Refused,
    strawberry.union("ExamRegistrationResult", description="The registration, or why not (登记结果)"),
]
Organisation = Annotated[
    strawberry.ID, strawberry.argument(description="The organisation's code, or its name (代码或名称)")
]
Party = Annotated[ExamParty, strawberry.argument(description="Examiner or site (主体类型)")]
Code = Annotated[strawberry.ID, strawberry.argument(description="What the organisation calls it (编号)")]


@strawberry.type
class ExaminingQuery:
    @strawberry.field(
        description="Examiners and exam sites of an organisation, of one day those registered then; the "
        "region's officers and auditors (考官、考点名册)",
        directives=[Route(argument="region")],
    )
    async def exam_registrations(
        self,
        info: Info,
        region: RegionCode,
        organisation: Organisation,
        party: Annotated[
            ExamParty | None, strawberry.argument(description="Only examiners, or only sites (主体类型)")
        ] = None,
        as_of: AsOf = None,
    ) -> list[ExamRegistration] | None:
        context = info.context
        context.require_region(region)
        context.require(context.caller.may_read_region(region))
        async with context.reading() as unit:
            known = organisations(context.bank.catalogue, await unit.standards.organisations())
            found = find_organisation(known, organisation)
            if found is None:
                raise PublicError(RefusalCode.UNKNOWN_ORGANISATION.value, id=organisation)
            registered = await unit.exam_register.of(found.code, party)
        return [ExamRegistration.of(one) for one in registered if as_of is None or one.holds_on(as_of)]


@strawberry.type
class ExaminingMutation:
    @strawberry.mutation(
        description="Register an examiner, who holds ADVANCED, or an exam site of an organisation from a "
        "day; the region's officers (登记考官或考点)",
        directives=[Route(argument="region")],
    )
    async def register_exam_party(
        self,
        info: Info,
        region: RegionCode,
        organisation: Organisation,
        party: Party,
        code: Code,
        from_: Annotated[date, strawberry.argument(name="from", description="First day (登记日期)")],
        idempotency_key: IdempotencyKey,
        name: Annotated[str, strawberry.argument(description="Name of a site (考点名称)")] = "",
    ) -> ExamRegistrationResult | None:
        info.context.require_region(region)
        command = RegisterExamParty(organisation, party, code, from_, name)
        return await change(
            info.context, REGISTER_EXAM_PARTY, command, idempotency_key, ExamRegistrationChanged.of
        )

    @strawberry.mutation(
        description="End a registration from a day, by withdrawal or by a veto; the region's officers "
        "(终止考官或考点登记)",
        directives=[Route(argument="region")],
    )
    async def end_exam_party(
        self,
        info: Info,
        region: RegionCode,
        organisation: Organisation,
        party: Party,
        code: Code,
        from_: Annotated[
            date, strawberry.argument(name="from", description="First day without it (终止日期)")
        ],
        reason: Reason,
        idempotency_key: IdempotencyKey,
        veto: Annotated[
            bool,
            strawberry.argument(
                description="It is a veto: exams in the review window before are referred (是否否决)"
            ),
        ] = False,
    ) -> ExamRegistrationResult | None:
        info.context.require_region(region)
        command = EndExamParty(organisation, party, code, from_, veto, reason)
        return await change(
            info.context, END_EXAM_PARTY, command, idempotency_key, ExamRegistrationChanged.of
        )
