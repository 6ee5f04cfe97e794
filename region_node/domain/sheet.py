"""One row of an outcome sheet (学习成果上传表) as an achievement, or everything that is wrong with it.

The layouts are those that credit banks exchange today: course, certificate and exchange. Columns are
found by their Chinese names, in any order. What another bank made of an outcome (the columns 转换后…)
is not taken over: here the rules of this region convert.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from catalogue.lookup import Catalogue
from catalogue.names import name_key
from region_node.domain.citizen import read_citizen_number
from region_node.domain.outcome import Achievement
from region_node.domain.refusal import Refusal, refuse
from schema.agreements import OutcomeKind, SkillLevel
from schema.codes import RefusalCode
from schema.credits import MalformedCreditsError, as_json, parse_credits
from schema.details import Detail, DetailCode, detail

CITIZEN: Final = "身份证号"
NAME: Final = "姓名"
OBTAINED: Final = "获得时间"
SOURCE: Final = "原证书来源代码"
_COURSE, _CERTIFICATE = "01", "02"

LEVELS: Final = {
    "初级": SkillLevel.ELEMENTARY,
    "中级": SkillLevel.INTERMEDIATE,
    "高级": SkillLevel.ADVANCED,
}
_MONTH: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?(?:[-/.]?(\d{1,2})日?)?", re.ASCII)
_WHOLE: Final = re.compile(r"\d+\.0+", re.ASCII)
_LONG_NUMBER: Final = re.compile(r"\d{15,}[Xx]?", re.ASCII)


class Layout(StrEnum):
    COURSE = "course"
    CERTIFICATE = "certificate"
    EXCHANGE = "exchange"


_COURSE_SHEET: Final = [
    "姓名",
    "身份证号",
    "专业名称",
    "课程名称",
    "教育层次代码",
    "教育类别代码",
    "学分",
    "学时",
    "成绩",
    "获得时间",
    "届别",
    "毕业结业肄业",
    "毕业季",
    "备注",
    "学号",
]
_CERTIFICATE_SHEET: Final = [
    "姓名",
    "身份证号",
    "转换学校代码",
    "原证书来源代码",
    "原证书类型",
    "原证书名称",
    "原证书等级",
    "原发证机构",
    "原教育层次代码",
    "原教育类别代码",
    "原学分",
    "原学时",
    "原成绩",
    "获得时间",
    "转换后教育层次代码",
    "转换后课程代码",
    "转换后课程名称",
    "转换后学分",
    "转换时间",
    "转换后专业",
]
_EXCHANGE_SHEET: Final = [
    *_CERTIFICATE_SHEET,
    "原专业名称",
    "原课程名称",
    "原办学机构",
    "届别",
    "毕业结业肄业",
    "毕业季",
    "学号",
    "转换后专业名称",
]

COLUMNS: Final[dict[Layout, frozenset[str]]] = {
    Layout.COURSE: frozenset(_COURSE_SHEET),
    Layout.CERTIFICATE: frozenset(_CERTIFICATE_SHEET),
    Layout.EXCHANGE: frozenset(_EXCHANGE_SHEET),
}
"""Every column that a layout may have."""

NEEDED: Final[dict[Layout, tuple[str, ...]]] = {
    Layout.COURSE: (CITIZEN, "课程名称", "学分", OBTAINED),
    Layout.CERTIFICATE: (CITIZEN, SOURCE, "原证书名称", "原证书等级", "原学分", OBTAINED),
    Layout.EXCHANGE: (CITIZEN, SOURCE, "原证书名称", "原证书等级", "原课程名称", "原学分", OBTAINED),
}
"""The columns without which a sheet cannot be read."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one column. `column` is empty where the whole row is meant."""

    column: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that can be submitted."""

    citizen_number: str = field(repr=False)
    achievement: Achievement


def read_row(
    layout: Layout, cells: Mapping[str, str], catalogue: Catalogue, today: date
) -> SheetRow | tuple[Fault, ...]:
    """Read one row; `cells` are texts by column name, blanks left out. All its faults come at once."""
    reader = _Reader(cells, catalogue, today)
    if layout is Layout.COURSE:
        found = reader.course("课程名称", "学分", None)
    else:
        source = reader.source()
        if source == _COURSE:
            named = "原课程名称" if layout is Layout.EXCHANGE and "原课程名称" in cells else "原证书名称"
            found = reader.course(named, "原学分", "原办学机构" if "原办学机构" in cells else "原发证机构")
        else:
            found = reader.certificate()
    number = reader.citizen_number()
    if reader.faults or found is None or number is None:
        return tuple(reader.faults)
    return SheetRow(number, found)


class _Reader:
    """Reads columns one by one and collects what is wrong with them."""

    def __init__(self, cells: Mapping[str, str], catalogue: Catalogue, today: date) -> None:
        self._cells = cells
        self._catalogue = catalogue
        self._today = today
        self.faults: list[Fault] = []

    def citizen_number(self) -> str | None:
        text = self._text(CITIZEN)
        if text is None:
            return None
        number = read_citizen_number(text, self._today)
        if isinstance(number, Refusal):
            self.faults.append(Fault(CITIZEN, number))
            return None
        return number.reveal()

    def source(self) -> str | None:
        text = self._text(SOURCE)
        if text is None:
            return None
        code = text.zfill(2)
        if code not in (_COURSE, _CERTIFICATE):
            self._malformed(SOURCE, detail(DetailCode.SOURCE_CODE))
        return code

    def course(self, named: str, credited: str, issuer: str | None) -> Achievement | None:
        title, amount, day = self._text(named), self._credits(credited), self._day()
        if title is None or amount is None or day is None:
            return None
        organisation = self._cells.get(issuer) if issuer else None
        return Achievement(OutcomeKind.COURSE, title, amount, day, organisation=organisation)

    def certificate(self) -> Achievement | None:
        name, amount, day = self._text("原证书名称"), self._credits("原学分"), self._day()
        level = self._level()
        issuer = self._cells.get("原发证机构")
        code = None if name is None else self._code(name, issuer)
        if name is None or amount is None or day is None or level is None or code is None:
            return None
        return Achievement(
            OutcomeKind.X_CERTIFICATE, name, amount, day, certificate=code, level=level, organisation=issuer
        )

    def _code(self, name: str, issuer: str | None) -> str | None:
        """Several organisations may offer certificates of one name: then the issuer chooses."""
        found = self._catalogue.certificates_named(name)
        if len(found) > 1 and issuer is not None:
            found = tuple(one for one in found if name_key(one.organisation or "") == name_key(issuer))
        if not found:
            self.faults.append(Fault("原证书名称", refuse(RefusalCode.UNKNOWN_CERTIFICATE, id=_shown(name))))
        elif len(found) > 1:
            self._malformed("原发证机构", detail(DetailCode.ISSUER_AMBIGUOUS))
        return found[0].code if len(found) == 1 else None

    def _level(self) -> SkillLevel | None:
        text = self._text("原证书等级")
        level = None if text is None else LEVELS.get(text)
        if text is not None and level is None:
            self._malformed("原证书等级", detail(DetailCode.LEVEL_WORD, levels=" / ".join(LEVELS)))
        return level

    def _credits(self, column: str) -> int | None:
        text = self._text(column)
        if text is None:
            return None
        try:
            amount = parse_credits(text)
        except MalformedCreditsError:
            amount = 0
        if amount <= 0:
            self.faults.append(
                Fault(column, refuse(RefusalCode.MALFORMED_CREDITS, detail=as_json(_shown(text))))
            )
            return None
        return amount

    def _day(self) -> date | None:
        """A month stands for its first day: the sheets know no more."""
        text = self._text(OBTAINED)
        if text is None:
            return None
        match = _MONTH.fullmatch(text)
        try:
            day = date(int(match[1]), int(match[2]), int(match[3] or 1)) if match else None
        except ValueError:
            day = None
        if day is None:
            self._malformed(OBTAINED, detail(DetailCode.MONTH_FORM))
        elif day > self._today:
            self._malformed(OBTAINED, detail(DetailCode.AFTER_TODAY, today=self._today))
            return None
        return day

    def _text(self, column: str) -> str | None:
        text = self._cells.get(column)
        if text is None:
            self._malformed(column, detail(DetailCode.EMPTY))
            return None
        # A spreadsheet that was told nothing keeps codes, months and credits as numbers.
        return text.split(".")[0] if column != CITIZEN and _WHOLE.fullmatch(text) else text

    def _malformed(self, column: str, wrong: Detail) -> None:
        found = detail(DetailCode.IN_COLUMN, column=column, detail=wrong)
        self.faults.append(Fault(column, refuse(RefusalCode.MALFORMED_INPUT, detail=found)))


def _shown(text: str) -> str:
    """The text as a report may hold it: in a sheet with shifted columns it may be a citizen number."""
    return _LONG_NUMBER.sub("…", text)[:80]
