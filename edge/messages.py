"""One way to word a code in the caller's language: codes are stable, their wordings are not.

A code is a contract and is never translated. Its wording is a template per language,
filled with the values that the error carries anyway, so that whoever raises an error
states facts and never prose. Domain reasons and edge's own codes use the same mechanism.

What no code tells apart, because a library raised it as an English sentence, is told again in
Chinese from a catalogue of its sentences (edge/texts.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from edge.operation import EMPTY, Locale
from edge.texts import KnownTexts, Texts

Wordings = Mapping[Any, tuple[str, str]]
"""code (a string, or a member of a string enum) → its English and Chinese templates, `str.format` style."""

DEFAULT_LOCALE: Final[Locale] = "en"
HEADER_LIMIT_CHARACTERS: Final = 512
LOCALES_CACHED_LIMIT: Final = 256
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_AS_WRITTEN: Final = "原文：{text}"
"""The frame around an English sentence of somebody else's: a subgraph that is not ours, a resolver of it."""


class Messages:
    """Wordings of codes, and for some codes a hint that says what to do about it.

    Later catalogues win over earlier ones, `Messages(edge.codes.WORDINGS, schema_reasons)`, where an
    error has the values that their wording needs; else the earlier wording is taken.
    """

    def __init__(self, *wordings: Wordings, hints: Wordings = EMPTY, texts: Texts = EMPTY) -> None:
        self._wordings = wordings
        self._hints = dict(hints)
        self._texts = texts
        self._known = KnownTexts(texts)

    def say(self, code: str, locale: Locale, values: Mapping[str, Any] = EMPTY) -> str | None:
        """The wording of `code`, or None when there is none or a value it needs is missing."""
        for catalogue in reversed(self._wordings):
            sentence = _filled(catalogue.get(code), locale, values)
            if sentence is not None:
                return sentence
        return None

    def hint(self, code: str, locale: Locale, values: Mapping[str, Any] = EMPTY) -> str | None:
        """What the caller can do about `code`, where that can be said."""
        return _filled(self._hints.get(code), locale, values)

    def retell(self, text: str, locale: Locale) -> str:
        """An English sentence that no code words, in the caller's language.

        What is in no catalogue is a third party's: a Chinese reader gets it framed, as it was written.
        """
        if locale == "en" or not text:
            return text
        known = self._known.in_chinese(text)
        if known is not None or _CHINESE.search(text):
            return known or text
        return _AS_WRITTEN.format(text=text)

    def with_wordings(self, wordings: Wordings, hints: Wordings = EMPTY, texts: Texts = EMPTY) -> Messages:
        """These messages and more: how a program adds its own codes to edge's."""
        return Messages(
            *self._wordings, wordings, hints={**self._hints, **hints}, texts={**self._texts, **texts}
        )


def _filled(texts: tuple[str, str] | None, locale: Locale, values: Mapping[str, Any]) -> str | None:
    if texts is None:
        return None
    template = texts[0] if locale == "en" else texts[1]
    try:
        return template.format_map(values)
    except (KeyError, IndexError):
        return None


@lru_cache(maxsize=LOCALES_CACHED_LIMIT)
def preferred_locale(accept_language: str | None) -> Locale:
    """The language to answer in (RFC 9110, section 12.5.4; ties go to the one named first).

    Every Chinese range (`zh`, `zh-CN`, `zh-Hans-CN`) is one language here. A header that
    is missing, too long, malformed or names nothing we speak gives English.
    """
    best, best_quality = DEFAULT_LOCALE, 0.0
    for part in (accept_language or "")[:HEADER_LIMIT_CHARACTERS].split(","):
        language, _, parameters = part.strip().partition(";")
        locale = _spoken(language.strip().lower())
        quality = _quality(parameters)
        if locale is not None and quality > best_quality:
            best, best_quality = locale, quality
    return best


def _spoken(language_range: str) -> Locale | None:
    primary = language_range.split("-", 1)[0]
    if primary == "zh":
        return "zh"
    return DEFAULT_LOCALE if primary in ("en", "*") else None


def _quality(parameters: str) -> float:
    """The `q` of one member of a header's list; a malformed one counts as "not acceptable"."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0.0 <= quality <= 1.0 else 0.0
    return 1.0
