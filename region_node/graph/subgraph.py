"""What a gateway asks the subgraph about itself: its schema, and who is in it."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import strawberry
from strawberry.printer import print_schema
from strawberry.schema import BaseSchema

from region_node.graph.context import Info
from region_node.service.members import MEMBER_TYPE, who_joined
from schema.membership import Question


@cache
def _sdl(schema: BaseSchema) -> str:
    return print_schema(schema)


@strawberry.type(name="_Service", description="This subgraph (子图)")
class Service:
    @strawberry.field(description="Its schema (接口定义)")
    def sdl(self, info: Info) -> str:
        return _sdl(info.schema)

    @strawberry.field(
        description="Who joined since a version, sealed for gateways; null where it tells nobody (成员标签)"
    )
    async def membership(
        self,
        info: Info,
        type: Annotated[str, strawberry.argument(description="The entity's type (类型)")],  # noqa: A002 - the specification's word
        challenge: Annotated[str, strawberry.argument(description="Any text, used once (随机数)")],
        after: Annotated[
            str | None, strawberry.argument(description="The version; all members when absent (版本)")
        ] = None,
    ) -> str | None:
        announcer = info.context.bank.announcer
        if announcer is None or type != MEMBER_TYPE:
            return None
        question = Question(info.context.bank.region, type, after or "", challenge)
        async with info.context.reading() as unit:
            joined = await who_joined(unit, announcer, question)
        return announcer.key.seal(joined, question)


@strawberry.type
class SubgraphQuery:
    @strawberry.field(name="_service", description="What this subgraph is (子图信息)")
    def service(self) -> Service:
        return Service()
