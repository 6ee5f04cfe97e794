"""Bringing a database to this program's schema, and asking whether it is there already."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from region_node.storage.database import Database
from region_node.storage.tables import NodeIdentityRow, table_of

_IDENTITY = table_of(NodeIdentityRow)


class OtherRegionError(RuntimeError):
    """The database holds another region's books."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest_revision() -> str:
    """Return the revision that this program was written for."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None  # noqa: S101 - the revisions are part of the program
    return newest


async def migrate(database: Database, region: str, at: datetime) -> None:
    """Bring the schema up to date in one transaction and write whose books these are.

    Raises `OtherRegionError` and changes nothing where they are another region's; `StorageFailure`.
    """

    def upgrade(connection: sa.Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        owner = connection.execute(sa.select(_IDENTITY.c.region)).scalar()
        if owner is None:
            connection.execute(sa.insert(_IDENTITY).values(region=region, created_at=at))
        elif owner != region:
            raise OtherRegionError(f"this database holds the books of region {owner}, not of {region}")

    async with database.write() as connection:
        await connection.run_sync(upgrade)


async def current_state(database: Database) -> tuple[str | None, str | None]:
    """Return (revision, region) of the database; None where there is none yet. Raises `StorageFailure`."""

    def look(connection: sa.Connection) -> tuple[str | None, str | None]:
        revision = MigrationContext.configure(connection).get_current_revision()
        if not sa.inspect(connection).has_table(_IDENTITY.name):
            return revision, None
        return revision, connection.execute(sa.select(_IDENTITY.c.region)).scalar()

    async with database.read() as connection:
        return await connection.run_sync(look)
