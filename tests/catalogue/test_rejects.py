"""With a file for rejects, bad rows go there with their reasons and the rest is built."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.build import BuildReport, Sources, build
from catalogue.bundle import load
from catalogue.errors import BadRowsError
from catalogue.lookup import Catalogue

Lists = dict[str, list[str]]
Write = Callable[[Lists], Sources]


def built(sources: Sources, folder: Path, name: str = "rejects.jsonl") -> tuple[BuildReport, Catalogue]:
    report = build(sources, folder / "out.bundle", version="1", rejects=folder / name)
    return report, load(folder / "out.bundle")


def rules(report: BuildReport) -> dict[str, int]:
    return {rule.code: rule.count for rule in report.applied_rules}


def test_the_bad_row_is_set_aside_as_it_stood(lists: Lists, write: Write, tmp_path: Path) -> None:
    bad = lists["majors"][4].replace("高职专科", "大专").replace("临床医学,", ",", 1)
    lists["majors"].append("52,医药卫生大类,5201,临床医学类,520102K,口腔医学,高职专科,")
    lists["majors"][4] = bad
    report, catalogue = built(write(lists), tmp_path)
    (reject,) = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_bytes().splitlines()]
    assert (reject["file"], reject["line"], reject["row"]) == ("majors.csv", 5, bad)
    assert [(problem["column"], problem["code"]) for problem in reject["problems"]] == [
        ("major_name", "MISSING_VALUE"),
        ("level", "UNKNOWN_LEVEL"),
    ]
    assert [major.code for major in catalogue.majors] == ["520102K", "530701", "530702", "730701"]
    assert [source.set_aside for source in report.sources] == [1, 0, 0, 0]


def test_csv_rejects_read_back_whole(lists: Lists, write: Write, tmp_path: Path) -> None:
    bad = '53,"财经商贸大类,5307'
    lists["majors"].append(bad)
    built(write(lists), tmp_path, "rejects.csv")
    header, row = csv.reader(io.StringIO((tmp_path / "rejects.csv").read_text(encoding="utf-8")))
    assert header == ["file", "line", "column", "code", "reason", "row"]
    assert (row[:4], row[5]) == (["majors.csv", "6", "category_name", "UNCLOSED_QUOTE"], bad)


def test_a_clean_build_leaves_an_empty_file(lists: Lists, write: Write, tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text("of an earlier build\n")
    report, _ = built(write(lists), tmp_path)
    assert (tmp_path / "rejects.jsonl").read_bytes() == b""
    assert not report.problems


def test_a_cut_profile_costs_its_citations_and_no_more(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["profiles"][2] = lists["profiles"][2][:-20]
    report, catalogue = built(write(lists), tmp_path)
    assert [(p.file, p.line) for p in report.problems] == [("profiles.jsonl", 3)]
    (shops,) = catalogue.certificates_named("网店运营推广")
    assert shops.major_codes == ("530701", "530702", "730701"), "the sample still names the third"
    assert rules(report)["COUNTS_SHORT"] == 2
    assert rules(report)["CITATIONS_FROM_SAMPLE"] == 2
    assert catalogue.courses_of("730701") == ()


def test_a_bad_major_takes_its_profile_along(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"][3] = lists["majors"][3].replace("中职", "中专")
    report, catalogue = built(write(lists), tmp_path)
    assert [(p.file, p.line) for p in report.problems] == [("majors.csv", 4), ("profiles.jsonl", 3)]
    assert "stands in a bad row" in report.problems[1].reason
    (shops,) = catalogue.certificates_named("网店运营推广")
    assert shops.major_codes == ("530701", "530702")
    assert rules(report)["CITATIONS_SET_ASIDE"] == 2, "both samples name the major"


def test_a_bad_certificate_takes_its_citations_and_leaves_the_profiles(
    lists: Lists, write: Write, tmp_path: Path
) -> None:
    lists["certificates"][1] = lists["certificates"][1].replace(",2,北", ",二,北")
    report, catalogue = built(write(lists), tmp_path)
    assert [(p.file, p.line) for p in report.problems] == [("certificates.csv", 2)]
    assert catalogue.certificates_named("网店运营推广") == ()
    assert len(catalogue.courses_of("530702")) == 4
    assert rules(report)["CITATIONS_SET_ASIDE"] == 3


def test_a_profile_outside_the_list_is_left_out_by_rule(lists: Lists, write: Write, tmp_path: Path) -> None:
    outside = {**json.loads(lists["profiles"][0]), "major_code": "530799", "in_catalogue": False}
    lists["profiles"].append(json.dumps(outside))
    lists["profiles"][0] = lists["profiles"][0].replace('"major_name": "电子商务"', '"major_name": "电商"')
    report, catalogue = built(write(lists), tmp_path)
    assert not report.problems
    assert rules(report)["PROFILES_OUTSIDE_CATALOGUE"] == 1
    assert rules(report)["PROFILE_TITLES_DIFFER"] == 1
    assert catalogue.major("530799") is None


def test_bytes_that_are_not_utf8_can_be_read_in_the_rejects(
    lists: Lists, write: Write, tmp_path: Path
) -> None:
    sources = write(lists)
    sources.majors.write_bytes(sources.majors.read_bytes() + b"53,\xb2\xc6\n")
    built(sources, tmp_path)
    (reject,) = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_bytes().splitlines()]
    assert reject["row"] == "53,\\xb2\\xc6"


def test_when_nothing_is_left_nothing_is_built(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"] = [lists["majors"][0], "x", "y"]
    with pytest.raises(BadRowsError):
        built(write(lists), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "certificates.csv",
        "majors.csv",
        "profiles.jsonl",
        "regions.csv",
    ]
