"""The catalogue as GraphQL shows it: one set of types, answered alike by the gateway and by every node.

Each program holds the same bundle, so every field is shareable and nobody is asked for what is
already in memory. The root fields are in `catalogue.roots`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final, Protocol, Self

import strawberry
from strawberry.federation.schema_directives import Key, Shareable
from strawberry.schema.schema_converter import GraphQLCoreConverter

from catalogue import entries, lookup
from catalogue.entries import CourseKind, MajorLevel
from catalogue.names import name_key
from catalogue.pages import Page, Place, cut
from schema.graph import SkillLevel, describe_enum
from schema.paging import After, Before, First, Last, PageInfo

ENTITIES: Final = ("Certificate", "Major")


class HoldsCatalogue(Protocol):
    """What the request's context must have."""

    @property
    def catalogue(self) -> lookup.Catalogue: ...


Info = strawberry.Info[HoldsCatalogue, None]

describe_enum(
    MajorLevel,
    "Level of schooling that a major belongs to (专业层次)",
    {
        "SECONDARY": "Secondary vocational school (中职)",
        "COLLEGE": "Vocational college (高职专科)",
        "BACHELOR": "Vocational bachelor's programme (职教本科)",
    },
)
describe_enum(
    CourseKind,
    "What part of a major a course is (课程类别)",
    {
        "BASIC": "Basic course (专业基础课程)",
        "CORE": "Core course (专业核心课程)",
        "LIMITED_ELECTIVE": "Limited elective (限选课程)",
        "PRACTICAL": "Practical course (实践课程)",
    },
)


@strawberry.type(description="How many of each the catalogue holds (目录条目数)", directives=[Shareable()])
class CatalogueCounts:
    regions: int = strawberry.field(description="Regions of province level (省级行政区数)")
    categories: int = strawberry.field(description="Categories of majors (专业大类数)")
    classes: int = strawberry.field(description="Classes of majors (专业类数)")
    majors: int = strawberry.field(description="Majors (专业数)")
    profiles: int = strawberry.field(description="Majors with a published profile (专业简介数)")
    courses: int = strawberry.field(description="Courses of all majors (课程数)")
    certificate_names: int = strawberry.field(description="Names, all spellings counted (证书名称数)")
    certificates: int = strawberry.field(description="Certificates (证书数)")
    citations: int = strawberry.field(description="Citations of a certificate by a major (书证关联数)")

    @classmethod
    def of(cls, counts: entries.Counts) -> Self:
        return cls(**{name: getattr(counts, name) for name in counts.__dataclass_fields__})


@strawberry.type(description="A category of majors at one level (专业大类)", directives=[Shareable()])
class MajorCategory:
    code: strawberry.ID = strawberry.field(description="Two digits, such as 53 (大类代码)")
    name: str = strawberry.field(description="Its name (名称)")
    level: MajorLevel = strawberry.field(description="Level of its majors (专业层次)")

    @classmethod
    def of(cls, category: entries.Category) -> Self:
        return cls(code=strawberry.ID(category.code), name=category.name, level=category.level)

    @strawberry.field(description="Its classes, by code (专业类)")
    def classes(self, info: Info) -> list[MajorClass]:
        return [
            MajorClass.of(one) for one in info.context.catalogue.classes if one.category.code == self.code
        ]


@strawberry.type(description="A class of majors (专业类)", directives=[Shareable()])
class MajorClass:
    code: strawberry.ID = strawberry.field(description="Four digits, such as 5307 (专业类代码)")
    name: str = strawberry.field(description="Its name (名称)")
    category: MajorCategory = strawberry.field(description="The category it belongs to (专业大类)")

    @classmethod
    def of(cls, major_class: entries.MajorClass) -> Self:
        category = MajorCategory.of(major_class.category)
        return cls(code=strawberry.ID(major_class.code), name=major_class.name, category=category)


