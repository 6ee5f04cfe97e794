"""A year's review of the standards, as it was concluded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standard_reviews",
        sa.Column("seal", text_key(64), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("retired_from", sa.Date(), nullable=False),
        sa.Column("ranking", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.PrimaryKeyConstraint("year"),
    )
    make_append_only("standard_reviews")
