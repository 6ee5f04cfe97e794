"""Whole files: those that cannot be read at all, and the ways of writing one that make no difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.build import Sources, build
from catalogue.bundle import load
from catalogue.errors import CatalogueError, OutputError, SourceError

Lists = dict[str, list[str]]
Write = Callable[[Lists], Sources]


def code_of(error: type[CatalogueError], sources: Sources, folder: Path) -> str:
    out = folder / "out.bundle"
    with pytest.raises(error) as caught:
        build(sources, out, version="1", rejects=folder / "rejects.jsonl")
    assert not out.exists()
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize("source", ["majors", "certificates", "profiles", "regions"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(
    source: str, content: bytes, lists: Lists, write: Write, tmp_path: Path
) -> None:
    sources = write(lists)
    getattr(sources, source).write_bytes(content)
    assert code_of(SourceError, sources, tmp_path) == "EMPTY_FILE"


@pytest.mark.parametrize("source", ["majors", "certificates", "regions"])
def test_a_header_alone_is_refused(source: str, lists: Lists, write: Write, tmp_path: Path) -> None:
    del lists[source][1:]
    assert code_of(SourceError, write(lists), tmp_path) == "EMPTY_FILE"


def test_a_missing_column_is_named(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"] = [",".join(line.split(",")[:6]) for line in lists["majors"]]
    with pytest.raises(SourceError, match=r"majors\.csv .* no column level .*line 1.*MISSING_COLUMN"):
        build(write(lists), tmp_path / "out", version="1")


def test_a_column_named_twice_is_refused(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"][0] += ",note"
    assert code_of(SourceError, write(lists), tmp_path) == "REPEATED_COLUMN"


def test_a_header_that_is_not_utf8_is_refused(lists: Lists, write: Write, tmp_path: Path) -> None:
    sources = write(lists)
    sources.majors.write_bytes("专业代码,专业".encode("gb18030"))
    assert code_of(SourceError, sources, tmp_path) == "NOT_UTF8"
    sources.majors.write_text("\n".join(lists["majors"]), encoding="utf-16")
    assert code_of(SourceError, sources, tmp_path) == "NOT_UTF8"


def test_a_file_that_is_not_there_is_refused(lists: Lists, write: Write, tmp_path: Path) -> None:
    sources = write(lists)
    sources.profiles.unlink()
    assert code_of(SourceError, sources, tmp_path) == "SOURCE_UNREADABLE"
    sources.profiles.mkdir()
    assert code_of(SourceError, sources, tmp_path) == "SOURCE_UNREADABLE"


def test_nothing_is_written_over_a_source(lists: Lists, write: Write, tmp_path: Path) -> None:
    sources = write(lists)
    before = sources.majors.read_bytes()
    with pytest.raises(OutputError, match="OUTPUT_IS_SOURCE"):
        build(sources, sources.majors, version="1")
    with pytest.raises(OutputError, match="OUTPUT_IS_SOURCE"):
        build(sources, tmp_path / "x", version="1", rejects=tmp_path / "x")
    assert sources.majors.read_bytes() == before


def test_a_folder_that_is_not_there_leaves_nothing(lists: Lists, write: Write, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="OUTPUT_NOT_WRITTEN"):
        build(write(lists), tmp_path / "nowhere" / "out.bundle", version="1")


@pytest.mark.parametrize("version", ["", "2025/12", "版本", "x" * 41, "a b", ".hidden"])
def test_a_version_must_be_fit_for_urls(version: str, lists: Lists, write: Write, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="MALFORMED_VERSION"):
        build(write(lists), tmp_path / "out", version=version)


def test_line_ends_marks_blank_lines_and_quotes_make_no_difference(
    lists: Lists, write: Write, tmp_path: Path
) -> None:
    sources = write(lists)
    plain = build(sources, tmp_path / "plain", version="1")
    for path in (sources.majors, sources.certificates):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        quoted = [",".join(f'" {cell} "' for cell in row.split(",")) for row in rows]
        path.write_bytes("\ufeff".encode() + "\r\n".join([header, "", *quoted]).encode())
    assert build(sources, tmp_path / "other", version="1").hash == plain.hash


def test_columns_may_stand_in_any_order_and_more_may_be_there(
    lists: Lists, write: Write, tmp_path: Path
) -> None:
    plain = build(write(lists), tmp_path / "plain", version="1")
    lists["majors"] = [
        ",".join(reversed([*line.split(","), "备注" if number else "remark"]))
        for number, line in enumerate(lists["majors"])
    ]
    report = build(write(lists), tmp_path / "other", version="1")
    assert report.hash == plain.hash
    assert report.sources[0].columns_not_read == ("remark",)


def test_optional_columns_may_be_missing(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"] = [",".join(line.split(",")[:7]) for line in lists["majors"]]
    lists["certificates"] = [line.split(",")[0] for line in lists["certificates"]]
    build(write(lists), tmp_path / "out", version="1")
    catalogue = load(tmp_path / "out")
    assert len(catalogue.certificates) == 3
    assert {certificate.organisation for certificate in catalogue.certificates} == {None}


def test_progress_is_told_by_source_and_reaches_the_end(lists: Lists, write: Write, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    sources = write(lists)
    sources.profiles.write_bytes(sources.profiles.read_bytes() + b"\n" * 100_000)
    build(sources, tmp_path / "out", version="1", progress=lambda *step: told.append(step))
    last = {source: (done, total) for source, done, total in told}
    assert list(last) == ["majors", "certificates", "profiles", "regions"]
    assert all(done == total > 0 for done, total in last.values())
    profiles = [done for source, done, _ in told if source == "profiles"]
    assert len(profiles) > 2
    assert profiles == sorted(profiles)
