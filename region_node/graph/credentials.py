"""What a holder takes out of the bank: credentials, a transcript, codes to be checked by; and the check."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

import strawberry

from region_node.domain import check as domain
from region_node.domain.check import Shown
from region_node.domain.outcome import OutcomeStatus
from region_node.graph import batches
from region_node.graph.arguments import RegionCode
from region_node.graph.context import Info
from region_node.graph.queries import found
from region_node.service.checks import check, code_of
from region_node.service.credentials import archive_token, certificate_token
from region_node.service.transcripts import transcript
from schema.codes import RefusalCode
from schema.directives import Route
from schema.graph import Credits, SkillLevel, describe_enum

describe_enum(
    Shown,
    "What a code shows beside the certificate's name and status (可出示内容)",
    {
        "LEVEL": "Its level (等级)",
        "ORGANISATION": "Who issued it (颁发机构)",
        "ISSUED_ON": "Day of issue (颁发日期)",
        "CREDITS": "Credits (学分)",
    },
)

OutcomeArgument = Annotated[strawberry.ID, strawberry.argument(description="The outcome (学习成果)")]
AccountArgument = Annotated[strawberry.ID, strawberry.argument(description="The account (账户)")]


@strawberry.type(description="A certificate as its holder chose to show it (证书核验结果)")
class CheckedCertificate:
    title: str = strawberry.field(description="Its name (名称)")
    status: OutcomeStatus = strawberry.field(description="How it stands now (状态)")
    level: SkillLevel | None = strawberry.field(description="Its level, where shown (等级)")
    organisation: str | None = strawberry.field(description="Who issued it, where shown (颁发机构)")
    issued_on: date | None = strawberry.field(description="Day of issue, where shown (颁发日期)")
    credits: Credits | None = strawberry.field(description="Credits, where shown (学分)")

    @classmethod
    def of(cls, checked: domain.Checked) -> Self:
        return cls(
            title=checked.title,
            status=checked.status,
            level=checked.level,
            organisation=checked.organisation,
            issued_on=checked.issued_on,
            credits=None if checked.credits is None else Credits(checked.credits),
        )


@strawberry.type(description="A transcript and the region's signature over its bytes (成绩单)")
class Transcript:
    xml: str = strawberry.field(description="ELMO 1.5 XML (成绩单正文)")
    signature: str | None = strawberry.field(
        description="Detached JWS over the UTF-8 bytes of xml; null where the region signs nothing (签名)"
    )


@strawberry.type
class CredentialQuery:
    @strawberry.field(
        description="A verified outcome as an Open Badges 3.0 credential, a JWT; null where the region "
        "issues none or the outcome is not verified (数字证书)",
        directives=[Route(argument="outcome")],
    )
    async def credential(self, info: Info, outcome: OutcomeArgument) -> str | None:
        context = info.context
        held = await found(context, batches.outcomes, outcome, RefusalCode.UNKNOWN_OUTCOME)
        context.require(context.may_read(held.learner_id))
        async with context.reading() as unit:
            return await certificate_token(context.bank, unit, context.moment, held)

    @strawberry.field(
        description="An account's verified outcomes as a CLR 2.0 credential, a JWT; null where the region "
        "issues none (学习档案)",
        directives=[Route(argument="account")],
    )
    async def archive(self, info: Info, account: AccountArgument) -> str | None:
        context = info.context
        held = await found(context, batches.accounts, account, RefusalCode.UNKNOWN_ACCOUNT)
        context.require(context.may_read(held.learner_id))
        async with context.reading() as unit:
            return await archive_token(context.bank, unit, context.moment, held)

    @strawberry.field(
        description="An account's verified outcomes as an ELMO 1.5 transcript (成绩单)",
        directives=[Route(argument="account")],
    )
    async def transcript(self, info: Info, account: AccountArgument) -> Transcript | None:
        context = info.context
        held = await found(context, batches.accounts, account, RefusalCode.UNKNOWN_ACCOUNT)
        context.require(context.may_read(held.learner_id))
        async with context.reading() as unit:
            xml = await transcript(context.bank, unit, context.moment, held)
        signer = context.bank.signer
        return Transcript(xml=xml, signature=None if signer is None else signer.sign(xml.encode()))

    @strawberry.field(
        description="A code by which anybody can check this certificate and see what is chosen, never "
        "whose it is; null for what was never verified (核验码)",
        directives=[Route(argument="outcome")],
    )
    async def verification_code(
        self,
        info: Info,
        outcome: OutcomeArgument,
        show: Annotated[list[Shown], strawberry.argument(description="What it shows (可出示内容)")],
    ) -> str | None:
        context = info.context
        held = await found(context, batches.outcomes, outcome, RefusalCode.UNKNOWN_OUTCOME)
        context.require(context.may_read(held.learner_id))
        return code_of(context.bank, held, show)

    @strawberry.field(
        description="What the code of a certificate shows; null where there is no such code (证书核验)",
        directives=[Route(argument="region")],
    )
    async def certificate_check(
        self,
        info: Info,
        region: RegionCode,
        code: Annotated[str, strawberry.argument(description="The code (核验码)")],
    ) -> CheckedCertificate | None:
        context = info.context
        context.require_region(region)
        async with context.reading() as unit:
            checked = await check(context.bank, unit, code)
        return None if checked is None else CheckedCertificate.of(checked)
