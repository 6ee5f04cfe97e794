"""The log: every ledger entry a leaf of one Merkle tree, those posted before it was kept included."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key
from region_node.storage.ledger import ENTRY_COLUMNS, entry_of
from region_node.storage.log import grown
from schema.merkle import Frontier

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROWS_AT_ONCE: Final = 1_000

# As this revision finds it, whatever later revisions add.
_ENTRIES = sa.table(
    "ledger_entries",
    sa.column("account_id", text_key()),
    sa.column("number", sa.Integer()),
    sa.column("id", text_key()),
    sa.column("kind", text_key(16)),
    sa.column("credits", sa.Integer()),
    sa.column("posted_on", sa.Date()),
    sa.column("posted_at", Instant()),
    sa.column("balance_after", sa.Integer()),
    sa.column("outcome_id", text_key()),
    sa.column("reverses", text_key()),
    sa.column("memo", sa.Text()),
)


def upgrade() -> None:
    leaves = op.create_table(
        "log_leaves",
        sa.Column("account_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "number"),
    )
    op.create_index("log_leaves_by_position", "log_leaves", ["position"], unique=True)
    nodes = op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
    )
    op.create_table(
        "tree_heads",
        sa.Column("size", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("key", text_key(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", "key"),
    )
    _seal_what_was_posted(leaves, nodes)
    for table in ("log_leaves", "log_nodes", "tree_heads"):
        make_append_only(table)


def _seal_what_was_posted(leaves: sa.Table, nodes: sa.Table) -> None:
    """Account after account, each in its order: nobody was promised another."""
    bind = op.get_bind()
    posted = sa.select(*ENTRY_COLUMNS).order_by(_ENTRIES.c.account_id, _ENTRIES.c.number)
    frontier = Frontier()
    with bind.execute(posted.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
        for some in rows.partitions():
            frontier, leaf_rows, node_rows = grown(frontier, [entry_of(row) for row in some])
            bind.execute(sa.insert(leaves), leaf_rows)
            bind.execute(sa.insert(nodes), node_rows)
