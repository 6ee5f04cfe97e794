"""The bank's books: accounts, outcomes, the ledger, first answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_identity()
    _create_accounts()
    _create_outcomes()
    _create_ledger()


def _create_identity() -> None:
    op.create_table(
        "node_identity",
        sa.Column("region", text_key(6), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("region"),
    )
    make_append_only("node_identity")
    op.create_table(
        "answers",
        sa.Column("caller", text_key(200), nullable=False),
        sa.Column("key", text_key(128), nullable=False),
        sa.Column("request_hash", text_key(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
    )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", text_key(), nullable=False),
        sa.Column("learner_id", text_key(32), nullable=False),
        sa.Column("citizen_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("citizen_index", text_key(64), nullable=False),
        sa.Column("learner_group", text_key(32), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("barred_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("accounts_by_learner", "accounts", ["learner_id"])
    op.create_index("accounts_by_opening", "accounts", ["opened_on", "id"])
    op.create_index(
        "accounts_one_open_each",
        "accounts",
        ["citizen_index"],
        unique=True,
        sqlite_where=sa.text("status <> 'CLOSED'"),
        postgresql_where=sa.text("status <> 'CLOSED'"),
    )
    op.create_table(
        "account_events",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "number"),
    )
    make_append_only("account_events")
    op.create_table(
        "fraud_cases",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("learner_id", text_key(32), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("fraud_cases_by_opening", "fraud_cases", ["opened_on", "id"])


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("learner_id", text_key(32), nullable=False),
        sa.Column("identity", text_key(64), nullable=False),
        sa.Column("kind", text_key(32), nullable=False),
        sa.Column("title", text_key(200), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("core_credits", sa.Integer(), nullable=False),
        sa.Column("flexible_credits", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("examined_on", sa.Date(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("certificate", text_key(64), nullable=True),
        sa.Column("level", text_key(16), nullable=True),
        sa.Column("standard_version", text_key(64), nullable=True),
        sa.Column("organisation", text_key(200), nullable=True),
        sa.Column("examiner_level", text_key(16), nullable=True),
        sa.Column("certificate_number", text_key(64), nullable=True),
        sa.Column("derived_from", sa.Text(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.CheckConstraint("core_credits + flexible_credits = credits", name="outcomes_credits_whole"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "id"),
    )
    op.create_index("outcomes_by_issue", "outcomes", ["issued_on", "id"])
    op.create_index("outcomes_by_learner", "outcomes", ["learner_id", "issued_on", "id"])
    op.create_index("outcomes_by_submission", "outcomes", ["submitted_on", "id"])
    op.create_index(
        "outcomes_submitted_once",
        "outcomes",
        ["identity"],
        unique=True,
        sqlite_where=sa.text("status <> 'REJECTED'"),
        postgresql_where=sa.text("status <> 'REJECTED'"),
    )
    op.create_table(
        "outcome_events",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", text_key(16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ground", text_key(16), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "outcome_id", "number"),
    )
    make_append_only("outcome_events")
    op.create_table(
        "outcome_sources",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("source_id", text_key(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "outcome_id", "source_id"),
    )
    op.create_index("outcome_sources_backwards", "outcome_sources", ["source_id"])
    make_append_only("outcome_sources")


def _create_ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("kind", text_key(16), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=True),
        sa.Column("reverses", text_key(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "number"),
    )
    op.create_index("ledger_entries_by_outcome", "ledger_entries", ["outcome_id"])
    make_append_only("ledger_entries")
    op.create_table(
        "outcome_uses",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("entry_id", text_key(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "outcome_id"),
    )
    make_append_only("outcome_uses")
    op.create_table(
        "replaced_courses",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("course", text_key(200), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "course"),
    )
    make_append_only("replaced_courses")
