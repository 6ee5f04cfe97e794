"""Cursors that describe themselves (docs/SHARDING.md, 5.2): any node resumes after any other's.

The unpadded base64url form of `{"k":[[value,"A"|"D"],...]}`, the row's ID last. A date is its
ISO text, which sorts as the date does.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import date
from typing import Any, Final

import orjson

from edge.errors import PublicError
from region_node.service.paging import KeyValue, Order, SortKey

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_DIRECTIONS: Final = {False: "A", True: "D"}


def encode_cursor(row: object, order: Order) -> str:
    """Return the cursor of `row`, whose attributes are named by the keys of `order`."""
    keys = [[_plain(getattr(row, key.name)), _DIRECTIONS[key.descending]] for key in order]
    return urlsafe_b64encode(orjson.dumps({"k": keys})).decode().rstrip("=")


def decode_cursor(cursor: str, order: Order) -> tuple[KeyValue, ...]:
    """Return the keys in `cursor`. Raises `PublicError` INVALID_CURSOR where it is none of this order."""
    try:
        if _FORM.fullmatch(cursor) is None:
            raise ValueError("not base64url")
        told = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(
            _value(key, value, direction) for key, (value, direction) in zip(order, told["k"], strict=True)
        )
    except (ValueError, TypeError, KeyError, Base64Error) as error:
        raise PublicError("INVALID_CURSOR") from error


def _plain(value: Any) -> str | int:
    return value.isoformat() if isinstance(value, date) else value


def _value(key: SortKey, value: object, direction: object) -> KeyValue:
    if direction != _DIRECTIONS[key.descending]:
        raise ValueError("a cursor of another order")
    if key.type is date and isinstance(value, str):
        return date.fromisoformat(value)
    if key.type is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if key.type is str and isinstance(value, str):
        return value
    raise ValueError("a cursor of another order")
