"""The whole gateway in a process of its own (`creditbank gateway serve`), before regions that are played."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import psutil  # type: ignore[import-untyped] # it ships no types

from benchmarks.processes import cpu_clock, free_port
from catalogue.bundle import write_whole
from catalogue.sample import sample_bundle
from creditbank.demo.processes import Program, Programs
from edge.caller import Caller, Role
from edge.tokens import generate_key, issue_token, jwks

HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))

ASKED_ONE_BY_ONE: Final = {"deduplication": {"flights": 0}}
"""All clients of a benchmark ask the same, and each is to be answered for itself."""

Register = Mapping[str, Mapping[str, str]]
"""Region's code to the rest of its entry in the register: `url`, and `replica` where it has one."""


@dataclass(frozen=True, slots=True)
class ServedGateway:
    """A gateway that answers, and what is needed to ask and to watch it."""

    program: Program
    folder: Path
    headers: tuple[tuple[str, str], ...]
    cpu_s: Callable[[], float]

    @property
    def url(self) -> str:
        return f"{self.program.url}/graphql"

    def memory_bytes(self) -> int:
        """Resident, and its own."""
        return int(psutil.Process(self.program.process.pid).memory_full_info().uss)

    def register(self, entries: Register) -> None:
        """Write the register anew, whole; the gateway takes it up by itself."""
        write_register(self.folder, entries)


@contextmanager
def served_gateway(entries: Register, **settings: Any) -> Iterator[ServedGateway]:
    """A gateway before these regions; `settings` go into its file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Programs(Path(name)) as programs:
        folder = Path(name)
        token = lay_out(folder, entries, **settings)
        yield start(programs, folder, "gateway", token)


def start(programs: Programs, folder: Path, name: str, token: str) -> ServedGateway:
    """Start a gateway by what `lay_out` wrote, and wait until it answers."""
    port = free_port()
    arguments = ["gateway", "serve", "--config", str(folder / "gateway.json"), "--port", str(port)]
    program = programs.start(name, port, arguments)
    programs.await_ready(lambda _: None)
    headers = (*HEADERS, ("authorization", f"Bearer {token}"))
    return ServedGateway(program, folder, headers, cpu_clock(psutil.Process(program.process.pid)))


def lay_out(folder: Path, entries: Register, **settings: Any) -> str:
    """Write what the gateway reads; return a portal's token."""
    key = generate_key()
    (folder / "jwks.json").write_bytes(jwks(key))
    write_whole(folder / "catalogue.bundle", sample_bundle())
    write_register(folder, entries)
    contents: dict[str, Any] = {
        "pairings": {"agreements": []},
        "gateway": {
            "registry": str(folder / "registry.json"),
            "registry_unsigned": True,
            "private_addresses": True,
            "pairings": str(folder / "pairings.json"),
            "catalogue": str(folder / "catalogue.bundle"),
            "identity": {"keys_file": str(folder / "jwks.json")},
            **settings,
            "clients": {**ASKED_ONE_BY_ONE, **settings.get("clients", {})},
        },
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(content))
    return issue_token(key, Caller(Role.PORTAL, "benchmark"))


def write_register(folder: Path, entries: Register) -> None:
    shards = [{"code": code, "name": code, **entry} for code, entry in entries.items()]
    write_whole(folder / "registry.json", orjson.dumps({"shards": shards}))
