"""Transfers between regions, as this side keeps them, and the signed statements they are made of."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key

OPEN_AT_SOURCE = "state IN ('EXPORTED', 'CANCELLING')"


class TransferRow(SQLModel, table=True):
    """How each stands here. Its ID begins with the source's account, at either side."""

    __tablename__ = "transfers"
    __table_args__ = (
        sa.Index("transfers_by_beginning", "began_on", "id"),
        sa.Index("transfers_by_account", "account_id"),
        sa.Index("transfers_by_learner", "learner_id"),
        sa.Index(
            "transfers_one_open_each",
            "account_id",
            "outcome_id",
            unique=True,
            sqlite_where=sa.text(OPEN_AT_SOURCE),
            postgresql_where=sa.text(OPEN_AT_SOURCE),
        ),
    )

    id: str = Field(primary_key=True, sa_type=text_key())
    issuer: str = Field(sa_type=text_key(6))
    accepter: str = Field(sa_type=text_key(6))
    learner_id: str = Field(sa_type=text_key(32))
    outcome_id: str = Field(sa_type=text_key())
    credits: int
    expires_on: date
    state: str = Field(sa_type=text_key(16))
    began_on: date
    account_id: str | None = Field(default=None, sa_type=text_key(), foreign_key="accounts.id")
    entry_id: str | None = Field(default=None, sa_type=text_key())
    accepted: int = 0
    verdict: str | None = Field(default=None, sa_type=text_key(16))
    reasons: str = Field(sa_type=sa.Text)


class TransferStatementRow(SQLModel, table=True):
    """A side states each thing once: the key says so."""

    __tablename__ = "transfer_statements"

    transfer_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="transfers.id")
    kind: str = Field(primary_key=True, sa_type=text_key(16))
    statement: str = Field(sa_type=sa.Text)
    signature: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
