"""Rows read by place: the columns stand in the order of a value's fields, so that no name is looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    D = TypeVar("D", bound=DataclassInstance)

Read = Callable[[Any], Any]


def reader(kind: type[D], /, **read: Read) -> Callable[[Any], D]:
    """Return what makes a `kind` of a row whose first columns are its fields; `read` turns some of them."""
    names = [one.name for one in fields(kind)]
    turned = [(names.index(name), turn) for name, turn in read.items()]
    width = len(names)

    def make(row: Any) -> D:
        values = list(row[:width])
        for place, turn in turned:
            values[place] = turn(values[place])
        return kind(*values)

    return make


def member(enum: type[Enum]) -> Read:
    """The member of a stored value; null stays null."""
    members = {None: None, **{one.value: one for one in enum}}
    return members.__getitem__
