"""Who examines for an organisation, and where; and what was stated of a certificate's exam."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = ("organisation_code", "party", "code", "place")


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("examiner", text_key(64), nullable=True))
    op.add_column("outcomes", sa.Column("site", text_key(64), nullable=True))
    op.create_table(
        "exam_registrations",
        *_common(),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("name", text_key(200), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY),
    )
    make_append_only("exam_registrations")
    op.create_table(
        "exam_registration_ends",
        *_common(),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY),
    )
    make_append_only("exam_registration_ends")


def _common() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("seal", text_key(64), nullable=True),
        sa.Column("organisation_code", text_key(16), nullable=False),
        sa.Column("party", text_key(16), nullable=False),
        sa.Column("code", text_key(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
    )
