"""The node's own enums as GraphQL describes them."""

from __future__ import annotations

from enum import Enum

import strawberry

from region_node.domain.account import AccountStatus, LearnerGroup
from region_node.domain.bank_reasons import BankReason
from region_node.domain.case import CaseFinding, CaseStatus
from region_node.domain.ledger import EntryKind
from region_node.domain.outcome import OutcomeStatus, OutcomeStep, RevocationGround
from schema.graph import describe_enum

describe_enum(
    AccountStatus,
    "How an account stands (账户状态)",
    {
        "OPEN": "Open: outcomes can be submitted and converted (正常)",
        "FROZEN": "Frozen while a case is decided (冻结)",
        "CLOSED": "Closed; its history stays (销户)",
    },
)
describe_enum(
    BankReason,
    "A reason that the bank itself wrote (系统原因)",
    {
        "OPENED": "The account was opened (开户)",
        "CASE_OPENED": "A fraud case was opened (立案)",
        "CASE_DECIDED": "A fraud case was decided (结案)",
        "DERIVES_FROM": "An outcome that it rests on was revoked (来源成果被撤销)",
        "REPLACED_BY": "The course is replaced by a certificate (由证书替代)",
        "EARNED_BY_COURSES": "The certificate is earned by courses (以课程换取)",
    },
)
describe_enum(
    LearnerGroup,
    "Which group of learners somebody belongs to (群体)",
    {
        "IN_SCHOOL": "In-school student (在校生)",
        "SENIOR_SECONDARY_LEAVER": "Senior-secondary leaver (高中毕业生)",
        "VETERAN": "Veteran (退役军人)",
        "RETIRED_ATHLETE": "Retired athlete (退役运动员)",
        "LAID_OFF_WORKER": "Laid-off worker (下岗职工)",
        "MIGRANT_WORKER": "Migrant worker, returned ones included (农民工)",
        "JOB_CHANGER": "Changing jobs (转岗人员)",
        "IN_WORK": "In work (在职人员)",
    },
)
describe_enum(
    OutcomeStatus,
    "How a learning outcome stands (学习成果状态)",
    {
        "SUBMITTED": "Handed in, not yet verified (已提交)",
        "VERIFIED": "Verified and deposited (已核验)",
        "REJECTED": "Not verified (未通过)",
        "REVOKED": "Verified once and taken back (已撤销)",
    },
)
describe_enum(
    OutcomeStep,
    "What happened to a learning outcome (学习成果事件)",
    {
        "SUBMITTED": "It was handed in (提交)",
        "VERIFIED": "It was verified (核验)",
        "REJECTED": "It was not verified (驳回)",
        "REVOKED": "Its verification was taken back (撤销)",
        "FLAGGED": "An outcome it rests on was revoked (标记)",
    },
)
describe_enum(
    RevocationGround,
    "Why a verification is taken back (撤销理由)",
    {
        "FRAUD": "Fraud: opens a case, freezes the account (造假)",
        "ERROR": "An error of the bank or the issuer (差错)",
    },
)
describe_enum(
    EntryKind,
    "Kind of a ledger entry (分录类型)",
    {
        "DEPOSIT": "A verified outcome is deposited (存入)",
        "CONVERSION": "Credits move from a certificate to courses (转换)",
        "AWARD": "Credits recognised from another region (认定)",
        "TRANSFER_OUT": "Credits leave for another region (转出)",
        "TRANSFER_IN": "Credits come from another region (转入)",
        "EXPIRY": "Credits expire (失效)",
        "REVERSAL": "An earlier entry is compensated (冲正)",
    },
)
describe_enum(
    CaseStatus,
    "How a fraud case stands (案件状态)",
    {"OPEN": "Being decided (处理中)", "CLOSED": "Decided (已结案)"},
)


describe_enum(
    CaseFinding,
    "What a fraud case was decided to be (案件结论)",
    {"UPHELD": "It was fraud (成立)", "DISMISSED": "It was none (不成立)"},
)


@strawberry.enum(description="Order of accounts (账户排序)")
class AccountOrder(Enum):
    OPENED_ON_ASC = strawberry.enum_value("OPENED_ON_ASC", description="Oldest first (开户日期升序)")
    OPENED_ON_DESC = strawberry.enum_value("OPENED_ON_DESC", description="Newest first (开户日期降序)")


@strawberry.enum(description="Order of learning outcomes (学习成果排序)")
class OutcomeOrder(Enum):
    ISSUED_ON_ASC = strawberry.enum_value("ISSUED_ON_ASC", description="Earliest issue first (颁发日期升序)")
    ISSUED_ON_DESC = strawberry.enum_value("ISSUED_ON_DESC", description="Latest issue first (颁发日期降序)")
    SUBMITTED_ON_ASC = strawberry.enum_value(
        "SUBMITTED_ON_ASC", description="Earliest submission first (提交日期升序)"
    )
    SUBMITTED_ON_DESC = strawberry.enum_value(
        "SUBMITTED_ON_DESC", description="Latest submission first (提交日期降序)"
    )
    CREDITS_ASC = strawberry.enum_value("CREDITS_ASC", description="Fewest credits first (学分升序)")
    CREDITS_DESC = strawberry.enum_value("CREDITS_DESC", description="Most credits first (学分降序)")
