"""Root fields that change the bank's books. Each takes an idempotency key; a refusal is an answer."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: id, filter, input
from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from region_node.domain import account as account_domain
from region_node.domain.account import LearnerGroup
from region_node.domain.examining import NOT_STATED, Examination
from region_node.domain.outcome import Achievement, RevocationGround
from region_node.domain.refusal import Refusal, refuse
from region_node.graph import batches
from region_node.graph.account import Account
from region_node.graph.arguments import IdempotencyKey, Identifier, RegionCode
from region_node.graph.change import change
from region_node.graph.context import Info
from region_node.graph.ledger import FraudCase, LedgerEntry
from region_node.graph.outcome import LearningOutcome
from region_node.graph.refusals import Refused, refused
from region_node.service.account_cases import (
    CLOSE_ACCOUNT,
    FREEZE_ACCOUNT,
    OPEN_ACCOUNT,
    UNFREEZE_ACCOUNT,
    OpenAccount,
    StepOfAccount,
)
from region_node.service.conversion_cases import CONVERT_OUTCOME, ConvertOutcome
from region_node.service.outcome_cases import (
    REJECT_OUTCOME,
    REVOKE_OUTCOME,
    SUBMIT_OUTCOME,
    VERIFY_EXAMINED,
    VERIFY_OUTCOME,
    OutcomeChanged,
    RejectOutcome,
    RevokeOutcome,
    SubmitOutcome,
    VerifyExamined,
    VerifyOutcome,
)
from schema.codes import RefusalCode
from schema.directives import Route
from schema.graph import Credits, OutcomeKind, SkillLevel

Reason = Annotated[str, strawberry.argument(description="Why, for the record (原因)")]


@strawberry.type(description="An account was opened or changed (账户已变更)")
class AccountChanged:
    account: Account = strawberry.field(description="The account after the change (账户)")


@strawberry.type(name="OutcomeChanged", description="An outcome was submitted or changed (学习成果已变更)")
class OutcomeWasChanged:
    outcome: LearningOutcome = strawberry.field(description="The outcome after the change (学习成果)")
    entries: list[LedgerEntry] = strawberry.field(description="Ledger entries that were posted (入账分录)")
    flagged: list[strawberry.ID] = strawberry.field(
        description="Outcomes that rest on this one and were flagged (被标记的成果)"
    )
    case: FraudCase | None = strawberry.field(description="The fraud case that was opened (立案)")


AccountResult = Annotated[
    AccountChanged | Refused,
    strawberry.union("AccountResult", description="The account after the change, or why not (账户结果)"),
]
OutcomeResult = Annotated[
    OutcomeWasChanged | Refused,
    strawberry.union("OutcomeResult", description="The outcome after the change, or why not (成果结果)"),
]


@strawberry.input(description="Who the account is for (开户信息)")
class OpenAccountInput:
    citizen_number: str = strawberry.field(
        description="Citizen number, 18 characters; it is encrypted and never shown whole (公民身份号码)"
    )
    group: LearnerGroup = strawberry.field(description="The learner's group (群体)")


@strawberry.input(description="The facts of one achievement (学习成果信息)")
class SubmitOutcomeInput:
    kind: OutcomeKind = strawberry.field(description="What sort of achievement (类型)")
    title: str = strawberry.field(description="Its name (名称)")
    credits: Credits = strawberry.field(description='Credits it carries, such as "8.0" (学分)')
    issued_on: date = strawberry.field(description="Day of issue (颁发日期)")
    certificate: strawberry.ID | None = strawberry.field(
        default=None, description="Code of the X certificate in the catalogue (证书代码)"
    )
    level: SkillLevel | None = strawberry.field(default=None, description="Its skill level (等级)")
    standard_version: str | None = strawberry.field(
        default=None, description="Version of its standard (标准版本)"
    )
    certificate_number: str | None = strawberry.field(
        default=None, description="Serial number on the paper (证书编号)"
    )
    organisation: str | None = strawberry.field(
        default=None, description="Evaluation organisation or school that issued it (颁发机构)"
    )
    examined_on: date | None = strawberry.field(
        default=None, description="Day of the exam; the day of issue when absent (考试日期)"
    )
    examiner_level: SkillLevel | None = strawberry.field(
        default=None, description="The level that the examiner held (考官等级)"
    )
    derived_from: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Outcomes of this account that it rests on (来源成果)"
    )

    def achievement(self) -> Achievement:
        return Achievement(
            kind=self.kind,
            title=self.title,
            credits=self.credits,
            issued_on=self.issued_on,
            certificate=self.certificate,
            level=self.level,
            standard_version=self.standard_version,
            organisation=self.organisation,
            examined_on=self.examined_on,
            examiner_level=self.examiner_level,
            certificate_number=self.certificate_number,
            derived_from=tuple(self.derived_from),
        )


@strawberry.type
class BankMutation:
    @strawberry.mutation(
        description="Open an account; the region's officers (开户)", directives=[Route(argument="region")]
    )
    async def open_account(
        self,
        info: Info,
        region: RegionCode,
        input: Annotated[OpenAccountInput, strawberry.argument(description="For whom (开户信息)")],
        idempotency_key: IdempotencyKey,
    ) -> AccountResult | None:
        info.context.require_region(region)
        command = OpenAccount(citizen_number=input.citizen_number, group=input.group)
        return await change(info.context, OPEN_ACCOUNT, command, idempotency_key, _account)

    @strawberry.mutation(
        description="Freeze an account; the region's officers (冻结账户)", directives=[Route(argument="id")]
    )
    async def freeze_account(
        self,
        info: Info,
        id: Identifier,
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> AccountResult | None:
        command = StepOfAccount(id, reason)
        return await change(info.context, FREEZE_ACCOUNT, command, idempotency_key, _account)

    @strawberry.mutation(
        description="Unfreeze an account; the region's officers (解冻账户)",
        directives=[Route(argument="id")],
    )
    async def unfreeze_account(
        self,
        info: Info,
        id: Identifier,
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> AccountResult | None:
        return await change(
            info.context, UNFREEZE_ACCOUNT, StepOfAccount(id, reason), idempotency_key, _account
        )

    @strawberry.mutation(
        description="Close an account; its history stays; the region's officers (销户)",
        directives=[Route(argument="id")],
    )
    async def close_account(
        self,
        info: Info,
        id: Identifier,
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> AccountResult | None:
        return await change(info.context, CLOSE_ACCOUNT, StepOfAccount(id, reason), idempotency_key, _account)

    @strawberry.mutation(
        description="Hand in an outcome; the learner or the region's officers (提交学习成果)",
        directives=[Route(argument="account")],
    )
    async def submit_outcome(
        self,
        info: Info,
        account: Annotated[strawberry.ID, strawberry.argument(description="To which account (账户)")],
        input: Annotated[SubmitOutcomeInput, strawberry.argument(description="The facts (学习成果信息)")],
        idempotency_key: IdempotencyKey,
    ) -> OutcomeResult | None:
        context = info.context
        if context.caller.is_public:
            return refused(context.not_permitted(), context.locale)
        held = await context.load(batches.accounts, str(account))
        if held is None:
            return refused(refuse(RefusalCode.UNKNOWN_ACCOUNT, id=account), context.locale)
        if not context.caller.may_act_for_learner(held.learner_id, context.bank.region):
            return refused(context.not_permitted(), context.locale)
        command = SubmitOutcome(str(account), input.achievement())
        answer = await context.perform(SUBMIT_OUTCOME, command, idempotency_key)
        return refused(answer, context.locale) if isinstance(answer, Refusal) else outcome_changed(answer)

    @strawberry.mutation(
        description="Verify an outcome: its credits are deposited; the region's officers (核验学习成果)",
        directives=[Route(argument="id")],
    )
    async def verify_outcome(
        self,
        info: Info,
        id: Identifier,
        idempotency_key: IdempotencyKey,
        examiner: Annotated[
            str | None,
            strawberry.argument(description="Code of who examined, as registered (考官编号)"),
        ] = None,
        site: Annotated[
            str | None, strawberry.argument(description="Code of the exam site, as registered (考点编号)")
        ] = None,
        judged: Annotated[
            bool,
            strawberry.argument(
                description="A person has judged an exam in the review window before a veto (是否已裁定)"
            ),
        ] = False,
    ) -> OutcomeResult | None:
        examination = Examination(examiner, site, judged)
        if examination == NOT_STATED:  # a key that was used before exams were stated asks the same
            command = VerifyOutcome(id)
            return await change(info.context, VERIFY_OUTCOME, command, idempotency_key, outcome_changed)
        examined = VerifyExamined(id, examination)
        return await change(info.context, VERIFY_EXAMINED, examined, idempotency_key, outcome_changed)

    @strawberry.mutation(
        description="Reject an outcome; the region's officers (驳回学习成果)",
        directives=[Route(argument="id")],
    )
    async def reject_outcome(
        self,
        info: Info,
        id: Identifier,
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> OutcomeResult | None:
        return await change(
            info.context, REJECT_OUTCOME, RejectOutcome(id, reason), idempotency_key, outcome_changed
        )

    @strawberry.mutation(
        description="Take back a verification: the deposit is reversed, what rests on it is flagged; for "
        "fraud a case is opened and the account frozen; the region's officers (撤销学习成果)",
        directives=[Route(argument="id")],
    )
    async def revoke_outcome(
        self,
        info: Info,
        id: Identifier,
        ground: Annotated[RevocationGround, strawberry.argument(description="On what ground (撤销理由)")],
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> OutcomeResult | None:
        command = RevokeOutcome(id, ground, reason)
        return await change(info.context, REVOKE_OUTCOME, command, idempotency_key, outcome_changed)

    @strawberry.mutation(
        description="Move a certificate's credits to the courses of a major that it replaces, by the rules "
        "in force; the region's officers (转换学习成果)",
        directives=[Route(argument="id")],
    )
    async def convert_outcome(
        self,
        info: Info,
        id: Identifier,
        major: Annotated[
            strawberry.ID, strawberry.argument(description="Code of the learner's major (专业代码)")
        ],
        idempotency_key: IdempotencyKey,
    ) -> OutcomeResult | None:
        command = ConvertOutcome(id, major)
        return await change(info.context, CONVERT_OUTCOME, command, idempotency_key, outcome_changed)


def _account(account: account_domain.Account) -> AccountChanged:
    return AccountChanged(account=Account.of(account))


def outcome_changed(changed: OutcomeChanged) -> OutcomeWasChanged:
    return OutcomeWasChanged(
        outcome=LearningOutcome.of(changed.outcome),
        entries=[LedgerEntry.of(entry) for entry in changed.entries],
        flagged=[strawberry.ID(one) for one in changed.flagged],
        case=None if changed.case is None else FraudCase.of(changed.case),
    )
