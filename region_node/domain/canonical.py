"""One canonical form for whatever a decision relies on, so that two parties can compare by hash alone."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def canonical(plain: Any) -> bytes:
    """Return the RFC 8785 form of `plain`.

    For strings, integers below 2^53, booleans, lists, and objects whose names are ASCII, sorted
    compact JSON is that form (tests/node/recognition/test_canonical.py), and much faster made.
    """
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def hash_of(plain: Any) -> str:
    """Return the SHA-256 in hex of the RFC 8785 form of `plain`."""
    return hashlib.sha256(canonical(plain)).hexdigest()
