"""Writes the function that reads one kind of object: its lines are the fields, so nothing is looped over.

A loop over a table of fields costs three times as much for each object. Into the source go numbers of
ours and quoted names only; whatever else a line needs is given to the function as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Final

Object = dict[str, Any]
Read = Callable[[Any], Any]

SOURCES_LIMIT: Final = 2_048
"""Compiled sources kept: selections of the same shape share one, in whichever plan they stand."""


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One field of the result: `name`, read at `key`.

    At most one of the others says what its value must be: of one of `classes`, one of `values`, or what
    `complete` makes of it. With `typename` it is that text, whatever the object says.
    """

    name: str
    key: str
    required: bool
    classes: frozenset[type] | None = None
    values: frozenset[str] | None = None
    complete: Read | None = None
    typename: str | None = None


def write_reader(fields: Sequence[FieldRead], refusal: type[Exception]) -> Callable[[Any], Object]:
    """Return a function of an object to its result. It raises `refusal` for what is not as it must be."""
    lines = ["def read(value):", " if value.__class__ is not dict: raise Refusal", " get = value.get"]
    given: dict[str, Any] = {"Refusal": refusal}
    for number, field in enumerate(fields):
        lines += _lines(f"v{number}", f"g{number}", field)
        given[f"g{number}"] = _given(field)
    result = ", ".join(f"{field.name!r}: v{number}" for number, field in enumerate(fields))
    lines.append(f" return {{{result}}}")
    exec(_compiled("\n".join(lines)), given)  # noqa: S102 # numbers and quoted names, see above
    read: Callable[[Any], Object] = given["read"]
    return read


def _given(field: FieldRead) -> Any:
    if field.classes is not None and len(field.classes) == 1:
        return next(iter(field.classes))
    return field.typename or field.classes or field.values or field.complete


def _lines(value: str, given: str, field: FieldRead) -> list[str]:
    """The lines that put the field's completed value into the variable `value`."""
    if field.typename is not None:
        return [f" {value} = {given}"]
    lines = [f" {value} = get({field.key!r})"]
    if field.classes is not None:
        wrong = f"{value}.__class__ {'is not' if len(field.classes) == 1 else 'not in'} {given}"
    elif field.values is not None:
        wrong = f"{value}.__class__ is not str or {value} not in {given}"
    else:
        wrong = ""
    if field.required:
        lines.append(f" if {wrong or f'{value} is None'}: raise Refusal")
        if field.complete is not None:
            lines.append(f" {value} = {given}({value})")
    elif wrong:
        lines.append(f" if {value} is not None and ({wrong}): raise Refusal")
    elif field.complete is not None:
        lines.append(f" if {value} is not None: {value} = {given}({value})")
    return lines


@lru_cache(SOURCES_LIMIT)
def _compiled(source: str) -> CodeType:
    return compile(source, "<reader>", "exec")
