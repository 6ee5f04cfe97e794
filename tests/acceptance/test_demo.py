"""The demo as a newcomer runs it: real processes, which never outlive it."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import pytest
from rich.console import Console

from creditbank.demo.processes import Programs
from creditbank.demo.run import require_all
from creditbank.demo.story import Check
from creditbank.demo.world import REGIONS, Ports, lay_out
from creditbank.failure import Failure
from tests.acceptance.readme import readme_requests

LIMIT_S: Final = 240.0
PAUSE_S: Final = 0.05
ENDINGS: Final = [(signal.SIGINT, 130, "stopped by you"), (signal.SIGTERM, 130, "stopped by you")]
if sys.platform == "linux":  # elsewhere nobody ends the children of one that was killed
    ENDINGS.append((signal.SIGKILL, -signal.SIGKILL, ""))


@pytest.fixture
def ports() -> Ports:
    """Ports that nobody listens on, for each program one."""
    while True:
        base = random.randrange(20_000, 32_000, 20)  # noqa: S311 - no secret
        found = Ports(base, base + 1)
        with suppress(OSError):
            for port in found.named().values():
                _listening(port).close()
            return found


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


class Demo:
    """The demo as a process. `output` grows in a file, so that no pipe ever blocks it."""

    def __init__(self, folder: Path, ports: Ports, *options: str) -> None:
        self.folder = folder
        self.ports = ports
        self._output = folder.with_suffix(".txt")
        arguments = ["--folder", str(folder), "--gateway-port", str(ports.gateway), *options]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own program, our own arguments
                [
                    sys.executable,
                    "-m",
                    "creditbank",
                    "demo",
                    "--node-port",
                    str(ports.first_node),
                    *arguments,
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def await_text(self, text: str) -> None:
        until(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(LIMIT_S)

    def programs(self) -> dict[int, str]:
        """Return the process ID and command of everything that was started for this folder."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if f"{self.folder}/" in command:
                    found[int(entry.parent.name)] = command
        return found

    def require_nothing_left(self) -> None:
        until(lambda: not self.programs())
        for port in self.ports.named().values():
            _listening(port).close()


@contextmanager
def running(folder: Path, ports: Ports, *options: str) -> Iterator[Demo]:
    demo = Demo(folder, ports, *options)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


def until(holds: object, limit_s: float = LIMIT_S) -> None:
    """Wait until `holds()`; a bound only against waiting for ever."""
    assert callable(holds)
    limit = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(PAUSE_S)


def test_once_checks_every_answer_and_leaves_nothing(tmp_path: Path, ports: Ports) -> None:
    with running(tmp_path / "demo", ports, "--once") as demo:
        assert demo.process.wait(LIMIT_S) == 0, demo.output
        assert "answers are as expected" in demo.output
        demo.require_nothing_left()


def test_it_stays_up_goes_on_without_a_killed_node_and_ends_at_ctrl_c(tmp_path: Path, ports: Ports) -> None:
    with running(tmp_path / "demo", ports) as demo:
        demo.await_text("In the explorer")
        token = (demo.folder / "tokens" / "portal.jwt").read_text()
        query = {"query": "{ statistics { accounts } }"}
        url, headers = f"http://127.0.0.1:{ports.gateway}/graphql", {"authorization": f"Bearer {token}"}
        whole = httpx.post(url, json=query, headers=headers).json()
        assert whole["extensions"]["coverage"] == {"asked": 8, "answered": 8, "missing": []}

        [learner] = set(re.findall(r"learnerId (L-\w+)", demo.output))
        requests = list(readme_requests(demo.folder, learner))
        assert len(requests) == 6
        for one in requests:
            copied = httpx.get(url, params=one.parameters, headers=one.headers).json()
            assert list(copied) in (["data"], ["data", "extensions"]), one.command
            assert all(copied["data"].values()), one.command

        killed = next(pid for pid, command in demo.programs().items() if "node-440000" in command)
        os.kill(killed, signal.SIGKILL)
        demo.await_text("440000 Guangdong 广东 ended (by SIGKILL)")
        partial = httpx.post(url, json=query, headers=headers).json()
        assert [gap["shard"] for gap in partial["extensions"]["coverage"]["missing"]] == ["440000"]
        assert partial["data"]["statistics"]["accounts"] < whole["data"]["statistics"]["accounts"]

        assert demo.end(signal.SIGINT) == 0, demo.output
        demo.require_nothing_left()


@pytest.mark.parametrize(("by", "status", "says"), ENDINGS)
def test_ended_while_starting_it_leaves_nothing(
    by: signal.Signals, status: int, says: str, tmp_path: Path, ports: Ports
) -> None:
    with running(tmp_path / "demo", ports) as demo:
        until(lambda: len(demo.programs()) > 3)
        assert demo.end(by) == status, demo.output
        assert says in demo.output
        assert "Traceback" not in demo.output
        demo.require_nothing_left()


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path, ports: Ports) -> None:
    with _listening(ports.node("330000")), running(tmp_path / "demo", ports) as demo:
        assert demo.process.wait(LIMIT_S) == 1
        assert f"port {ports.node('330000')} (for 330000 Zhejiang 浙江) is not free" in demo.output
        assert not demo.folder.exists()


def test_a_folder_with_other_files_is_not_emptied(tmp_path: Path, ports: Ports) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Failure, match="holds files that are not the demo's"):
        lay_out(tmp_path, ports)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_program_that_ends_while_starting_is_named_with_its_last_lines(tmp_path: Path) -> None:
    with Programs(tmp_path) as programs:
        programs.start("gateway", 1, ["gateway", "serve", "--config", str(tmp_path / "absent.json")])
        with pytest.raises(Failure, match=r"gateway ended while starting(?s:.*)absent\.json"):
            programs.await_ready(lambda _: None)


def test_the_first_answer_that_is_not_as_expected_is_named() -> None:
    checks = [Check("one", 1, 1), Check("transcript", "18.5", "14.5"), Check("third", 3, 4)]
    with pytest.raises(Failure, match=r"2 of 3 .* first transcript: expected 18\.5, got 14\.5"):
        require_all(checks, Console())


def test_two_programs_never_share_a_port() -> None:
    assert len(set(Ports().named().values())) == len(REGIONS) + 2
