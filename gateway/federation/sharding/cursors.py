"""Cursors that carry their row's sort keys, so that any shard can resume from any of them.

`base64url({"k":[[value,"A"|"D"],...]})`, the last key globally unique (docs/SHARDING.md, 5.2).
"""

from __future__ import annotations

from binascii import a2b_base64
from typing import Any

import orjson

from gateway.federation.sharding.values import OrderKey, order_key

CURSOR_LIMIT_BYTES = 4096  # a cursor names a handful of sort keys; more is an attack or a fault

SortKey = tuple[OrderKey, ...]


class CursorError(ValueError):
    """Text that is not a cursor of this form."""


def read_cursor(cursor: Any, backward: bool) -> tuple[SortKey, str]:
    """Return a tuple that sorts as the cursor's row does, and its keys' directions ("AD...").

    `backward`: it sorts from the end. Raises `CursorError` for what is no cursor.
    """
    try:
        if len(cursor) > CURSOR_LIMIT_BYTES:
            raise CursorError("too long")
        keys = orjson.loads(a2b_base64(cursor.replace("-", "+").replace("_", "/") + "==="))["k"]
        sort_key: SortKey = ()
        ways = ""
        for value, way in keys:  # written out: a merged page reads one cursor for each of its rows
            sort_key += (order_key(value, (way == "D") is not backward),)
            ways += way
    except (TypeError, ValueError, KeyError, AttributeError) as fault:
        raise CursorError("unreadable") from fault
    if not ways or len(ways) != len(sort_key) or ways.strip("AD"):
        raise CursorError("no sort keys")
    return sort_key, ways
