"""Why a bank refuses a change: codes, each with what it says in English and Chinese."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
    EXAM_PARTY_UNREGISTERED = "EXAM_PARTY_UNREGISTERED"
    EXAM_UNDER_REVIEW = "EXAM_UNDER_REVIEW"
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
    RefusalCode.EXAM_PARTY_UNREGISTERED: (
        "{party} {named} was not registered with the organisation on {day}, the day of the exam.",
        "考试日（{day}）该培训评价组织未登记 {party} {named}（EXAMINER 考官，SITE 考点）。",
    ),
    RefusalCode.EXAM_UNDER_REVIEW: (
        "The exam lies in the review window before the veto of {party} {named} on {day}: a person judges.",
        "考试日期处于 {party} {named} 被否决（{day}）之前的复核期内，须人工裁定。",
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
