"""What waits to be verified is found by an index: officers ask for it all day, and it is always few."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SUBMITTED = sa.text("status = 'SUBMITTED'")


def upgrade() -> None:
    op.create_index(
        "outcomes_submitted",
        "outcomes",
        ["submitted_on", "id"],
        sqlite_where=_SUBMITTED,
        postgresql_where=_SUBMITTED,
    )
