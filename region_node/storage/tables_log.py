"""Tables of the log (domain/log.py): leaves, the hashes of complete subtrees, signed heads."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key


class LogLeafRow(SQLModel, table=True):
    """Which ledger entry is the leaf at `position`; its hash is the node of level 0 there."""

    __tablename__ = "log_leaves"
    __table_args__ = (sa.Index("log_leaves_by_position", "position", unique=True),)

    account_id: str = Field(primary_key=True, sa_type=text_key())
    number: int = Field(primary_key=True)
    position: int = Field(sa_type=sa.BigInteger)
    salt: bytes = Field(sa_type=sa.LargeBinary)


class LogNodeRow(SQLModel, table=True):
    __tablename__ = "log_nodes"

    level: int = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    hash: bytes = Field(sa_type=sa.LargeBinary)


class TreeHeadRow(SQLModel, table=True):
    __tablename__ = "tree_heads"

    size: int = Field(primary_key=True, sa_type=sa.BigInteger)
    key: str = Field(primary_key=True, sa_type=text_key())
    root: bytes = Field(sa_type=sa.LargeBinary)
    signed_at: datetime = Field(sa_type=Instant)
    signature: str = Field(sa_type=sa.Text)
