"""The course matrix (书证融通课程矩阵): how a major's courses and a certificate's tasks become one programme.

Rows are courses of the major, in three parts; columns are the certificate's tasks, in work areas.
A cell says what happens to the course for the task, with its credits. The relation of certificate
and major (补充, 强化, 拓展) belongs to the pair and so stands here. A region publishes versions;
none is edited.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from region_node.domain.canonical import hash_of
from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode
from schema.credits import MalformedCreditsError, format_credits, parse_credits
from schema.details import Detail, DetailCode, Language, detail

T = TypeVar("T", bound=StrEnum)

TABLE_LIMIT_CHARACTERS: Final = 200_000
CELLS_LIMIT: Final = 2_000
FAULTS_SHOWN_LIMIT: Final = 10


class Relation(StrEnum):
    SUPPLEMENT = "SUPPLEMENT"
    REINFORCE = "REINFORCE"
    EXTEND = "EXTEND"


class Part(StrEnum):
    """The parts of a programme, in the order of the matrix."""

    SHARED = "SHARED"
    CORE_AND_ELECTIVE = "CORE_AND_ELECTIVE"
    PRACTICAL = "PRACTICAL"


class Treatment(StrEnum):
    """What happens to the course for the task."""

    ITERATED = "ITERATED"
    INTEGRATED = "INTEGRATED"
    NEW = "NEW"
    STRENGTHENED = "STRENGTHENED"
    DELETED = "DELETED"
    SUPPORT = "SUPPORT"


SYMBOLS: Final = {
    Treatment.ITERATED: "○",
    Treatment.INTEGRATED: "●",
    Treatment.NEW: "▲",
    Treatment.STRENGTHENED: "■",
    Treatment.DELETED: "☒",
    Treatment.SUPPORT: "↑",
}
WITHOUT_CREDITS: Final = frozenset({Treatment.DELETED, Treatment.SUPPORT})
"""What is deleted, or only supports the certificate, brings no credits of its own."""
_WORDS: Final[dict[Relation | Part | Treatment, tuple[str, str]]] = {
    Relation.SUPPLEMENT: ("supplements", "补充"),
    Relation.REINFORCE: ("reinforces", "强化"),
    Relation.EXTEND: ("extends", "拓展"),
    Part.SHARED: ("shared", "公共课程"),
    Part.CORE_AND_ELECTIVE: ("core and limited elective", "核心与限选课程"),
    Part.PRACTICAL: ("practical", "实践课程"),
    Treatment.ITERATED: ("iterated", "迭代"),
    Treatment.INTEGRATED: ("integrated", "融合"),
    Treatment.NEW: ("new", "新增"),
    Treatment.STRENGTHENED: ("strengthened", "强化"),
    Treatment.DELETED: ("deleted", "删除"),
    Treatment.SUPPORT: ("supports the certificate", "支撑"),
}
HEADER: Final = ("part", "course", "area", "task", "symbol", "credits")
"""The columns of a table that is imported, one row a cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One course at one task. `credits` are tenths."""

    part: Part
    course: str
    area: str
    task: str
    treatment: Treatment
    credits: int

    def plain(self) -> dict[str, Any]:
        return {
            "part": self.part.value,
            "course": self.course,
            "area": self.area,
            "task": self.task,
            "treatment": self.treatment.value,
            "credits": self.credits,
        }


@dataclass(frozen=True, slots=True)
class CourseMatrix:
    """One version for the pair of major and certificate, from `valid_from` on."""

    id: str
    version: int
    major: str
    certificate: str
    relation: Relation
    valid_from: date
    cells: tuple[Cell, ...]

    @property
    def credits(self) -> int:
        return sum(cell.credits for cell in self.cells)

    @property
    def hash(self) -> str:
        return hash_of(
            {
                "id": self.id,
                "version": self.version,
                "major": self.major,
                "certificate": self.certificate,
                "relation": self.relation.value,
                "validFrom": self.valid_from.isoformat(),
                "cells": [cell.plain() for cell in self.cells],
            }
        )


def read_table(text: str) -> tuple[Cell, ...] | Refusal:
    """Read a table in CSV with the columns of HEADER; symbols as in the matrix or by name."""
    if len(text) > TABLE_LIMIT_CHARACTERS:
        return _refused([detail(DetailCode.TABLE_LENGTH, limit=TABLE_LIMIT_CHARACTERS)])
    reader = csv.DictReader(io.StringIO(text.strip()), skipinitialspace=True)
    if tuple(reader.fieldnames or ()) != HEADER:
        return _refused([detail(DetailCode.TABLE_COLUMNS, columns=", ".join(HEADER))])
    cells, faults = [], []
    for row in reader:
        found = _cell(row)
        if isinstance(found, Cell):
            cells.append(found)
        else:
            faults.append(detail(DetailCode.IN_LINE, line=reader.line_num, detail=found))
    return _refused(faults) if faults else tuple(cells)


def _cell(row: dict[str, Any]) -> Cell | Detail:
    texts = {name: (row.get(name) or "").strip() for name in HEADER}
    part = _named(Part, texts["part"], {})
    treatment = _named(Treatment, texts["symbol"], {sign: one for one, sign in SYMBOLS.items()})
    if part is None:
        return detail(DetailCode.ONE_OF, value=texts["part"], values=", ".join(Part))
    if treatment is None:
        return detail(DetailCode.ONE_OF, value=texts["symbol"], values=" ".join(SYMBOLS.values()))
    if not texts["course"] or not texts["task"]:
        return detail(DetailCode.COURSE_AND_TASK)
    try:
        credited = parse_credits(texts["credits"] or "0.0")
    except MalformedCreditsError:
        return detail(DetailCode.NOT_CREDITS, value=texts["credits"])
    return Cell(part, texts["course"], texts["area"], texts["task"], treatment, credited)


def _named(kind: type[T], text: str, signs: Mapping[str, T]) -> T | None:
    return signs.get(text) or next((one for one in kind if one.value == text.upper()), None)


def check_matrix(
    matrix: CourseMatrix, earlier: Sequence[CourseMatrix], ceiling: int, is_course: Callable[[str], bool]
) -> Refusal | None:
    """Return why the matrix may not be published. `is_course` tells the major's courses.

    A NEW course is none of them yet.
    """
    faults: list[Detail] = []
    newest = max((one.valid_from for one in earlier), default=None)
    if newest is not None and matrix.valid_from < newest:
        faults.append(detail(DetailCode.BEFORE_ANOTHER_VERSION, day=newest))
    if not 0 < len(matrix.cells) <= CELLS_LIMIT:
        faults.append(detail(DetailCode.CELLS_COUNT, limit=CELLS_LIMIT))
    places = Counter((cell.course, cell.area, cell.task) for cell in matrix.cells)
    faults += [
        detail(DetailCode.CELL_TWICE, course=course, task=task)
        for (course, _, task), count in places.items()
        if count > 1
    ]
    for cell in matrix.cells:
        if (cell.credits == 0) is not (cell.treatment in WITHOUT_CREDITS) or cell.credits < 0:
            sign = SYMBOLS[cell.treatment]
            faults.append(detail(DetailCode.CELL_CREDITS, course=cell.course, task=cell.task, symbol=sign))
    new = {cell.course for cell in matrix.cells if cell.treatment is Treatment.NEW}
    faults += [
        detail(DetailCode.NO_COURSE_IN_MAJOR, major=matrix.major, course=course)
        for course in dict.fromkeys(cell.course for cell in matrix.cells)
        if course not in new and not is_course(course)
    ]
    if matrix.credits > ceiling:
        total, most = format_credits(matrix.credits), format_credits(ceiling)
        faults.append(detail(DetailCode.MATRIX_ABOVE_CEILING, total=total, ceiling=most))
    return _refused(faults) if faults else None


def _refused(faults: Sequence[Detail]) -> Refusal:
    shown = list(faults[:FAULTS_SHOWN_LIMIT])
    if len(faults) > FAULTS_SHOWN_LIMIT:
        shown.append(detail(DetailCode.MORE_FINDINGS, count=len(faults) - FAULTS_SHOWN_LIMIT))
    return refuse(RefusalCode.MATRIX_INVALID, detail=tuple(shown))


def in_force(versions: Sequence[CourseMatrix], day: date) -> tuple[CourseMatrix, ...]:
    """Return, of each pair of major and certificate, the version in force on `day`."""
    begun = sorted(
        (one for one in versions if one.valid_from <= day), key=lambda one: (one.valid_from, one.version)
    )
    return tuple({(one.major, one.certificate): one for one in begun}.values())


def render(matrix: CourseMatrix, major: str, certificate: str, language: Language) -> str:
    """Return the matrix as a person reads it: the relation, each part's courses by task, and a key.

    `major` and `certificate` are their names.
    """
    place = 0 if language == "en" else 1
    relation = _WORDS[matrix.relation][place]
    head = f"{certificate} {relation} {major}" if language == "en" else f"{certificate}：{relation}{major}"
    lines = [f"{head} ({matrix.major}, {matrix.certificate}, v{matrix.version}, {matrix.valid_from})"]
    rows: defaultdict[tuple[Part, str], list[Cell]] = defaultdict(list)
    for cell in matrix.cells:
        rows[cell.part, cell.course].append(cell)
    for part in Part:
        courses = [(course, cells) for (of, course), cells in rows.items() if of is part]
        if courses:
            lines += ["", f"[{_WORDS[part][place]}]"]
        lines += [f"{course}: {', '.join(map(_shown, cells))}" for course, cells in courses]
    used = [one for one in Treatment if any(cell.treatment is one for cell in matrix.cells)]
    lines += ["", "  ".join(f"{SYMBOLS[one]} {_WORDS[one][place]}" for one in used)]
    return "\n".join(lines)


def _shown(cell: Cell) -> str:
    where = f"{cell.area} / {cell.task}" if cell.area else cell.task
    credited = f" {format_credits(cell.credits)}" if cell.credits else ""
    return f"{SYMBOLS[cell.treatment]}{credited} {where}"
