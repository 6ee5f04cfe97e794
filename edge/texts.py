"""English sentences of code that speaks one language only, told again in Chinese.

graphql-core and the engine raise errors as sentences; no code tells one mistake from another.
A catalogue pairs the template of each sentence with a Chinese one. The sentence is matched
against the templates and the values found in it fill the Chinese one:

    {name}        a value, kept as it is
    {name:text}   a sentence within the sentence: told again where it is known, else kept
    {names:list}  quoted alternatives: "'a', 'b', or 'c'"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Final

Texts = Mapping[str, str]
"""English template → Chinese template, tried in this order."""

TEXT_LIMIT_CHARACTERS: Final = 1_000
"""A longer sentence is mostly what the client sent; it is not searched for templates."""

_ALTERNATIVES: Final = re.compile(r", or | or |, ")


class KnownTexts:
    """A catalogue of sentences, compiled once."""

    def __init__(self, texts: Texts) -> None:
        self._templates = tuple((_pattern(english), chinese) for english, chinese in texts.items())

    def in_chinese(self, text: str) -> str | None:
        """The sentence in Chinese, or None where no template is its own."""
        if len(text) > TEXT_LIMIT_CHARACTERS:
            return None
        for pattern, chinese in self._templates:
            match = pattern.fullmatch(text)
            if match is not None:
                return "".join(self._parts(chinese, match))
        return None

    def _parts(self, chinese: str, match: re.Match[str]) -> Iterator[str]:
        for literal, name, spec, _ in Formatter().parse(chinese):
            yield literal
            if name:
                yield self._value(match[name], spec or "")

    def _value(self, value: str, spec: str) -> str:
        if spec == "text":
            return self.in_chinese(value) or value
        return "、".join(_ALTERNATIVES.split(value)) if spec == "list" else value


def _pattern(english: str) -> re.Pattern[str]:
    parts = []
    for literal, name, _, _ in Formatter().parse(english):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P<{name}>.+?)")
    return re.compile("".join(parts), re.DOTALL)
