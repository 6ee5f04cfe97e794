"""Takes an outcome sheet into the books: good rows are submitted, every bad one is listed.

A row's idempotency key comes from the file's hash and the row's number. So an import that was broken
off goes on where it stopped, and one that is run again changes nothing and lists the same rejects.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from region_node.domain.account import LearnerGroup
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal
from region_node.domain.sheet import Fault, SheetRow, read_row
from region_node.service.import_cases import Imported, ImportedAchievement, import_achievements
from region_node.service.members import announce
from region_node.service.ports import Bank
from region_node.sheet_files import Sheet, SheetLine, read_lines

BATCH_ROWS: Final = 250
"""Rows of one transaction: the disk is waited for once for all of them."""
BATCHES_AHEAD: Final = 40
"""Batches read before the first of them is written."""
ACTOR: Final = "import"
_REJECTS_HEADING: Final = ("file", "line", "column", "code", "reason", "原因")

Progress = Callable[[int], None]
"""Called with the number of rows that were just dealt with."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`submitted` counts rows that are in the books now, those of an earlier run too."""

    rows: int
    submitted: int
    rejected: int
    accounts_opened: int


class _Rejects(Protocol):
    def writerow(self, row: tuple[object, ...], /) -> object: ...


async def import_sheet(
    bank: Bank,
    sheet: Sheet,
    rejects: Path,
    *,
    open_as: LearnerGroup | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a sheet and write the list of rejected rows to `rejects` (CSV, UTF-8).

    Raises `SheetError`, `StorageFailure`, OSError; what was done until then is in the books.
    """
    moment = bank.moment(ACTOR)
    submitted = rejected = opened = rows = 0
    with rejects.open("w", encoding="utf-8-sig", newline="") as written:
        listed = csv.writer(written)
        listed.writerow(_REJECTS_HEADING)
        async for batch, good, bad in _read_ahead(bank, sheet, moment, open_as is not None):
            answers = await import_achievements(bank, moment, list(good.values()), open_as=open_as)
            for number, answer in zip(good, answers, strict=True):
                if isinstance(answer, Imported):
                    submitted += 1
                    opened += answer.account_opened
                else:
                    bad[number] = (Fault("", answer),)
            for number in sorted(bad):
                _list(listed, sheet, number, bad[number])
            rejected += len(bad)
            rows += len(batch)
            if progress is not None:
                progress(len(batch))
    return ImportReport(rows, submitted, rejected, opened)


async def _read_ahead(
    bank: Bank, sheet: Sheet, moment: Moment, opens_accounts: bool
) -> AsyncIterator[tuple[list[SheetLine], dict[int, ImportedAchievement], dict[int, tuple[Fault, ...]]]]:
    """Each batch, parted. New members of many batches are announced, and waited for, at once."""
    batches = _batches(read_lines(sheet))
    while ahead := list(islice(batches, BATCHES_AHEAD)):
        parted = [(batch, *_read(bank, sheet, moment, batch)) for batch in ahead]
        if opens_accounts:
            await announce(bank, [row.citizen_number for _, good, _ in parted for row in good.values()])
        for one in parted:
            yield one


def _read(
    bank: Bank, sheet: Sheet, moment: Moment, batch: list[SheetLine]
) -> tuple[dict[int, ImportedAchievement], dict[int, tuple[Fault, ...]]]:
    """Part a batch into rows to submit and faulty ones, both by line."""
    good: dict[int, ImportedAchievement] = {}
    bad: dict[int, tuple[Fault, ...]] = {}
    for line in batch:
        row = read_row(sheet.layout, line.cells, bank.catalogue, moment.day)
        if isinstance(row, SheetRow):
            key = f"{sheet.digest}-{line.number}"
            good[line.number] = ImportedAchievement(key, row.citizen_number, row.achievement)
        else:
            bad[line.number] = row
    return good, bad


def _list(listed: _Rejects, sheet: Sheet, number: int, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        refusal: Refusal = fault.refusal
        told = (refusal.code.value, refusal.message("en"), refusal.message("zh"))
        listed.writerow((sheet.file.name, number, fault.column, *told))


def _batches(lines: Iterator[SheetLine]) -> Iterator[list[SheetLine]]:
    while batch := list(islice(lines, BATCH_ROWS)):
        yield batch
