"""The GraphQL types that both programs answer with: one definition, two subgraphs.

Every description gives the English meaning and the Chinese term (DOMAIN.md, Terms).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Annotated, NewType, TypeVar

import strawberry
from strawberry.federation.schema_directives import Shareable
from strawberry.schema.config import StrawberryConfig

from schema.agreements import AgreementKind, AgreementStatus, OutcomeKind, SkillLevel
from schema.codes import REASONS, REFUSALS, Decision, ReasonCode, RefusalCode
from schema.credits import format_credits, parse_credits
from schema.transfers import STATES, VERDICTS, TransferState, Verdict

E = TypeVar("E", bound=Enum)

Credits = NewType("Credits", int)

CREDITS = strawberry.scalar(
    name="Credits",
    description='An amount of credits: a decimal string with one digit, such as "5.6" (学分)',
    serialize=format_credits,
    parse_value=parse_credits,
)

DATE = strawberry.scalar(
    name="Date",
    description="A day: ISO 8601, such as 2026-06-01 (日期)",
    serialize=date.isoformat,
    parse_value=date.fromisoformat,
)


def _instant(text: str) -> datetime:
    """Read an instant. Raises ValueError for one without an offset: it could be any of a day's hours."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant is written with its offset from UTC, such as 2026-06-01T08:00:00+08:00")
    return found


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="An instant: ISO 8601 with its offset from UTC, such as 2026-06-01T08:00:00+08:00 (时刻)",
    serialize=datetime.isoformat,
    parse_value=_instant,
)


def config() -> StrawberryConfig:
    """The settings both subgraphs are built with."""
    return StrawberryConfig(scalar_map={Credits: CREDITS, date: DATE, datetime: DATE_TIME})


def describe_enum(enum: type[Enum], description: str, values: Mapping[str, str]) -> None:
    """Give a plain enum its GraphQL description and one for each value; every value must have one."""
    definition = strawberry.enum(enum, description=description).__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]


def described(words: Mapping[E, str]) -> dict[str, str]:
    return {value.name: text for value, text in words.items()}


describe_enum(
    SkillLevel,
    "Skill level of an X certificate (职业技能等级)",
    {"ELEMENTARY": "Elementary (初级)", "INTERMEDIATE": "Intermediate (中级)", "ADVANCED": "Advanced (高级)"},
)
describe_enum(
    OutcomeKind,
    "What sort of achievement an outcome is (学习成果类型)",
    {
        "COURSE": "A course passed (课程)",
        "X_CERTIFICATE": "A vocational skill-level certificate (职业技能等级证书)",
        "MOOC": "An online course (慕课)",
        "TRAINING": "A training (培训)",
        "COMPETITION": "A competition result (竞赛)",
        "WORK_EXPERIENCE": "Work experience (工作经历)",
    },
)
describe_enum(
    AgreementKind,
    "Kind of mutual-recognition agreement (互认协议类型)",
    {
        "ALLIANCE": "Allies: both accept what the other issued (盟友)",
        "PAIRED_ASSISTANCE": "Paired assistance: one side accepts (结对帮扶)",
    },
)
describe_enum(
    AgreementStatus,
    "How one side's copy of an agreement stands (协议状态)",
    {
        "PROPOSED": "Proposed, not yet signed here (已提议)",
        "SIGNED": "Signed here (已签署)",
        "SUSPENDED": "Suspended (已中止)",
        "ENDED": "Ended (已终止)",
    },
)
describe_enum(
    Decision,
    "What a region concludes about a foreign outcome (互认结论)",
    {
        "RECOGNISED": "All credits are recognised (全部认可)",
        "PARTIAL": "Some credits are recognised (部分认可)",
        "REFERRED": "A person must decide (转人工裁定)",
        "REFUSED": "No credit is recognised (不予认可)",
        "UNDETERMINED": "Cannot be known now: a side did not answer (暂无法确定)",
    },
)
describe_enum(
    ReasonCode,
    "Why a decision is not full recognition (原因代码)",
    {code.value: f"{english} ({chinese})" for code, (english, chinese) in REASONS.items()},
)

