"""The published documents that decisions rest on: with them anybody can decide the same again."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry

from edge.errors import PublicError
from region_node.domain.recognition_inputs import InputVersion
from region_node.graph.arguments import RegionCode
from region_node.graph.context import Info
from region_node.service.published_inputs import published_inputs
from schema.directives import Route

INPUTS_LIMIT: Final = 100


@strawberry.input(description="One input as a decision names it (结论依据)")
class DecisionInputName:
    kind: str = strawberry.field(description="Its kind (依据类型)")
    id: strawberry.ID = strawberry.field(description="Its identifier (标识)")
    version: str = strawberry.field(description="Its version (版本)")
    hash: str = strawberry.field(description="SHA-256 of its canonical form, in hex (散列值)")


@strawberry.type(description="A published input of decisions, to the byte (已公示的结论依据)")
class PublishedInput:
    kind: str = strawberry.field(description="Its kind (依据类型)")
    id: strawberry.ID = strawberry.field(description="Its identifier (标识)")
    version: str = strawberry.field(description="Its version (版本)")
    hash: str = strawberry.field(description="SHA-256 of `content`, in hex (散列值)")
    content: str = strawberry.field(description="Its canonical JSON (RFC 8785) (规范文本)")


@strawberry.type
class PublishedInputsQuery:
    @strawberry.field(
        description="The published ones of a decision's inputs, to the byte, in the order asked; null where "
        "this region published none with that hash; at most 100 (已公示的结论依据)",
        directives=[Route(argument="region")],
    )
    async def published_inputs(
        self,
        info: Info,
        region: RegionCode,
        inputs: Annotated[
            list[DecisionInputName], strawberry.argument(description="As the decision names them (结论依据)")
        ],
    ) -> list[PublishedInput | None] | None:
        context = info.context
        context.require_region(region)
        if len(inputs) > INPUTS_LIMIT:
            raise PublicError("TOO_MANY_INPUTS", limit=INPUTS_LIMIT, found=len(inputs))
        asked = [InputVersion(one.kind, one.id, one.version, one.hash) for one in inputs]
        async with context.reading() as unit:
            contents = await published_inputs(unit, asked)
        return [
            None
            if content is None
            else PublishedInput(
                kind=one.kind, id=strawberry.ID(one.id), version=one.version, hash=one.hash, content=content
            )
            for one, content in zip(asked, contents, strict=True)
        ]