@strawberry.type(description="A course of one major (课程)", directives=[Shareable()])
class Course:
    id: strawberry.ID = strawberry.field(description="Identifier of the course in this major (课程标识)")
    name: str = strawberry.field(description="Its name (名称)")
    kind: CourseKind = strawberry.field(description="What part of the major it is (课程类别)")
    major_code: strawberry.Private[str]

    @classmethod
    def of(cls, course: entries.Course) -> Self:
        id = strawberry.ID(course.id)  # noqa: A001 - GraphQL's word for it
        return cls(id=id, name=course.name, kind=course.kind, major_code=course.major_code)

    @strawberry.field(description="The major it is a course of (专业)")
    def major(self, info: Info) -> Major:
        major = info.context.catalogue.major(self.major_code)
        if major is None:
            raise LookupError(f"course {self.id} is of no major of the catalogue")
        return Major.of(major)


@strawberry.federation.type(keys=["code"], shareable=True, description="A major of the national list (专业)")
class Major:
    code: strawberry.ID = strawberry.field(
        description="National code: six digits, then K where the state controls it (专业代码)"
    )
    name: str = strawberry.field(description="Its name (名称)")
    level: MajorLevel = strawberry.field(description="Level of schooling (专业层次)")
    major_class: MajorClass = strawberry.field(description="The class it belongs to (专业类)")
    duration: str | None = strawberry.field(
        description="As the profile prints it, such as 三年; null without a profile (修业年限)"
    )
    national_control: bool = strawberry.field(description="Whether the state controls it (是否国控)")
    note: str = strawberry.field(description="The list's own remark, often empty (备注)")
    has_profile: bool = strawberry.field(
        description="Whether its profile is published; without one it lists no courses (是否有专业简介)"
    )
    occupational_qualifications: list[str] = strawberry.field(
        description="Occupational qualifications that the profile names (职业资格)"
    )
    entry: strawberry.Private[entries.Major]

    @classmethod
    def of(cls, major: entries.Major) -> Self:
        return cls(
            code=strawberry.ID(major.code),
            name=major.name,
            level=major.level,
            major_class=MajorClass.of(major.major_class),
            duration=major.duration,
            national_control=major.national_control,
            note=major.note,
            has_profile=major.has_profile,
            occupational_qualifications=list(major.occupational_qualifications),
            entry=major,
        )

    @classmethod
    def resolve_reference(cls, info: Info, code: strawberry.ID) -> Major | None:
        return resolve_majors(info.context.catalogue, [code])[0]

    @strawberry.field(description="Its courses, as the profile lists them (课程)")
    def courses(
        self,
        kind: Annotated[
            CourseKind | None, strawberry.argument(description="Only this kind; all when absent (课程类别)")
        ] = None,
    ) -> list[Course]:
        return [Course.of(course) for course in self.entry.courses if kind is None or course.kind is kind]

    @strawberry.field(description="The X certificates it cites, as the profile lists them (职业技能等级证书)")
    def certificates(self, info: Info) -> list[Certificate]:
        return [Certificate.of(one) for one in info.context.catalogue.certificates_of(self.code)]


