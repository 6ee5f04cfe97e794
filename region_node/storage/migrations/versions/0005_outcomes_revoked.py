"""Revoked outcomes are found by an index: every reading of a status list asks for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_REVOKED = sa.text("status = 'REVOKED'")


def upgrade() -> None:
    op.create_index(
        "outcomes_revoked",
        "outcomes",
        ["account_id", "id"],
        sqlite_where=_REVOKED,
        postgresql_where=_REVOKED,
    )
