"""A refusal as an answer of the graph: one member of every mutation's union."""

from __future__ import annotations

from collections.abc import Iterator

import strawberry

from region_node.domain import refusal
from region_node.domain.rule_checks import NONE_NAMED
from schema.codes import Language
from schema.details import Detail, DetailCode, word
from schema.graph import Finding, Refused

__all__ = ["Refused", "refused"]


def refused(answer: refusal.Refusal, language: Language) -> Refused:
    findings = [_finding(one, language) for one in _details(answer)]
    return Refused(code=answer.code, message=answer.message(language), findings=findings)


def _details(answer: refusal.Refusal) -> Iterator[Detail]:
    for fact in answer.facts.values():
        if isinstance(fact, Detail):
            yield fact
        elif isinstance(fact, tuple):
            yield from fact


def _finding(found: Detail, language: Language) -> Finding:
    """Of a fault in a rule set the fault's own code, and the rules that make it together."""
    code = found.code.value
    subjects: tuple[str, ...] = ()
    if found.code is DetailCode.FINDING:
        code, subjects = str(found.facts["fault"]), _named(str(found.facts["rules"]))
    return Finding(
        code=code, subjects=[strawberry.ID(one) for one in subjects], message=word(found, language)
    )


def _named(rules: str) -> tuple[str, ...]:
    return tuple(one for one in rules.split(", ") if one != NONE_NAMED)
