"""The code lists of the contract, each code with what it says in English and Chinese.

Codes are stable and never translated; the text beside a code is chosen by the reader's
language. Terms and the order of the checks: DOMAIN.md, "Mutual recognition".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from schema.details import Language as Language
from schema.details import Worded
from schema.refusal_codes import REFUSALS as REFUSALS
from schema.refusal_codes import RefusalCode as RefusalCode


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


def say(code: ReasonCode | RefusalCode, language: Language, **facts: object) -> str:
    """Return the sentence of `code` in `language`, filled with `facts` (a missing fact shows as "?")."""
    english, chinese = REASONS[code] if isinstance(code, ReasonCode) else REFUSALS[code]
    return (english if language == "en" else chinese).format_map(Worded(facts, language))
