"""A step of an agreement says why, and the one that signs bears the region's signature."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agreement_events", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("agreement_events", sa.Column("signature", sa.Text, nullable=True))
