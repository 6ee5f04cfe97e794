"""Identifiers that say where their row lives: "<region>-<kind>-<unique>".

A region's code (GB/T 2260, six digits) is the prefix up to the first hyphen, so any
ID routes without a look-up. A `learnerId` ("L-…") has no region: it is the same everywhere.
"""

from __future__ import annotations

import re

_REGION = re.compile(r"\d{6}")
_LOCAL = re.compile(r"(\d{6})-([A-Z]{1,3})-([A-Za-z0-9_]{1,64})")


def is_region_code(text: str) -> bool:
    return _REGION.fullmatch(text) is not None


def region_of(local_id: str) -> str | None:
    """Return the region code that `local_id` begins with, or None where it is no local ID."""
    match = _LOCAL.fullmatch(local_id)
    return match.group(1) if match else None


def make_id(region: str, kind: str, unique: str) -> str:
    """Join the parts; `kind`: A account, O outcome, E ledger entry, G agreement, R rule set, C case."""
    return f"{region}-{kind}-{unique}"
