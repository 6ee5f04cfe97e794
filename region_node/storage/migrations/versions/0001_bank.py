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
    op.create_table(
        "node_identity",
        sa.Column("region", text_key(6), primary_key=True),
        sa.Column("created_at", Instant(), nullable=False),
    )
    make_append_only("node_identity")
    op.create_table(
        "answers",
        sa.Column("caller", text_key(200), primary_key=True),
        sa.Column("key", text_key(128), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
    )
