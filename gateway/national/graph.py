"""The national subgraph's own types: regions and published pairings (互认协议公示).

What a region knows of itself, it says in its own subgraph. Types that both subgraphs answer
with are those of `schema.graph` and `catalogue.graph`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import strawberry

from gateway.national.context import Info, RegionRow
from schema.agreements import Agreement, ScopeItem
from schema.agreements import standing as agreement_standing
from schema.graph import AgreementKind, AgreementStatus, OutcomeKind, SkillLevel


@strawberry.federation.type(
    keys=["code"], description="A region, the owner of one credit bank; GB/T 2260 (区域)"
)
class Region:
    code: strawberry.ID = strawberry.field(description="Six digits, such as 440000 (行政区划代码)")
    name: str = strawberry.field(description="Its name in Chinese (名称)")
    name_en: str = strawberry.field(description="Its name in English (英文名称)")
    registered: bool = strawberry.field(
        description="Whether its bank is in the register, so that it can be asked (是否已接入)"
    )

    @strawberry.field(description="The agreements this region published (公示的互认协议)")
    def pairings(self, info: Info) -> list[Pairing]:
        return pairings_of(info, self.code)

    @classmethod
    def resolve_reference(cls, info: Info, code: strawberry.ID) -> Region | None:
        return region_named(info, code)


@strawberry.type(description="One line of what an agreement covers (协议范围)")
class PairingScope:
    certificate: strawberry.ID | None = strawberry.field(
        description="Certificate code; null covers every certificate (证书代码；空为全部)"
    )
    levels: list[SkillLevel] = strawberry.field(
        description="Levels covered; empty covers all (等级；空为全部)"
    )
    kinds: list[OutcomeKind] = strawberry.field(
        description="Kinds of outcome covered; empty covers all (成果类型；空为全部)"
    )
    flexible: bool = strawberry.field(description="Whether flexible credits are covered (是否含柔性学分)")
    rate_percent: int = strawberry.field(description="Credits are scaled by this, in percent (折算比例)")


@strawberry.type(description="A published agreement between two regions (公示的互认协议)")
class Pairing:
    agreement: strawberry.Private[Agreement]
    id: strawberry.ID = strawberry.field(description="Its published identifier (标识)")
    kind: AgreementKind = strawberry.field(description="Alliance or paired assistance (类型)")
    status: AgreementStatus = strawberry.field(description="How it stands (状态)")
    scope: list[PairingScope] = strawberry.field(
        description="What it covers; the first line that fits an outcome decides (范围)"
    )
    first_day: date = strawberry.field(description="First day in force (生效日期)")
    last_day: date | None = strawberry.field(
        description="Last day in force, included; null where no end is set (截止日期，含当日)"
    )
    version: int = strawberry.field(description="Version of the terms (版本)")
    terms_hash: str = strawberry.field(
        description="SHA-256 of the terms' canonical form (RFC 8785), in hex (条款散列值)"
    )

    @strawberry.field(description="The two regions, by code (双方)")
    def parties(self, info: Info) -> list[Region]:
        return [shown_region(info, code) for code in self.agreement.terms.parties]

    @strawberry.field(
        description="For paired assistance, the region that accepts; null where both do (认可方)"
    )
    def accepts(self, info: Info) -> Region | None:
        code = self.agreement.terms.accepts
        return None if code is None else shown_region(info, code)

    @strawberry.field(description="Whether it is in force on a day, in the direction it allows (是否有效)")
    def in_force(
        self,
        info: Info,
        as_of: Annotated[
            date | None, strawberry.argument(description="The day; today when absent (查询日期)")
        ] = None,
    ) -> bool:
        one, other = self.agreement.terms.parties
        issuer, accepter = (one, other) if self.agreement.terms.accepts != one else (other, one)
        return agreement_standing(self.agreement, issuer, accepter, as_of or info.context.today) is None


def regions(info: Info, registered: bool) -> list[Region]:
    """Return the regions whose bank can be asked, or all; by code."""
    return [
        _shown(row) for row in info.context.published.regions.values() if row.registered or not registered
    ]


def region_named(info: Info, code: str) -> Region | None:
    row = info.context.published.regions.get(code)
    return None if row is None else _shown(row)


def pairings_of(info: Info, region: str | None) -> list[Pairing]:
    """Return the published agreements of `region`, or all, in the order of publication."""
    return [_pairing(agreement) for agreement in info.context.published.pairings.of(region)]


def shown_region(info: Info, code: str) -> Region:
    """Return a region that something published names, whether or not the catalogue lists it."""
    return region_named(info, code) or _shown(RegionRow(code, code, code, registered=False))


def _shown(row: RegionRow) -> Region:
    return Region(code=strawberry.ID(row.code), name=row.name, name_en=row.name_en, registered=row.registered)


def _pairing(agreement: Agreement) -> Pairing:
    terms = agreement.terms
    return Pairing(
        agreement=agreement,
        id=strawberry.ID(agreement.id),
        kind=terms.kind,
        status=agreement.status,
        scope=_scope(terms.scope),
        first_day=terms.first_day,
        last_day=terms.last_day,
        version=terms.version,
        terms_hash=terms.hash(),
    )


def _scope(items: Iterable[ScopeItem]) -> list[PairingScope]:
    return [
        PairingScope(
            certificate=None if item.certificate == "*" else strawberry.ID(item.certificate),
            levels=list(item.levels),
            kinds=list(item.kinds),
            flexible=item.flexible,
            rate_percent=item.rate_percent,
        )
        for item in items
    ]
