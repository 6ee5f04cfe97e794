"""Certificates earned by courses, and the decision of fraud cases; officers alone."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from region_node.domain.case import CaseClosed, CaseFinding
from region_node.domain.examining import Examination
from region_node.graph.account import Account
from region_node.graph.arguments import IdempotencyKey, Identifier
from region_node.graph.change import change
from region_node.graph.context import Info
from region_node.graph.ledger import FraudCase
from region_node.graph.mutations import OutcomeResult, Reason, outcome_changed
from region_node.graph.refusals import Refused
from region_node.service.account_cases import CLOSE_CASE, CloseCase
from region_node.service.award_cases import AWARD_CERTIFICATE, AwardCertificate
from schema.directives import Route
from schema.graph import SkillLevel


@strawberry.input(description="What earns a certificate: courses of one major, and two exams (书证授予信息)")
class AwardCertificateInput:
    certificate: strawberry.ID = strawberry.field(description="Certificate code (证书代码)")
    level: SkillLevel = strawberry.field(description="The level to be awarded (等级)")
    major: strawberry.ID = strawberry.field(description="Major of the courses (专业代码)")
    courses: list[strawberry.ID] = strawberry.field(
        description="Verified course outcomes of the account, in the order in which they are used (课程成果)"
    )
    theory_passed_on: date | None = strawberry.field(
        default=None, description="Day of the theory exam, where it was passed (理论考试通过日期)"
    )
    practical_passed_on: date | None = strawberry.field(
        default=None, description="Day of the practical exam, where it was passed (实操考试通过日期)"
    )
    examiner_level: SkillLevel | None = strawberry.field(
        default=None, description="The level that the examiner held (考官等级)"
    )
    examiner: str | None = strawberry.field(
        default=None, description="Code of who examined last, as registered (考官编号)"
    )
    site: str | None = strawberry.field(
        default=None, description="Code of the exam site, as registered (考点编号)"
    )
    judged: bool = strawberry.field(
        default=False,
        description="A person has judged an exam in the review window before a veto (是否已裁定)",
    )


@strawberry.type(name="CaseClosed", description="A fraud case was decided (案件已结)")
class CaseWasClosed:
    case: FraudCase = strawberry.field(description="The case as decided (案件)")
    account: Account = strawberry.field(description="The account after it (账户)")


CaseResult = Annotated[
    CaseWasClosed | Refused,
    strawberry.union("CaseResult", description="The case as decided, or why not (结案结果)"),
]


@strawberry.type
class AwardMutation:
    @strawberry.mutation(
        description="Award a certificate for courses and passed exams, by the rules in force: the courses "
        "are used, no credit is made; the region's officers (课程换书证)",
        directives=[Route(argument="account")],
    )
    async def award_certificate(
        self,
        info: Info,
        account: Annotated[strawberry.ID, strawberry.argument(description="To which account (账户)")],
        input: Annotated[AwardCertificateInput, strawberry.argument(description="What earns it (授予信息)")],
        idempotency_key: IdempotencyKey,
    ) -> OutcomeResult | None:
        command = AwardCertificate(
            account,
            input.certificate,
            input.level,
            input.major,
            tuple(input.courses),
            input.theory_passed_on,
            input.practical_passed_on,
            input.examiner_level,
            Examination(input.examiner, input.site, input.judged),
        )
        return await change(info.context, AWARD_CERTIFICATE, command, idempotency_key, outcome_changed)

    @strawberry.mutation(
        description="Decide a fraud case: the account opens again; where the case is dismissed, the bar on "
        "new submissions goes too; the region's officers (结案)",
        directives=[Route(argument="id")],
    )
    async def close_case(
        self,
        info: Info,
        id: Identifier,
        finding: Annotated[CaseFinding, strawberry.argument(description="What was found (结论)")],
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> CaseResult | None:
        command = CloseCase(id, finding, reason)
        return await change(info.context, CLOSE_CASE, command, idempotency_key, _closed)


def _closed(closed: CaseClosed) -> CaseWasClosed:
    return CaseWasClosed(case=FraudCase.of(closed.case), account=Account.of(closed.account))
