"""A bad row is named by file, line, column and reason, and nothing is built."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.build import Sources, build
from catalogue.errors import BadRowsError, Fault

Lists = dict[str, list[str]]
Write = Callable[[Lists], Sources]

MAJOR = "53,财经商贸大类,5307,电子商务类,530701,电子商务,高职专科,"
CERTIFICATE = "网店运营推广,3,1,2,0,2,北京鸿科经纬科技有限公司,530701 530702 730701"


def majors(line: str) -> tuple[str, int, str]:
    return ("majors", 2, line)


def certificates(line: str) -> tuple[str, int, str]:
    return ("certificates", 2, line)


CELLS = {
    "letters in a code": (majors(MAJOR.replace("530701", "53O701")), "major_code", Fault.MALFORMED_CODE),
    "a code too short": (majors(MAJOR.replace(",5307,", ",537,")), "class_code", Fault.MALFORMED_CODE),
    "a code of no level": (majors(MAJOR.replace("53,", "93,", 1)), "category_code", Fault.MALFORMED_CODE),
    "an unknown level": (majors(MAJOR.replace("高职专科", "大专")), "level", Fault.UNKNOWN_LEVEL),
    "no name": (majors(MAJOR.replace(",电子商务,", ",,")), "major_name", Fault.MISSING_VALUE),
    "a name of blanks": (majors(MAJOR.replace(",电子商务,", ",  ,")), "major_name", Fault.MISSING_VALUE),
    "a control character": (
        majors(MAJOR.replace(",电子商务,", ",电子\x07商务,")),
        "major_name",
        Fault.MALFORMED_NAME,
    ),
    "a name too long": (
        majors(MAJOR.replace(",电子商务,", f",{'电' * 201},")),
        "major_name",
        Fault.MALFORMED_NAME,
    ),
    "too few cells": (majors("53,财经商贸大类,5307"), "", Fault.CELL_COUNT),
    "too many cells": (majors(MAJOR + ",x"), "", Fault.CELL_COUNT),
    "a line too long": (majors(MAJOR + "x" * 100_000), "", Fault.LINE_TOO_LONG),
    "a quote that is not closed": (
        majors(MAJOR.replace(",电子商务,", ',"电子商务,')),
        "major_name",
        Fault.UNCLOSED_QUOTE,
    ),
    "a class of another category": (majors(MAJOR.replace(",5307,", ",5407,")), "class_code", Fault.DISAGREES),
    "a major of another class": (majors(MAJOR.replace("530701", "530801")), "major_code", Fault.DISAGREES),
    "a level of other codes": (majors(MAJOR.replace("高职专科", "中职")), "level", Fault.DISAGREES),
    "a count in words": (
        certificates(CERTIFICATE.replace(",3,", ",三,")),
        "majors_citing",
        Fault.MALFORMED_NUMBER,
    ),
    "a batch in words": (
        certificates(CERTIFICATE.replace(",2,北", ",二,北")),
        "batch",
        Fault.MALFORMED_NUMBER,
    ),
    "a sample code malformed": (
        certificates(CERTIFICATE.replace("530702", "5307")),
        "sample_major_codes",
        Fault.MALFORMED_CODE,
    ),
    "a sample code unknown": (
        certificates(CERTIFICATE.replace("530702", "530799")),
        "sample_major_codes",
        Fault.DANGLING_REFERENCE,
    ),
    "a sample code twice": (
        certificates(CERTIFICATE.replace("530702", "530701")),
        "sample_major_codes",
        Fault.DUPLICATE_KEY,
    ),
    "a sample too short": (
        certificates(CERTIFICATE.replace(" 730701", "")),
        "sample_major_codes",
        Fault.COUNT_DISAGREES,
    ),
    "counts by level that do not add up": (
        certificates(CERTIFICATE.replace(",3,1,2,", ",3,1,1,")),
        "majors_citing",
        Fault.COUNT_DISAGREES,
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_cell_is_named(name: str, lists: Lists, write: Write, tmp_path: Path) -> None:
    (source, line, text), column, fault = CELLS[name]
    lists[source][line - 1] = text
    error = refused(write(lists), tmp_path)
    first = error.problems[0]
    assert (first.source, first.line, first.column, first.fault) == (source, line, column, fault)
    assert first.file == f"{source}.csv"
    assert first.reason


PROFILES: dict[str, tuple[dict[str, object], str, Fault]] = {
    "a key is missing": ({"duration": None}, "duration", Fault.MISSING_VALUE),
    "a list is text": ({"core_courses": "网店运营"}, "core_courses", Fault.WRONG_TYPE),
    "an item is a number": ({"core_courses": ["网店运营", 7]}, "core_courses[1]", Fault.WRONG_TYPE),
    "an item is empty": ({"basic_courses": [""]}, "basic_courses[0]", Fault.MISSING_VALUE),
    "a flag is text": ({"in_catalogue": "yes"}, "in_catalogue", Fault.WRONG_TYPE),
    "a code is a number": ({"major_code": 530701}, "major_code", Fault.WRONG_TYPE),
    "an unknown major": ({"major_code": "530799"}, "major_code", Fault.DANGLING_REFERENCE),
    "an unknown certificate": (
        {"skill_certificates": ["网店运营推广", "无此证书"]},
        "skill_certificates[1]",
        Fault.DANGLING_REFERENCE,
    ),
    "a course twice": (
        {"core_courses": ["网络（营销）", "网络(营销)"]},
        "core_courses[1]",
        Fault.DUPLICATE_KEY,
    ),
    "a certificate twice": (
        {"skill_certificates": ["网店运营推广", "网店运营推广"]},
        "skill_certificates[1]",
        Fault.DUPLICATE_KEY,
    ),
    "another level": ({"level": "中职"}, "level", Fault.DISAGREES),
    "another name": ({"catalogue_name": "电商"}, "catalogue_name", Fault.DISAGREES),
    "national control without a K": ({"national_control": True}, "national_control", Fault.DISAGREES),
    "a major listed and denied": ({"in_catalogue": False}, "in_catalogue", Fault.DISAGREES),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_bad_profile_is_named(name: str, lists: Lists, write: Write, tmp_path: Path) -> None:
    change, column, fault = PROFILES[name]
    profile = {**json.loads(lists["profiles"][0]), **change}
    lists["profiles"][0] = json.dumps({key: value for key, value in profile.items() if value is not None})
    first = refused(write(lists), tmp_path).problems[0]
    assert (first.file, first.line, first.column, first.fault) == ("profiles.jsonl", 1, column, fault)


def test_a_line_of_json_that_is_cut_off(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["profiles"][2] = lists["profiles"][2][:60]
    (problem,) = refused(write(lists), tmp_path).problems
    assert (problem.line, problem.fault) == (3, Fault.MALFORMED_JSON)
    assert "of 60" in problem.reason


def test_a_line_that_is_no_object(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["profiles"][2] = "[1, 2]"
    (problem,) = refused(write(lists), tmp_path).problems
    assert (problem.line, problem.fault) == (3, Fault.WRONG_TYPE)


def test_duplicates_name_the_first_line(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"].append(MAJOR)
    lists["certificates"].append("实用英语交际,0,0,0,0,,,")
    lists["profiles"].append(lists["profiles"][0])
    found = [(p.file, p.line, p.column, p.fault, p.reason) for p in refused(write(lists), tmp_path).problems]
    assert [one[:4] for one in found] == [
        ("majors.csv", 6, "major_code", Fault.DUPLICATE_KEY),
        ("certificates.csv", 6, "certificate_name", Fault.DUPLICATE_KEY),
        ("profiles.jsonl", 4, "major_code", Fault.DUPLICATE_KEY),
    ]
    assert ["line 2" in found[0][4], "line 5" in found[1][4], "line 1" in found[2][4]] == [True, True, True]


def test_one_class_has_one_name(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"][2] = (
        lists["majors"][2].replace("电子商务类", "电商类").replace("财经商贸大类", "财经大类")
    )
    problems = refused(write(lists), tmp_path).problems
    assert [(p.line, p.column, p.fault) for p in problems[:2]] == [
        (3, "category_name", Fault.DISAGREES),
        (3, "class_name", Fault.DISAGREES),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("网店运营推广,4,1,3,0,2,北京鸿科经纬科技有限公司,", "majors_citing"),
        ("网店运营推广,2,0,2,0,2,北京鸿科经纬科技有限公司,530701 530702", "majors_citing"),
        ("网店运营推广,3,2,1,0,2,北京鸿科经纬科技有限公司,530701 530702 730701", "zhongzhi"),
    ],
)
def test_stated_counts_must_be_those_of_the_profiles(
    row: str, column: str, lists: Lists, write: Write, tmp_path: Path
) -> None:
    lists["certificates"][1] = row
    first = refused(write(lists), tmp_path).problems[0]
    assert (first.file, first.line, first.column, first.fault) == (
        "certificates.csv",
        2,
        column,
        Fault.COUNT_DISAGREES,
    )


def test_a_sampled_major_must_cite_the_certificate(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["certificates"][2] = "数据应用（Python）,1,0,1,0,,,530702"
    (problem,) = refused(write(lists), tmp_path).problems
    assert (problem.line, problem.column, problem.fault) == (3, "sample_major_codes", Fault.DISAGREES)


def test_a_shared_name_needs_an_organisation_in_every_row(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["certificates"] += ["数据应用(Python）,0,0,0,0,,甲公司,", "数据应用(Python）,0,0,0,0,,乙公司,"]
    problems = refused(write(lists), tmp_path).problems
    missing = [(p.line, p.column, p.fault) for p in problems if p.column == "evaluation_org"]
    assert missing == [(3, "evaluation_org", Fault.MISSING_VALUE), (4, "evaluation_org", Fault.MISSING_VALUE)]


def test_bytes_that_are_not_utf8_are_placed(lists: Lists, write: Write, tmp_path: Path) -> None:
    sources = write(lists)
    lines = sources.majors.read_bytes().splitlines()
    lines[1] = MAJOR.encode("gb18030")
    lines[2] = lines[2].replace("电子商务类".encode(), "电子商务类".encode()[:-1])
    sources.majors.write_bytes(b"\n".join(lines))
    first, second = [p for p in refused(sources, tmp_path).problems if p.source == "majors"]
    assert (first.line, first.column, first.fault) == (2, "category_name", Fault.NOT_UTF8)
    assert "GB18030" in first.reason
    assert (second.line, second.column, second.fault) == (3, "class_name", Fault.NOT_UTF8)
    assert "GB18030" not in second.reason


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [
        ("4400,广东省", "code", Fault.MALFORMED_CODE),
        ("310000,上海", "code", Fault.DUPLICATE_KEY),
        ("99,无名省", "name_en", Fault.MISSING_VALUE),
    ],
)
def test_a_bad_region_is_named(
    row: str, column: str, fault: Fault, lists: Lists, write: Write, tmp_path: Path
) -> None:
    lists["regions"][2] = row
    (problem,) = refused(write(lists), tmp_path).problems
    assert (problem.file, problem.line, problem.column, problem.fault) == ("regions.csv", 3, column, fault)


def test_all_bad_rows_are_reported_and_the_message_stays_short(
    lists: Lists, write: Write, tmp_path: Path
) -> None:
    lists["majors"] += ["x"] * 200
    error = refused(write(lists), tmp_path)
    assert error.row_count == len(error.problems) == 200
    assert "200 bad row(s)" in str(error)
    assert "and 180 more" in str(error)
    assert "majors.csv, line 6: 1 cells where the header has 8 [CELL_COUNT]" in str(error)


def refused(sources: Sources, folder: Path) -> BadRowsError:
    """Build, and return the refusal; nothing may have been written."""
    out = folder / "out.bundle"
    with pytest.raises(BadRowsError) as caught:
        build(sources, out, version="1")
    assert not out.exists()
    return caught.value
