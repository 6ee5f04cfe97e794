"""The list of members: who has an account now is in it, in no order that tells anything."""

from __future__ import annotations

import secrets
from typing import Final

import sqlalchemy as sa
from alembic import op

from region_node.domain.members import LINK_BYTES, Member, joined
from region_node.storage.append_only import make_append_only
from region_node.storage.columns import text_key
from region_node.storage.members import rows_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROWS_AT_ONCE: Final = 1_000

_ACCOUNTS = sa.table("accounts", sa.column("learner_id", text_key(32)))


def upgrade() -> None:
    members = op.create_table(
        "members",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("learner_id", text_key(32), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("members_by_learner", "members", ["learner_id"], unique=True)
    bind = op.get_bind()
    last = Member(0, "", secrets.token_bytes(LINK_BYTES))
    bind.execute(sa.insert(members), rows_of([last]))
    known = sa.select(_ACCOUNTS.c.learner_id).distinct().order_by(_ACCOUNTS.c.learner_id)
    with bind.execute(known.execution_options(yield_per=ROWS_AT_ONCE)) as rows:
        for some in rows.scalars().partitions():
            new = joined(last, some)
            last = new[-1]
            bind.execute(sa.insert(members), rows_of(new))
    make_append_only("members")
