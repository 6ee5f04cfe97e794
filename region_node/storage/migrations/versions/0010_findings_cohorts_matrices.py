"""What fraud cases were decided to be; cohorts step by step; course matrices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fraud_cases", sa.Column("finding", text_key(16), nullable=True))
    op.add_column("fraud_cases", sa.Column("finding_reason", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "cohort_steps",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("certificate", text_key(64), nullable=False),
        sa.Column("level", text_key(16), nullable=False),
        sa.Column("term", text_key(32), nullable=False),
        sa.Column("step", text_key(16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("account_id", "certificate", "level", "term", "step"),
    )
    op.create_index("cohort_steps_by_cohort", "cohort_steps", ["certificate", "level", "term", "step"])
    make_append_only("cohort_steps")
    op.create_table(
        "course_matrices",
        sa.Column("major", text_key(16), nullable=False),
        sa.Column("certificate", text_key(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("relation", text_key(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.PrimaryKeyConstraint("major", "certificate", "version"),
    )
    make_append_only("course_matrices")
