"""What the engine says in English, with its Chinese (edge/texts.py): it knows no languages, nor should it."""

from __future__ import annotations

from typing import Final

from edge.texts import Texts

ENGINE_TEXTS: Final[Texts] = {
    # DOCUMENT_LIMIT_EXCEEDED
    "The operation's fragments are nested too deeply. Write fewer into each other.": (
        "操作的片段嵌套过深，请减少片段的相互嵌套。"
    ),
    "The operation is nested too deeply. Ask for fewer levels at once.": "操作嵌套过深，请减少层数。",
    "The operation has too many fields once its fragments are written out. Ask for less at once.": (
        "片段展开后字段过多，请减少一次查询的内容。"
    ),
    # GRAPHQL_VALIDATION_FAILED
    "Only a query can be wanted whole or not at all: what a mutation did, it did.": (
        "只有查询可以要求完整或不返回：变更一经执行即已生效。"
    ),
    # SUBSCRIPTION_NOT_STREAMED
    "A subscription has many responses. Ask for them as a stream.": "订阅有多个应答，请以数据流方式请求。",
    "Nobody here can send the events of this subscription.": "此处无法提供该订阅的事件。",
    # PLAN_IMPOSSIBLE
    "No subgraph can give {field} at {place}: no key leads there from here.": (
        "在 {place} 处没有子图能给出 {field}：没有可达的键。"
    ),
    "No subgraph can tell the type of {type} at {place}.": "在 {place} 处没有子图能给出 {type} 的具体类型。",
    # DEADLINE_EXCEEDED
    "The response is not complete: time was up. Ask for less, or allow more time.": (
        "时限已到，应答不完整；请减少查询内容或放宽时限。"
    ),
    # PLANNER_BUSY
    "Too many large operations that were not seen before are being planned. Try again later.": (
        "正在规划的大型新操作过多，请稍后再试。"
    ),
    # NULL_IN_NON_NULL, INVALID_SUBGRAPH_VALUE, CONTEXTS_LIMIT_EXCEEDED
    "Expected an object of type {type}.": "此处应为类型 {type} 的对象。",
    "An object at this place is of no type that {type} can have.": "此处对象的类型不属于 {type}。",
    "No subgraph told the type of a {type} here.": "没有子图给出此处 {type} 的具体类型。",
    "Expected a list.": "此处应为列表。",
    "Expected a value of type {type}.": "此处应为类型 {type} 的值。",
    "A field at this place depends on more than {limit} contexts. Ask for fewer.": (
        "此处字段依赖的上下文超过 {limit} 个，请减少。"
    ),
    # AGGREGATE_OVERFLOW, SHARD_INVALID_REPLY
    "The sum is greater than an Int can hold.": "合计超出 Int 的范围。",
    "A row refers to a {type} by a key that is none.": "某行以无效的键引用 {type}。",
}
