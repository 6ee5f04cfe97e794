"""Writes the function that reads one kind of object: its lines are the fields, so nothing is looped over.

A loop over a table of fields costs three times as much for each object. Objects of one type inside an
object, alone or in a list, are read by lines of the same function (a tenth less), and keys are taken to be
there (a quarter less); where one is not, a second function that looks for each is written. Into the source
go numbers of ours and quoted names only; whatever else a line needs is given to the function as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from types import CodeType
from typing import Any, Final

Object = dict[str, Any]
Read = Callable[[Any], Any]

SOURCES_LIMIT: Final = 2_048
"""Compiled sources kept: selections of the same shape share one, in whichever plan they stand."""

INLINED_FIELDS_LIMIT: Final = 200
"""Fields of one function, whose compilation stops every thread: of 200 for about five milliseconds. An object
with more below it is read by a function of its own, one with more in it by several."""

INLINED_LEVELS_LIMIT: Final = 8
"""Objects within objects in one function: Python's compiler nests twenty blocks, and a list is one."""


@dataclass(frozen=True, slots=True)
class FieldRead:
    """One field of the result: `name`, read at `key`.

    At most one of the others says what its value must be: of one of `classes`, one of `values`, an
    object (or, `in_list`, objects, null among them unless `items_required`) of `fields`, or what `complete`
    makes of it. With `typename` it is that text, whatever the object says.
    """

    name: str
    key: str
    required: bool
    classes: frozenset[type] | None = None
    values: frozenset[str] | None = None
    fields: tuple[FieldRead, ...] | None = None
    in_list: bool = False
    items_required: bool = False
    complete: Read | None = None
    typename: str | None = None


def write_reader(fields: Sequence[FieldRead], refusal: type[Exception]) -> Callable[[Any], Object]:
    """Return a function of an object to its result. It raises `refusal` for what is not as it must be."""
    readers = [_write_dense(piece, refusal) for piece in _pieces(fields)]
    if len(readers) == 1:
        return readers[0]

    def read_pieces(value: Any) -> Object:
        result: Object = {}
        for read in readers:
            result |= read(value)
        return result

    return read_pieces


def _pieces(fields: Sequence[FieldRead]) -> Iterator[list[FieldRead]]:
    """The fields in as many functions as they need."""
    piece: list[FieldRead] = []
    total = 0
    for field in fields:
        size = 1 + (size_of(field.fields)[0] if field.fields is not None else 0)
        if piece and total + size > INLINED_FIELDS_LIMIT:
            yield piece
            piece, total = [], 0
        piece.append(field)
        total += size
    yield piece


def _write_dense(fields: Sequence[FieldRead], refusal: type[Exception]) -> Callable[[Any], Object]:
    """A function that takes the keys to be there, and leaves to another what lacks one."""
    sparsely: list[Callable[[Any], Object]] = []

    def read_sparse(value: Any) -> Object:
        if not sparsely:
            sparsely.append(_write(fields, {"Refusal": refusal}, is_sparse=True))
        return sparsely[0](value)

    return _write(fields, {"Refusal": refusal, "read_sparse": read_sparse}, is_sparse=False)


def _write(fields: Sequence[FieldRead], given: dict[str, Any], *, is_sparse: bool) -> Callable[[Any], Object]:
    writer = _Writer(is_sparse)
    lines = ["def read(value):"]
    if is_sparse:
        lines += writer.object("value", fields, "result", " ")
    else:
        lines += [" try:", *writer.object("value", fields, "result", "  ")]
        lines += [" except KeyError: return read_sparse(value)"]
    source = "\n".join([*lines, " return result"])
    given |= writer.given
    exec(_compiled(source), given)  # noqa: S102 # numbers and quoted names, see above
    read: Callable[[Any], Object] = given.pop("read")  # or it and its names would keep each other
    return read


def size_of(fields: Sequence[FieldRead]) -> tuple[int, int]:
    """How many fields, at how many levels, a function for these reads."""
    inner = [size_of(field.fields) for field in fields if field.fields is not None]
    return len(fields) + sum(size for size, _ in inner), 1 + max((depth for _, depth in inner), default=0)


class _Writer:
    """The lines of one function, and the values that they need. `is_sparse`: keys may be missing."""

    def __init__(self, is_sparse: bool) -> None:
        self._is_sparse = is_sparse
        self.given: dict[str, Any] = {}
        self._numbers = count()

    def object(self, value: str, fields: Sequence[FieldRead], result: str, indent: str) -> Iterator[str]:
        """The lines that put into `result` what is made of the object in the variable `value`."""
        yield f"{indent}if {value}.__class__ is not dict: raise Refusal"
        read = []
        for field in fields:
            variable = f"v{next(self._numbers)}"
            read.append(f"{field.name!r}: {variable}")
            found = f"{value}.get({field.key!r})" if self._is_sparse else f"{value}[{field.key!r}]"
            yield from self._field(variable, found, field, indent)
        yield f"{indent}{result} = {{{', '.join(read)}}}"

    def _field(self, value: str, found: str, field: FieldRead, indent: str) -> Iterator[str]:
        """The lines that put into the variable `value` what is made of what is `found`."""
        if field.typename is not None:
            yield f"{indent}{value} = {self._give(field.typename)}"
            return
        yield f"{indent}{value} = {found}"
        if field.classes is not None or field.values is not None:
            wrong = self._wrong(value, field)
            optional = "" if field.required else f"{value} is not None and "
            yield f"{indent}if {optional}({wrong}): raise Refusal"
            return
        if field.required:
            yield f"{indent}if {value} is None: raise Refusal"
        if field.fields is None and field.complete is None:
            return
        if not field.required:
            yield f"{indent}if {value} is not None:"
            indent += " "
        if field.complete is not None:
            yield f"{indent}{value} = {self._give(field.complete)}({value})"
        elif field.fields is not None and field.in_list:
            yield from self._list(value, field.fields, field.items_required, indent)
        elif field.fields is not None:
            yield from self.object(value, field.fields, value, indent)

    def _list(
        self, value: str, fields: Sequence[FieldRead], items_required: bool, indent: str
    ) -> Iterator[str]:
        number = next(self._numbers)
        items, item = f"items{number}", f"item{number}"
        yield f"{indent}if {value}.__class__ is not list: raise Refusal"
        yield f"{indent}{items} = []"
        yield f"{indent}add{number} = {items}.append"
        yield f"{indent}for {item} in {value}:"
        if items_required:
            yield from self.object(item, fields, item, f"{indent} ")
        else:
            yield f"{indent} if {item} is not None:"
            yield from self.object(item, fields, item, f"{indent}  ")
        yield f"{indent} add{number}({item})"
        yield f"{indent}{value} = {items}"

    def _wrong(self, value: str, field: FieldRead) -> str:
        if field.values is not None:
            return f"{value}.__class__ is not str or {value} not in {self._give(field.values)}"
        classes = field.classes or frozenset()
        if len(classes) == 1:
            return f"{value}.__class__ is not {self._give(next(iter(classes)))}"
        return f"{value}.__class__ not in {self._give(classes)}"

    def _give(self, value: Any) -> str:
        name = f"g{len(self.given)}"
        self.given[name] = value
        return name


@lru_cache(SOURCES_LIMIT)
def _compiled(source: str) -> CodeType:
    return compile(source, "<reader>", "exec")
