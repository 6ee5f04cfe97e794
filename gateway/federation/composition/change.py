"""A change between two versions of a schema, and how much it may hurt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["breaking", "dangerous", "safe"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "dangerous", "safe")
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `coordinate` is the old one when something was removed.

    breaking: an operation or a composition that worked may fail. dangerous: it still works, but may
    give what its caller did not expect. safe: neither.
    """

    kind: Severity
    code: str
    coordinate: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.code} {self.coordinate}: {self.message}"
