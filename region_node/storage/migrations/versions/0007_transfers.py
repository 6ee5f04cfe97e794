"""Transfers between regions, and the statements that both sides sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN_AT_SOURCE = sa.text("state IN ('EXPORTED', 'CANCELLING')")


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", text_key(), primary_key=True),
        sa.Column("issuer", text_key(6), nullable=False),
        sa.Column("accepter", text_key(6), nullable=False),
        sa.Column("learner_id", text_key(32), nullable=False),
        sa.Column("outcome_id", text_key(), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", text_key(16), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("account_id", text_key(), nullable=True),
        sa.Column("entry_id", text_key(), nullable=True),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("verdict", text_key(16), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
    )
    op.create_index("transfers_by_beginning", "transfers", ["began_on", "id"])
    op.create_index("transfers_by_account", "transfers", ["account_id"])
    op.create_index("transfers_by_learner", "transfers", ["learner_id"])
    op.create_index(
        "transfers_one_open_each",
        "transfers",
        ["account_id", "outcome_id"],
        unique=True,
        sqlite_where=_OPEN_AT_SOURCE,
        postgresql_where=_OPEN_AT_SOURCE,
    )
    op.create_table(
        "transfer_statements",
        sa.Column("transfer_id", text_key(), nullable=False),
        sa.Column("kind", text_key(16), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"]),
        sa.PrimaryKeyConstraint("transfer_id", "kind"),
    )
    make_append_only("transfer_statements")
