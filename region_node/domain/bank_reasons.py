"""Reasons that the bank itself writes into its history, each with a code, so that any language has them.

What a person wrote stays as it was written. History is sealed row by row, so a reason is kept as the text it
always was; its form says which it is, and what it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal


class BankReason(StrEnum):
    OPENED = "OPENED"
    CASE_OPENED = "CASE_OPENED"
    CASE_DECIDED = "CASE_DECIDED"
    DERIVES_FROM = "DERIVES_FROM"
    REPLACED_BY = "REPLACED_BY"
    EARNED_BY_COURSES = "EARNED_BY_COURSES"


FORMS: Final[Mapping[BankReason, tuple[str, str]]] = {
    BankReason.OPENED: ("opened", "开户"),
    BankReason.CASE_OPENED: ("case {subject}", "案件 {subject} 立案"),
    BankReason.CASE_DECIDED: ("case {subject}: {finding}", "案件 {subject} 已结：{finding}"),
    BankReason.DERIVES_FROM: (
        "derives from {subject}, which was revoked",
        "来源成果 {subject} 已被撤销",
    ),
    BankReason.REPLACED_BY: ("replaced by {subject}", "由成果 {subject} 替代"),
    BankReason.EARNED_BY_COURSES: ("earned by courses", "以课程成果换取"),
}
"""As it is kept, which is also how it is told in English; and in Chinese."""

_PLACES: Final = {"subject": r"\d{6}-[A-Z]-[A-Z0-9_]+", "finding": "[A-Z]+"}
_READ: Final = tuple(
    (
        code,
        re.compile(
            re.sub(r"\\\{(\w+)\\\}", lambda place: f"(?P<{place[1]}>{_PLACES[place[1]]})", re.escape(kept))
        ),
    )
    for code, (kept, _) in FORMS.items()
)


@dataclass(frozen=True, slots=True)
class Written:
    """A reason that the bank wrote. `facts` may hold the ID of what it names, as `subject`."""

    code: BankReason
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str | None:
        return self.facts.get("subject")

    def told(self, language: Literal["en", "zh"]) -> str:
        return FORMS[self.code][0 if language == "en" else 1].format_map(self.facts)


def write(code: BankReason, **facts: str) -> str:
    """Return a reason as it is kept."""
    return Written(code, facts).told("en")


def read(reason: str) -> Written | None:
    """Return which reason of the bank's this is; None for what a person wrote."""
    for code, form in _READ:
        found = form.fullmatch(reason)
        if found is not None:
            return Written(code, found.groupdict())
    return None
