"""The gateway's own error codes, worded in English and Chinese. Codes are part of the contract.

Those of shards are specified in docs/SHARDING.md, 6.1.
"""

from __future__ import annotations

from typing import Final

from edge.codes import MESSAGES
from edge.messages import Messages, Wordings
from gateway.engine_texts import ENGINE_TEXTS
from schema.codes import REFUSALS, RefusalCode

_AGAIN: Final = (
    "The rest of the answer holds. Ask again later for this part.",
    "其余部分有效；请稍后再查询此部分。",
)
_CHECK_CODE: Final = (
    "`{{ regions {{ code name }} }}` lists the regions that can be asked.",
    "可用 `{{ regions {{ code name }} }}` 查询已接入的区域。",
)

OF_SUBGRAPHS: Final[Wordings] = {
    "SHARD_TIMEOUT": ("The subgraph {service} did not answer in time.", "子图 {service} 未能及时应答。"),
    "SHARD_UNREACHABLE": ("The subgraph {service} cannot be reached.", "无法连接子图 {service}。"),
    "SHARD_REJECTED": ("The subgraph {service} refused to answer.", "子图 {service} 拒绝应答。"),
    "SHARD_INVALID_REPLY": (
        "The subgraph {service} gave an answer that cannot be used.",
        "子图 {service} 的应答无法使用。",
    ),
    "SHARD_BREAKER_OPEN": (
        "The subgraph {service} failed too often just now and is left alone for a while.",
        "子图 {service} 近期多次失败，暂停访问。",
    ),
    "SHARD_BUSY": (
        "The subgraph {service} has more questions than it can answer at once.",
        "子图 {service} 的待答请求过多。",
    ),
}
"""What is said of a subgraph that has no shards. Only a shard of the banks' own subgraph is a region."""

WORDINGS: Final[Wordings] = {
    "SHARD_TIMEOUT": ("Region {shard} did not answer in time.", "区域 {shard} 未能及时应答。"),
    "SHARD_UNREACHABLE": ("Region {shard} cannot be reached.", "无法连接区域 {shard}。"),
    "SHARD_REJECTED": ("Region {shard} refused to answer.", "区域 {shard} 拒绝应答。"),
    "SHARD_INVALID_REPLY": (
        "Region {shard} gave an answer that cannot be used.",
        "区域 {shard} 的应答无法使用。",
    ),
    "SHARD_BREAKER_OPEN": (
        "Region {shard} failed too often just now and is left alone for a while.",
        "区域 {shard} 近期多次失败，暂停访问。",
    ),
    "SHARD_BUSY": (
        "Region {shard} has more questions than it can answer at once.",
        "区域 {shard} 的待答请求过多。",
    ),
    "SUBSCRIBER_TOO_SLOW": (
        "Too many events wait to be read; the subscription has ended.",
        "待读取的事件过多，订阅已结束。",
    ),
    "SHARD_DRAINING": (
        "Region {shard} takes no changes at the moment.",
        "区域 {shard} 目前不接受变更。",
    ),
    "SHARD_SUSPENDED": ("Region {shard} is suspended and is not asked.", "区域 {shard} 已暂停接入。"),
    "UNKNOWN_SHARD": (
        "No region's bank goes by {shard}.",
        "没有以 {shard} 标识的区域学分银行。",
    ),
    "ROUTE_ARGUMENT_MISSING": (
        "The argument that names the region is missing.",
        "缺少指明区域的参数。",
    ),
    "UNSUPPORTED_BY_SHARD": (
        "Region {shard} does not offer this yet.",
        "区域 {shard} 尚不支持此项。",
    ),
    "INCOMPLETE": (
        "Some of this is missing, and it was wanted whole or not at all.",
        "部分内容缺失，而请求要求完整结果。",
    ),
    "DOWNSTREAM_SERVICE_ERROR": (
        "The {service} subgraph reported an error.",
        "子图 {service} 报告了错误。",
    ),
    "AGREEMENT_MISMATCH": (
        "What is published of agreement {agreement} is not what the regions signed.",
        "公示的协议 {agreement} 与区域签署的文本不一致。",
    ),
    "LIMIT_RECOGNITIONS": (
        "{found} questions were asked at once; {limit} are allowed.",
        "一次提出了 {found} 个互认查询，最多允许 {limit} 个。",
    ),
    "UNAUTHORIZED_FIELD_OR_TYPE": (
        "You may not see {coordinate}.",
        "您无权查看 {coordinate}。",
    ),
    "INTROSPECTION_DISABLED": (
        "You may not ask for the schema.",
        "您无权查询模式（schema）。",
    ),
    "COST_ESTIMATED_TOO_EXPENSIVE": (
        "The operation is estimated to cost {estimated}; {budget} are allowed.",
        "该操作的估算成本为 {estimated}，最多允许 {budget}。",
    ),
    "COST_QUERY_PARSE_FAILURE": (
        "{field} needs exactly one of the arguments {arguments}; {found} were given.",
        "{field} 须且只须给出参数 {arguments} 之一；实际给出 {found} 个。",
    ),
    "PLAN_LIMIT_EXCEEDED": (
        "The operation would take too long to plan.",
        "该操作的执行计划过于复杂。",
    ),
    "PLANNER_BUSY": (
        "Too many large operations that were not seen before are being planned.",
        "正在编制执行计划的大型新操作过多。",
    ),
}

