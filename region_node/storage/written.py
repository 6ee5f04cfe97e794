"""A statement as its driver takes it, written once by SQLAlchemy and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

STATEMENTS_LIMIT: Final = 512

Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Written:
    """`parameters` in their order: name, value where none is given, and what turns a value for the driver.
    `columns` are those whose stored values are not yet what they stand for.
    """

    text: str
    parameters: tuple[tuple[str, Any, Turn | None], ...]
    columns: tuple[tuple[int, Turn], ...]

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        named = ((given.get(name, default), turn) for name, default, turn in self.parameters)
        return tuple(value if turn is None else turn(value) for value, turn in named)

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        if not self.columns:
            return list(rows)
        read: list[Sequence[Any]] = []
        for row in rows:
            values = list(row)
            for place, turn in self.columns:
                values[place] = turn(values[place])
            read.append(values)
        return read


@lru_cache(STATEMENTS_LIMIT)
def written(statement: sa.Select[Any], dialect: sa.Dialect) -> Written:
    """Statements are told apart by identity: for one that is made anew each time this is no gain."""
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup or ()
    types = {name: compiled.binds[name].type.dialect_impl(dialect) for name in names}
    columns = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    turned = ((place, type_.result_processor(dialect, None)) for place, type_ in enumerate(columns))
    return Written(
        text=str(compiled),
        parameters=tuple(
            (name, compiled.params[name], types[name].bind_processor(dialect)) for name in names
        ),
        columns=tuple((place, turn) for place, turn in turned if turn is not None),
    )
