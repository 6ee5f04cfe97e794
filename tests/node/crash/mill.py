"""Starts one program after another, and kills each as kill -9 does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Mill:
    """One program at a time, always with the same settings."""

    told: IO[str]
    asked: IO[str]
    running: int | None = None

    def start(self) -> str:
        """Return the new program's address."""
        self.asked.write("start\n")
        self.asked.flush()
        process, port = json.loads(self.told.readline())
        self.running = process
        return f"http://127.0.0.1:{port}"

    def kill(self) -> None:
        if self.running is not None:
            os.kill(self.running, signal.SIGKILL)
            self.running = None
            assert self.told.readline() == "\n"


@contextmanager
def mill(program: Literal["node", "gateway"], settings: dict[str, Any]) -> Iterator[Mill]:
    with subprocess.Popen(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-m", "tests.node.crash.program", program, json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        started = Mill(process.stdout, process.stdin)
        try:
            yield started
        finally:
            started.kill()


def node_settings(url: str, keys_file: Path, **rest: Any) -> dict[str, Any]:
    """A node's settings as JSON; `url` is of a database that `rest`'s region, or the tests' own, has."""
    return {
        "database_url": url,
        "catalogue": "unused",
        "encryption_key": "11" * 32,
        "index_key": "22" * 32,
        "pseudonym_key": "33" * 32,
        "signing_key": "44" * 32,
        "busy_timeout_ms": 20_000,
        "identity": {"keys_file": str(keys_file)},
        **rest,
    }
