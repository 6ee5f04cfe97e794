"""One way to word a code in the caller's language: codes are stable, their wordings are not.

A code is a contract and is never translated. Its wording is a template per language,
filled with the values that the error carries anyway, so that whoever raises an error
states facts and never prose. Domain reasons and edge's own codes use the same mechanism.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from edge.operation import EMPTY, Locale

Wordings = Mapping[Any, tuple[str, str]]
"""code (a string, or a member of a string enum) → its English and Chinese templates, `str.format` style."""

DEFAULT_LOCALE: Final[Locale] = "en"
HEADER_LIMIT_CHARACTERS: Final = 512
LOCALES_CACHED_LIMIT: Final = 256


class Messages:
    """Wordings of codes, and for some codes a hint that says what to do about it.

    Later catalogues win over earlier ones: `Messages(edge.codes.WORDINGS, schema_reasons)`.
    """

    def __init__(self, *wordings: Wordings, hints: Wordings = EMPTY) -> None:
        self._wordings = {code: texts for catalogue in wordings for code, texts in catalogue.items()}
        self._hints = dict(hints)

    def say(self, code: str, locale: Locale, values: Mapping[str, Any] = EMPTY) -> str | None:
        """The wording of `code`, or None when there is none or a value it needs is missing."""
        return _filled(self._wordings.get(code), locale, values)

    def hint(self, code: str, locale: Locale, values: Mapping[str, Any] = EMPTY) -> str | None:
        """What the caller can do about `code`, where that can be said."""
        return _filled(self._hints.get(code), locale, values)

    def with_wordings(self, wordings: Wordings, hints: Wordings = EMPTY) -> Messages:
        """These messages and more: how a program adds its own codes to edge's."""
        return Messages(self._wordings, wordings, hints={**self._hints, **hints})


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
