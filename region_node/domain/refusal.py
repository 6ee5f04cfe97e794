"""A refusal is an answer: the bank says no, and why, and the caller can act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema.codes import Language, RefusalCode, say
from schema.details import Fact, fact


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change is refused. `facts` fill the sentence of `code` (schema/codes.py) in any language."""

    code: RefusalCode
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def message(self, language: Language) -> str:
        return say(self.code, language, **self.facts)


def refuse(code: RefusalCode, **facts: object) -> Refusal:
    return Refusal(code, {name: fact(value) for name, value in facts.items()})
