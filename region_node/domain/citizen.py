"""Citizen numbers (公民身份号码, GB 11643-1999): checked, and never shown whole.

Seventeen digits and a check character: six for the place, eight for the day of birth, three
for the order. The check is ISO 7064 MOD 11-2 over all of them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode

_FORM: Final = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_WEIGHTS: Final = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECK_CHARACTERS: Final = "10X98765432"
_SHOWN_FIRST, _SHOWN_LAST = 6, 2


class CitizenNumber:
    """A number that passed the check. Its text comes out by `reveal` alone: no log prints it by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"CitizenNumber({mask(self._text)})"


def read_citizen_number(text: str, today: date) -> CitizenNumber | Refusal:
    """Return the number in its one written form (spaces off, x as X), or why it is none."""
    number = re.sub(r"\s", "", text).upper()
    if _FORM.fullmatch(number) is None or not _born_by(number[6:14], today):
        return refuse(RefusalCode.INVALID_CITIZEN_NUMBER)
    if number[17] != check_character(number[:17]):
        return refuse(RefusalCode.INVALID_CITIZEN_NUMBER)
    return CitizenNumber(number)


def check_character(first_seventeen: str) -> str:
    """Return the eighteenth character that belongs to these seventeen digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def mask(number: str) -> str:
    """Return the number with all but the place and the last two characters starred."""
    hidden = len(number) - _SHOWN_FIRST - _SHOWN_LAST
    return f"{number[:_SHOWN_FIRST]}{'*' * hidden}{number[-_SHOWN_LAST:]}"


def _born_by(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today
