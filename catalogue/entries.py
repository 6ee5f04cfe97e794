"""What stands in the national catalogue: majors, their courses, X certificates and regions.

All values are frozen and come from a bundle; nothing here reads a file. Terms: DOMAIN.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schema.agreements import SkillLevel


class MajorLevel(StrEnum):
    """Level of schooling that a major belongs to (专业层次)."""

    SECONDARY = "SECONDARY"
    COLLEGE = "COLLEGE"
    BACHELOR = "BACHELOR"


class CourseKind(StrEnum):
    """What part of a major a course is (课程类别). The published profiles list the first two only."""

    BASIC = "BASIC"
    CORE = "CORE"
    LIMITED_ELECTIVE = "LIMITED_ELECTIVE"
    PRACTICAL = "PRACTICAL"


MAJOR_LEVEL_NAMES: Final[dict[MajorLevel, str]] = {
    MajorLevel.SECONDARY: "中职",
    MajorLevel.COLLEGE: "高职专科",
    MajorLevel.BACHELOR: "职教本科",
}
COURSE_KIND_NAMES: Final[dict[CourseKind, str]] = {
    CourseKind.BASIC: "专业基础课程",
    CourseKind.CORE: "专业核心课程",
    CourseKind.LIMITED_ELECTIVE: "限选课程",
    CourseKind.PRACTICAL: "实践课程",
}
SKILL_LEVEL_NAMES: Final[dict[SkillLevel, str]] = {
    SkillLevel.ELEMENTARY: "初级",
    SkillLevel.INTERMEDIATE: "中级",
    SkillLevel.ADVANCED: "高级",
}


@dataclass(frozen=True, slots=True)
class Region:
    """A province-level division (省级行政区): `code` is GB/T 2260, six digits."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category of majors at one level (专业大类): `code` is two digits, "53"."""

    code: str
    name: str
    level: MajorLevel


@dataclass(frozen=True, slots=True)
class MajorClass:
    """A class of majors (专业类): `code` is four digits that begin with the category's, "5307"."""

    code: str
    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class Course:
    """A course of one major. `id` is fit for URLs; see `names.course_id`."""

    id: str
    major_code: str
    name: str
    kind: CourseKind


@dataclass(frozen=True, slots=True)
class Major:
    """A major (专业): `code` is the national one, six digits, with a K where the state controls it.

    `duration` is as printed ("三年"), None where the profile gives none. `courses` and
    `certificate_codes` keep the order of the published profile; a major without a profile
    (`has_profile` false) has none. `note` is the list's own remark, "" where there is none.
    """

    code: str
    name: str
    level: MajorLevel
    major_class: MajorClass
    duration: str | None
    national_control: bool
    note: str
    has_profile: bool
    courses: tuple[Course, ...]
    certificate_codes: tuple[str, ...]
    occupational_qualifications: tuple[str, ...]

    @property
    def category(self) -> Category:
        return self.major_class.category


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X certificate (职业技能等级证书): one name of one evaluation organisation, at up to three levels.

    `code` is derived (`names.certificate_code`). `spellings` are all names the lists use for it,
    `name` first. `organisation` and `batch` are None where the list does not state them.
    `levels` are those the list names; all three where it names none (`levels_stated` false).
    `major_codes` are the majors that cite it, in order of code.
    """

    code: str
    name: str
    spellings: tuple[str, ...]
    organisation: str | None
    batch: int | None
    levels: tuple[SkillLevel, ...]
    levels_stated: bool
    major_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """How often the build met an oddity that it treats by a documented rule (docs/CATALOGUE.md)."""

    code: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each the catalogue holds. `certificate_names` counts spellings, as the list does."""

    regions: int
    categories: int
    classes: int
    majors: int
    profiles: int
    courses: int
    certificate_names: int
    certificates: int
    citations: int
