"""Values as gathers see them: their order (docs/SHARDING.md, 5.2) and their exact arithmetic (4.6)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from operator import neg
from typing import Any

_DECIMAL = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?", re.ASCII)
_AFTER_EVERY_NEGATED_CHARACTER = 1

OrderKey = tuple[int, Any]


class UnfitValueError(ValueError):
    """A value that cannot take part in the arithmetic asked of it."""


def order_key(value: Any, descending: bool) -> OrderKey:
    """Return a tuple that sorts as `value` does: null < false < true < numbers < strings, or the reverse.

    Raises `UnfitValueError` for a list or an object.
    """
    if isinstance(value, str):
        if not descending:
            return (3, value)
        return (-3, (*map(neg, map(ord, value)), _AFTER_EVERY_NEGATED_CHARACTER))
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        rank = 1
    elif isinstance(value, (int, float)):
        rank = 2
    else:
        raise UnfitValueError(type(value).__name__)
    return (-rank, -value) if descending else (rank, value)


def exact(value: Any) -> Fraction:
    """Return the number that `value`, a JSON number or a decimal string, stands for."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Fraction(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return Fraction(value)
    raise UnfitValueError(repr(value)[:40])


def is_number(value: Any) -> bool:
    try:
        exact(value)
    except UnfitValueError:
        return False
    return True


def total(values: Sequence[Any]) -> Any:
    """Add numbers: integers and decimal strings exactly, floats with one rounding. `values` is not empty."""
    if all(type(value) is int for value in values):
        return sum(values)
    if any(isinstance(value, str) for value in values):
        return _as_decimal(sum(map(exact, values), Fraction(0)), _places(values))
    return math.fsum(values)


def mean(values: Sequence[Any], weights: Sequence[Any]) -> Any:
    """Return Σ(value × weight) / Σ weight, or None when all weights are 0; like `total` in its types."""
    whole = sum(map(exact, weights), Fraction(0))
    if not whole:
        return None
    weighted = sum((exact(v) * exact(w) for v, w in zip(values, weights, strict=True)), Fraction(0))
    if any(isinstance(value, str) for value in values):
        return _as_decimal(weighted / whole, _places(values))
    return float(weighted / whole)


def _places(values: Sequence[Any]) -> int:
    return max(len(str(value).partition(".")[2]) for value in values)


def _as_decimal(number: Fraction, places: int) -> str:
    scaled = round(number * 10**places)
    digits = f"{abs(scaled):0{places + 1}d}"
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
