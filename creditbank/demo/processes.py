"""The demo's programs as processes: started, watched, and never left behind.

Each child leads its own session, so that Ctrl-C reaches only the demo, which stops its
children in turn; on Linux the kernel also ends a child whose parent was killed.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from creditbank.addresses import require_free
from creditbank.failure import Failure

HOST = "127.0.0.1"
OURS = "creditbank"
CURE = (
    "Stop what listens there, or choose other ports: creditbank demo --gateway-port 18000 --node-port 18101"
)
START_LIMIT_S = 60.0
STOP_LIMIT_S = 5.0
PROBE_TIMEOUT_S = 2.0
PROBE_PAUSE_S = 0.1
TAIL_LINES = 15
_PR_SET_PDEATHSIG = 1
_LIBRARY = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Program:
    """One child process and where it answers. `log` receives its standard output and error.

    `command` is what a person types to start it."""

    name: str
    port: int
    command: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def tail(self) -> str:
        """Return the last lines that the program wrote."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:])


class Programs:
    """The children of one demo, stopped in reverse order on the way out, whatever happened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, Program] = {}

    def __enter__(self) -> Programs:
        return self

    def __exit__(self, *_: object) -> None:
        """End all of them; a second Ctrl-C does not cut this short, `STOP_LIMIT_S` bounds it."""
        impatient = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            self.stop(*self._running)
        finally:
            for one, handler in impatient.items():
                signal.signal(one, handler)

    def start(self, name: str, port: int, arguments: Sequence[str], module: str = OURS) -> Program:
        """Start `creditbank <arguments>`, or another module of this environment."""
        log = self._folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  # our own program, our own arguments
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # one thread here
            )
        begun = [OURS] if module == OURS else ["python", "-m", module]
        program = Program(name, port, shlex.join([*begun, *arguments]), log, process)
        self._running[name] = program
        return program

    def await_ready(self, ready: Callable[[Program], None]) -> None:
        """Wait until every program answers /health/ready; call `ready` for each as it does.

        Raises `Failure` naming the first that ended or stayed silent, with its last lines.
        """
        waiting = dict(self._running)
        limit = time.monotonic() + START_LIMIT_S
        with httpx.Client(timeout=PROBE_TIMEOUT_S, trust_env=False) as client:
            while waiting:
                for name, program in list(waiting.items()):
                    if _answers(client, program):
                        ready(waiting.pop(name))
                    elif program.process.poll() is not None:
                        raise Failure(f"{name} ended while starting. Its last lines:\n{program.tail()}")
                if waiting and time.monotonic() > limit:
                    name, program = next(iter(waiting.items()))
                    raise Failure(
                        f"{name} was not ready in {START_LIMIT_S:.0f} s. Its last lines:\n{program.tail()}"
                    )
                time.sleep(PROBE_PAUSE_S)

    def ended(self) -> Program | None:
        """Return a program that ended by itself, if one did."""
        return next((p for p in self._running.values() if p.process.poll() is not None), None)

    def forget(self, name: str) -> None:
        """No longer watch a program that ended."""
        self._running.pop(name, None)

    def pause(self, name: str) -> None:
        """Let the program stand still: it takes requests, and answers none until it is resumed."""
        self._running[name].process.send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let it go on, if it stood still."""
        self._running[name].process.send_signal(signal.SIGCONT)

    def stop(self, *names: str) -> None:
        """Ask the named programs to end, and after `STOP_LIMIT_S` make them."""
        programs = [self._running.pop(name) for name in reversed(names) if name in self._running]
        for program in programs:
            program.process.terminate()
        limit = time.monotonic() + STOP_LIMIT_S
        for program in programs:
            try:
                program.process.wait(max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()


def require_ports(ports: Mapping[str, int]) -> None:
    """Raise `Failure` naming the first port that is taken, or meant for two of the programs."""
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if port in taken:
            raise Failure(f"port {port} is meant for {taken[port]} and for {name}: choose others")
        taken[port] = name
        require_free(HOST, port, name, CURE)


def _answers(client: httpx.Client, program: Program) -> bool:
    try:
        return client.get(f"{program.url}/health/ready").is_success
    except httpx.TransportError:
        return False


def _die_with_parent() -> None:
    """Run in the child before it becomes the program; its parent may be gone by then already."""
    _LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        os._exit(1)
