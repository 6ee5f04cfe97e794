"""A standing (原区域事实): what the home region says, as it is asked for, answered and handed on.

The gateway carries a standing to the deciding region unchanged: the answer and the input have
the same fields because both are declared once.
"""

# ruff: noqa: RUF009 - strawberry.field declares a dataclass field, as dataclasses.field does
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, Self

import strawberry

from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition_facts import CertificateQuestion, HomeFacts
from region_node.domain.recognition_statement import standing_statement
from region_node.graph.context import Info
from region_node.service.ports import Bank
from region_node.service.standings import StandingAsked
from schema.graph import CertificateInput, Credits, OutcomeKind, ReasonCode, SkillLevel


@dataclass(kw_only=True)
class Facts:
    """The fields of a standing, as it is answered and as it is handed on."""

    as_of: date = strawberry.field(description="The day for which the facts hold (事实日期)")
    permitted: bool = strawberry.field(
        description="Whether this caller may ask; if not, no fact is given (是否有权查询)"
    )
    found: bool = strawberry.field(description="Whether there is such an outcome or certificate (是否存在)")
    malformed: str | None = strawberry.field(
        default=None, description="What is wrong with the question, if anything; a code (请求错误)"
    )
    outcome_id: strawberry.ID | None = strawberry.field(default=None, description="The outcome (学习成果)")
    learner_id: strawberry.ID | None = strawberry.field(
        default=None, description="The learner's pseudonym (学习者)"
    )
    status: OutcomeStatus | None = strawberry.field(
        default=None, description="Status of the outcome on the day; null for a certificate (状态)"
    )
    revoked_on: date | None = strawberry.field(default=None, description="Day of revocation (撤销日期)")
    converted_by: strawberry.ID | None = strawberry.field(
        default=None, description="The ledger entry that used the outcome (使用凭证)"
    )
    account_frozen: bool = strawberry.field(
        default=False, description="Whether the learner's account was frozen (账户是否冻结)"
    )
    kind: OutcomeKind | None = strawberry.field(default=None, description="What sort of outcome (类型)")
    certificate_code: strawberry.ID | None = strawberry.field(
        default=None, description="Certificate code (证书代码)"
    )
    level: SkillLevel | None = strawberry.field(default=None, description="Skill level (等级)")
    issued_on: date | None = strawberry.field(default=None, description="Day of issue (颁发日期)")
    examined_on: date | None = strawberry.field(default=None, description="Day of the exam (考试日期)")
    examiner_advanced: bool | None = strawberry.field(
        default=None, description="Whether the examiner held ADVANCED; null: not stated (考官是否持高级证书)"
    )
    credits: Credits | None = strawberry.field(default=None, description="Its credits (学分)")
    core_credits: Credits | None = strawberry.field(default=None, description="Of these core (核心学分)")
    flexible_credits: Credits | None = strawberry.field(
        default=None, description="Of these flexible (柔性学分)"
    )
    organisation: str | None = strawberry.field(
        default=None, description="Evaluation organisation that examined (培训评价组织)"
    )
    organisation_vetoed_on: date | None = strawberry.field(
        default=None, description="Day of its veto at home (一票否决日期)"
    )
    standard_version: str | None = strawberry.field(
        default=None, description="Version of the standard (标准版本)"
    )
    standard_known: bool = strawberry.field(
        default=False, description="Whether the home region knows that standard (标准是否已登记)"
    )
    standard_active_from: date | None = strawberry.field(
        default=None, description="First day on which it issued (启用日期)"
    )
    standard_retired_on: date | None = strawberry.field(
        default=None, description="First day on which it no longer issued (退出日期)"
    )
    standard_hash: str | None = strawberry.field(
        default=None, description="SHA-256 of the standard's canonical form (标准散列值)"
    )
    framework: str | None = strawberry.field(
        default=None, description="The home region's qualification framework (资历框架)"
    )
    framework_level: str | None = strawberry.field(default=None, description="The level there (资历等级)")
    agreement_id: strawberry.ID | None = strawberry.field(
        default=None, description="The home region's copy of the agreement (协议编号)"
    )
    agreement_version: int | None = strawberry.field(
        default=None, description="Version of its terms (协议版本)"
    )
    agreement_hash: str | None = strawberry.field(
        default=None, description="SHA-256 of its terms' canonical form (条款散列值)"
    )
    agreement_reason: ReasonCode | None = strawberry.field(
        default=None, description="What speaks against that copy on the day, if anything (协议不适用的原因)"
    )


FACTS: Final = tuple(one.name for one in fields(HomeFacts))
_FACTS: Final[Callable[[object], tuple[Any, ...]]] = attrgetter(*FACTS)


@strawberry.type(description="What the home region says of an outcome or certificate (原区域事实)")
class Standing(Facts):
    stated_at: datetime = strawberry.field(description="When it was stated (陈述时间)")
    facts: strawberry.Private[HomeFacts]
    asked: strawberry.Private[StandingAsked]

    @classmethod
    def of(cls, facts: HomeFacts, asked: StandingAsked, stated_at: datetime) -> Self:
        named = dict(zip(FACTS, _FACTS(facts), strict=True))
        return cls(**named, stated_at=stated_at, facts=facts, asked=asked)

    @strawberry.field(
        description="The home region's detached JWS over the canonical JSON (RFC 8785) of from, to, knownAt "
        "where one was given, statedAt in UTC and these facts; null for callers who did not prove who they "
        "are, and where the region has no signing key (签名)"
    )
    def signature(self, info: Info) -> str | None:
        bank = info.context.bank
        if bank.signer is None or info.context.caller.is_public:
            return None
        return bank.signer.sign(
            standing_statement(bank.region, self.asked.to, self.facts, self.stated_at, self.asked.known_at)
        )


@strawberry.input(description="A standing, handed to the deciding region as it was answered (原区域事实)")
class StandingFacts(Facts):
    def read(self) -> HomeFacts:
        return HomeFacts(*_FACTS(self))


@strawberry.input(description="What region `to` asks this region about (事实查询)")
class StandingInput:
    to: strawberry.ID = strawberry.field(description="The region that is to recognise (认定区域)")
    outcome_id: strawberry.ID | None = strawberry.field(
        default=None, description="An outcome of this region (学习成果)"
    )
    certificate: CertificateInput | None = strawberry.field(
        default=None, description="Or a certificate, without a learner (证书)"
    )
    as_of: date | None = strawberry.field(
        default=None, description="The day; that of knownAt, or today, when absent (查询日期)"
    )
    known_at: datetime | None = strawberry.field(
        default=None, description="By what was known at this instant; now when absent (已知时刻)"
    )

    def read(self, bank: Bank, today: date) -> StandingAsked:
        return StandingAsked(
            to=self.to,
            as_of=self.as_of or (bank.day_of(self.known_at) if self.known_at else today),
            outcome_id=self.outcome_id,
            certificate=certificate_question(self.certificate),
            known_at=self.known_at,
        )


def certificate_question(asked: CertificateInput | None) -> CertificateQuestion | None:
    if asked is None:
        return None
    return CertificateQuestion(
        code=asked.code,
        level=asked.level,
        standard_version=asked.standard_version,
        issued_on=asked.issued_on,
        examined_on=asked.examined_on,
    )
