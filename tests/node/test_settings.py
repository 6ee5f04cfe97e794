"""A node's settings: a file, the environment above it, and a clear refusal of what is wrong."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.configuration import SettingsFileError, UnknownSettingError
from region_node.settings import SettingsClock, read_settings

NEEDED: dict[str, Any] = {
    "region": "440000",
    "catalogue": "c.json",
    "encryption_key": "aa" * 32,
    "index_key": "bb" * 32,
    "pseudonym_key": "cc" * 32,
}


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "node.toml"
    lines = [f'{name} = "{value}"' for name, value in NEEDED.items()]
    file.write_text("\n".join([*lines, "port = 8105", "[limits]", "depth = 12"]))
    monkeypatch.setenv("CREDITBANK_NODE_PORT", "8106")
    monkeypatch.setenv("CREDITBANK_NODE_LIMITS__ALIASES", "7")
    read = read_settings(file)
    assert (read.region, read.port, read.limits.depth, read.limits.aliases) == ("440000", 8106, 12, 7)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"region": "44"}, "six digits"),
        ({"encryption_key": "aa"}, "32 bytes as 64 hex digits"),
        ({"encryption_key": "zz" * 32}, "32 bytes as 64 hex digits"),
        ({"index_key": "AA" * 32}, "must differ"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"clock_at": "2026-06-01T00:00:00"}, "timezone"),
        ({"depht": 3}, "Extra inputs"),
        ({"limits": {"depht": 3}}, "no such setting: depht"),
        ({"port": 70_000}, "65535"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        read_settings(**{**NEEDED, **change})


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITBANK_NODE_REGOIN", "440000")
    with pytest.raises(UnknownSettingError, match="CREDITBANK_NODE_REGOIN"):
        read_settings(**NEEDED)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsFileError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")


def test_keys_are_not_printed() -> None:
    read = read_settings(**NEEDED)
    assert "aaaa" not in f"{read!r}"
    assert "aaaa" not in f"{read.vault()!r}"


def test_the_clock_is_a_setting() -> None:
    standing = SettingsClock(read_settings(**NEEDED, clock_at="2026-06-01T08:00:00+08:00"))
    assert standing.now() == datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    assert SettingsClock(read_settings(**NEEDED)).now().tzinfo is not None
