"""Credits may have a last day, given with the deposit: those that are there already stay for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_EXPIRING = sa.text("valid_to IS NOT NULL AND NOT expired")


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("valid_to", sa.Date(), nullable=True))
    op.add_column("outcomes", sa.Column("expired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "outcomes_expiring",
        "outcomes",
        ["valid_to", "account_id", "id"],
        sqlite_where=_EXPIRING,
        postgresql_where=_EXPIRING,
    )
