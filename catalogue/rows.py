"""Source bytes → rows, one line at a time: what can be wrong with a line is said of that line only.

A row is one line, also in CSV: the official lists have no cell with a line break, and holding to
that keeps one stray quotation mark from swallowing the rest of a file. Cells are trimmed.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from catalogue.errors import Fault, Problem, SourceError
from catalogue.layouts import Column, Format, Holds, Layout

LINE_LIMIT_BYTES: Final = 100_000
SHOWN_LIMIT_CHARS: Final = 40


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` has a column's text, texts or flag, or no entry where the file has none.

    A row with `problems` is bad: of its cells only what could be read is there, unchecked.
    """

    line: int
    cells: dict[str, Any]
    problems: tuple[Problem, ...] = ()

    def text(self, column: str) -> str:
        """Return a cell's text, "" where the row does not have the column."""
        value: str = self.cells.get(column, "")
        return value

    def texts(self, column: str) -> tuple[str, ...]:
        """Return a cell's texts, none where the row does not have the column."""
        return tuple(self.cells.get(column, ()))

    def flag(self, column: str) -> bool | None:
        """Return a cell's flag, None where the row does not have the column."""
        value: bool | None = self.cells.get(column)
        return value


class RowReader:
    """Iterates the rows of one source, good and bad, in order.

    `lines` are the raw lines with their ends. `file` is the name to report. Raises SourceError
    when nothing can be read: an empty file, or a header that lacks a column or is not UTF-8.
    After the iteration `row_count` says how many rows there were, and `columns_not_read` which
    columns of the file the layout does not name.
    """

    def __init__(self, layout: Layout, file: str, lines: Iterable[bytes]) -> None:
        self.layout = layout
        self.file = file
        self.row_count = 0
        self.columns_not_read: tuple[str, ...] = ()
        self._lines = lines

    def __iter__(self) -> Iterator[Row]:
        numbered = self._numbered()
        rows = self._csv_rows(numbered) if self.layout.format is Format.CSV else self._json_rows(numbered)
        for row in rows:
            self.row_count += 1
            yield row
        if not self.row_count:
            raise self._unreadable("EMPTY_FILE", "has a header and no row.", "Was it downloaded whole?")

    def problem(self, line: int, column: str, fault: Fault, reason: str) -> Problem:
        return Problem(self.layout.source, self.file, line, column, fault, reason)

    def _numbered(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that hold anything, with their numbers. A mark of UTF-8 at the start is dropped."""
        found = False
        for line, raw in enumerate(self._lines, start=1):
            if line == 1 and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise self._unreadable(Fault.NOT_UTF8, "is UTF-16.", "Save it as UTF-8.")
            held = (raw.removeprefix(codecs.BOM_UTF8) if line == 1 else raw).rstrip(b"\r\n")
            if held.strip():
                found = True
                yield line, held
        if not found:
            raise self._unreadable("EMPTY_FILE", "is empty.", "Was it downloaded whole?")

    def _csv_rows(self, numbered: Iterator[tuple[int, bytes]]) -> Iterator[Row]:
        header = self._header(*next(numbered))
        for line, raw in numbered:
            cells, problem = self._csv_cells(line, raw, header)
            if problem is None and len(cells) != len(header):
                reason = f"{len(cells)} cells where the header has {len(header)}"
                problem = self.problem(line, "", Fault.CELL_COUNT, reason)
            named = dict(zip(header, cells, strict=False))
            yield Row(line, named, (problem,)) if problem else self._checked(line, named)

    def _header(self, line: int, raw: bytes) -> list[str]:
        header, problem = self._csv_cells(line, raw, ())
        if problem:
            raise self._unreadable(
                problem.fault, f"has a bad header: {problem.reason}.", "Save it as UTF-8 CSV."
            )
        wanted = [column.name for column in self.layout.columns if not column.optional]
        missing = [name for name in wanted if name not in header]
        if missing:
            what = f"has no column {', '.join(missing)} in its header (line {line})."
            raise self._unreadable("MISSING_COLUMN", what, f"The layout needs {', '.join(wanted)}.")
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            what = f"names a column twice in its header (line {line}): {', '.join(twice)}."
            raise self._unreadable("REPEATED_COLUMN", what, "Keep one of them.")
        self.columns_not_read = tuple(name for name in header if name not in self.layout.by_name)
        return header

    def _csv_cells(self, line: int, raw: bytes, header: Sequence[str]) -> tuple[list[str], Problem | None]:
        """Return the cells; of a faulty line the cells that can be read, and what is wrong."""
        text, problem = self._decoded(line, raw, header)
        if problem is None:
            try:
                return [cell.strip() for cell in next(csv.reader([text], strict=True))], None
            except csv.Error as error:
                column = _column_at(header, len(_lenient(text)) - 1)
                reason = f"a quotation mark is not closed on its line, or stands inside a cell ({error})"
                problem = self.problem(line, column, Fault.UNCLOSED_QUOTE, reason)
        return _lenient(text), problem

    def _decoded(self, line: int, raw: bytes, header: Sequence[str] = ()) -> tuple[str, Problem | None]:
        if len(raw) > LINE_LIMIT_BYTES:
            reason = f"the line has more than {LINE_LIMIT_BYTES} bytes"
            return "", self.problem(line, "", Fault.LINE_TOO_LONG, reason)
        try:
            return raw.decode(), None
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode()
            column = _column_at(header, len(_lenient(before)) - 1)
            hint = "; it reads as GB18030: save the file as UTF-8" if _is_gb18030(before, raw) else ""
            reason = f"byte 0x{raw[error.start]:02x} after {len(before)} characters is not UTF-8{hint}"
            return raw.decode(errors="replace"), self.problem(line, column, Fault.NOT_UTF8, reason)

    def _json_rows(self, numbered: Iterator[tuple[int, bytes]]) -> Iterator[Row]:
        not_read: dict[str, None] = {}
        for line, raw in numbered:
            text, problem = self._decoded(line, raw)
            cells: Any = {}
            if problem is None:
                try:
                    cells = orjson.loads(text)
                except orjson.JSONDecodeError as error:
                    reason = f"not whole JSON, at character {error.pos + 1} of {len(text)}: {error.msg}"
                    problem = self.problem(line, "", Fault.MALFORMED_JSON, reason)
                if not isinstance(cells, dict):
                    problem = self.problem(line, "", Fault.WRONG_TYPE, "the line is not a JSON object")
                    cells = {}
            not_read.update(dict.fromkeys(name for name in cells if name not in self.layout.by_name))
            yield Row(line, cells, (problem,)) if problem else self._checked(line, cells)
        self.columns_not_read = tuple(sorted(not_read))

    def _checked(self, line: int, cells: dict[str, Any]) -> Row:
        """Return the row with its cells trimmed and with the problems of its cells, in the layout's order."""
        kept: dict[str, Any] = {}
        problems: list[Problem] = []
        for column in self.layout.columns:
            if column.name in cells:
                kept[column.name] = value = _trimmed(cells[column.name])
                problems.extend(self.problem(line, *found) for found in _faults(column, value))
            elif not column.optional:
                problems.append(self.problem(line, column.name, Fault.MISSING_VALUE, "the key is missing"))
        return Row(line, kept, tuple(problems))

    def _unreadable(self, code: str, what: str, remedy: str) -> SourceError:
        return SourceError(str(code), f"{self.file} ({self.layout.source}) {what}", remedy)


def shown(value: str) -> str:
    """Return `value` in quotation marks for a message, cut to a readable length."""
    return f"“{value[:SHOWN_LIMIT_CHARS]}{'…' if len(value) > SHOWN_LIMIT_CHARS else ''}”"


def _faults(column: Column, value: object) -> Iterator[tuple[str, Fault, str]]:
    if column.holds is Holds.FLAG:
        if not isinstance(value, bool):
            yield column.name, Fault.WRONG_TYPE, f"{_json(value)} is not {column.holds.value}"
    elif column.holds is Holds.TEXTS:
        if not isinstance(value, list):
            yield column.name, Fault.WRONG_TYPE, f"{_json(value)} is not {column.holds.value}"
            return
        for index, item in enumerate(value):
            yield from _text_faults(column, f"{column.name}[{index}]", item)
    else:
        yield from _text_faults(column, column.name, value)


def _text_faults(column: Column, place: str, value: object) -> Iterator[tuple[str, Fault, str]]:
    if not isinstance(value, str):
        yield place, Fault.WRONG_TYPE, f"{_json(value)} is not text"
    elif not column.check.pattern.fullmatch(value):
        if value:
            yield place, column.check.fault, f"{shown(value)} is not {column.check.expects}"
        else:
            yield place, Fault.MISSING_VALUE, f"empty, where {column.check.expects} belongs"


def _trimmed(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [item.strip() if isinstance(item, str) else item for item in value]
    return value


def _json(value: object) -> str:
    return shown(orjson.dumps(value).decode())


def _lenient(text: str) -> list[str]:
    """Return the cells of a faulty line as far as they can be told, at least one."""
    return [cell.strip() for cell in next(csv.reader([text]), [])] or [""]


def _column_at(header: Sequence[str], index: int) -> str:
    return header[index] if 0 <= index < len(header) else ""


def _is_gb18030(before: str, raw: bytes) -> bool:
    """Tell whether the line's very first Chinese character is already no UTF-8, but is GB18030."""
    if not before.isascii():
        return False
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
