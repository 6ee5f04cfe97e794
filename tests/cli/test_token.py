"""Tokens for trying the product."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.cli.conftest import Run


def test_a_token_is_signed_by_the_key_beside_its_public_half(tmp_path: Path, run: Run) -> None:
    key = tmp_path / "identity.json"
    made = run("token", "--role", "officer", "--region", "440000", "--key", key)
    assert made.status == 0
    keys = KeySet.import_key_set(json.loads((tmp_path / "identity.json.jwks").read_text()))
    claims = jwt.decode(made.out.strip(), keys, algorithms=["Ed25519"]).claims
    assert (claims["role"], claims["region"]) == ("officer", "440000")
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert key.stat().st_mode & 0o077 == 0

    again = run("token", "--role", "portal", "--key", key)
    assert jwt.decode(again.out.strip(), keys, algorithms=["Ed25519"]).claims["role"] == "portal"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--role", "learner"], "needs --learner"),
        (["--role", "officer"], "needs --region"),
        (["--role", "auditor", "--region", "44"], "'44' is not a region code"),
        (["--role", "public"], "needs no token"),
    ],
)
def test_a_caller_that_makes_no_sense_gets_no_token(
    arguments: list[str], says: str, tmp_path: Path, run: Run
) -> None:
    failed = run("token", *arguments, "--key", tmp_path / "identity.json")
    assert failed.status == 1
    assert says in failed.err
    assert not (tmp_path / "identity.json").exists()
