"""W3C Trace Context (level 1): continue the caller's trace, or begin one."""

from __future__ import annotations

import re
import secrets
from typing import Final

from edge.operation import Trace

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
TRACESTATE_LIMIT_CHARACTERS: Final = 512


def trace_of(traceparent: str | None) -> Trace:
    """This request's place in a trace. A header that is malformed begins a new trace (section 3.2.2.1)."""
    match = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent.strip())
    if match is not None:
        version, trace_id, parent_id, flags, rest = match.groups()
        known = version != "ff" and (version != "00" or rest is None)
        if known and trace_id.strip("0") and parent_id.strip("0"):
            return Trace(trace_id, secrets.token_hex(8), parent_id, sampled=bool(int(flags, 16) & 1))
    ids = secrets.token_hex(24)  # one call of the system for both
    return Trace(ids[:32], ids[32:])
