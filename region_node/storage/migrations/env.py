"""Alembic's entry point: it is handed an open connection and never reads a URL of its own."""

from __future__ import annotations

from alembic import context

from region_node.storage.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # on SQLite too: a migration that dies leaves nothing half done
    transaction_per_migration=False,
    compare_type=True,
)
context.run_migrations()
