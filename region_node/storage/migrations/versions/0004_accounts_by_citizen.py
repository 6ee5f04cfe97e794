"""Every account of a citizen is found by an index: imports ask for one with each row."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("accounts_by_citizen", "accounts", ["citizen_index"])