HINTS: Final[Wordings] = {
    "SHARD_TIMEOUT": _AGAIN,
    "SHARD_UNREACHABLE": _AGAIN,
    "SHARD_INVALID_REPLY": _AGAIN,
    "SHARD_BREAKER_OPEN": _AGAIN,
    "SHARD_BUSY": _AGAIN,
    "SUBSCRIBER_TOO_SLOW": ("Read faster, or subscribe again.", "请加快读取，或重新订阅。"),
    "INCOMPLETE": (
        "Ask again later, or ask for what there is: without @complete.",
        "请稍后重试，或去掉 @complete 以获取现有部分。",
    ),
    "SHARD_SUSPENDED": _AGAIN,
    "SHARD_DRAINING": (
        "Send the same request with the same idempotency key later.",
        "请稍后以相同的幂等键重新发送。",
    ),
    "UNSUPPORTED_BY_SHARD": (
        "The rest of the answer holds. Leave out what `coordinates` names, or wait for the region's update.",
        "其余部分有效。请去掉 `coordinates` 所列内容，或待该区域学分银行升级后再查询。",
    ),
    "UNKNOWN_SHARD": _CHECK_CODE,
    "ROUTE_ARGUMENT_MISSING": _CHECK_CODE,
    "AGREEMENT_MISMATCH": (
        "The decision rests on the regions' own copies, whose hashes `held` names; mend what is published.",
        "结论以区域自存文本为准，其散列值见 `held`；公示文件须更正。",
    ),
    "LIMIT_RECOGNITIONS": ("Send them in several requests.", "请分多次请求发送。"),
    "UNAUTHORIZED_FIELD_OR_TYPE": (
        "Ask with a token that allows it, or leave it out.",
        "请使用具有相应权限的令牌，或去掉该字段。",
    ),
    "INTROSPECTION_DISABLED": (
        "Leave out __schema and __type.",
        "请去掉 __schema 和 __type。",
    ),
    "COST_ESTIMATED_TOO_EXPENSIVE": (
        "Ask for fewer fields, for shorter lists, or in several operations.",
        "请减少字段、缩短列表，或分为多个操作。",
    ),
    "COST_QUERY_PARSE_FAILURE": (
        "Give one of them, so that the list's size is known.",
        "请给出其中之一，以便确定列表长度。",
    ),
    "PLAN_LIMIT_EXCEEDED": (
        "Ask for fewer fields, or in several operations.",
        "请减少字段，或分为多个操作。",
    ),
    "PLANNER_BUSY": (
        "Try again in some seconds.",
        "请数秒后重试。",
    ),
}

GATEWAY_MESSAGES: Final[Messages] = (
    MESSAGES.with_wordings({code: REFUSALS[code] for code in (RefusalCode.MALFORMED_CREDITS,)})
    .with_wordings(OF_SUBGRAPHS)
    .with_wordings(WORDINGS, HINTS, ENGINE_TEXTS)
)
