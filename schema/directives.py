"""Strawberry's view of the contract's sharding directives (docs/SHARDING.md is their specification)."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.federation.schema_directives import Link
from strawberry.federation.types import LinkImport
from strawberry.schema_directive import Location

SHARDING_SPEC = "https://specs.creditbank.example/sharding/v1.1"


@strawberry.enum(
    name="sharding__Gather", description="How the replies of many shards become one value (汇集方式)"
)
class Gather(Enum):
    FIRST = strawberry.enum_value("FIRST", description="the first shard that has a value (取首个)")
    CONCAT = strawberry.enum_value("CONCAT", description="lists one after another (依次相接)")
    CONNECTION = strawberry.enum_value("CONNECTION", description="pages merged by sort key (合并分页)")
    MERGE = strawberry.enum_value("MERGE", description="objects merged field by field (逐字段合并)")
    SUM = strawberry.enum_value("SUM", description="objects summed field by field (逐字段汇总)")


@strawberry.enum(
    name="sharding__Aggregate", description="How one field of a gathered object is aggregated (聚合运算)"
)
class AggregateOp(Enum):
    SUM = strawberry.enum_value("SUM", description="the sum of all shards (求和)")
    MIN = strawberry.enum_value("MIN", description="the least of all shards (最小)")
    MAX = strawberry.enum_value("MAX", description="the greatest of all shards (最大)")
    MEAN = strawberry.enum_value("MEAN", description="the mean, weighted (加权平均)")


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="route")
class Route:
    """The value of `argument` names the shards that are asked."""

    argument: str


@strawberry.schema_directive(locations=[Location.OBJECT], name="shardKey")
class ShardKey:
    """Rows of this entity live in the one shard that `field` names."""

    field: str


@strawberry.schema_directive(locations=[Location.OBJECT], name="spanning")
class Spanning:
    """This entity has a slice in many shards."""


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="scatter")
class Scatter:
    """This field is asked of every candidate shard."""

    gather: Gather
    order_by: list[str] | None = None


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="aggregate")
class Aggregate:
    """How this field of a summed or merged object is aggregated."""

    op: AggregateOp
    weight: str | None = None


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="member")
class Member:
    """Only shards that hold the spanning entity `of` whose key is the value of `argument` are asked."""

    of: str
    argument: str


LINK = Link(
    url=SHARDING_SPEC,
    import_=[
        LinkImport(name) for name in ("@aggregate", "@member", "@route", "@scatter", "@shardKey", "@spanning")
    ],
)
