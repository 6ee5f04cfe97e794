"""What a check found, step by step, and the objects in which it looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final


class Verdict(IntEnum):
    """The command's exit status."""

    HOLDS = 0
    FALSE = 1
    UNKNOWN = 2


_WEIGHT: Final = {Verdict.HOLDS: 0, Verdict.UNKNOWN: 1, Verdict.FALSE: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One step of the check, in words for the reader."""

    verdict: Verdict
    told: str


def whole_verdict(findings: Iterable[Finding]) -> Verdict:
    """Return what all steps together say: one that is false outweighs one that cannot be told."""
    return max((one.verdict for one in findings), key=_WEIGHT.__getitem__)


def nodes_of(content: Any) -> Iterator[dict[str, Any]]:
    """Give every object in a JSON document, outer ones first."""
    waiting = [content]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
