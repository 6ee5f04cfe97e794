"""What a reason or a refusal may name as its detail, each with what it says in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class DetailCode(StrEnum):
    """Everything that a reason or a refusal may name as its detail."""

    # Who asks, and how
    ROLE = "ROLE"
    KEY_LENGTH = "KEY_LENGTH"
    EITHER_OUTCOME_OR_CERTIFICATE = "EITHER_OUTCOME_OR_CERTIFICATE"
    OUTCOME_OF_OTHER_REGION = "OUTCOME_OF_OTHER_REGION"
    NO_SUCH_MAJOR = "NO_SUCH_MAJOR"
    KNOWN_LATER = "KNOWN_LATER"
    # A home region's facts that do not answer the question
    STANDING_OF_OTHER_DAY = "STANDING_OF_OTHER_DAY"
    STANDING_OF_OTHER_CERTIFICATE = "STANDING_OF_OTHER_CERTIFICATE"
    STANDING_OF_OTHER_OUTCOME = "STANDING_OF_OTHER_OUTCOME"
    STANDING_CREDITS = "STANDING_CREDITS"
    # Accounts and outcomes
    ACCOUNT_NOT_FROZEN = "ACCOUNT_NOT_FROZEN"
    LENGTH = "LENGTH"
    COUNT = "COUNT"
    TITLE_LENGTH = "TITLE_LENGTH"
    CERTIFICATE_AND_LEVEL_NEEDED = "CERTIFICATE_AND_LEVEL_NEEDED"
    ONLY_OF_CERTIFICATES = "ONLY_OF_CERTIFICATES"
    ISSUED_AFTER_TODAY = "ISSUED_AFTER_TODAY"
    EXAMINED_AFTER_ISSUE = "EXAMINED_AFTER_ISSUE"
    TOO_MANY_SOURCES = "TOO_MANY_SOURCES"
    # Policies, frameworks, standards, organisations
    NOT_ABOVE_ZERO = "NOT_ABOVE_ZERO"
    NOT_A_PERCENTAGE = "NOT_A_PERCENTAGE"
    NEGATIVE = "NEGATIVE"
    BEFORE_ANOTHER_VERSION = "BEFORE_ANOTHER_VERSION"
    FRAMEWORK_INCOMPLETE = "FRAMEWORK_INCOMPLETE"
    NOT_LEVELS_OF_FRAMEWORK = "NOT_LEVELS_OF_FRAMEWORK"
    MAP_TO_OTHER_FRAMEWORK = "MAP_TO_OTHER_FRAMEWORK"
    MAP_TO_ITSELF = "MAP_TO_ITSELF"
    NO_SUCH_LEVEL = "NO_SUCH_LEVEL"
    STANDARD_INCOMPLETE = "STANDARD_INCOMPLETE"
    STANDARD_REGISTERED = "STANDARD_REGISTERED"
    STANDARD_RETIRED_BEFORE = "STANDARD_RETIRED_BEFORE"
    STANDARD_NOT_YET_ACTIVE = "STANDARD_NOT_YET_ACTIVE"
    VETOED_BEFORE = "VETOED_BEFORE"
    EXAMINER_NAMED = "EXAMINER_NAMED"
    EXAM_PARTY_REGISTERED = "EXAM_PARTY_REGISTERED"
    EXAM_PARTY_NOT_REGISTERED = "EXAM_PARTY_NOT_REGISTERED"
    YEAR_NOT_OVER = "YEAR_NOT_OVER"
    NOT_AFTER_TODAY = "NOT_AFTER_TODAY"
    # Rule sets
    TOO_MANY_RULES = "TOO_MANY_RULES"
    BEFORE_ANOTHER_SET = "BEFORE_ANOTHER_SET"
    FINDING = "FINDING"
    MORE_FINDINGS = "MORE_FINDINGS"
    VOTES_MISSING = "VOTES_MISSING"
    CREDITS_FOR_COURSE = "CREDITS_FOR_COURSE"
    NO_CERTIFICATE_AT_LEVEL = "NO_CERTIFICATE_AT_LEVEL"
    NO_COURSE_IN_MAJOR = "NO_COURSE_IN_MAJOR"
    SEVERAL_AMOUNTS = "SEVERAL_AMOUNTS"
    ABOVE_CEILING = "ABOVE_CEILING"
    LOWER_LEVEL_GIVES_MORE = "LOWER_LEVEL_GIVES_MORE"
    CIRCLE = "CIRCLE"
    # Course matrices
    TABLE_LENGTH = "TABLE_LENGTH"
    TABLE_COLUMNS = "TABLE_COLUMNS"
    IN_LINE = "IN_LINE"
    ONE_OF = "ONE_OF"
    COURSE_AND_TASK = "COURSE_AND_TASK"
    NOT_CREDITS = "NOT_CREDITS"
    CELLS_COUNT = "CELLS_COUNT"
    CELL_TWICE = "CELL_TWICE"
    CELL_CREDITS = "CELL_CREDITS"
    MATRIX_ABOVE_CEILING = "MATRIX_ABOVE_CEILING"
    # Agreements
    NO_SUCH_REGION = "NO_SUCH_REGION"
    SAME_PARTIES = "SAME_PARTIES"
    NOT_A_PARTY = "NOT_A_PARTY"
    ALLIANCE_ACCEPTS = "ALLIANCE_ACCEPTS"
    ASSISTANCE_ACCEPTS = "ASSISTANCE_ACCEPTS"
    LAST_DAY_BEFORE_FIRST = "LAST_DAY_BEFORE_FIRST"
    SCOPE_LENGTH = "SCOPE_LENGTH"
    RATE_RANGE = "RATE_RANGE"
    NO_SUCH_CERTIFICATE = "NO_SUCH_CERTIFICATE"
    VERSION_BELOW_ONE = "VERSION_BELOW_ONE"
    NOTICE_RANGE = "NOTICE_RANGE"
    NOTICE_TOO_SHORT = "NOTICE_TOO_SHORT"
    REASON_LENGTH = "REASON_LENGTH"
    VERSION_UNSIGNED = "VERSION_UNSIGNED"
    FIRST_DAY_BEFORE_VERSION = "FIRST_DAY_BEFORE_VERSION"
    REQUESTS_OF_OTHERS = "REQUESTS_OF_OTHERS"
    SAME_TERMS = "SAME_TERMS"
    LAST_DAY_PAST = "LAST_DAY_PAST"
    LAST_DAY_AFTER_TERMS = "LAST_DAY_AFTER_TERMS"
    # Transfers
    EXPIRY_RANGE = "EXPIRY_RANGE"
    STATEMENT_LENGTH = "STATEMENT_LENGTH"
    STATEMENT_UNREADABLE = "STATEMENT_UNREADABLE"
    STATEMENT_SIGNER = "STATEMENT_SIGNER"
    STATEMENT_CHANGED = "STATEMENT_CHANGED"
    STATEMENT_FOR_OTHER_REGION = "STATEMENT_FOR_OTHER_REGION"
    STATEMENT_OF_OTHER_TERMS = "STATEMENT_OF_OTHER_TERMS"
    STATEMENT_OF_OTHER_TRANSFER = "STATEMENT_OF_OTHER_TRANSFER"
    ANOTHER_RECEIPT = "ANOTHER_RECEIPT"
    EITHER_EXPORT_OR_CANCELLATION = "EITHER_EXPORT_OR_CANCELLATION"
    # Sheets
    IN_COLUMN = "IN_COLUMN"
    SOURCE_CODE = "SOURCE_CODE"
    ISSUER_AMBIGUOUS = "ISSUER_AMBIGUOUS"
    LEVEL_WORD = "LEVEL_WORD"
    MONTH_FORM = "MONTH_FORM"
    AFTER_TODAY = "AFTER_TODAY"
    EMPTY = "EMPTY"


_D = DetailCode
DETAILS: Final[Mapping[DetailCode, tuple[str, str]]] = {
    _D.ROLE: ("role {role}", "角色 {role}"),
    _D.KEY_LENGTH: (
        "idempotencyKey has {found} characters; 1 to {limit} are allowed",
        "idempotencyKey 有 {found} 个字符，应为 1 至 {limit} 个",
    ),
    _D.EITHER_OUTCOME_OR_CERTIFICATE: (
        "give either outcomeId or certificate",
        "outcomeId 与 certificate 须且只须给出其一",
    ),
    _D.OUTCOME_OF_OTHER_REGION: (
        "{outcome} is no outcome of region {region}",
        "{outcome} 不是区域 {region} 的学习成果标识",
    ),
    _D.NO_SUCH_MAJOR: ("major {major} is not in the catalogue", "目录中没有专业 {major}"),
    _D.KNOWN_LATER: ("knownAt {instant} is after now", "knownAt {instant} 晚于当前时刻"),
    _D.STANDING_OF_OTHER_DAY: (
        "the standing is of another day than the question",
        "原区域事实与查询的日期不同",
    ),
    _D.STANDING_OF_OTHER_CERTIFICATE: (
        "the standing is of another certificate",
        "原区域事实属于另一证书",
    ),
    _D.STANDING_OF_OTHER_OUTCOME: ("the standing is of another outcome", "原区域事实属于另一学习成果"),
    _D.STANDING_CREDITS: (
        "the standing's core and flexible credits are not its credits",
        "原区域事实中核心学分与柔性学分之和不等于学分",
    ),
    _D.ACCOUNT_NOT_FROZEN: (
        "account {account} is {status}, not FROZEN",
        "账户 {account} 的状态为 {status}，并未冻结",
    ),
    _D.LENGTH: ("{field} must have 1 to {limit} characters", "{field} 应为 1 至 {limit} 个字符"),
    _D.COUNT: ("{field} must name 1 to {limit}", "{field} 应列出 1 至 {limit} 项"),
    _D.TITLE_LENGTH: ("title must have 1 to {limit} characters", "title 应为 1 至 {limit} 个字符"),
    _D.CERTIFICATE_AND_LEVEL_NEEDED: (
        "an X_CERTIFICATE needs certificate and level",
        "X_CERTIFICATE 须给出 certificate 和 level",
    ),
    _D.ONLY_OF_CERTIFICATES: (
        "certificate, level and standardVersion belong to kind X_CERTIFICATE",
        "certificate、level 和 standardVersion 只用于 X_CERTIFICATE",
    ),
    _D.ISSUED_AFTER_TODAY: ("issuedOn {day} is after today, {today}", "issuedOn {day} 晚于今天（{today}）"),
    _D.EXAMINED_AFTER_ISSUE: (
        "examinedOn {day} is after issuedOn {issued}",
        "examinedOn {day} 晚于 issuedOn {issued}",
    ),
    _D.TOO_MANY_SOURCES: (
        "derivedFrom names more than {limit} outcomes",
        "derivedFrom 所列成果超过 {limit} 项",
    ),
    _D.NOT_ABOVE_ZERO: ("{field} must be above 0", "{field} 须大于 0"),
    _D.NOT_A_PERCENTAGE: ("{field} must be 0 to 100", "{field} 应为 0 至 100"),
    _D.NEGATIVE: ("{field} must not be negative", "{field} 不能为负数"),
    _D.BEFORE_ANOTHER_VERSION: (
        "validFrom must not be before {day}, from which another version holds",
        "validFrom 不能早于 {day}：该日起已有另一版本生效",
    ),
    _D.FRAMEWORK_INCOMPLETE: (
        "a framework needs a code and at least one level, each level once",
        "资历框架须有代码和至少一个等级，等级不能重复",
    ),
    _D.NOT_LEVELS_OF_FRAMEWORK: (
        "levels {levels} are not levels of the framework",
        "{levels} 不是该资历框架的等级",
    ),
    _D.MAP_TO_OTHER_FRAMEWORK: (
        "a region keeps maps to its own framework, {framework}",
        "区域只维护到本区域资历框架 {framework} 的等级对应",
    ),
    _D.MAP_TO_ITSELF: (
        "a framework maps to itself without a map",
        "同一资历框架之间无须等级对应",
    ),
    _D.NO_SUCH_LEVEL: (
        "framework {framework} has no level {levels}",
        "资历框架 {framework} 没有等级 {levels}",
    ),
    _D.STANDARD_INCOMPLETE: (
        "a standard needs a version and an organisation",
        "标准须有版本和培训评价组织",
    ),
    _D.STANDARD_REGISTERED: (
        "standard {standard} is registered already; a change needs a new version",
        "标准 {standard} 已登记；更改须使用新版本",
    ),
    _D.STANDARD_RETIRED_BEFORE: (
        "standard {standard} is retired already, from {day}",
        "标准 {standard} 已于 {day} 退出",
    ),
    _D.STANDARD_NOT_YET_ACTIVE: (
        "standard {standard} is active only from {day}",
        "标准 {standard} 自 {day} 起才生效",
    ),
    _D.EXAMINER_NAMED: (
        "an examiner is registered by code; leave name out",
        "考官按编号登记，请勿填写 name",
    ),
    _D.EXAM_PARTY_REGISTERED: (
        "{party} {named} is registered for that day already",
        "{party} {named} 当日已有登记",
    ),
    _D.EXAM_PARTY_NOT_REGISTERED: (
        "no registration of {named} holds on {day}",
        "{named} 于 {day} 没有有效登记",
    ),
    _D.YEAR_NOT_OVER: ("the year {year} is not over", "{year} 年度尚未结束"),
    _D.NOT_AFTER_TODAY: (
        "{field} {day} must be after today, {today}",
        "{field} {day} 须晚于今天（{today}）",
    ),
    _D.VETOED_BEFORE: (
        "{organisation} is vetoed already, from {day}",
        "{organisation} 已于 {day} 被一票否决",
    ),
    _D.TOO_MANY_RULES: (
        "{found} rules; one set may have {limit}",
        "共 {found} 条规则；一个规则集最多 {limit} 条",
    ),
    _D.BEFORE_ANOTHER_SET: (
        "validFrom must not be before {day}, from which another set holds",
        "validFrom 不能早于 {day}：该日起已有另一规则集生效",
    ),
    _D.FINDING: ("{fault} [{rules}]: {witness}", "{fault}［{rules}］：{witness}"),
    _D.MORE_FINDINGS: ("and {count} more", "另有 {count} 项"),
    _D.VOTES_MISSING: (
        "{votes} votes of the committee; {needed} are needed",
        "委员会 {votes} 票，须有 {needed} 票",
    ),
    _D.CREDITS_FOR_COURSE: ("{credits} credits for {course}", "{course} 计 {credits} 学分"),
    _D.NO_CERTIFICATE_AT_LEVEL: (
        "no certificate {certificate} at level {level}",
        "没有 {level} 等级的证书 {certificate}",
    ),
    _D.NO_COURSE_IN_MAJOR: ("major {major} has no course {course}", "专业 {major} 没有课程 {course}"),
    _D.SEVERAL_AMOUNTS: (
        "{certificate} {level} and {course}: {amounts} credits",
        "{certificate} {level} 与 {course}：{amounts} 学分",
    ),
    _D.ABOVE_CEILING: (
        "{certificate} {level} replaces {total} credits in major {major}; the ceiling is {ceiling}",
        "{certificate} {level} 在专业 {major} 中替代 {total} 学分，上限为 {ceiling}",
    ),
    _D.LOWER_LEVEL_GIVES_MORE: (
        "{certificate} gives {credits} for {course} at {level}, {higher_credits} at {higher_level}",
        "{certificate} 对 {course}：{level} 给 {credits} 学分，{higher_level} 给 {higher_credits} 学分",
    ),
    _D.CIRCLE: ("{circle}", "循环 {circle}"),
    _D.TABLE_LENGTH: ("the table has more than {limit} characters", "表格超过 {limit} 个字符"),
    _D.TABLE_COLUMNS: ("the first line must be: {columns}", "首行应为：{columns}"),
    _D.IN_LINE: ("line {line}: {detail}", "第 {line} 行：{detail}"),
    _D.ONE_OF: ("{value} is none of {values}", "{value} 不在 {values} 之中"),
    _D.COURSE_AND_TASK: ("a course and a task are needed", "须有课程和工作任务"),
    _D.NOT_CREDITS: ("{value} is not an amount of credits such as 5.6", "{value} 不是学分数（例如 5.6）"),
    _D.CELLS_COUNT: ("a matrix has 1 to {limit} cells", "矩阵应有 1 至 {limit} 个单元格"),
    _D.CELL_TWICE: ("{course} meets task {task} twice", "{course} 与工作任务 {task} 重复"),
    _D.CELL_CREDITS: (
        "{course} at task {task} ({symbol}): all but what is deleted or supports carries credits",
        "{course}（{task}，{symbol}）：除删除与支撑外均须有学分",
    ),
    _D.MATRIX_ABOVE_CEILING: (
        "the cells carry {total} credits; one certificate carries at most {ceiling}",
        "各单元格共 {total} 学分，单个证书最多 {ceiling} 学分",
    ),
    _D.NO_SUCH_REGION: ("no region {regions}", "没有区域 {regions}"),
    _D.SAME_PARTIES: ("both parties are the same region", "协议双方为同一区域"),
    _D.NOT_A_PARTY: ("region {region} is not a party", "区域 {region} 不是协议一方"),
    _D.ALLIANCE_ACCEPTS: (
        "in an ALLIANCE both sides accept: leave accepts out",
        "ALLIANCE 为双方互认：请勿给出 accepts",
    ),
    _D.ASSISTANCE_ACCEPTS: (
        "PAIRED_ASSISTANCE needs accepts to be one of the parties",
        "PAIRED_ASSISTANCE 的 accepts 须为协议一方",
    ),
    _D.LAST_DAY_BEFORE_FIRST: ("lastDay is before firstDay, {day}", "lastDay 早于 firstDay（{day}）"),
    _D.SCOPE_LENGTH: ("scope must have 1 to {limit} lines", "scope 应为 1 至 {limit} 条"),
    _D.RATE_RANGE: ("ratePercent must be 1 to 100", "ratePercent 应为 1 至 100"),
    _D.NO_SUCH_CERTIFICATE: ("no certificate {certificates}", "没有证书 {certificates}"),
    _D.VERSION_BELOW_ONE: ("version must be 1 or more", "version 须不小于 1"),
    _D.NOTICE_RANGE: ("noticeDays must be 0 to {limit}", "noticeDays 应为 0 至 {limit}"),
    _D.NOTICE_TOO_SHORT: (
        "the terms give {days} days' notice: {day} is the first day possible",
        "条款约定提前 {days} 天通知：最早为 {day}",
    ),
    _D.REASON_LENGTH: ("reason has more than {limit} characters", "reason 超过 {limit} 个字符"),
    _D.VERSION_UNSIGNED: (
        "version {version} follows version {before}, which is not signed here",
        "第 {version} 版须接续第 {before} 版，而后者在本行未签署",
    ),
    _D.FIRST_DAY_BEFORE_VERSION: (
        "firstDay is before {day}, on which version {before} began",
        "firstDay 早于第 {before} 版的生效日 {day}",
    ),
    _D.REQUESTS_OF_OTHERS: (
        "requests of region {regions}, which is no party to it",
        "含区域 {regions} 的请求，该区域不是协议一方",
    ),
    _D.SAME_TERMS: ("the same terms are here already as {agreement}", "相同条款的协议已存在：{agreement}"),
    _D.LAST_DAY_PAST: (
        "lastDay {day} lies in the past; decisions were made by the agreement since",
        "lastDay {day} 已过；此后已有依该协议作出的结论",
    ),
    _D.LAST_DAY_AFTER_TERMS: (
        "the terms end on {day}; only a new version can make them last longer",
        "条款于 {day} 到期；延长须使用新版本",
    ),
    _D.IN_COLUMN: ("{column}: {detail}", "{column}：{detail}"),
    _D.SOURCE_CODE: ("write 01 (a course) or 02 (a certificate)", "请填写 01（课程）或 02（证书）"),
    _D.ISSUER_AMBIGUOUS: (
        "several organisations issue a certificate of this name: name one",
        "多个组织颁发同名证书，请指明发证机构",
    ),
    _D.LEVEL_WORD: ("write {levels}", "请填写 {levels}"),
    _D.MONTH_FORM: ("write a month as yyyyMM, such as 202506", "请按 yyyyMM 填写年月，例如 202506"),
    _D.EXPIRY_RANGE: (
        "expiresOn must be within {limit} days from {day}",
        "expiresOn 须在 {day} 起 {limit} 天之内",
    ),
    _D.STATEMENT_LENGTH: ("it has more than {limit} characters", "超过 {limit} 个字符"),
    _D.STATEMENT_UNREADABLE: (
        "it is no such statement in canonical JSON, RFC 8785 ({found})",
        "并非符合 RFC 8785 规范形式的此类声明（{found}）",
    ),
    _D.STATEMENT_SIGNER: (
        "it is not signed by a key that this bank knows as region {region}'s",
        "并非由本行所知的区域 {region} 的密钥签名",
    ),
    _D.STATEMENT_CHANGED: (
        "the signature does not fit: something was changed after signing",
        "签名不符：签名之后内容被改动",
    ),
    _D.STATEMENT_FOR_OTHER_REGION: (
        "it is for region {region}, not for this one",
        "其接收方为区域 {region}，并非本区域",
    ),
    _D.STATEMENT_OF_OTHER_TERMS: (
        "other terms of the same transfer were stated before",
        "同一学分转移此前已声明不同的内容",
    ),
    _D.STATEMENT_OF_OTHER_TRANSFER: ("it is of transfer {transfer}", "其所属学分转移为 {transfer}"),
    _D.ANOTHER_RECEIPT: ("another receipt was followed before", "此前已依据另一份回执办结"),
    _D.EITHER_EXPORT_OR_CANCELLATION: (
        "give either export or cancellation",
        "export 与 cancellation 须且只须给出其一",
    ),
    _D.AFTER_TODAY: ("it is after today, {today}", "晚于今天（{today}）"),
    _D.EMPTY: ("it is empty", "为空"),
}
