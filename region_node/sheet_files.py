"""Outcome sheets as files: CSV and XLSX, read row by row, so that a sheet's size costs no memory.

A CSV file is UTF-8, with or without a byte-order mark, or GB 18030, as Chinese spreadsheets write it.
Of an XLSX workbook the first sheet is read; its table of shared texts is what it holds in memory.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from openpyxl import load_workbook

from region_node.domain.sheet import COLUMNS, NEEDED, Layout

FILE_LIMIT_BYTES: Final = 512 * 1_048_576
UNPACKED_LIMIT_BYTES: Final = 2 * 1_073_741_824
"""What an XLSX file may unpack to: a small file can claim to hold a large one."""
ROWS_LIMIT: Final = 1_000_000
CELL_LIMIT_CHARACTERS: Final = 4_000
_CHUNK_BYTES: Final = 1_048_576
_REMARK: Final = re.compile(r"[(（].*$", re.DOTALL)


class SheetError(ValueError):
    """A file that is no sheet of this layout, and why."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row: its number in the file as a spreadsheet counts (the heading is 1), its texts by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was looked through once. `digest` is its SHA-256 in hex, `rows` counts what may follow."""

    file: Path
    layout: Layout
    digest: str
    rows: int
    encoding: str | None
    """None for XLSX."""


def open_sheet(file: Path, layout: Layout) -> Sheet:
    """Look through the file once: hash, encoding, heading, number of rows. Raises `SheetError`, OSError."""
    if file.stat().st_size > FILE_LIMIT_BYTES:
        raise SheetError(f"{file} has more than {FILE_LIMIT_BYTES} bytes")
    is_xlsx = zipfile.is_zipfile(file)
    if is_xlsx:
        _refuse_bomb(file)
    digest, encoding = _looked_through(file, is_text=not is_xlsx)
    sheet = Sheet(file, layout, digest, 0, encoding)
    with _rows(sheet) as rows:
        _heading(layout, next(rows, ()))
        count = sum(1 for _ in rows)
    if count > ROWS_LIMIT:
        raise SheetError(f"{file} has {count} rows; one sheet may have {ROWS_LIMIT}: split it")
    return Sheet(file, layout, digest, count, encoding)


def read_lines(sheet: Sheet) -> Iterator[SheetLine]:
    """Give the rows in order; blank ones are passed over. Raises `SheetError`, OSError."""
    with _rows(sheet) as rows:
        columns = _heading(sheet.layout, next(rows, ()))
        for number, row in enumerate(rows, start=2):
            cells = {
                column: text
                for column, cell in zip(columns, row, strict=False)
                if column and (text := _text(cell))
            }
            if cells:
                yield SheetLine(number, cells)


def _heading(layout: Layout, row: Sequence[object]) -> list[str]:
    """Return the columns' names without remarks such as (yyyyMM)."""
    columns = [_REMARK.sub("", _text(cell)).strip().strip("*").strip() for cell in row]
    missing = [name for name in NEEDED[layout] if name not in columns]
    if missing:
        raise SheetError(f"the first row lacks the columns {', '.join(missing)} of layout {layout.value}")
    unknown = [name for name in columns if name and name not in COLUMNS[layout]]
    if unknown:
        raise SheetError(f"layout {layout.value} has no column {', '.join(unknown)}")
    named = [name for name in columns if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise SheetError(f"the first row names {', '.join(twice)} more than once")
    return columns


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%Y%m%d}"
    return str(cell).strip()[:CELL_LIMIT_CHARACTERS]


@contextmanager
def _rows(sheet: Sheet) -> Iterator[Iterator[Sequence[object]]]:
    if sheet.encoding is None:
        book = load_workbook(sheet.file, read_only=True, data_only=True)
        try:
            yield book.worksheets[0].iter_rows(values_only=True)
        except (KeyError, IndexError, zipfile.BadZipFile) as error:
            raise SheetError(f"{sheet.file} is no XLSX workbook: {error}") from error
        finally:
            book.close()
        return
    with sheet.file.open(encoding=sheet.encoding, newline="") as lines:
        try:
            yield csv.reader(lines, strict=True)
        except csv.Error as error:
            raise SheetError(f"{sheet.file} is no CSV file: {error}") from error


def _looked_through(file: Path, *, is_text: bool) -> tuple[str, str | None]:
    """Return the hash, and the one encoding in which all of it can be read."""
    digest = hashlib.sha256()
    candidates = ("utf-8-sig", "gb18030") if is_text else ()
    decoders: dict[str, Callable[..., str]] = {
        name: codecs.getincrementaldecoder(name)().decode for name in candidates
    }
    with file.open("rb") as content:
        chunk = b"-"
        while chunk:
            chunk = content.read(_CHUNK_BYTES)
            digest.update(chunk)
            for name in list(decoders):
                try:
                    decoders[name](chunk, final=not chunk)
                except UnicodeDecodeError:
                    del decoders[name]
    if is_text and not decoders:
        raise SheetError(f"{file} is neither UTF-8 nor GB 18030 text, and no XLSX workbook")
    return digest.hexdigest(), next(iter(decoders), None)


def _refuse_bomb(file: Path) -> None:
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED_LIMIT_BYTES:
            raise SheetError(f"{file} unpacks to more than {UNPACKED_LIMIT_BYTES} bytes")