describe_enum(
    RefusalCode,
    "Why the bank refuses a change (拒绝代码)",
    {code.value: f"{english} ({chinese})" for code, (english, chinese) in REFUSALS.items()},
)
describe_enum(TransferState, "How a transfer stands at one side (学分转移状态)", described(STATES))
describe_enum(Verdict, "The target region's one answer to a transfer (接收结果)", described(VERDICTS))


@strawberry.type(description="One reason for a decision (原因)", directives=[Shareable()])
class Reason:
    code: ReasonCode = strawberry.field(description="Stable code, never translated (原因代码)")
    message: str = strawberry.field(description="The reason in the reader's language (说明)")


@strawberry.type(description="Credits recognised for one course (课程认可学分)", directives=[Shareable()])
class CourseRecognition:
    name: str = strawberry.field(description="Name of the course (课程名称)")
    kind: str = strawberry.field(description="Kind of the course: BASIC, CORE, … (课程类别)")
    credits: Credits = strawberry.field(description="Credits recognised for it (认可学分)")
    rule: str = strawberry.field(description="The conversion rule that gives them (所依规则)")


@strawberry.type(description="One versioned input of a decision (结论依据)", directives=[Shareable()])
class DecisionInput:
    kind: str = strawberry.field(
        description="question, agreement, home-agreement, home-facts, standard, own-standard, framework, "
        "framework-map, rules, policy or holdings (依据类型)"
    )
    id: strawberry.ID = strawberry.field(description="Its identifier (标识)")
    version: str = strawberry.field(description="Its version (版本)")
    hash: str = strawberry.field(description="SHA-256 of its canonical form, in hex (散列值)")


@strawberry.type(
    description="What one region's certificate or outcome is worth in another (互认结论)",
    directives=[Shareable()],
)
class RecognitionDecision:
    from_region: strawberry.ID = strawberry.field(name="from", description="Region of issue (来源区域)")
    to_region: strawberry.ID = strawberry.field(name="to", description="Region that decides (认定区域)")
    outcome_id: strawberry.ID | None = strawberry.field(description="The outcome asked about (学习成果)")
    certificate_code: str | None = strawberry.field(description="The certificate (证书)")
    decision: Decision = strawberry.field(description="The conclusion (结论)")
    credits_recognised: Credits = strawberry.field(description="Credits recognised there (认可学分)")
    credits_unconverted: Credits = strawberry.field(description="Credits that stay at home (未转换学分)")
    level: str | None = strawberry.field(description="Level in the deciding region (认定等级)")
    level_candidates: list[str] = strawberry.field(
        description="All levels it may be, when there are several (候选等级)"
    )
    courses: list[CourseRecognition] = strawberry.field(description="Courses replaced (替代课程)")
    agreement: strawberry.ID | None = strawberry.field(description="The agreement relied on (所依协议)")
    rules: strawberry.ID | None = strawberry.field(description="The rule set relied on (所依规则集)")
    reasons: list[Reason] = strawberry.field(description="Reasons in the order of the checks (原因)")
    missing_for_full: list[str] = strawberry.field(
        description="What is missing for full recognition (获得全部认可尚缺)"
    )
    inputs: list[DecisionInput] = strawberry.field(description="Every input and its version (结论依据)")
    as_of: date = strawberry.field(description="The day asked about (查询日期)")
    known_at: datetime | None = strawberry.field(
        default=None, description="The instant whose knowledge it rests on; null: decidedAt's (已知时刻)"
    )
    decided_at: datetime = strawberry.field(description="When it was decided (作出时间)")
    evidence: str | None = strawberry.field(
        default=None,
        description="Canonical JSON of the question, the home region's facts and what was held besides the "
        "published inputs: with these it can be decided again; for those who get a signature (证据)",
    )
    signature: str | None = strawberry.field(
        description="The deciding region's detached JWS over the canonical decision (签名)"
    )


@strawberry.type(
    description="One thing that was found wrong, where several may be (问题)",
    directives=[Shareable()],
)
class Finding:
    code: str = strawberry.field(
        description="Stable code, never translated: of a rule set the fault, such as CYCLE, else what "
        "exactly is wrong, such as LAST_DAY_BEFORE_FIRST (问题代码)"
    )
    subjects: list[strawberry.ID] = strawberry.field(
        description="What is at fault together, such as the rules of a cycle; empty: the whole (涉及对象)"
    )
    message: str = strawberry.field(description="What is wrong, in the reader's language (说明)")


