"""A refusal as an answer of the graph: one member of every mutation's union."""

from __future__ import annotations

import strawberry

from region_node.domain import refusal
from schema.codes import REFUSALS, Language, RefusalCode
from schema.graph import describe_enum

describe_enum(
    RefusalCode,
    "Why the bank refuses a change (拒绝代码)",
    {code.value: f"{english} ({chinese})" for code, (english, chinese) in REFUSALS.items()},
)


@strawberry.type(name="Refusal", description="The bank refuses the change; nothing was changed (拒绝)")
class Refused:
    code: RefusalCode = strawberry.field(description="Stable code, never translated (拒绝代码)")
    message: str = strawberry.field(description="Why, in the reader's language (说明)")


def refused(answer: refusal.Refusal, language: Language) -> Refused:
    return Refused(code=answer.code, message=answer.message(language))
