"""Child processes of a benchmark: started with a first line to wait for, ended with the block."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psutil  # type: ignore[import-untyped] # it ships no types

STOP_LIMIT_S: Final = 10
SAID_SHOWN: Final = 2_000


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs a module of this package. `told` is the JSON of its first line."""

    told: Any
    cpu_s: Callable[[], float]


@contextmanager
def running(module: str, *arguments: object) -> Iterator[Child]:
    """Run `python -m module ARGUMENTS`; it serves until its standard input is closed."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(  # noqa: S603 # our own module, by our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as started,
    ):
        assert started.stdin is not None
        assert started.stdout is not None
        try:
            line = started.stdout.readline()
            if not line:
                said.seek(0)
                raise RuntimeError(f"{module} ended before it served:\n{said.read()[-SAID_SHOWN:]}")
            yield Child(json.loads(line), cpu_clock(psutil.Process(started.pid)))
        finally:
            started.stdin.close()
            try:
                started.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                started.kill()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def cpu_clock(process: psutil.Process) -> Callable[[], float]:
    """Return a clock of the CPU time that a process has used, by all its threads, of user and kernel."""

    def cpu_s() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    return cpu_s
