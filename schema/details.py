"""What exactly is wrong, inside the sentence of a code: a detail with its values, worded when it is read.

Whoever refuses says which detail and with which values; the reader's language is known only
where the answer is written. A detail is kept and sent as its code, never as prose. Its values
may be details themselves, or several of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from schema.detail_codes import DETAILS as DETAILS
from schema.detail_codes import DetailCode as DetailCode

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail and its values."""

    code: DetailCode
    facts: Mapping[str, str | Detail | tuple[Detail, ...]] = field(default_factory=dict)


Fact = str | Detail | tuple[Detail, ...]
"""What fills one place of a sentence."""


def fact(value: object) -> Fact:
    """Return a value as it is kept: a detail, several of them, or a text."""
    return value if isinstance(value, Detail | tuple) else str(value)


def detail(code: DetailCode, **facts: object) -> Detail:
    return Detail(code, {name: fact(value) for name, value in facts.items()})


def word(value: object, language: Language) -> str:
    """Return a fact as it stands in a sentence of `language`."""
    if isinstance(value, Detail):
        return DETAILS[value.code][0 if language == "en" else 1].format_map(Worded(value.facts, language))
    if isinstance(value, tuple):
        return ("; " if language == "en" else "；").join(word(one, language) for one in value)
    return str(value)


class Worded(dict[str, str]):
    """The facts of one sentence in its language.

    A sentence with one fact missing ("?") is still worth reading; an exception in its place is not.
    """

    def __init__(self, facts: Mapping[str, object], language: Language) -> None:
        super().__init__({name: word(value, language) for name, value in facts.items()})

    def __missing__(self, key: str) -> str:
        return "?"
