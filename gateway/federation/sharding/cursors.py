"""Cursors that carry their row's sort keys, so that any shard can resume from any of them.

`base64url({"k":[[value,"A"|"D"],...]})`, the last key globally unique (docs/SHARDING.md, 5.2).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import orjson

from gateway.federation.sharding.values import OrderKey, UnfitValueError, order_key

CURSOR_LIMIT_BYTES = 4096  # a cursor names a handful of sort keys; more is an attack or a fault

SortKey = tuple[OrderKey, ...]


class CursorError(ValueError):
    """Text that is not a cursor of this form."""


def decode_cursor(cursor: Any) -> list[list[Any]]:
    """Return the sort keys of `cursor`; raises `CursorError`."""
    try:
        if len(cursor) > CURSOR_LIMIT_BYTES:
            raise CursorError("too long")
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["k"]
        if keys and all(len(key) == 2 and key[1] in ("A", "D") for key in keys):
            return list(keys)
    except (TypeError, ValueError, KeyError, AttributeError) as fault:
        raise CursorError("unreadable") from fault
    raise CursorError("no sort keys")


def sort_key(keys: Sequence[Sequence[Any]], backward: bool) -> SortKey:
    """Return a tuple that sorts as the cursor's row does, from the end when `backward`."""
    try:
        return tuple([order_key(value, (direction == "D") is not backward) for value, direction in keys])
    except UnfitValueError as fault:
        raise CursorError("a sort key is no scalar") from fault


def directions(keys: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    return tuple([key[1] for key in keys])
