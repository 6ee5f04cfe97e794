"""Pages cut from the catalogue's fixed orders (Relay cursor connections, section 4).

A cursor holds the row's place in the order, not a number, so that a page goes on rightly even
where another edition of the catalogue was loaded meanwhile.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import orjson
from graphql import GraphQLError

from schema.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_LIMIT

R = TypeVar("R")
Place = tuple[str, ...]
Order = Callable[[R], Place]
"""Gives a row's place. The rows that are cut stand in ascending order of it, no two alike."""

_FORM: Final = re.compile(r"[A-Za-z0-9_-]{1,1024}")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows with their cursors, and what lies around them. `total` counts all rows, not this page's."""

    rows: tuple[tuple[R, str], ...]
    has_previous: bool
    has_next: bool
    total: int


def cut(
    rows: Sequence[R],
    order: Order[R],
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Page[R]:
    """Return one page. Raises GraphQLError for a size or a cursor that cannot be."""
    limit = _size(first, last)
    low = 0 if after is None else bisect_right(rows, _place(after), key=order)
    high = len(rows) if before is None else bisect_left(rows, _place(before), key=order)
    if last is None:
        high = max(low, min(high, low + limit))
    else:
        low = min(high, max(low, high - limit))
    page = tuple((row, _cursor(order(row))) for row in rows[low:high])
    return Page(page, low > 0, high < len(rows), len(rows))


def _size(first: int | None, last: int | None) -> int:
    if first is not None and last is not None:
        raise _refusal("PAGE_ARGUMENTS_EXCLUSIVE", "Give first or last, not both.")
    argument, found = ("last", last) if last is not None else ("first", first)
    if found is None:
        return PAGE_SIZE_DEFAULT
    if found < 0:
        raise _refusal("PAGE_SIZE_NEGATIVE", f"{argument} is {found}.", argument=argument, found=found)
    if found > PAGE_SIZE_LIMIT:
        message = f"{argument} is {found}; at most {PAGE_SIZE_LIMIT} may be asked for at once."
        raise _refusal("LIMIT_PAGE_SIZE", message, argument=argument, found=found, limit=PAGE_SIZE_LIMIT)
    return found


def _cursor(place: Place) -> str:
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        if _FORM.fullmatch(cursor) is None:
            raise ValueError("not base64url")
        told = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(told, list) or not all(isinstance(part, str) for part in told):
            raise ValueError("no place in an order")
    except ValueError as error:
        raise _refusal("INVALID_CURSOR", "The cursor is none of this list's; begin without one.") from error
    return tuple(told)


def _refusal(code: str, message: str, **values: object) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **values})
