"""Help that teaches, at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Run

COMMANDS = ["demo", "gateway", "node", "registry", "schema", "catalogue", "agreement", "token", "verify"]
TAUGHT_BY_EXAMPLE = [
    ["demo"],
    ["gateway", "serve"],
    ["node", "serve"],
    ["node", "migrate"],
    ["node", "seed"],
    ["node", "import"],
    ["node", "audit"],
    ["registry", "key"],
    ["registry", "sign"],
    ["registry", "check"],
    ["registry", "show"],
    ["schema", "print"],
    ["schema", "check"],
    ["schema", "compose"],
    ["schema", "plan"],
    ["catalogue", "build"],
    ["agreement", "simulate"],
    ["token"],
    ["verify"],
]
HEAVY = ["strawberry", "sqlalchemy", "httpx", "cryptography", "uvicorn", "pydantic"]


def test_it_names_every_command_and_where_to_begin(run: Run) -> None:
    shown = run("--help")
    assert shown.status == 0
    for command in COMMANDS:
        assert f" {command} " in shown.out
    assert "creditbank demo" in shown.out
    assert "学分银行" in shown.out


@pytest.mark.parametrize("command", TAUGHT_BY_EXAMPLE, ids=" ".join)
def test_every_command_shows_how_it_is_used(command: list[str], run: Run) -> None:
    shown = run(*command, "--help")
    assert shown.status == 0
    assert f"creditbank {' '.join(command)}" in shown.out.replace("Usage: creditbank", "")


def test_a_settings_file_in_help_is_shown_whole(run: Run) -> None:
    assert "[subgraphs.registry]" in run("schema", "compose", "--help").out


def test_help_loads_nothing_that_only_a_running_program_needs() -> None:
    looks = f"import sys, creditbank.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert done.stdout.strip() == "[]"


def test_an_unknown_command_is_refused_without_a_traceback(run: Run) -> None:
    refused = run("bank")
    assert refused.status == 2
    assert "No such command" in refused.err
    assert "Traceback" not in refused.err