@strawberry.type(
    name="Refusal",
    description="The bank refuses the change; nothing was changed (拒绝)",
    directives=[Shareable()],
)
class Refused:
    code: RefusalCode = strawberry.field(description="Stable code, never translated (拒绝代码)")
    message: str = strawberry.field(description="Why, in the reader's language (说明)")
    findings: list[Finding] = strawberry.field(
        default_factory=list,
        description="What was found wrong, one by one, where it was looked for (问题清单)",
    )


@strawberry.type(
    description="What one side of a transfer states, as it travels to the other (签名声明)",
    directives=[Shareable()],
)
class TransferStatement:
    kind: str = strawberry.field(
        description="EXPORT, CANCELLATION, RECEIPT or CONFIRMATION; each at most once (声明种类)"
    )
    statement: str = strawberry.field(description="Canonical JSON, RFC 8785 (声明内容)")
    signature: str = strawberry.field(description="Detached JWS of the region that states it (签名)")


@strawberry.type(
    description="Credits of one outcome on their way to another region, as one side's books have it "
    "(学分转移)",
    directives=[Shareable()],
)
class Transfer:
    id: strawberry.ID = strawberry.field(description="Identifier, beginning with the source (转移编号)")
    region: strawberry.ID = strawberry.field(description="Whose books say this (记录方)")
    from_region: strawberry.ID = strawberry.field(name="from", description="The source region (来源区域)")
    to_region: strawberry.ID = strawberry.field(name="to", description="The target region (接收区域)")
    state: TransferState = strawberry.field(description="How it stands there (状态)")
    learner_id: strawberry.ID = strawberry.field(description="The learner's pseudonym (学习者)")
    outcome_id: strawberry.ID = strawberry.field(description="The source's outcome (学习成果)")
    credits: Credits = strawberry.field(description="Credits that left the source's account (转出学分)")
    credits_accepted: Credits = strawberry.field(
        description="Credits that the target accepted; the others stay at home unconverted (接受学分)"
    )
    verdict: Verdict | None = strawberry.field(
        description="The target's answer; null while there is none here (接收结果)"
    )
    reasons: list[ReasonCode] = strawberry.field(
        description="Why not all of it, or why an officer must decide (原因)"
    )
    began_on: date = strawberry.field(description="Day from which these books know it (开始日期)")
    expires_on: date = strawberry.field(
        description="Last day on which the target may accept, included (接受截止日期)"
    )
    entry: strawberry.ID | None = strawberry.field(
        description="Ledger entry that took the credits out, or in (分录)"
    )
    statements: list[TransferStatement] = strawberry.field(
        description="What was stated so far, for whoever carries it on (签名声明)"
    )


@strawberry.type(
    description="A transfer was begun, or went on, or had done so before (学分转移已变更)",
    directives=[Shareable()],
)
class TransferMoved:
    transfer: Transfer = strawberry.field(description="How it stands now (学分转移)")


TransferResult = Annotated[
    TransferMoved | Refused,
    strawberry.union("TransferResult", description="The transfer after the step, or why not (转移结果)"),
]


@strawberry.input(description="A certificate as a standard, without a learner (证书)")
class CertificateInput:
    code: strawberry.ID = strawberry.field(description="The certificate's code in the catalogue (证书代码)")
    level: SkillLevel = strawberry.field(description="Its skill level (等级)")
    standard_version: str | None = strawberry.field(
        default=None, description="Version of the standard; the newest when absent (标准版本)"
    )
    issued_on: date | None = strawberry.field(
        default=None, description="Day of issue; asOf when absent (颁发日期)"
    )
    examined_on: date | None = strawberry.field(
        default=None, description="Day of the exam; the day of issue when absent (考试日期)"
    )


__all__ = [
    "CREDITS",
    "AgreementKind",
    "AgreementStatus",
    "CertificateInput",
    "CourseRecognition",
    "Credits",
    "Decision",
    "DecisionInput",
    "OutcomeKind",
    "Reason",
    "ReasonCode",
    "RecognitionDecision",
    "RefusalCode",
    "Refused",
    "SkillLevel",
    "Transfer",
    "TransferMoved",
    "TransferResult",
    "TransferState",
    "TransferStatement",
    "Verdict",
    "config",
    "describe_enum",
]
