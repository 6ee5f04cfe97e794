"""Tables of the bank itself: accounts, outcomes, the ledger, fraud cases.

Every key begins with the account, so that it can be the distribution column of a distributed
PostgreSQL; an outcome's or entry's ID begins with its account's, so that it is found by the key.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key
from region_node.storage.seals import Sealed

EXPIRING = "valid_to IS NOT NULL AND NOT expired"
"""Of outcomes: their credits have a last day, and what is left of them has not left."""


class AccountRow(SQLModel, table=True):
    __tablename__ = "accounts"
    __table_args__ = (
        sa.Index("accounts_by_opening", "opened_on", "id"),
        sa.Index("accounts_by_learner", "learner_id"),
        sa.Index("accounts_by_citizen", "citizen_index"),
        sa.Index(
            "accounts_one_open_each",
            "citizen_index",
            unique=True,
            sqlite_where=sa.text("status <> 'CLOSED'"),
            postgresql_where=sa.text("status <> 'CLOSED'"),
        ),
    )

    id: str = Field(primary_key=True, sa_type=text_key())
    learner_id: str = Field(sa_type=text_key(32))
    citizen_sealed: bytes = Field(sa_type=sa.LargeBinary)
    citizen_index: str = Field(sa_type=text_key(64))
    learner_group: str = Field(sa_type=text_key(32))
    status: str = Field(sa_type=text_key(16))
    opened_on: date
    barred_until: date | None = None


class MemberRow(SQLModel, table=True):
    """Who is or was told to gateways as somebody this bank may know (domain/members.py)."""

    __tablename__ = "members"
    __table_args__ = (sa.Index("members_by_learner", "learner_id", unique=True),)

    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    learner_id: str = Field(sa_type=text_key(32))
    link: bytes = Field(sa_type=sa.LargeBinary)


class AccountEventRow(Sealed, table=True):
    __tablename__ = "account_events"

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    number: int = Field(primary_key=True)
    status: str = Field(sa_type=text_key(16))
    on_day: date
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
    reason: str = Field(sa_type=sa.Text)


class OutcomeRow(SQLModel, table=True):
    __tablename__ = "outcomes"
    __table_args__ = (
        sa.CheckConstraint("core_credits + flexible_credits = credits", name="outcomes_credits_whole"),
        sa.Index("outcomes_by_issue", "issued_on", "id"),
        sa.Index("outcomes_by_submission", "submitted_on", "id"),
        sa.Index("outcomes_by_learner", "learner_id", "issued_on", "id"),
        sa.Index(
            "outcomes_submitted_once",
            "identity",
            unique=True,
            sqlite_where=sa.text("status <> 'REJECTED'"),
            postgresql_where=sa.text("status <> 'REJECTED'"),
        ),
        sa.Index(
            "outcomes_submitted",
            "submitted_on",
            "id",
            sqlite_where=sa.text("status = 'SUBMITTED'"),
            postgresql_where=sa.text("status = 'SUBMITTED'"),
        ),
        sa.Index(
            "outcomes_revoked",
            "account_id",
            "id",
            sqlite_where=sa.text("status = 'REVOKED'"),
            postgresql_where=sa.text("status = 'REVOKED'"),
        ),
        sa.Index(
            "outcomes_expiring",
            "valid_to",
            "account_id",
            "id",
            sqlite_where=sa.text(EXPIRING),
            postgresql_where=sa.text(EXPIRING),
        ),
    )

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    id: str = Field(primary_key=True, sa_type=text_key())
    learner_id: str = Field(sa_type=text_key(32))
    identity: str = Field(sa_type=text_key(64))
    kind: str = Field(sa_type=text_key(32))
    title: str = Field(sa_type=text_key(200))
    status: str = Field(sa_type=text_key(16))
    credits: int
    core_credits: int
    flexible_credits: int
    issued_on: date
    examined_on: date
    submitted_on: date
    certificate: str | None = Field(default=None, sa_type=text_key(64))
    level: str | None = Field(default=None, sa_type=text_key(16))
    standard_version: str | None = Field(default=None, sa_type=text_key(64))
    organisation: str | None = Field(default=None, sa_type=text_key(200))
    examiner_level: str | None = Field(default=None, sa_type=text_key(16))
    certificate_number: str | None = Field(default=None, sa_type=text_key(64))
    derived_from: str = Field(sa_type=sa.Text)
    flagged: bool = False
    valid_to: date | None = None
    expired: bool = False
    examiner: str | None = Field(default=None, sa_type=text_key(64))
    site: str | None = Field(default=None, sa_type=text_key(64))


class OutcomeSourceRow(Sealed, table=True):
    """Which outcome rests on which: read backwards when one is revoked."""

    __tablename__ = "outcome_sources"
    __table_args__ = (sa.Index("outcome_sources_backwards", "source_id"),)

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    outcome_id: str = Field(primary_key=True, sa_type=text_key())
    source_id: str = Field(primary_key=True, sa_type=text_key())


class OutcomeEventRow(Sealed, table=True):
    __tablename__ = "outcome_events"

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    outcome_id: str = Field(primary_key=True, sa_type=text_key())
    number: int = Field(primary_key=True)
    step: str = Field(sa_type=text_key(16))
    on_day: date
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
    reason: str = Field(sa_type=sa.Text)
    ground: str | None = Field(default=None, sa_type=text_key(16))


class LedgerEntryRow(SQLModel, table=True):
    __tablename__ = "ledger_entries"
    __table_args__ = (sa.Index("ledger_entries_by_outcome", "outcome_id"),)

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    number: int = Field(primary_key=True)
    id: str = Field(sa_type=text_key())
    kind: str = Field(sa_type=text_key(16))
    credits: int
    posted_on: date
    posted_at: datetime = Field(sa_type=Instant)
    balance_after: int
    outcome_id: str | None = Field(default=None, sa_type=text_key())
    reverses: str | None = Field(default=None, sa_type=text_key())
    memo: str = Field(sa_type=sa.Text)


class OutcomeUseRow(Sealed, table=True):
    """An outcome is used once: the key says so."""

    __tablename__ = "outcome_uses"

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    outcome_id: str = Field(primary_key=True, sa_type=text_key())
    entry_id: str = Field(sa_type=text_key())
    used_on: date


class ReplacedCourseRow(Sealed, table=True):
    """A course is replaced by one certificate only: the key says so."""

    __tablename__ = "replaced_courses"

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    course: str = Field(primary_key=True, sa_type=text_key(200))
    outcome_id: str = Field(sa_type=text_key())
    replaced_on: date


class FraudCaseRow(SQLModel, table=True):
    __tablename__ = "fraud_cases"
    __table_args__ = (sa.Index("fraud_cases_by_opening", "opened_on", "id"),)

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    id: str = Field(primary_key=True, sa_type=text_key())
    learner_id: str = Field(sa_type=text_key(32))
    outcome_id: str = Field(sa_type=text_key())
    status: str = Field(sa_type=text_key(16))
    opened_on: date
    closed_on: date | None = None
    reason: str = Field(sa_type=sa.Text)
    finding: str | None = Field(default=None, sa_type=text_key(16))
    finding_reason: str = Field(default="", sa_type=sa.Text)
