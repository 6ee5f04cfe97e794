"""One canonical form for whatever a decision relies on, so that two parties can compare by hash alone."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def hash_of(plain: Any) -> str:
    """Return the SHA-256 in hex of the RFC 8785 form of `plain` (strings, integers, lists, objects)."""
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()
