"""`column is among these keys`, the keys being one parameter: one statement whatever their number.

With a parameter for each key, a list of another length would be another statement, to be written by
SQLAlchemy and planned by the database anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

from region_node.storage.columns import text_key


class _Keys(TypeDecorator[Iterable[str]]):
    """A list of keys: an array, or on SQLite, which has none, its JSON."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(text_key()))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Iterable[str] | None, dialect: sa.Dialect) -> Any:
        keys = list(value or ())
        return keys if dialect.name == "postgresql" else orjson.dumps(keys).decode()


_TYPE: Final = _Keys()


class among(sa.ColumnElement[bool]):  # noqa: N801 - it is written as an operator is
    """`among(column, "ids")`: true for rows whose key is in the parameter `ids`."""

    inherit_cache = True
    type = sa.types.NULLTYPE  # type: ignore[assignment] # SQLite would compare a Boolean with 1, by no index
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own form
        ("column", sa.sql.visitors.InternalTraversal.dp_clauseelement),
        ("keys", sa.sql.visitors.InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: sa.ColumnElement[Any], name: str) -> None:
        self.column = column
        self.keys = sa.bindparam(name, type_=_TYPE)


@compiles(among, "postgresql")
def _any(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.keys, **kw)})"


@compiles(among, "sqlite")
def _in_json(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, keys = compiler.process(element.column, **kw), compiler.process(element.keys, **kw)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 # of SQLAlchemy's own parts
