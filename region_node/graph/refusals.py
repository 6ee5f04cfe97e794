"""A refusal as an answer of the graph: one member of every mutation's union."""

from __future__ import annotations

from region_node.domain import refusal
from schema.codes import Language
from schema.graph import Refused

__all__ = ["Refused", "refused"]


def refused(answer: refusal.Refusal, language: Language) -> Refused:
    return Refused(code=answer.code, message=answer.message(language))
