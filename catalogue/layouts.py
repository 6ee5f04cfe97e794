"""The layouts of the official lists, as data: which columns a list has and what a cell may hold.

A column that is `optional` may be missing from a file; every other one must be there. Columns
that no layout names are not read, and the build report says which. Adding a list, or a column
that a new edition brings, is a change of this file only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from catalogue.entries import MAJOR_LEVEL_NAMES, SKILL_LEVEL_NAMES, CourseKind
from catalogue.errors import Fault


class Format(Enum):
    CSV = "CSV"
    JSONL = "JSON Lines"


class Holds(Enum):
    """What a cell is: only JSON Lines have anything but text."""

    TEXT = "text"
    TEXTS = "a list of texts"
    FLAG = "true or false"


@dataclass(frozen=True, slots=True)
class Check:
    """A whole cell, trimmed, must match `pattern`; otherwise the row has `fault`: it expected `expects`."""

    pattern: re.Pattern[str]
    fault: Fault
    expects: str


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    check: Check
    holds: Holds = Holds.TEXT
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One list. `source` is its name on the command line and in reports."""

    source: str
    format: Format
    columns: tuple[Column, ...]
    by_name: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})


NAME_LIMIT_CHARS: Final = 200
_PLAIN = r"[^\x00-\x1f\x7f]"

NAME: Final = Check(
    re.compile(rf"{_PLAIN}{{1,{NAME_LIMIT_CHARS}}}"), Fault.MALFORMED_NAME, "a name of 1 to 200 characters"
)
REMARK: Final = Check(
    re.compile(rf"{_PLAIN}{{0,{NAME_LIMIT_CHARS}}}"),
    Fault.MALFORMED_NAME,
    "at most 200 characters, no line break",
)
CATEGORY_CODE: Final = Check(re.compile(r"[2-7][0-9]"), Fault.MALFORMED_CODE, "two digits, such as 53")
CLASS_CODE: Final = Check(re.compile(r"[2-7][0-9]{3}"), Fault.MALFORMED_CODE, "four digits, such as 5307")
MAJOR_CODE: Final = Check(
    re.compile(r"[2-7][0-9]{5}K?"),
    Fault.MALFORMED_CODE,
    "six digits, such as 530701, with a K where the state controls the major",
)
MAJOR_CODES: Final = Check(
    re.compile(r"([2-7][0-9]{5}K?( +[2-7][0-9]{5}K?)*)?"),
    Fault.MALFORMED_CODE,
    "codes of majors, spaces between",
)
MAJOR_LEVEL: Final = Check(
    re.compile("|".join(MAJOR_LEVEL_NAMES.values())),
    Fault.UNKNOWN_LEVEL,
    "one of " + "、".join(MAJOR_LEVEL_NAMES.values()),
)
SKILL_LEVELS: Final = Check(
    re.compile("(({0})( +({0}))*)?".format("|".join(SKILL_LEVEL_NAMES.values()))),
    Fault.UNKNOWN_LEVEL,
    "any of " + "、".join(SKILL_LEVEL_NAMES.values()) + ", spaces between",
)
COUNT: Final = Check(re.compile(r"[0-9]{1,6}"), Fault.MALFORMED_NUMBER, "a whole number")
BATCH: Final = Check(re.compile(r"[0-9]{0,3}"), Fault.MALFORMED_NUMBER, "a whole number, or nothing")
FLAG: Final = Check(re.compile("true|false"), Fault.WRONG_TYPE, "true or false")
REGION_CODE: Final = Check(
    re.compile(r"[1-9][0-9](0000)?"), Fault.MALFORMED_CODE, "a province's code: 44, or 440000"
)

# 职业教育专业目录: the national list of majors, one row a major.
MAJORS: Final = Layout(
    "majors",
    Format.CSV,
    (
        Column("category_code", CATEGORY_CODE),
        Column("category_name", NAME),
        Column("class_code", CLASS_CODE),
        Column("class_name", NAME),
        Column("major_code", MAJOR_CODE),
        Column("major_name", NAME),
        Column("level", MAJOR_LEVEL),
        Column("note", REMARK, optional=True),
    ),
)

# X 证书名录: one row a spelling of a name; the counts and the sample are what the profiles must bear out.
CERTIFICATES: Final = Layout(
    "certificates",
    Format.CSV,
    (
        Column("certificate_name", NAME),
        Column("majors_citing", COUNT, optional=True),
        Column("zhongzhi", COUNT, optional=True),
        Column("gaozhi", COUNT, optional=True),
        Column("benke", COUNT, optional=True),
        Column("batch", BATCH, optional=True),
        Column("evaluation_org", REMARK, optional=True),
        Column("levels", SKILL_LEVELS, optional=True),
        Column("sample_major_codes", MAJOR_CODES, optional=True),
    ),
)
LEVEL_COUNT_COLUMNS: Final = {"中职": "zhongzhi", "高职专科": "gaozhi", "职教本科": "benke"}
SAMPLE_LIMIT_CODES: Final = 8

COURSE_COLUMNS: Final = {
    CourseKind.BASIC: "basic_courses",
    CourseKind.CORE: "core_courses",
    CourseKind.LIMITED_ELECTIVE: "limited_elective_courses",
    CourseKind.PRACTICAL: "practical_courses",
}

# 专业简介: the published profile of a major, one JSON object a line.
PROFILES: Final = Layout(
    "profiles",
    Format.JSONL,
    (
        Column("major_code", MAJOR_CODE),
        Column("major_name", NAME),
        Column("level", MAJOR_LEVEL),
        Column("duration", REMARK),
        Column("basic_courses", NAME, Holds.TEXTS),
        Column("core_courses", NAME, Holds.TEXTS),
        Column("limited_elective_courses", NAME, Holds.TEXTS, optional=True),
        Column("practical_courses", NAME, Holds.TEXTS, optional=True),
        Column("skill_certificates", NAME, Holds.TEXTS),
        Column("occupational_qualifications", NAME, Holds.TEXTS, optional=True),
        Column("in_catalogue", FLAG, Holds.FLAG, optional=True),
        Column("catalogue_name", NAME, optional=True),
        Column("national_control", FLAG, Holds.FLAG, optional=True),
    ),
)

# GB/T 2260: province-level divisions.
REGIONS: Final = Layout(
    "regions",
    Format.CSV,
    (Column("code", REGION_CODE), Column("name", NAME), Column("name_en", NAME, optional=True)),
)