@strawberry.federation.type(
    keys=["code"],
    shareable=True,
    description="An X certificate: one name of one evaluation organisation (职业技能等级证书)",
)
class Certificate:
    code: strawberry.ID = strawberry.field(
        description="Derived from the name, since the list gives none: X and ten hex digits (证书代码)"
    )
    name: str = strawberry.field(description="Its name (名称)")
    spellings: list[str] = strawberry.field(description="All names the lists use, this one first (全部写法)")
    organisation: str | None = strawberry.field(
        description="The evaluation organisation, where the list states it (培训评价组织)"
    )
    batch: int | None = strawberry.field(description="Batch of publication, where stated (批次)")
    levels: list[SkillLevel] = strawberry.field(description="Levels it is awarded at (等级)")
    levels_stated: bool = strawberry.field(
        description="Whether the list names the levels; otherwise all three are taken (等级是否列明)"
    )

    @classmethod
    def of(cls, certificate: entries.Certificate) -> Self:
        return cls(
            code=strawberry.ID(certificate.code),
            name=certificate.name,
            spellings=list(certificate.spellings),
            organisation=certificate.organisation,
            batch=certificate.batch,
            levels=list(certificate.levels),
            levels_stated=certificate.levels_stated,
        )

    @classmethod
    def resolve_reference(cls, info: Info, code: strawberry.ID) -> Certificate | None:
        return resolve_certificates(info.context.catalogue, [code])[0]

    @strawberry.field(description="The majors that cite it, by code (引用该证书的专业)")
    def majors(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> MajorConnection:
        found = info.context.catalogue.majors_citing(self.code)
        return MajorConnection.of(cut(found, by_code, first, after, last, before))


@strawberry.type(description="One major of a page (专业分页条目)", directives=[Shareable()])
class MajorEdge:
    node: Major = strawberry.field(description="The major (专业)")
    cursor: str = strawberry.field(description="Where it stands (游标)")


@strawberry.type(description="A page of majors, by code (专业分页列表)", directives=[Shareable()])
class MajorConnection:
    edges: list[MajorEdge] = strawberry.field(description="The majors of this page (条目列表)")
    page_info: PageInfo = strawberry.field(description="Where the page stands (分页信息)")
    total_count: int = strawberry.field(description="How many there are in all (总数)")

    @classmethod
    def of(cls, page: Page[entries.Major]) -> Self:
        edges = [MajorEdge(node=Major.of(row), cursor=cursor) for row, cursor in page.rows]
        return cls(edges=edges, page_info=_page_info(page), total_count=page.total)


@strawberry.type(description="One certificate of a page (证书分页条目)", directives=[Shareable()])
class CertificateEdge:
    node: Certificate = strawberry.field(description="The certificate (证书)")
    cursor: str = strawberry.field(description="Where it stands (游标)")


@strawberry.type(description="A page of certificates, by name (证书分页列表)", directives=[Shareable()])
class CertificateConnection:
    edges: list[CertificateEdge] = strawberry.field(description="The certificates of this page (条目列表)")
    page_info: PageInfo = strawberry.field(description="Where the page stands (分页信息)")
    total_count: int = strawberry.field(description="How many there are in all (总数)")

    @classmethod
    def of(cls, page: Page[entries.Certificate]) -> Self:
        edges = [CertificateEdge(node=Certificate.of(row), cursor=cursor) for row, cursor in page.rows]
        return cls(edges=edges, page_info=_page_info(page), total_count=page.total)


@strawberry.type(
    description="The national catalogue that this program loaded (国家目录)", directives=[Shareable()]
)
class Catalogue:
    version: str = strawberry.field(description="What its edition is called (版本)")
    hash: str = strawberry.field(
        description="SHA-256 of its content, in hex: equal where two programs hold the same (散列值)"
    )
    counts: CatalogueCounts = strawberry.field(description="How many of each it holds (条目数)")

    @strawberry.field(description="Categories of majors, by code (专业大类)")
    def categories(
        self,
        info: Info,
        level: Annotated[
            MajorLevel | None, strawberry.argument(description="Only this level; all when absent (专业层次)")
        ] = None,
    ) -> list[MajorCategory]:
        found = info.context.catalogue.categories
        return [MajorCategory.of(one) for one in found if level is None or one.level is level]


def resolve_majors(held: lookup.Catalogue, codes: Iterable[str]) -> list[Major | None]:
    """Return the majors of these codes, in their order; None for an unknown one."""
    return [None if (found := held.major(code)) is None else Major.of(found) for code in codes]


def resolve_certificates(held: lookup.Catalogue, codes: Iterable[str]) -> list[Certificate | None]:
    """Return the certificates of these codes, in their order; None for an unknown one."""
    return [None if (found := held.certificate(code)) is None else Certificate.of(found) for code in codes]


def refer_to_national(schema: strawberry.federation.Schema) -> None:
    """Make the catalogue's keys in a node's `schema` not resolvable: nobody comes to a node for them.

    A subgraph of many shards must say where an entity lives (docs/SHARDING.md, section 2); these live
    in none of them. The types are shared with the national subgraph, so only this schema's view changes.
    """
    backref = GraphQLCoreConverter.DEFINITION_BACKREF
    for name in ENTITIES:
        extensions = schema._schema.type_map[name].extensions
        definition = extensions[backref]
        directives = [
            replace(one, resolvable=False) if isinstance(one, Key) else one for one in definition.directives
        ]
        extensions[backref] = replace(definition, directives=directives)


def by_code(major: entries.Major) -> Place:
    """The order of majors."""
    return (major.code,)


def by_name(certificate: entries.Certificate) -> Place:
    """The order of certificates."""
    return (name_key(certificate.name), certificate.code)


def _page_info(page: Page[Any]) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.rows[0][1] if page.rows else None,
        end_cursor=page.rows[-1][1] if page.rows else None,
    )
