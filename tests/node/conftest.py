"""A node on either database, a clock that tests set, and a client that asks over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from joserfc.jwk import OKPKey

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.tokens import generate_key, issue_token, jwks
from region_node.app import Node
from region_node.domain.citizen import check_character
from region_node.service.announcer import Announcer
from region_node.settings import NodeSettings, read_settings
from tests.node.databases import REGION, Engine, engines

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 6, 1)
CERTIFICATE_NAME = "网店运营推广"


class SetClock:
    """Stands at noon of a day until a test sets another."""

    def __init__(self, day: date = TODAY) -> None:
        self.at = datetime.combine(day, time(12), ZONE)

    def now(self) -> datetime:
        return self.at

    def go_to(self, day: date) -> None:
        self.at = datetime.combine(day, time(12), ZONE)


@dataclass
class Asker:
    """Asks one node over HTTP, as one caller."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    region: str = REGION

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, **headers: str
    ) -> dict[str, Any]:
        """Return the whole response."""
        answer = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables or {}},
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        body: dict[str, Any] = answer.json()
        return body

    async def ask(self, query: str, **variables: Any) -> Any:
        """Return the data of an answer that has no errors."""
        body = await self.post(query, variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def refused(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """Return the errors of an answer that has some."""
        body = await self.post(query, variables)
        errors: list[dict[str, Any]] = body["errors"]
        return errors


@dataclass
class Served:
    """A node under test: the assembled program, its clock, and askers for every role."""

    node: Node
    clock: SetClock
    client: httpx.AsyncClient
    key: OKPKey

    def asker(self, role: Role, **rest: Any) -> Asker:
        if role is Role.PUBLIC:
            return Asker(self.client, {}, self.region)
        token = issue_token(self.key, Caller(role, f"a-{role.value}", **rest))
        return Asker(self.client, {"authorization": f"Bearer {token}"}, self.region)

    @property
    def region(self) -> str:
        return self.node.settings.region

    @property
    def officer(self) -> Asker:
        return self.asker(Role.OFFICER, region=self.region)

    @property
    def portal(self) -> Asker:
        return self.asker(Role.PORTAL)

    @property
    def public(self) -> Asker:
        return self.asker(Role.PUBLIC)

    def learner(self, learner_id: str) -> Asker:
        return self.asker(Role.LEARNER, learner_id=learner_id)


@pytest.fixture(scope="session")
def database_engines() -> Iterator[dict[str, Engine]]:
    with engines() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, database_engines: dict[str, Engine]) -> Engine:
    """Each test that uses it runs on both."""
    return database_engines[request.param]


@pytest.fixture
def sqlite(database_engines: dict[str, Engine]) -> Engine:
    """For what does not depend on the database."""
    return database_engines["sqlite"]


@pytest.fixture(scope="session")
def token_key() -> OKPKey:
    return generate_key()


@pytest.fixture(scope="session")
def keys_file(token_key: OKPKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("identity") / "jwks.json"
    file.write_bytes(jwks(token_key))
    return file


def node_settings(database_url: str, keys_file: Path, **rest: Any) -> NodeSettings:
    return read_settings(
        database_url=database_url,
        catalogue="unused",
        encryption_key="11" * 32,
        index_key="22" * 32,
        pseudonym_key="33" * 32,
        identity={"keys_file": keys_file},
        **{"region": REGION, "busy_timeout_ms": 10_000, **rest},
    )


@pytest.fixture
async def served(engine: Engine, keys_file: Path, token_key: OKPKey) -> AsyncIterator[Served]:
    """A node with empty books, on either database."""
    async with serving(engine.fresh(), keys_file, token_key) as one:
        yield one


@pytest.fixture
async def sqlite_served(sqlite: Engine, keys_file: Path, token_key: OKPKey) -> AsyncIterator[Served]:
    """A node with empty books, for what does not depend on the database."""
    async with serving(sqlite.fresh(), keys_file, token_key) as one:
        yield one


@asynccontextmanager
async def serving(
    url: str, keys_file: Path, token_key: OKPKey, announcer: Announcer | None = None, **rest: Any
) -> AsyncIterator[Served]:
    """A node over this database, its clock at noon of `TODAY`; `rest` are settings of its own."""
    clock = SetClock()
    settings = node_settings(url, keys_file, **rest)
    node = Node(settings, clock=clock, bundle=load_sample(), announcer=announcer)
    transport = httpx.ASGITransport(node.app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            yield Served(node, clock, client, token_key)
    finally:
        await node.database.close()


def citizen_number(order: int, born: date = date(1999, 1, 1)) -> str:
    """Return the number of somebody who does not exist: no place has the code 999999."""
    day = born + timedelta(days=order // 1000)
    seventeen = f"999999{day:%Y%m%d}{order % 1000:03}"
    return seventeen + check_character(seventeen)


@pytest.fixture(scope="session")
def certificate() -> str:
    """The code of 网店运营推广."""
    (found,) = load_sample().certificates_named(CERTIFICATE_NAME)
    return found.code
