"""Outcome sheets: every layout and both kinds of file, each bad row listed, each good one taken once."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from region_node.domain.account import LearnerGroup
from region_node.domain.sheet import Layout
from region_node.sheet_files import SheetError, open_sheet, read_lines
from region_node.sheet_import import BATCH_ROWS, ImportReport, import_sheet
from tests.node.bank import open_account
from tests.node.conftest import CERTIFICATE_NAME, Served, citizen_number

COURSE = ["姓名", "身份证号", "课程名称", "学分", "学时", "获得时间(yyyyMM)", "学号"]
CERTIFICATE = [
    "姓名",
    "身份证号",
    "原证书来源代码",
    "原证书名称",
    "原证书等级",
    "原发证机构",
    "原学分",
    "获得时间",
]
EXCHANGE = [*CERTIFICATE, "原课程名称", "原办学机构", "学号"]


def course(order: int, title: str = "网络营销", credits: str = "2.0", month: str = "202506") -> list[str]:  # noqa: A002 - the bank's word
    return ["张三", citizen_number(order), title, credits, "32", month, "S1"]


def write_csv(folder: Path, rows: list[list[str]], encoding: str = "utf-8", name: str = "sheet.csv") -> Path:
    file = folder / name
    with file.open("w", encoding=encoding, newline="") as written:
        csv.writer(written).writerows(rows)
    return file


def write_xlsx(folder: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    page = book.create_sheet(index=0)
    for row in rows:
        page.append(row)
    file = folder / "sheet.xlsx"
    book.save(file)
    return file


async def run(served: Served, file: Path, layout: Layout = Layout.COURSE, **rest: Any) -> ImportReport:
    rest = {"open_as": LearnerGroup.IN_SCHOOL, **rest}
    return await import_sheet(served.node.bank, open_sheet(file, layout), rejects_of(file), **rest)


def rejects_of(file: Path) -> Path:
    return file.with_name("rejects.csv")


def rejected(file: Path) -> list[tuple[str, str, str]]:
    """Line, column and code of everything that was listed."""
    with rejects_of(file).open(encoding="utf-8-sig", newline="") as lines:
        return [(row["line"], row["column"], row["code"]) for row in csv.DictReader(lines)]


async def outcomes(served: Served) -> list[dict[str, Any]]:
    data = await served.officer.ask(
        '{ outcomes(regions: ["320000"], first: 100) { totalCount'
        " edges { node { title kind level status credits issuedOn organisation certificate { name } } } } }"
    )
    return [edge["node"] for edge in data["outcomes"]["edges"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_courses_are_submitted_and_accounts_opened(
    sqlite_served: Served, tmp_path: Path, encoding: str
) -> None:
    file = write_csv(tmp_path, [COURSE, course(1), course(1, "电子商务基础"), course(2)], encoding)
    assert await run(sqlite_served, file) == ImportReport(3, 3, 0, 2)
    found = await outcomes(sqlite_served)
    assert sorted(one["title"] for one in found) == ["电子商务基础", "网络营销", "网络营销"]
    assert {(one["status"], one["credits"], one["issuedOn"]) for one in found} == {
        ("SUBMITTED", "2.0", "2025-06-01")
    }
    assert rejected(file) == []


async def test_certificates_are_found_in_the_catalogue(sqlite_served: Served, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        CERTIFICATE,
        ["李四", citizen_number(1), "02", CERTIFICATE_NAME, "中级", None, 8, 202505],
        ["李四", citizen_number(1), 2, CERTIFICATE_NAME, "高级", None, 8.0, date(2025, 6, 3)],
        ["李四", citizen_number(1), "01", "市场营销", "无", "某学院", "3.5", "2025-06"],
        ["李四", citizen_number(1), "02", "没有的证书", "特级", None, "0", "202613"],
        [None] * 8,
        ["李四", citizen_number(1), "03", CERTIFICATE_NAME, "中级", None, "8.0", "202505"],
    ]
    file = write_xlsx(tmp_path, rows)
    assert await run(sqlite_served, file, Layout.CERTIFICATE) == ImportReport(5, 3, 2, 1)
    found = {(one["title"], one["level"]): one for one in await outcomes(sqlite_served)}
    assert found[CERTIFICATE_NAME, "INTERMEDIATE"]["certificate"]["name"] == CERTIFICATE_NAME
    assert found[CERTIFICATE_NAME, "ADVANCED"]["issuedOn"] == "2025-06-03"
    assert found["市场营销", None]["organisation"] == "某学院"
    assert rejected(file) == [
        ("5", "原学分", "MALFORMED_CREDITS"),
        ("5", "获得时间", "MALFORMED_INPUT"),
        ("5", "原证书等级", "MALFORMED_INPUT"),
        ("5", "原证书名称", "UNKNOWN_CERTIFICATE"),
        ("7", "原证书来源代码", "MALFORMED_INPUT"),
    ]


async def test_an_exchange_sheet_names_the_course_and_its_school(
    sqlite_served: Served, tmp_path: Path
) -> None:
    row = ["王五", citizen_number(1), "01", "", "", "", "3", "202501", "统计学", "江苏某学院", "S9"]
    file = write_csv(tmp_path, [EXCHANGE, row])
    assert (await run(sqlite_served, file, Layout.EXCHANGE)).submitted == 1
    (found,) = await outcomes(sqlite_served)
    assert (found["title"], found["organisation"], found["kind"]) == ("统计学", "江苏某学院", "COURSE")


async def test_running_it_again_changes_nothing_and_lists_the_same(served: Served, tmp_path: Path) -> None:
    """On both databases: what the books refuse is listed too, without a column."""
    twin = course(1)
    rows = [COURSE, course(1), twin, course(2, credits="two"), course(3, month="209901"), course(4)]
    rows[5][1] = rows[5][1][:17] + ("0" if rows[5][1][17] != "0" else "1")
    file = write_csv(tmp_path, rows)
    first = await run(served, file)
    assert first == ImportReport(5, 1, 4, 1)
    listed = rejected(file)
    assert listed == [
        ("3", "", "OUTCOME_EXISTS"),
        ("4", "学分", "MALFORMED_CREDITS"),
        ("5", "获得时间", "MALFORMED_INPUT"),
        ("6", "身份证号", "INVALID_CITIZEN_NUMBER"),
    ]
    assert await run(served, file) == ImportReport(5, 1, 4, 0)
    assert rejected(file) == listed
    assert len(await outcomes(served)) == 1
    assert citizen_number(1) not in rejects_of(file).read_text(encoding="utf-8-sig")


class BrokenOffError(Exception):
    pass


async def test_an_import_that_was_broken_off_goes_on_where_it_stopped(
    sqlite_served: Served, tmp_path: Path
) -> None:
    rows = [COURSE, *(course(number // 3, f"课程{number}") for number in range(2 * BATCH_ROWS + 7))]
    file = write_csv(tmp_path, rows)

    def break_off(_: int) -> None:
        raise BrokenOffError

    with pytest.raises(BrokenOffError):
        await run(sqlite_served, file, progress=break_off)
    assert await total(sqlite_served) == BATCH_ROWS
    done: list[int] = []
    report = await run(sqlite_served, file, progress=done.append)
    assert (report.submitted, report.rejected) == (2 * BATCH_ROWS + 7, 0)
    assert done == [BATCH_ROWS, BATCH_ROWS, 7]
    assert await total(sqlite_served) == 2 * BATCH_ROWS + 7


async def total(served: Served) -> int:
    data = await served.officer.ask('{ outcomes(regions: ["320000"], first: 1) { totalCount } }')
    count: int = data["outcomes"]["totalCount"]
    return count


async def test_without_the_option_no_account_is_opened(sqlite_served: Served, tmp_path: Path) -> None:
    await open_account(sqlite_served.officer, 1)
    file = write_csv(tmp_path, [COURSE, course(1), course(2)])
    assert await run(sqlite_served, file, open_as=None) == ImportReport(2, 1, 1, 0)
    assert rejected(file) == [("3", "", "UNKNOWN_ACCOUNT")]
    # Nothing was asked of the books for that row: with the option it is taken after all.
    assert await run(sqlite_served, file) == ImportReport(2, 2, 0, 1)


async def test_no_account_is_opened_for_a_row_that_cannot_be_submitted(
    sqlite_served: Served, tmp_path: Path
) -> None:
    row = ["李四", citizen_number(1), "02", CERTIFICATE_NAME, "中级", "", "9.0", "202505"]
    file = write_csv(tmp_path, [CERTIFICATE, row])
    assert await run(sqlite_served, file, Layout.CERTIFICATE) == ImportReport(1, 0, 1, 0)
    assert rejected(file) == [("2", "", "CEILING_EXCEEDED")]
    data = await sqlite_served.officer.ask('{ accounts(region: "320000", first: 1) { totalCount } }')
    assert data["accounts"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "lacks the columns"),
        ("姓名,身份证号\n".encode(), "课程名称"),
        (",".join([*COURSE, "密码"]).encode(), "has no column 密码"),
        (",".join([*COURSE, "学分"]).encode(), "学分 more than once"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB 18030"),
    ],
)
def test_a_file_of_another_layout_is_refused_whole(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(content)
    with pytest.raises(SheetError, match=told):
        open_sheet(file, Layout.COURSE)


def test_lines_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    sheet = open_sheet(write_csv(tmp_path, [COURSE, course(1), [], course(2)]), Layout.COURSE)
    assert [line.number for line in read_lines(sheet)] == [2, 4]
