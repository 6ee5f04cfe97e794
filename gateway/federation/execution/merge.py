"""Merges what a subgraph answered into the result tree, in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge(target: dict[str, Any], answer: Mapping[str, Any]) -> None:
    """Add `answer` to `target`: objects field by field, lists item by item.

    What several subgraphs give is the same value; one that answers null does not take away
    what another gave.
    """
    for key, value in answer.items():
        known = target.get(key)
        if known is None:
            target[key] = value
        elif known.__class__ is dict and value.__class__ is dict:
            merge(known, value)
        elif known.__class__ is list and value.__class__ is list:
            _merge_lists(known, value)
        elif value is not None:
            target[key] = value


def _merge_lists(known: list[Any], answer: list[Any]) -> None:
    for index, value in enumerate(answer[: len(known)]):
        inner = known[index]
        if inner.__class__ is dict and value.__class__ is dict:
            merge(inner, value)
        elif inner.__class__ is list and value.__class__ is list:
            _merge_lists(inner, value)
        elif inner is None:
            known[index] = value
