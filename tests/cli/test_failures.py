"""What a person got wrong is said in a line or two that name it; nobody sees a traceback."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path

import pytest

from catalogue.bundle import write_whole
from catalogue.sample import sample_bundle
from region_node.domain.citizen import check_character
from tests.cli.conftest import Run

SYNTHETIC = "99990019900101123"
"""Seventeen digits of a citizen number whose place does not exist."""
KEYS = {"encryption_key": "11" * 32, "index_key": "22" * 32, "pseudonym_key": "33" * 32}


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A node's settings file that is right."""
    write_whole(tmp_path / "catalogue.bundle", sample_bundle())
    settings = {
        "region": "440000",
        "database_url": f"sqlite:///{tmp_path / 'bank.sqlite'}",
        "catalogue": str(tmp_path / "catalogue.bundle"),
        **KEYS,
    }
    file = tmp_path / "node.json"
    file.write_text(json.dumps(settings))
    return file


def test_missing_settings_are_named_with_their_variables(run: Run) -> None:
    failed = run("gateway", "serve")
    assert failed.status == 1
    assert "registry: is missing (setting registry, environment CREDITBANK_GATEWAY_REGISTRY)" in failed.err
    assert "Traceback" not in failed.err


def test_a_wrong_setting_is_told_by_name_and_keys_are_never_shown(
    node: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITBANK_NODE_INDEX_KEY", "secret-that-is-no-key")
    failed = run("node", "migrate", "--config", node)
    assert failed.status == 1
    assert failed.err == (
        "creditbank: index_key: write 32 bytes as 64 hex digits "
        "(setting index_key, environment CREDITBANK_NODE_INDEX_KEY)\n"
    )


def test_a_misspelt_setting_is_named_without_a_cure_that_does_not_exist(node: Path, run: Run) -> None:
    node.write_text(json.dumps({**json.loads(node.read_text()), "databse_url": "sqlite:///x"}))
    failed = run("node", "migrate", "--config", node)
    assert (failed.status, failed.err) == (1, "creditbank: databse_url: there is no such setting\n")


def test_a_seed_file_that_is_absent_is_named_plainly(node: Path, tmp_path: Path, run: Run) -> None:
    assert run("node", "migrate", "--config", node).status == 0
    absent = tmp_path / "steps.json"
    failed = run("node", "seed", absent, "--config", node)
    assert failed.status == 1
    assert f"seed file {absent} cannot be read: No such file or directory\n" in failed.err


def test_a_port_in_use_is_named_with_what_to_do(node: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failed = run("node", "serve", "--config", node, "--port", port)
    assert failed.status == 1
    assert f"port {port} (for node 440000) is not free" in failed.err
    assert "--port PORT" in failed.err


def test_a_misspelt_variable_is_refused(node: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITBANK_NODE_PROT", "8105")
    failed = run("node", "serve", "--config", node)
    assert (failed.status, failed.err) == (1, "creditbank: no such setting: CREDITBANK_NODE_PROT\n")


def test_a_settings_file_that_is_not_there_or_is_no_settings(tmp_path: Path, run: Run) -> None:
    assert "absent.toml cannot be read" in run("node", "serve", "--config", tmp_path / "absent.toml").err
    (tmp_path / "bad.toml").write_text("port = = 1")
    assert "bad.toml cannot be read" in run("gateway", "serve", "--config", tmp_path / "bad.toml").err


def seed_file(folder: Path, number: str, region: str = "440000") -> Path:
    """A file of one step: an account is opened for that citizen number."""
    opening = {"citizenNumber": number, "group": "VETERAN"}
    step = {"on": "2026-01-05", "do": "openAccount", "as": "li", "with": {"input": opening}}
    file = folder / "steps.json"
    file.write_text(json.dumps({"region": region, "steps": [step]}))
    return file


def test_a_bank_is_made_and_filled_once_however_often_it_is_asked(
    node: Path, tmp_path: Path, run: Run
) -> None:
    steps = seed_file(tmp_path, SYNTHETIC + check_character(SYNTHETIC))
    assert "440000: the database is at revision" in run("node", "migrate", "--config", node).out
    for _ in range(2):
        assert "440000: 1 steps done" in run("node", "seed", steps, "--config", node).out
    with sqlite3.connect(tmp_path / "bank.sqlite") as database:
        assert database.execute("SELECT count(*) FROM accounts").fetchone() == (1,)
    database.close()


def test_a_step_that_the_bank_refuses_is_named_without_the_citizen_number(
    node: Path, tmp_path: Path, run: Run
) -> None:
    wrong = "0" if check_character(SYNTHETIC) != "0" else "1"
    run("node", "migrate", "--config", node)
    failed = run("node", "seed", seed_file(tmp_path, SYNTHETIC + wrong), "--config", node)
    assert failed.status == 1
    assert "step 1, openAccount: INVALID_CITIZEN_NUMBER" in failed.err
    assert SYNTHETIC not in failed.err


def test_a_bank_that_was_not_migrated_is_told_so(node: Path, tmp_path: Path, run: Run) -> None:
    steps = seed_file(tmp_path, SYNTHETIC + check_character(SYNTHETIC))
    failed = run("node", "seed", steps, "--config", node)
    assert failed.status == 1
    assert "DATABASE_NOT_MIGRATED" in failed.err


def test_steps_of_another_region_are_not_done(node: Path, tmp_path: Path, run: Run) -> None:
    steps = seed_file(tmp_path, SYNTHETIC + check_character(SYNTHETIC), region="310000")
    failed = run("node", "seed", steps, "--config", node)
    assert failed.status == 1
    assert "for region 310000, not for 440000" in failed.err


def test_a_catalogue_that_is_not_there_says_how_to_build_one(node: Path, run: Run) -> None:
    Path(json.loads(node.read_text())["catalogue"]).unlink()
    failed = run("node", "serve", "--config", node)
    assert failed.status == 1
    assert "There is no catalogue bundle" in failed.err
    assert "creditbank catalogue build" in failed.err
