"""The catalogue's root fields, in two classes alike: one for a node, one for the gateway, which overrides."""

# ruff: noqa: A002 - arguments are named by GraphQL's customary words: filter
from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import strawberry
from strawberry.federation.schema_directives import Override

from catalogue.entries import MajorLevel
from catalogue.graph import (
    Catalogue,
    CatalogueCounts,
    Certificate,
    CertificateConnection,
    Info,
    Major,
    MajorConnection,
    by_code,
    by_name,
    resolve_certificates,
    resolve_majors,
)
from catalogue.names import name_key
from catalogue.pages import cut
from schema.paging import After, Before, First, Last

_OVERRIDE: Final = Override(override_from="region")


@strawberry.input(description="Which majors: those that meet every condition given (专业筛选)")
class MajorFilter:
    level: MajorLevel | None = strawberry.field(default=None, description="Level of schooling (专业层次)")
    category: strawberry.ID | None = strawberry.field(
        default=None, description="Code of the category, such as 53 (大类代码)"
    )
    major_class: strawberry.ID | None = strawberry.field(
        default=None, description="Code of the class, such as 5307 (专业类代码)"
    )
    search: str | None = strawberry.field(
        default=None, description="Anywhere in the name, or the start of the code (关键词)"
    )


@strawberry.input(description="Which certificates: those that meet every condition given (证书筛选)")
class CertificateFilter:
    organisation: str | None = strawberry.field(
        default=None, description="Name of the evaluation organisation (培训评价组织)"
    )
    search: str | None = strawberry.field(default=None, description="Anywhere in a spelling (关键词)")


def _catalogue(info: Info) -> Catalogue:
    held = info.context.catalogue
    return Catalogue(version=held.version, hash=held.hash, counts=CatalogueCounts.of(held.counts))


def _major(
    info: Info,
    code: Annotated[strawberry.ID, strawberry.argument(description="Its code, such as 530701 (专业代码)")],
) -> Major | None:
    return resolve_majors(info.context.catalogue, [code])[0]


def _majors(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: Annotated[MajorFilter | None, strawberry.argument(description="Which majors (筛选)")] = None,
) -> MajorConnection:
    wanted = filter or MajorFilter()
    found = info.context.catalogue.find_majors(
        text=wanted.search or "",
        level=wanted.level,
        class_code=wanted.major_class,
        category_code=wanted.category,
    )
    return MajorConnection.of(cut(found, by_code, first, after, last, before))


def _certificate(
    info: Info, code: Annotated[strawberry.ID, strawberry.argument(description="Its code (证书代码)")]
) -> Certificate | None:
    return resolve_certificates(info.context.catalogue, [code])[0]


def _certificates(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: Annotated[
        CertificateFilter | None, strawberry.argument(description="Which certificates (筛选)")
    ] = None,
) -> CertificateConnection:
    wanted = filter or CertificateFilter()
    found = info.context.catalogue.find_certificates(text=wanted.search or "")
    if wanted.organisation is not None:
        by = name_key(wanted.organisation)
        found = tuple(one for one in found if name_key(one.organisation or "") == by)
    return CertificateConnection.of(cut(found, by_name, first, after, last, before))


_DESCRIPTIONS: Final = {
    _catalogue: "The national catalogue that this program loaded: version, hash, counts (国家目录)",
    _major: "One major; null for an unknown code (专业)",
    _majors: "Majors, by code (专业列表)",
    _certificate: "One X certificate; null for an unknown code (职业技能等级证书)",
    _certificates: "X certificates, by name (证书列表)",
}


def _root(resolver: Callable[..., Any], *directives: object) -> Any:
    return strawberry.field(resolver=resolver, directives=directives, description=_DESCRIPTIONS[resolver])


@strawberry.type
class CatalogueQuery:
    """Mixed into the Query of a node."""

    catalogue: Catalogue = _root(_catalogue)
    major: Major | None = _root(_major)
    majors: MajorConnection = _root(_majors)
    certificate: Certificate | None = _root(_certificate)
    certificates: CertificateConnection = _root(_certificates)


@strawberry.type
class NationalCatalogueQuery:
    """Mixed into the national Query: the gateway answers these itself and asks no node."""

    catalogue: Catalogue = _root(_catalogue, _OVERRIDE)
    major: Major | None = _root(_major, _OVERRIDE)
    majors: MajorConnection = _root(_majors, _OVERRIDE)
    certificate: Certificate | None = _root(_certificate, _OVERRIDE)
    certificates: CertificateConnection = _root(_certificates, _OVERRIDE)
