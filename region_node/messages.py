"""The node's own error codes, worded in English and Chinese. Codes are part of the contract."""

from __future__ import annotations

from typing import Final

from edge.codes import MESSAGES
from edge.messages import Messages, Wordings
from schema.codes import REFUSALS

_STORAGE_HINT: Final = (
    "Nothing was changed. Send the same request with the same idempotency key again.",
    "未作任何更改。请以相同的幂等键重新发送相同的请求。",
)

WORDINGS: Final[Wordings] = {
    "DATABASE_BUSY": ("The bank's database is locked by other work.", "学分银行数据库正被其他操作占用。"),
    "DATABASE_FULL": ("The bank's database has no space left.", "学分银行数据库空间已满。"),
    "DATABASE_READ_ONLY": (
        "The bank's database can only be read at the moment.",
        "学分银行数据库目前只能读取。",
    ),
    "DATABASE_UNREACHABLE": ("The bank's database cannot be reached.", "无法连接学分银行数据库。"),
    "DATABASE_DAMAGED": (
        "The bank's database is damaged; an operator must look at it.",
        "学分银行数据库已损坏，须由运维人员处理。",
    ),
    "DATABASE_NOT_MIGRATED": (
        "The bank's database does not have this program's schema.",
        "学分银行数据库的结构与本程序不符。",
    ),
    "UNKNOWN_REGION": (
        "Region {region} is not the region of this node.",
        "区域 {region} 不是本节点所属区域。",
    ),
    "TOO_MANY_INPUTS": (
        "{found} inputs were given; at most {limit} are answered at once.",
        "给出了 {found} 项查询；每次最多 {limit} 项。",
    ),
    "TREE_SIZE_INVALID": (
        "The log has no proof for these sizes.",
        "日志中没有对应这些大小的证明。",
    ),
    "YEAR_INVALID": ("{found} is no year from 2000 to 2200.", "{found} 不是 2000 至 2200 之间的年份。"),
    "INVALID_CURSOR": (
        "The cursor cannot be read, or is of another order.",
        "游标无法识别，或属于其他排序。",
    ),
    "PAGE_ARGUMENTS_EXCLUSIVE": ("first and last were both given.", "同时给出了 first 和 last。"),
    "PAGE_SIZE_NEGATIVE": (
        "{argument} is {found}; it cannot be negative.",
        "{argument} 为 {found}，不能为负数。",
    ),
    "ENTITY_UNKNOWN": ("This subgraph has no entity {type}.", "本子图没有实体 {type}。"),
    "ENTITY_KEY_INVALID": (
        "The representation of {type} has no usable {key}.",
        "{type} 的表示缺少可用的 {key}。",
    ),
}

HINTS: Final[Wordings] = {
    "DATABASE_BUSY": _STORAGE_HINT,
    "DATABASE_FULL": _STORAGE_HINT,
    "DATABASE_READ_ONLY": _STORAGE_HINT,
    "DATABASE_UNREACHABLE": _STORAGE_HINT,
    "DATABASE_NOT_MIGRATED": (
        "An operator runs `creditbank node migrate`.",
        "请运维人员运行 `creditbank node migrate`。",
    ),
    "TOO_MANY_INPUTS": ("Send the inputs in several requests.", "请分多次请求发送。"),
    "UNKNOWN_REGION": ("Ask that region's node, or the gateway.", "请向该区域的节点或网关查询。"),
    "TREE_SIZE_INVALID": (
        "Use sizes of this region's tree heads, above 0 and beyond the position of the entry.",
        "请使用该区域树头的大小：大于 0，不超过日志长度，且大于该分录的位置。",
    ),
    "INVALID_CURSOR": (
        "Use a cursor of an answer to the same field with the same orderBy.",
        "请使用同一字段、同一 orderBy 的应答中的游标。",
    ),
    "PAGE_ARGUMENTS_EXCLUSIVE": ("Give one of them.", "请只给出其中一个。"),
}

NODE_MESSAGES: Final[Messages] = MESSAGES.with_wordings(REFUSALS).with_wordings(WORDINGS, HINTS)
