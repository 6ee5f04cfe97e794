"""What can be wrong with a catalogue, said so that whoever reads it can act.

CatalogueError            a stable code, what is wrong, what to do
├── SourceError           a source file cannot be read at all
├── BadRowsError          rows of the sources are bad, each with file, line, column and reason
├── BundleError           a bundle is missing, truncated, altered or of another format
└── OutputError           a result cannot be written
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PROBLEMS_IN_MESSAGE_LIMIT: Final = 20


class Fault(StrEnum):
    """What is wrong with one cell or row of a source."""

    NOT_UTF8 = "NOT_UTF8"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    UNCLOSED_QUOTE = "UNCLOSED_QUOTE"
    MALFORMED_JSON = "MALFORMED_JSON"
    CELL_COUNT = "CELL_COUNT"
    MISSING_VALUE = "MISSING_VALUE"
    WRONG_TYPE = "WRONG_TYPE"
    MALFORMED_CODE = "MALFORMED_CODE"
    MALFORMED_NUMBER = "MALFORMED_NUMBER"
    MALFORMED_NAME = "MALFORMED_NAME"
    UNKNOWN_LEVEL = "UNKNOWN_LEVEL"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    DANGLING_REFERENCE = "DANGLING_REFERENCE"
    DISAGREES = "DISAGREES"
    COUNT_DISAGREES = "COUNT_DISAGREES"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one row. `line` counts from 1; `column` is "" where the whole row is meant."""

    source: str
    file: str
    line: int
    column: str
    fault: Fault
    reason: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason} [{self.fault}]"


class CatalogueError(Exception):
    """`code` is stable, `what` says what is wrong and where, `remedy` what to do about it."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy} [{code}]")
        self.code = code
        self.what = what
        self.remedy = remedy


class SourceError(CatalogueError):
    """A source as a whole cannot be read: SOURCE_UNREADABLE, EMPTY_FILE, NOT_UTF8, MISSING_COLUMN, …"""


class BundleError(CatalogueError):
    """BUNDLE_NOT_FOUND, BUNDLE_UNREADABLE, NOT_A_BUNDLE, BUNDLE_TRUNCATED, BUNDLE_ALTERED, …"""


class OutputError(CatalogueError):
    """A bundle or a file of rejects could not be written; whatever stood there before still does."""


class BadRowsError(CatalogueError):
    """BAD_ROWS: nothing was built. `problems` holds all of them, as found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        self.row_count = len({(problem.source, problem.line) for problem in problems})
        listed = [f"  {problem}" for problem in self.problems[:PROBLEMS_IN_MESSAGE_LIMIT]]
        left = len(self.problems) - len(listed)
        if left:
            listed.append(f"  … and {left} more")
        what = f"{self.row_count} bad row(s), {len(self.problems)} problem(s):\n" + "\n".join(listed) + "\n"
        super().__init__("BAD_ROWS", what, "Mend the rows, or set them aside with --rejects FILE.")
