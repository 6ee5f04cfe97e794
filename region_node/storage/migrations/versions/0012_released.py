"""What was revoked by mistake and never used may be handed in again: its own ID stands for its identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OUTCOMES = sa.table("outcomes", *map(sa.column, ("account_id", "id", "identity", "status")))
_EVENTS = sa.table("outcome_events", *map(sa.column, ("account_id", "outcome_id", "ground")))
_USES = sa.table("outcome_uses", *map(sa.column, ("account_id", "outcome_id")))
_TRANSFERS = sa.table("transfers", *map(sa.column, ("account_id", "outcome_id", "state")))


def upgrade() -> None:
    def of(table: sa.TableClause) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.account_id == _OUTCOMES.c.account_id, table.c.outcome_id == _OUTCOMES.c.id)

    leaving = sa.and_(of(_TRANSFERS), _TRANSFERS.c.state.in_(("EXPORTED", "CANCELLING")))
    op.execute(
        sa.update(_OUTCOMES)
        .where(
            _OUTCOMES.c.status == "REVOKED",
            sa.exists().where(of(_EVENTS), _EVENTS.c.ground == "ERROR"),
            ~sa.exists().where(of(_USES)),
            ~sa.exists().where(leaving),
        )
        .values(identity=_OUTCOMES.c.id)
    )
