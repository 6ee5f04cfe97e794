"""Credits (学分): a decimal with one digit, kept as an integer number of tenths.

Floats never touch credits: "5.6" is 56 tenths from the wire to the ledger (DOMAIN.md, Terms).
"""

from __future__ import annotations

import json
import re

_FORM = re.compile(r"(-?)(\d{1,7})(?:\.(\d))?")


class MalformedCreditsError(ValueError):
    """The text is not a credit amount such as "5.6"."""

    code = "MALFORMED_CREDITS"

    def __init__(self, text: object) -> None:
        super().__init__(
            f"{as_json(text)} is not an amount of credits: write a decimal string "
            'with at most one digit after the point, such as "5.6".'
        )
        self.extensions = {"code": self.code, "detail": as_json(text)}
        """How the error is told in a GraphQL response: graphql-core copies these."""


def as_json(value: object) -> str:
    """Return a refused value as JSON has it: the number 8 is not taken for the string "8", which is right."""
    return json.dumps(value, ensure_ascii=False, default=str)


def parse_credits(text: object) -> int:
    """Return the tenths in `text` ("5.6" → 56). Raises `MalformedCreditsError`."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise MalformedCreditsError(text)
    sign, whole, tenth = match.groups()
    tenths = int(whole) * 10 + int(tenth or 0)
    return -tenths if sign else tenths


def format_credits(tenths: int) -> str:
    """Return the wire form of `tenths` (56 → "5.6", -80 → "-8.0")."""
    whole, tenth = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}.{tenth}"
