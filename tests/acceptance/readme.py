"""The requests that the READMEs tell a newcomer to copy, as curl would send them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
READMES: Final = ("README.md", "README.zh.md")


@dataclass(slots=True)
class Request:
    """One curl command; `parameters` stand in its URL (-G --data-urlencode)."""

    command: str
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


def readme_requests(folder: Path, learner: str) -> Iterator[Request]:
    """Each README's requests, with this demo's folder and the learner that it printed filled in."""
    for name in READMES:
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL):
            if "curl" in block:
                yield _read(_filled(block, folder, learner))


def _filled(block: str, folder: Path, learner: str) -> str:
    """What the shell would make of the block: the only things it is asked to fill in are these two."""
    block = block.replace("LEARNER=L-…\n", "").replace("$LEARNER", learner)
    return re.sub(
        r"\$\(cat var/demo/([\w/.]+)\)", lambda at: (folder / at[1]).read_text(encoding="ascii"), block
    )


def _read(command: str) -> Request:
    request = Request(command)
    words = iter(shlex.split(command.replace("\\\n", "")))
    assert [next(words), next(words), next(words)] == ["curl", "-sG", "localhost:8000/graphql"]
    for option in words:
        assert option in ("-H", "--data-urlencode"), f"{option} in {command}"
        into, between = (request.headers, ": ") if option == "-H" else (request.parameters, "=")
        name, found, value = next(words).partition(between)
        assert found, command
        into[name] = value
    return request
