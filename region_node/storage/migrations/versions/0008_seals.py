"""Rows of history bear the hash of themselves; those that are there already stay without."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.columns import text_key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "account_events",
    "outcome_events",
    "outcome_sources",
    "outcome_uses",
    "replaced_courses",
    "agreement_events",
    "rule_sets",
    "conversion_rules",
    "policies",
    "frameworks",
    "framework_maps",
    "standards",
    "standard_retirements",
    "organisation_vetoes",
)


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("seal", text_key(64), nullable=True))
