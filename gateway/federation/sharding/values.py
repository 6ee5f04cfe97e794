"""Values as gathers see them: their order (docs/SHARDING.md, 5.2) and their exact arithmetic (4.6)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from operator import neg
from typing import Any

_DECIMAL = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?", re.ASCII)
_EXACT = Context(prec=1_000)  # more digits than the sum of a million decimals of 60 has
_AFTER_EVERY_NEGATED_CHARACTER = 1

Number = int | float | Decimal
OrderKey = tuple[int, Any]


class UnfitValueError(ValueError):
    """A value that cannot take part in the arithmetic asked of it."""


def order_key(value: Any, descending: bool) -> OrderKey:
    """Return a tuple that sorts as `value` does: null < false < true < numbers < strings, or the reverse.

    Raises `UnfitValueError` for a list or an object.
    """
    kind = type(value)
    if kind is str:
        if not descending:
            return (3, value)
        return (-3, (*map(neg, map(ord, value)), _AFTER_EVERY_NEGATED_CHARACTER))
    if kind is int or kind is float:
        return (-2, -value) if descending else (2, value)
    if kind is bool:
        return (-1, -value) if descending else (1, value)
    if value is None:
        return (0, 0)
    raise UnfitValueError(kind.__name__)


def number(value: Any) -> Number:
    """Return what `value`, a JSON number or a decimal string, stands for, exactly."""
    kind = type(value)
    if kind is int or (kind is float and math.isfinite(value)):
        return value  # type: ignore[no-any-return]  # narrowed by its class
    if kind is str and _DECIMAL.fullmatch(value):
        return Decimal(value)
    raise UnfitValueError(repr(value)[:40])


def total(numbers: Sequence[Number]) -> int | float | str:
    """Add at least one number: integers and decimals exactly, floats with one rounding.

    The sum of decimals is again their string, with as many places as the one that has most.
    """
    if any(type(each) is Decimal for each in numbers):
        with localcontext(_EXACT):
            return format(sum(map(_decimal, numbers), Decimal(0)), "f")
    return math.fsum(numbers) if any(type(each) is float for each in numbers) else sum(map(int, numbers))


def mean(numbers: Sequence[Number], weights: Sequence[Number]) -> float | str | None:
    """Return Σ(number × weight) / Σ weight, or None when Σ weight is 0; decimals are rounded once.

    A number of weight 0 takes no part, not even with its decimal places.
    """
    pairs = [(each, Fraction(weight)) for each, weight in zip(numbers, weights, strict=True) if weight]
    whole = sum((weight for _, weight in pairs), Fraction(0))
    if not whole:
        return None
    exact = sum((Fraction(each) * weight for each, weight in pairs), Fraction(0)) / whole
    decimals = [each for each, _ in pairs if isinstance(each, Decimal)]
    if not decimals:
        return float(exact)
    places = max(-int(each.as_tuple().exponent) for each in decimals)
    return format(Decimal(round(exact * 10**places)).scaleb(-places, _EXACT), "f")


def _decimal(each: Number) -> Decimal:
    return each if isinstance(each, Decimal) else Decimal(str(each))
