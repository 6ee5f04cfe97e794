"""The register is signed, checked and shown from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

SHARD = {"code": "310000", "name": "Shanghai", "url": "https://bank.example/graphql"}


@pytest.fixture
def office(tmp_path: Path, run: Run) -> Path:
    key = tmp_path / "office.jwk"
    assert run("registry", "key", key).status == 0
    return key


def write(folder: Path, *shards: dict[str, Any]) -> Path:
    file = folder / "nodes.json"
    file.write_text(json.dumps({"shards": shards}), encoding="utf-8")
    return file


def test_what_was_signed_holds_and_each_signing_is_newer(tmp_path: Path, office: Path, run: Run) -> None:
    file = write(tmp_path, SHARD)
    keys = f"{office}.jwks"
    assert run("registry", "check", file, "--keys", keys).status == 1
    assert "version 1, 1 shards" in run("registry", "sign", file, "--key", office).out
    assert "it holds" in run("registry", "check", file, "--keys", keys).out
    content = json.loads(file.read_text())
    content["shards"].append({**SHARD, "code": "320000", "status": "SUSPENDED"})
    file.write_text(json.dumps(content))
    changed = run("registry", "check", file, "--keys", keys)
    assert (changed.status, "does not fit" in changed.err) == (1, True)
    assert "version 2, 2 shards" in run("registry", "sign", file, "--key", office).out
    assert run("registry", "check", file, "--keys", keys).status == 0
    shown = run("registry", "show", file).out
    assert all(told in shown for told in ("version 2", "310000", "320000", "SUSPENDED", "bank.example"))


def test_nothing_bad_is_signed_and_nothing_is_written_over(tmp_path: Path, office: Path, run: Run) -> None:
    file = write(tmp_path, {**SHARD, "status": "GONE"}, SHARD)
    before = file.read_bytes()
    refused = run("registry", "sign", file, "--key", office)
    assert (refused.status, "shards.0.status" in refused.err) == (1, True)
    assert file.read_bytes() == before
    other = tmp_path / "signed.json"
    run("registry", "sign", write(tmp_path, SHARD), "--key", office, "--output", other, "--version", 9)
    assert json.loads(other.read_text())["version"] == 9
    again = run("registry", "key", office)
    assert (again.status, "there already" in again.err) == (1, True)


@pytest.mark.parametrize("key", ["office.jwk.jwks", "nodes.json", "nowhere"])
def test_only_a_private_key_signs(key: str, tmp_path: Path, office: Path, run: Run) -> None:
    refused = run("registry", "sign", write(tmp_path, SHARD), "--key", office.parent / key)
    assert refused.status == 1
    assert "Traceback" not in refused.err


def test_private_addresses_are_for_those_who_allow_them(tmp_path: Path, office: Path, run: Run) -> None:
    file = write(tmp_path, {**SHARD, "url": "http://127.0.0.1:8101/graphql"})
    run("registry", "sign", file, "--key", office)
    checked = run("registry", "check", file, "--keys", f"{office}.jwks")
    assert (checked.status, "private address" in checked.err) == (1, True)
    allowed = run("registry", "check", file, "--keys", f"{office}.jwks", "--private-addresses")
    assert allowed.status == 0
