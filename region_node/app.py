"""The node's composition root: settings become a bank, and the bank an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from logging import DEBUG, ERROR, INFO, WARNING
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

import catalogue.bundle
from catalogue.lookup import Catalogue
from edge.app import build_app
from edge.explorer import Explorer
from edge.health import Check
from edge.identity import Identity
from edge.keys import Source, file_source, no_keys, url_source
from edge.logs import Logger, make_logger
from edge.metrics import Metrics
from edge.serving import serve as serve_app
from region_node.domain.account import LearnerGroup
from region_node.domain.audit import Fault
from region_node.explorer_examples import EXAMPLES
from region_node.graph.entities import NodeSchema
from region_node.graph.executor import NodeExecutor
from region_node.graph.schema import SCHEMA
from region_node.messages import NODE_MESSAGES
from region_node.partner_keys import KeyFile
from region_node.public_pages import public_routes
from region_node.seed import Progress, load_seed, read_seed
from region_node.service.announcer import Announcer
from region_node.service.changes import Changes
from region_node.service.expiry import keep_expiring
from region_node.service.failures import StorageFailure
from region_node.service.ports import Bank, Clock
from region_node.settings import NodeSettings, SettingsClock
from region_node.sheet_files import Sheet
from region_node.sheet_import import ImportReport, import_sheet
from region_node.sheet_import import Progress as SheetProgress
from region_node.storage.audit import Progress as AuditProgress
from region_node.storage.audit import audit as storage_audit
from region_node.storage.database import Database, DatabaseLimits
from region_node.storage.migrate import current_state, newest_revision
from region_node.storage.migrate import migrate as storage_migrate
from region_node.storage.unit_of_work import SqlUnits
from region_node.storage.watch import watch
from schema.membership import QUESTION

KEYS_TIMEOUT_S: Final = 5.0
_LEVELS: Final = {"debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR}


class Node:
    """One node, assembled but not started: its database, its bank, its application."""

    def __init__(
        self,
        settings: NodeSettings,
        *,
        clock: Clock | None = None,
        bundle: Catalogue | None = None,
        logger: Logger | None = None,
        announcer: Announcer | None = None,
        schema: NodeSchema = SCHEMA,
    ) -> None:
        """`bundle` is given where one was loaded already, `announcer` where a test keeps the time, `schema`
        where it serves another version of the contract.

        Raises `catalogue.errors.BundleError`.
        """
        self.settings = settings
        self.database = open_database(settings, statement_timeout_ms=settings.limits.time_ms)
        self._partners = open_partner_keys(settings)
        announcer = announcer or settings.announcer()
        changes = Changes()
        self.bank = Bank(
            region=settings.region,
            units=SqlUnits(self.database, changes, announced_first=announcer is not None),
            clock=clock or SettingsClock(settings),
            time_zone=ZoneInfo(settings.time_zone),
            vault=settings.vault(),
            catalogue=bundle or catalogue.bundle.load(settings.catalogue),
            changes=changes,
            signer=settings.signer(),
            public_url=settings.public_url,
            partner_keys=self._partners,
            announcer=announcer,
        )
        self.identity = Identity(settings.identity.settings(), _keys(settings))
        program = f"node-{settings.region}"
        self.app: Starlette = build_app(
            settings.front.settings(program, settings.limits),
            NodeExecutor(self.bank, settings.limits, schema),
            self.identity,
            self.readiness,
            messages=NODE_MESSAGES,
            metrics=Metrics(),
            logger=logger or make_logger(program, level=_LEVELS[settings.log_level]),
            explorer=Explorer(program, EXAMPLES),
            lifespan=self._lifespan,
            routes=public_routes(self.bank),
            polls=(QUESTION,),
        )

    async def readiness(self) -> Sequence[Check]:
        """What this node needs to serve: its books at the right revision, the catalogue, keys."""
        database, migrations = await self._books()
        loaded = self.bank.catalogue
        found = None if loaded.region(self.settings.region) else f"has no region {self.settings.region}"
        keys = await self.identity.keys.ready()
        partners = None if self._partners is None else await self._partners.problem()
        return (
            Check("database", database),
            Check("migrations", migrations),
            Check(f"catalogue {loaded.version} {loaded.hash[:12]}", found),
            Check("identity keys", keys, essential=False),
            Check("partner keys", partners, essential=False),
        )

    async def _books(self) -> tuple[str | None, str | None]:
        """Why the database, and why its revision, is not as it must be."""
        try:
            revision, region = await current_state(self.database)
        except StorageFailure as failure:
            return failure.code.value, "not known: the database does not answer"
        if revision != newest_revision():
            needed = newest_revision()
            return None, f"revision {revision}, needed {needed}: run `creditbank node migrate`"
        if region != self.settings.region:
            return f"holds the books of region {region}, not of {self.settings.region}", None
        return None, None

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None, None]:
        running = [
            asyncio.create_task(watch(self.database, self.bank.changes)),
            asyncio.create_task(keep_expiring(self.bank)),
        ]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self.database.close()


def open_database(settings: NodeSettings, *, statement_timeout_ms: int = 0) -> Database:
    """The settings' database. No request waits for a statement longer than its own time; a migration or an
    audit (0) takes as long as it takes."""
    limits = DatabaseLimits(
        readers=settings.readers_limit,
        writers=settings.writers_limit,
        waiting=settings.waiting_limit,
        busy_timeout_ms=settings.busy_timeout_ms,
        statement_timeout_ms=statement_timeout_ms,
    )
    return Database(settings.database_url, limits)


def open_partner_keys(settings: NodeSettings) -> KeyFile | None:
    if settings.partner_keys is None:
        return None
    return KeyFile(settings.partner_keys, settings.registry_keys, is_unsigned=settings.registry_unsigned)


def _keys(settings: NodeSettings) -> Source:
    if settings.identity.keys_file is not None:
        return file_source(settings.identity.keys_file)
    if settings.identity.keys_url is not None:
        return url_source(settings.identity.keys_url, _fetch)
    return no_keys


async def _fetch(url: str) -> bytes:
    """Return the body of a good answer; no redirect is followed. Raises OSError."""
    try:
        async with httpx.AsyncClient(timeout=KEYS_TIMEOUT_S, follow_redirects=False) as client:
            answer = await client.get(url)
            answer.raise_for_status()
            return answer.content
    except httpx.HTTPError as error:
        raise OSError(f"the key set cannot be fetched: {type(error).__name__}") from error


def serve(settings: NodeSettings) -> None:
    """Serve the node until it is told to stop. Raises `catalogue.errors.BundleError`, OSError."""
    logger = make_logger(f"node-{settings.region}", level=_LEVELS[settings.log_level])
    node = Node(settings, logger=logger)
    serve_app(node.app, settings.limits, logger, host=settings.host, port=settings.port)


async def migrate(settings: NodeSettings) -> str:
    """Bring the database to this program's schema; return the revision it has now.

    Raises `StorageFailure`, and `OtherRegionError` where the books are another region's.
    """
    database = open_database(settings)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        await storage_migrate(database, settings.region, SettingsClock(settings).now())
    finally:
        await database.close()
    return newest_revision()


async def seed(settings: NodeSettings, file: Path, progress: Progress | None = None) -> int:
    """Load a seed file (region_node/seed.py); return how many steps it has. Raises `SeedError`."""
    steps = read_seed(file, settings.region)
    node = Node(settings)
    try:
        await load_seed(node.bank, steps, progress)
    finally:
        await node.database.close()
    return len(steps)


async def import_outcomes(
    settings: NodeSettings,
    sheet: Sheet,
    rejects: Path,
    open_as: LearnerGroup | None = None,
    progress: SheetProgress | None = None,
) -> ImportReport:
    """Import an outcome sheet (region_node/sheet_import.py). Raises `SheetError`, `StorageFailure`."""
    node = Node(settings)
    try:
        return await import_sheet(node.bank, sheet, rejects, open_as=open_as, progress=progress)
    finally:
        await node.database.close()


async def audit(settings: NodeSettings, found: Callable[[Fault], None], progress: AuditProgress) -> int:
    """Hold all stored history against itself; tell every fault and return how many there are.

    Raises `StorageFailure` where the database cannot be read at all.
    """
    database = open_database(settings)
    faults = 0
    try:
        partners = open_partner_keys(settings)
        keys = {} if partners is None else await partners.by_thumbprint()
        checking = storage_audit(database, settings.signer(), progress, keys)
        async with aclosing(checking):
            async for fault in checking:
                faults += 1
                found(fault)
    finally:
        await database.close()
    return faults
