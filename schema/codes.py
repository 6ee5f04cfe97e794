"""The code lists of the contract, each code with what it says in English and Chinese.

Codes are stable and never translated; the text beside a code is chosen by the reader's
language. Terms and the order of the checks: DOMAIN.md, "Mutual recognition".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from schema.details import Language as Language
from schema.details import Worded


class Decision(StrEnum):
    """What a region concludes about a foreign outcome (互认结论)."""

    RECOGNISED = "RECOGNISED"
    PARTIAL = "PARTIAL"
    REFERRED = "REFERRED"
    REFUSED = "REFUSED"
    UNDETERMINED = "UNDETERMINED"


class ReasonCode(StrEnum):
    """Why a decision is not full recognition, in the order in which the checks run."""

    UNKNOWN_REGION = "UNKNOWN_REGION"
    SAME_REGION = "SAME_REGION"
    NO_AGREEMENT = "NO_AGREEMENT"
    AGREEMENT_NOT_YET_IN_FORCE = "AGREEMENT_NOT_YET_IN_FORCE"
    AGREEMENT_EXPIRED = "AGREEMENT_EXPIRED"
    AGREEMENT_SUSPENDED = "AGREEMENT_SUSPENDED"
    WRONG_DIRECTION = "WRONG_DIRECTION"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    AGREEMENT_MISMATCH = "AGREEMENT_MISMATCH"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    UNKNOWN_CERTIFICATE = "UNKNOWN_CERTIFICATE"
    NOT_VERIFIED = "NOT_VERIFIED"
    REVOKED = "REVOKED"
    ALREADY_CONVERTED = "ALREADY_CONVERTED"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    UNKNOWN_STANDARD = "UNKNOWN_STANDARD"
    STANDARD_RETIRED = "STANDARD_RETIRED"
    ISSUER_VETOED = "ISSUER_VETOED"
    ISSUER_UNDER_REVIEW = "ISSUER_UNDER_REVIEW"
    EXAMINER_UNQUALIFIED = "EXAMINER_UNQUALIFIED"
    LEVEL_UNMAPPED = "LEVEL_UNMAPPED"
    LEVEL_AMBIGUOUS = "LEVEL_AMBIGUOUS"
    NO_RULE = "NO_RULE"
    LEVEL_NOT_ELIGIBLE = "LEVEL_NOT_ELIGIBLE"
    COURSE_ALREADY_REPLACED = "COURSE_ALREADY_REPLACED"
    CERTIFICATE_CEILING = "CERTIFICATE_CEILING"
    RATE_APPLIED = "RATE_APPLIED"
    FLEX_NOT_MAPPED = "FLEX_NOT_MAPPED"
    COURSES_INSUFFICIENT = "COURSES_INSUFFICIENT"
    CAP_REACHED = "CAP_REACHED"
    REGION_DID_NOT_ANSWER = "REGION_DID_NOT_ANSWER"
    NOT_PERMITTED = "NOT_PERMITTED"
    MALFORMED_INPUT = "MALFORMED_INPUT"


REASONS: Final[dict[ReasonCode, tuple[str, str]]] = {
    ReasonCode.UNKNOWN_REGION: (
        "Region {region} is not in the register of credit banks.",
        "学分银行名录中没有区域 {region}。",
    ),
    ReasonCode.SAME_REGION: (
        "Both sides are region {region}: mutual recognition is between two regions.",
        "双方均为区域 {region}；互认须在两个不同区域之间进行。",
    ),
    ReasonCode.NO_AGREEMENT: (
        "Regions {from_} and {to} have no agreement with each other; agreements are never transitive.",
        "区域 {from_} 与 {to} 之间没有直接的互认协议；协议不可传递。",
    ),
    ReasonCode.AGREEMENT_NOT_YET_IN_FORCE: (
        "The agreement comes into force on {day}.",
        "协议自 {day} 起生效。",
    ),
    ReasonCode.AGREEMENT_EXPIRED: (
        "The agreement's last day was {day}.",
        "协议已于 {day} 到期。",
    ),
    ReasonCode.AGREEMENT_SUSPENDED: ("The agreement is suspended.", "协议已中止。"),
    ReasonCode.WRONG_DIRECTION: (
        "The agreement is one way: only {accepts} accepts what the other side issued.",
        "协议为单向：仅 {accepts} 认可对方颁发的成果。",
    ),
    ReasonCode.OUT_OF_SCOPE: (
        "The agreement does not cover this certificate, level or kind of outcome.",
        "该证书、等级或成果类型不在协议范围内。",
    ),
    ReasonCode.AGREEMENT_MISMATCH: (
        "The two sides' copies of the agreement differ; a person must compare them.",
        "双方所存协议文本不一致，须人工核对。",
    ),
    ReasonCode.UNKNOWN_OUTCOME: (
        "Region {region} has no learning outcome {id}.",
        "区域 {region} 没有学习成果 {id}。",
    ),
    ReasonCode.UNKNOWN_CERTIFICATE: (
        "Certificate {certificate} is not in the catalogue.",
        "目录中没有证书 {certificate}。",
    ),
    ReasonCode.NOT_VERIFIED: (
        "The outcome is {status} at home; only verified outcomes are recognised.",
        "该成果在原区域的状态为 {status}；仅认可已核验的成果。",
    ),
    ReasonCode.REVOKED: ("The outcome was revoked on {day}.", "该成果已于 {day} 撤销。"),
    ReasonCode.ALREADY_CONVERTED: (
        "The outcome was already used; ledger entry {entry} is the proof.",
        "该成果已使用，凭证为分录 {entry}。",
    ),
    ReasonCode.ACCOUNT_FROZEN: (
        "The learner's account at home is frozen; a person must decide.",
        "学习者在原区域的账户已冻结，须人工裁定。",
    ),
    ReasonCode.UNKNOWN_STANDARD: (
        "The certificate's standard {version} is not known.",
        "未知的职业技能等级标准版本 {version}。",
    ),
    ReasonCode.STANDARD_RETIRED: (
        "The standard was not active on the day of issue, {day}.",
        "证书颁发日（{day}）该标准未生效或已退出。",
    ),
    ReasonCode.ISSUER_VETOED: (
        "The evaluation organisation {organisation} was vetoed on {day}, before the exam.",
        "培训评价组织 {organisation} 已于 {day} 被一票否决，早于考试日期。",
    ),
    ReasonCode.ISSUER_UNDER_REVIEW: (
        "The exam lies within the review window before the veto of {organisation} on {day}; a person must decide.",
        "考试日期处于培训评价组织 {organisation} 被否决（{day}）之前的复核期内，须人工裁定。",
    ),
    ReasonCode.EXAMINER_UNQUALIFIED: (
        "The examiner did not hold the ADVANCED level; a person must decide.",
        "考官未持有高级证书，须人工裁定。",
    ),
    ReasonCode.LEVEL_UNMAPPED: (
        "Level {level} of framework {from_framework} has no counterpart in {to_framework}.",
        "资历框架 {from_framework} 的 {level} 级在 {to_framework} 中没有对应等级。",
    ),
    ReasonCode.LEVEL_AMBIGUOUS: (
        "Level {level} of framework {from_framework} may be any of {candidates} in {to_framework}; a person must decide.",
        "资历框架 {from_framework} 的 {level} 级在 {to_framework} 中可对应 {candidates}，须人工裁定。",
    ),
    ReasonCode.NO_RULE: (
        "Region {region} has no conversion rule for this certificate, level and major.",
        "区域 {region} 没有适用于该证书、等级和专业的转换规则。",
    ),
    ReasonCode.LEVEL_NOT_ELIGIBLE: (
        "Level {level} does not open {kind} courses: {course}.",
        "{level} 等级不能替代 {kind} 类课程：{course}。",
    ),
    ReasonCode.COURSE_ALREADY_REPLACED: (
        "Course {course} was already replaced by another certificate.",
        "课程 {course} 已由其他证书替代。",
    ),
    ReasonCode.CERTIFICATE_CEILING: (
        "One certificate counts for at most {ceiling} credits here; {credits} are above it.",
        "单个证书在本区域最多计 {ceiling} 学分，超出 {credits} 学分。",
    ),
    ReasonCode.RATE_APPLIED: (
        "The agreement recognises {rate} % of the credits; {credits} stay at home.",
        "协议按 {rate}% 折算学分，{credits} 学分留存原区域。",
    ),
    ReasonCode.FLEX_NOT_MAPPED: (
        "{credits} flexible credits are covered by neither the agreement nor a rule.",
        "{credits} 个柔性学分未被协议或规则覆盖。",
    ),
    ReasonCode.COURSES_INSUFFICIENT: (
        "The matching courses take {taken} credits; {credits} stay at home.",
        "可替代课程共 {taken} 学分，其余 {credits} 学分留存原区域。",
    ),
    ReasonCode.CAP_REACHED: (
        "The yearly ceiling of {ceiling} credits leaves {left}.",
        "年度上限为 {ceiling} 学分，剩余额度 {left}。",
    ),
    ReasonCode.REGION_DID_NOT_ANSWER: (
        "Region {region} did not answer in time; ask again later.",
        "区域 {region} 未能及时应答，请稍后再试。",
    ),
    ReasonCode.NOT_PERMITTED: (
        "This caller may not ask about this learner's outcome.",
        "当前用户无权查询该学习者的成果。",
    ),
    ReasonCode.MALFORMED_INPUT: ("The request is malformed: {detail}", "请求格式有误：{detail}"),
}


class RefusalCode(StrEnum):
    """Why a bank refuses a change; a refusal is an answer, not an exception."""

    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    UNKNOWN_CERTIFICATE = "UNKNOWN_CERTIFICATE"
    UNKNOWN_STANDARD = "UNKNOWN_STANDARD"
    UNKNOWN_ORGANISATION = "UNKNOWN_ORGANISATION"
    UNKNOWN_MAJOR = "UNKNOWN_MAJOR"
    UNKNOWN_AGREEMENT = "UNKNOWN_AGREEMENT"
    UNKNOWN_RULE_SET = "UNKNOWN_RULE_SET"
    UNKNOWN_CASE = "UNKNOWN_CASE"
    INVALID_CITIZEN_NUMBER = "INVALID_CITIZEN_NUMBER"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    ACCOUNT_NOT_OPEN = "ACCOUNT_NOT_OPEN"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    SUBMISSION_BARRED = "SUBMISSION_BARRED"
    TRANSFER_UNDER_WAY = "TRANSFER_UNDER_WAY"
    OUTCOME_EXISTS = "OUTCOME_EXISTS"
    OUTCOME_STATUS = "OUTCOME_STATUS"
    CEILING_EXCEEDED = "CEILING_EXCEEDED"
    MALFORMED_CREDITS = "MALFORMED_CREDITS"
    MALFORMED_INPUT = "MALFORMED_INPUT"
    STANDARD_RETIRED = "STANDARD_RETIRED"
    ISSUER_VETOED = "ISSUER_VETOED"
    ALREADY_CONVERTED = "ALREADY_CONVERTED"
    CREDITS_EXPIRED = "CREDITS_EXPIRED"
    NO_RULE = "NO_RULE"
    LEVEL_NOT_ELIGIBLE = "LEVEL_NOT_ELIGIBLE"
    COURSE_ALREADY_REPLACED = "COURSE_ALREADY_REPLACED"
    COURSE_NOT_COUNTED = "COURSE_NOT_COUNTED"
    CREDITS_INSUFFICIENT = "CREDITS_INSUFFICIENT"
    EXAM_NOT_PASSED = "EXAM_NOT_PASSED"
    REVIEW_CONCLUDED = "REVIEW_CONCLUDED"
    CASE_OPEN = "CASE_OPEN"
    CASE_CLOSED = "CASE_CLOSED"
    MATRIX_INVALID = "MATRIX_INVALID"
    COHORT_STEP = "COHORT_STEP"
    RULES_INVALID = "RULES_INVALID"
    AGREEMENT_STATUS = "AGREEMENT_STATUS"
    AGREEMENT_INVALID = "AGREEMENT_INVALID"
    UNKNOWN_TRANSFER = "UNKNOWN_TRANSFER"
    TRANSFER_STATE = "TRANSFER_STATE"
    NOT_COVERED = "NOT_COVERED"
    BALANCE_TOO_SMALL = "BALANCE_TOO_SMALL"
    STATEMENT_INVALID = "STATEMENT_INVALID"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    NOT_PERMITTED = "NOT_PERMITTED"


REFUSALS: Final[dict[RefusalCode, tuple[str, str]]] = {
    RefusalCode.UNKNOWN_ACCOUNT: ("There is no account {id} here.", "本行没有账户 {id}。"),
    RefusalCode.UNKNOWN_OUTCOME: ("There is no learning outcome {id} here.", "本行没有学习成果 {id}。"),
    RefusalCode.UNKNOWN_CERTIFICATE: (
        "Certificate {id} is not in the catalogue.",
        "目录中没有证书 {id}。",
    ),
    RefusalCode.UNKNOWN_STANDARD: (
        "The certificate has no standard version {id} at this level.",
        "该证书在此等级没有标准版本 {id}。",
    ),
    RefusalCode.UNKNOWN_ORGANISATION: (
        "There is no evaluation organisation {id}.",
        "没有培训评价组织 {id}。",
    ),
    RefusalCode.UNKNOWN_MAJOR: ("Major {id} is not in the catalogue.", "目录中没有专业 {id}。"),
    RefusalCode.UNKNOWN_AGREEMENT: ("There is no agreement {id} here.", "本行没有协议 {id}。"),
    RefusalCode.UNKNOWN_RULE_SET: ("There is no rule set {id} here.", "本行没有规则集 {id}。"),
    RefusalCode.UNKNOWN_CASE: ("There is no case {id} here.", "本行没有案件 {id}。"),
    RefusalCode.INVALID_CITIZEN_NUMBER: (
        "The citizen number does not pass the check of GB 11643; check each digit.",
        "公民身份号码未通过 GB 11643 校验，请逐位核对。",
    ),
    RefusalCode.ACCOUNT_EXISTS: (
        "This learner already has account {id} in this region.",
        "该学习者在本区域已有账户 {id}。",
    ),
    RefusalCode.ACCOUNT_NOT_OPEN: (
        "Account {id} is {status}, not OPEN.",
        "账户 {id} 的状态为 {status}，并非正常。",
    ),
    RefusalCode.ACCOUNT_FROZEN: ("Account {id} is frozen.", "账户 {id} 已冻结。"),
    RefusalCode.SUBMISSION_BARRED: (
        "After a fraud case this account may not submit outcomes until {day}.",
        "因造假案件，该账户在 {day} 之前不得提交成果。",
    ),
    RefusalCode.TRANSFER_UNDER_WAY: (
        "Transfer {id} of this account is {state}: end or cancel it, then close the account.",
        "该账户的学分转移 {id} 状态为 {state}：请先办结或撤回，再办理销户。",
    ),
    RefusalCode.OUTCOME_EXISTS: (
        "This outcome was already submitted as {id}.",
        "该成果已提交，编号 {id}。",
    ),
    RefusalCode.OUTCOME_STATUS: (
        "Outcome {id} is {status}; this step needs {needed}.",
        "成果 {id} 的状态为 {status}，此操作要求 {needed}。",
    ),
    RefusalCode.CEILING_EXCEEDED: (
        "{credits} credits are above the ceiling of {ceiling} for one certificate.",
        "{credits} 学分超过单个证书 {ceiling} 学分的上限。",
    ),
    RefusalCode.MALFORMED_CREDITS: (
        '{detail} is not an amount of credits above zero; write a string such as "5.6".',
        '{detail} 不是大于零的学分数；请写成 "5.6" 这样的字符串。',
    ),
    RefusalCode.MALFORMED_INPUT: ("The input is malformed: {detail}", "输入格式有误：{detail}"),
    RefusalCode.STANDARD_RETIRED: (
        "The standard was not active on the day of issue, {day}.",
        "证书颁发日（{day}）该标准未生效或已退出。",
    ),
    RefusalCode.ISSUER_VETOED: (
        "The evaluation organisation {organisation} was vetoed on {day}.",
        "培训评价组织 {organisation} 已于 {day} 被一票否决。",
    ),
    RefusalCode.ALREADY_CONVERTED: (
        "Outcome {id} was already used; ledger entry {entry} is the proof.",
        "成果 {id} 已使用，凭证为分录 {entry}。",
    ),
    RefusalCode.CREDITS_EXPIRED: (
        "The last day of the credits of outcome {id} was {day}.",
        "成果 {id} 的学分有效期已于 {day} 届满。",
    ),
    RefusalCode.NO_RULE: (
        "No conversion rule is in force for this outcome and major.",
        "没有适用于该成果和专业的有效转换规则。",
    ),
    RefusalCode.LEVEL_NOT_ELIGIBLE: (
        "Level {level} does not open {kind} courses: {course}.",
        "{level} 等级不能替代 {kind} 类课程：{course}。",
    ),
    RefusalCode.COURSE_ALREADY_REPLACED: (
        "Course {course} was already replaced by another certificate.",
        "课程 {course} 已由其他证书替代。",
    ),
    RefusalCode.COURSE_NOT_COUNTED: (
        "{course} is not a course that counts, or counts already, towards this certificate in this major.",
        "课程 {course} 在该专业中不计入该证书，或已计入。",
    ),
    RefusalCode.CREDITS_INSUFFICIENT: (
        "The courses give {found} credits; the certificate needs {needed}.",
        "所列课程计 {found} 学分，该证书须有 {needed} 学分。",
    ),
    RefusalCode.EXAM_NOT_PASSED: (
        "The {exam} exam was not passed; the level needs both theory and practical.",
        "未通过 {exam} 考试；该等级须通过理论（theory）与实操（practical）考试。",
    ),
    RefusalCode.REVIEW_CONCLUDED: (
        "The review of {year} is concluded already: it retired {count} standards from {day}.",
        "{year} 年度审核已完成：自 {day} 起退出 {count} 项标准。",
    ),
    RefusalCode.CASE_OPEN: (
        "Case {id} keeps account {account} frozen until it is decided.",
        "案件 {id} 未结，账户 {account} 须保持冻结。",
    ),
    RefusalCode.CASE_CLOSED: (
        "Case {id} is decided already: {finding}.",
        "案件 {id} 已结：{finding}。",
    ),
    RefusalCode.MATRIX_INVALID: (
        "The course matrix is refused: {detail}",
        "书证融通课程矩阵未通过检查：{detail}",
    ),
    RefusalCode.COHORT_STEP: (
        "Account {account} has not {needed}; nobody skips a step of a cohort.",
        "账户 {account} 尚未完成 {needed}；培训批次的步骤不可跳过。",
    ),
    RefusalCode.RULES_INVALID: ("The rule set is refused: {detail}", "规则集未通过检查：{detail}"),
    RefusalCode.AGREEMENT_STATUS: (
        "Agreement {id} is {status}; this step needs {needed}.",
        "协议 {id} 的状态为 {status}，此操作要求 {needed}。",
    ),
    RefusalCode.AGREEMENT_INVALID: ("The agreement is refused: {detail}", "协议未通过检查：{detail}"),
    RefusalCode.UNKNOWN_TRANSFER: ("There is no transfer {id} here.", "本行没有学分转移 {id}。"),
    RefusalCode.TRANSFER_STATE: (
        "Transfer {id} is {state}; this step needs {needed}.",
        "学分转移 {id} 的状态为 {state}，此操作要求 {needed}。",
    ),
    RefusalCode.NOT_COVERED: (
        "No agreement in force carries this outcome to region {to}: {reason}.",
        "没有有效协议可将该成果转往区域 {to}：{reason}。",
    ),
    RefusalCode.BALANCE_TOO_SMALL: (
        "Account {id} holds {balance} credits, fewer than the {credits} of the outcome.",
        "账户 {id} 现有 {balance} 学分，少于该成果的 {credits} 学分。",
    ),
    RefusalCode.STATEMENT_INVALID: (
        "The signed statement cannot be relied on: {detail}",
        "该签名声明不可采信：{detail}",
    ),
    RefusalCode.KEY_UNKNOWN: (
        "This bank has no signing key of region {region}; its operator must set one.",
        "本行没有区域 {region} 的签名密钥，须由运维人员配置。",
    ),
    RefusalCode.IDEMPOTENCY_KEY_REUSED: (
        "This idempotency key was used for another request; use a new key for a new request.",
        "该幂等键已用于其他请求；新的请求请使用新的键。",
    ),
    RefusalCode.NOT_PERMITTED: (
        "This caller may not do this: {detail}",
        "当前用户无权执行此操作：{detail}",
    ),
}


def say(code: ReasonCode | RefusalCode, language: Language, **facts: object) -> str:
    """Return the sentence of `code` in `language`, filled with `facts` (a missing fact shows as "?")."""
    english, chinese = REASONS[code] if isinstance(code, ReasonCode) else REFUSALS[code]
    return (english if language == "en" else chinese).format_map(Worded(facts, language))
