"""Tables that every part of the bank shares; each part keeps its own beside this file.

`table_of` gives the Core table of a SQLModel class: statements are written against it, and
repositories return frozen domain values, so that no half-loaded object travels upwards.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key

METADATA = SQLModel.metadata


def table_of(model: type[SQLModel]) -> sa.Table:
    return METADATA.tables[str(model.__tablename__)]


class NodeIdentityRow(SQLModel, table=True):
    """Whose books these are: one row, written once. A node refuses another region's database."""

    __tablename__ = "node_identity"

    region: str = Field(primary_key=True, sa_type=text_key(6))
    created_at: datetime = Field(sa_type=Instant)


class AnswerRow(SQLModel, table=True):
    """The first answer to an idempotency key, kept in the transaction of what it changed."""

    __tablename__ = "answers"

    caller: str = Field(primary_key=True, sa_type=text_key(200))
    key: str = Field(primary_key=True, sa_type=text_key(128))
    request_hash: str = Field(sa_type=text_key(64))
    answer: str | None = Field(default=None, sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
