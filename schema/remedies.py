"""What would remove each reason that stands against recognition, in English and Chinese.

Both programs say it: the deciding region of its decisions, the gateway of questions that no
region hears of. Where nothing can be done, the words say that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schema.codes import ReasonCode as Code

REMEDIES: Final[Mapping[Code, tuple[str, str]]] = {
    Code.UNKNOWN_REGION: ("a region that has a credit bank", "一个设有学分银行的区域"),
    Code.SAME_REGION: ("another region to be recognised in", "另一个认定区域"),
    Code.NO_AGREEMENT: (
        "an agreement between {from_} and {to} that is in force on {as_of}",
        "{from_} 与 {to} 之间于 {as_of} 有效的协议",
    ),
    Code.AGREEMENT_NOT_YET_IN_FORCE: (
        "an agreement signed and in force on {as_of}",
        "于 {as_of} 已签署并生效的协议",
    ),
    Code.AGREEMENT_EXPIRED: ("a new version of the agreement for {as_of}", "适用于 {as_of} 的新版协议"),
    Code.AGREEMENT_SUSPENDED: (
        "a new version of the agreement in place of the suspended one",
        "以新版协议取代已中止的协议",
    ),
    Code.WRONG_DIRECTION: (
        "an agreement by which this side accepts as well",
        "本区域亦予认可的协议",
    ),
    Code.OUT_OF_SCOPE: (
        "a line in the agreement's scope for this certificate, level and kind",
        "协议范围内涵盖该证书、等级和类型的条款",
    ),
    Code.AGREEMENT_MISMATCH: (
        "the same text of the agreement on both sides",
        "双方一致的协议文本",
    ),
    Code.UNKNOWN_OUTCOME: ("an outcome that region {region} knows", "区域 {region} 已登记的学习成果"),
    Code.UNKNOWN_CERTIFICATE: ("a certificate of the catalogue", "目录内的证书"),
    Code.NOT_VERIFIED: ("verification by the home region", "原区域的核验"),
    Code.REVOKED: (
        "another outcome: a revoked one is never recognised",
        "另一项成果：已撤销的成果不予认可",
    ),
    Code.ALREADY_CONVERTED: (
        "another outcome: this one is used",
        "另一项成果：该成果已使用",
    ),
    Code.ACCOUNT_FROZEN: ("the home account unfrozen", "原区域账户解除冻结"),
    Code.UNKNOWN_STANDARD: (
        "registration of the standard by the home region",
        "原区域登记该职业技能等级标准",
    ),
    Code.STANDARD_RETIRED: (
        "a certificate issued while its standard was active",
        "在标准有效期内颁发的证书",
    ),
    Code.ISSUER_VETOED: (
        "an exam before the veto, or by another organisation",
        "否决之前的考试，或由其他培训评价组织组织的考试",
    ),
    Code.ISSUER_UNDER_REVIEW: (
        "a person's finding on the exam in the review window",
        "对复核期内考试的人工认定",
    ),
    Code.EXAMINER_UNQUALIFIED: (
        "an examiner who holds the ADVANCED level",
        "持有高级证书的考官",
    ),
    Code.LEVEL_UNMAPPED: (
        "a counterpart of level {level} of {from_framework} in {to_framework}",
        "{from_framework} 的 {level} 级在 {to_framework} 中的对应等级",
    ),
    Code.LEVEL_AMBIGUOUS: (
        "a person's choice among the levels {candidates}",
        "在等级 {candidates} 中作出人工裁定",
    ),
    Code.NO_RULE: (
        "rules for certificate {certificate} at level {level} that take {credits} credits",
        "证书 {certificate}（{level}）可替代 {credits} 学分课程的转换规则",
    ),
    Code.LEVEL_NOT_ELIGIBLE: (
        "a level that opens {kind} courses, for {course}",
        "可替代 {kind} 类课程（{course}）的等级",
    ),
    Code.COURSE_ALREADY_REPLACED: (
        "another course in place of {course}",
        "以其他课程代替 {course}",
    ),
    Code.CERTIFICATE_CEILING: (
        "a higher ceiling for one certificate, by {credits} credits",
        "单个证书学分上限提高 {credits} 学分",
    ),
    Code.RATE_APPLIED: (
        "a rate of 100 % in the agreement instead of {rate} %",
        "协议折算比例由 {rate}% 提高至 100%",
    ),
    Code.FLEX_NOT_MAPPED: (
        "cover for {credits} flexible credits in the agreement or a rule",
        "协议或规则覆盖 {credits} 个柔性学分",
    ),
    Code.COURSES_INSUFFICIENT: (
        "rules for courses that take {credits} credits more",
        "可再替代 {credits} 学分课程的转换规则",
    ),
    Code.CAP_REACHED: (
        "{credits} credits more under the yearly ceiling: next year, or by a new policy",
        "年度上限另需 {credits} 学分额度：待下一年度或由新政策规定",
    ),
    Code.REGION_DID_NOT_ANSWER: ("an answer of region {region}", "区域 {region} 的应答"),
    Code.NOT_PERMITTED: (
        "a caller who may ask about this learner",
        "有权查询该学习者的用户",
    ),
    Code.MALFORMED_INPUT: ("a request in the contract's form", "符合接口约定的请求"),
}
