"""Settings: a file, the environment above it, and no misspelt limit that silently does not hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.configuration import SettingsFileError, UnknownSettingError
from gateway.settings import GatewaySettings, read_settings

FILE = """
registry = "nodes.json"
registry_unsigned = true
pairings = "pairings.json"
catalogue = "catalogue.bundle"
port = 9000
clock_at = 2026-05-31T20:00:00Z

[limits]
depth = 12
tokens = 900

[identity]
issuer = "https://id.example"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_the_environment_stands_above_the_file_and_what_is_given_above_both(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITBANK_GATEWAY_PORT", "9001")
    monkeypatch.setenv("CREDITBANK_GATEWAY_LIMITS__DEPTH", "9")
    monkeypatch.setenv("CREDITBANK_GATEWAY_CLIENTS__HTTP__TIMEOUT_MS", "700")
    settings = read_settings(file, host="0.0.0.0")  # noqa: S104 - only read
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)  # noqa: S104 - only read
    assert (settings.limits.depth, settings.limits.tokens) == (9, 900)
    assert settings.identity.issuer == "https://id.example"
    assert settings.clients.settings().http.timeout_ms == 700


def test_the_day_is_the_regions_day(file: Path) -> None:
    assert read_settings(file).now().date() == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDITBANK_GATEWAY_PROT", "9001"),
        ("CREDITBANK_GATEWAY_LIMITS__DEPHT", "9"),
        ("CREDITBANK_GATEWAY_IDENTITY__ISUER", "x"),
        ("CREDITBANK_GATEWAY_CLIENTS__HTTP__TIMEOUT", "5"),
        ("CREDITBANK_GATEWAY_LIMITS__DEPTH", "deep"),
        ("CREDITBANK_GATEWAY_PORT", "70000"),
        ("CREDITBANK_GATEWAY_TIME_ZONE", "Asia/Nowhere"),
    ],
)
def test_an_unknown_name_or_a_bad_value_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises((UnknownSettingError, ValidationError)):
        read_settings(file)


@pytest.mark.parametrize(
    "given",
    [{"prot": 1}, {"limits": {"depht": 1}}, {"identity": {"keys_file": "a", "keys_url": "https://b"}}],
)
def test_an_unknown_key_is_refused_wherever_it_stands(file: Path, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_settings(file, **given)


@pytest.mark.parametrize(("name", "text"), [("a.toml", "port = "), ("a.json", "[1]"), ("a.json", "{")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFileError, match=name):
        read_settings(tmp_path / name)


def test_settings_do_not_change(file: Path) -> None:
    settings = read_settings(file)
    with pytest.raises(ValidationError):
        settings.port = 1


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "GATEWAY.md").read_text(encoding="utf-8")
    table = page.partition("## Settings")[2]
    wanting = [name for name in GatewaySettings.model_fields if f"`{name}" not in table]
    assert wanting == []
