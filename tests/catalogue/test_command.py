"""`creditbank catalogue build|show`, as a person meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalogue.build import Sources
from catalogue.bundle import load
from catalogue.cli import app

Lists = dict[str, list[str]]
Write = Callable[[Lists], Sources]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def build(sources: Sources, out: Path, *more: str) -> Result:
    named = [part for layout, path in sources.each for part in (f"--{layout.source}", str(path))]
    return run("build", *named, "--out", str(out), "--version", "2026.1", *more)


def test_a_build_says_what_it_read_made_and_decided(lists: Lists, write: Write, tmp_path: Path) -> None:
    result = build(write(lists), tmp_path / "out.bundle")
    assert result.exit_code == 0, result.output
    catalogue = load(tmp_path / "out.bundle")
    for said in ("majors.csv", "Catalogue 2026.1", catalogue.hash, "another spelling", "Built"):
        assert said in result.stdout
    assert "profiles" in result.stderr, "the progress bar"


def test_bad_rows_stop_the_build_and_are_listed(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"] += ["x"] * 60
    result = build(write(lists), tmp_path / "out.bundle")
    assert result.exit_code == 1
    assert "majors.csv, line 6: 1 cells where the header has 8 [CELL_COUNT]" in result.stderr
    assert "and 10 more" in result.stderr
    assert "Nothing was built: 60 bad row(s)." in result.stderr
    assert "--rejects" in result.stderr
    assert not (tmp_path / "out.bundle").exists()


def test_rejects_are_set_aside_and_said(lists: Lists, write: Write, tmp_path: Path) -> None:
    lists["majors"].append("x")
    result = build(write(lists), tmp_path / "out.bundle", "--rejects", str(tmp_path / "rejects.csv"))
    assert result.exit_code == 0, result.output
    assert "1 bad row(s) were set aside" in result.stdout
    assert "line 6" in result.stderr
    assert len((tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_a_damaged_bundle_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "cut.bundle").write_bytes(b"\x1f\x8b\x08")
    result = run("show", str(tmp_path / "cut.bundle"))
    assert result.exit_code == 1
    assert "BUNDLE_TRUNCATED" in result.stderr
    assert "Traceback" not in result.output


def test_show_answers_from_the_sample_when_no_bundle_is_named() -> None:
    assert "sample-1" in run("show").stdout
    shown = run("show", "--major", "530701", "--certificate", "网店运营推广", "--search", "护理").stdout
    for said in ("网络营销", "X6f200395fb", "北京鸿科经纬科技有限公司", "720201", "母婴护理"):
        assert said in shown


@pytest.mark.parametrize("arguments", [("--major", "999999"), ("--certificate", "无此证书")])
def test_show_says_what_it_did_not_find(arguments: tuple[str, str]) -> None:
    result = run("show", *arguments)
    assert result.exit_code == 1
    assert arguments[1] in result.stderr


def test_help_teaches() -> None:
    assert "one bundle" in run("--help").stdout
    taught = run("build", "--help").stdout
    for said in ("--rejects", "职业教育专业目录", "Example"):
        assert said in taught
