"""Puts the national subgraph together, and prints it for the contract."""

from __future__ import annotations

from functools import cache
from typing import Annotated

import strawberry

from catalogue.roots import NationalCatalogueQuery
from gateway.national.ask import RecognitionQuery
from gateway.national.context import Info
from gateway.national.graph import Pairing, Region, pairings_of, region_named, regions
from gateway.national.transfer_graph import TransferMutation
from gateway.national.witnessed import WitnessQuery
from schema.graph import config

SUBGRAPH = "national"
REGION_SUBGRAPH = "region"


@strawberry.type(description="What may be asked nationally (全国查询)")
class Query(RecognitionQuery, WitnessQuery, NationalCatalogueQuery):
    @strawberry.field(description="The regions whose credit banks are joined, by code (区域列表)")
    def regions(
        self,
        info: Info,
        registered: Annotated[
            bool, strawberry.argument(description="False: also those without a bank here (仅列已接入区域)")
        ] = True,
    ) -> list[Region]:
        return regions(info, registered)

    @strawberry.federation.field(
        override=REGION_SUBGRAPH, description="One region; null for an unknown code (区域)"
    )
    def region(
        self,
        info: Info,
        code: Annotated[strawberry.ID, strawberry.argument(description="Its GB/T 2260 code (区划代码)")],
    ) -> Region | None:
        return region_named(info, code)

    @strawberry.field(description="Published agreements: those of one region, or all (公示的互认协议)")
    def pairings(
        self,
        info: Info,
        region: Annotated[
            strawberry.ID | None, strawberry.argument(description="Code of one party (一方区域代码)")
        ] = None,
    ) -> list[Pairing]:
        return pairings_of(info, region)


@strawberry.type(description="What may be changed nationally (全国变更)")
class Mutation(TransferMutation):
    pass


@cache
def schema() -> strawberry.federation.Schema:
    """The executable subgraph."""
    return strawberry.federation.Schema(query=Query, mutation=Mutation, config=config())


def export_sdl() -> str:
    """Return the subgraph's SDL, as `schema/national.graphql` holds it."""
    return schema().as_str().rstrip() + "\n"
