"""The habits of CONTRIBUTING.md that a machine can see: length, names, leftovers, addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("creditbank", "gateway", "region_node", "edge", "catalogue", "schema")
LINES_LIMIT = 400
VAGUE = re.compile(r"(^|_)(managers?|helpers?|utils?|processors?|misc|common)(_|$)")
HOSTS = ("pythonhosted org", "registry npmjs", "pypi org/simple", "deb debian org")
ADDRESSES = re.compile("|".join(re.escape(host.replace(" ", ".")) for host in HOSTS))


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_why_it_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES_LIMIT, "does it hold more than one idea?"
    if text.strip() and path.name != "__init__.py":
        assert text.lstrip().startswith(('"""', 'r"""')), "a module's docstring says why it exists"
    assert not VAGUE.search(path.stem), "a vague name hides what the module is for"


def test_no_file_names_a_package_host() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607  # git is found as the developer finds it
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    named = [
        name
        for name in listed
        if name
        and (ROOT / name).is_file()
        and (ROOT / name).stat().st_size < 5_000_000
        and ADDRESSES.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert named == []
