"""An outcome sheet of 100,000 rows taken into an empty bank, and the same sheet once more.

Each learner has five rows and gets an account with the first; one row in a hundred is bad and is listed.
Memory is that of the process beyond what it had when the sheet was looked through: for rows on their way.
"""

from __future__ import annotations

import csv
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped] # it ships no types
from openpyxl import Workbook
from pydantic import SecretStr

from benchmarks.filled_bank import BEGAN, REGION, databases
from benchmarks.results import Result
from catalogue.sample import load_sample
from region_node.app import Node
from region_node.domain.account import LearnerGroup
from region_node.domain.citizen import check_character
from region_node.domain.sheet import Layout
from region_node.service.vault import KEY_BYTES
from region_node.settings import NodeSettings
from region_node.sheet_files import Sheet, open_sheet
from region_node.sheet_import import ImportReport, import_sheet
from region_node.storage.migrate import migrate

ROWS: Final = 100_000
QUICK_ROWS: Final = 1_000
ROWS_EACH: Final = 5
BAD_EVERY: Final = 100
HEADING: Final = ("身份证号", "课程名称", "学分", "获得时间(yyyyMM)")
COLUMNS: Final = {
    "database": "database",
    "file": "file",
    "rows": "rows",
    "accounts": "accounts opened",
    "rejected": "rows listed as bad",
    "rows_per_s": "rows/s",
    "rss_mb": "MB beyond the beginning",
    "again_rows_per_s": "rows/s, run again",
}
NOTES: Final = ("One process, as `creditbank node import` runs it; PostgreSQL is another beside it.",)


@dataclass
class Watched:
    """The most memory that the process had at the end of any batch."""

    process: Any = field(default_factory=psutil.Process)
    began_mb: float = 0.0
    most_mb: float = 0.0

    def begin(self) -> None:
        self.began_mb = self.most_mb = self._now()

    def dealt_with(self, _: int) -> None:
        self.most_mb = max(self.most_mb, self._now())

    def _now(self) -> float:
        return float(self.process.memory_info().rss) / 1e6


async def run(quick: bool, rounds: int) -> Result:
    """Measure once: a bank is empty only once."""
    count = QUICK_ROWS if quick else ROWS
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        files = [_csv(Path(name), count), _xlsx(Path(name), count)]
        for file in files:
            with databases() as urls:
                for database, url in urls.items():
                    rows.append(await _imported(database, url, file))
    return Result("sheet_import", "An outcome sheet taken in", COLUMNS, rows, NOTES, quick)


async def _imported(database: str, url: str, file: Path) -> dict[str, Any]:
    settings = NodeSettings(
        region=REGION,
        database_url=url,
        catalogue=Path("unused"),
        encryption_key=SecretStr("11" * KEY_BYTES),
        index_key=SecretStr("22" * KEY_BYTES),
        pseudonym_key=SecretStr("33" * KEY_BYTES),
    )
    node, watched = Node(settings, bundle=load_sample()), Watched()
    try:
        await migrate(node.database, REGION, BEGAN)
        sheet = open_sheet(file, Layout.COURSE)
        watched.begin()
        report, rows_per_s = await _timed(node, sheet, watched)
        again, again_rows_per_s = await _timed(node, sheet, watched)
    finally:
        await node.database.close()
    assert (again.submitted, again.rejected) == (report.submitted, report.rejected)
    return {
        "database": database,
        "file": file.suffix[1:].upper(),
        "rows": report.rows,
        "accounts": report.accounts_opened,
        "rejected": report.rejected,
        "rows_per_s": round(rows_per_s),
        "rss_mb": round(watched.most_mb - watched.began_mb, 1),
        "again_rows_per_s": round(again_rows_per_s),
    }


async def _timed(node: Node, sheet: Sheet, watched: Watched) -> tuple[ImportReport, float]:
    begun_s = time.perf_counter()
    report = await import_sheet(
        node.bank,
        sheet,
        sheet.file.with_suffix(".rejects.csv"),
        open_as=LearnerGroup.IN_SCHOOL,
        progress=watched.dealt_with,
    )
    return report, report.rows / (time.perf_counter() - begun_s)


def _row(number: int) -> tuple[str, ...]:
    learner, place = divmod(number, ROWS_EACH)
    seventeen = f"99{learner // 1000:04}19990101{learner % 1000:03}"
    citizen = seventeen + check_character(seventeen)
    return citizen, f"课程 {place}", "2.0", "2025年" if number % BAD_EVERY == 0 else "202506"


def _csv(folder: Path, count: int) -> Path:
    file = folder / "sheet.csv"
    with file.open("w", encoding="utf-8", newline="") as written:
        lines = csv.writer(written)
        lines.writerow(HEADING)
        lines.writerows(map(_row, range(count)))
    return file


def _xlsx(folder: Path, count: int) -> Path:
    file = folder / "sheet.xlsx"
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADING)
    for number in range(count):
        page.append(_row(number))
    book.save(file)
    return file
