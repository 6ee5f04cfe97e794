"""A new supergraph is taken up while clients ask, and none of them notices; a bad one changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from creditbank.demo.mooc.subgraph import mooc_app, read_courses
from gateway.clients.settings import HttpSettings, PatienceSettings
from gateway.federation.composition.compose import Subgraph, compose
from gateway.foreign import SupergraphSettings, supergraph_app
from gateway.settings import ClientsGroup, ForeignSubgraph
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Servers

PLATFORM = files("creditbank.demo.mooc")
WHOLE = (PLATFORM / "schema.graphql").read_text(encoding="utf-8")
WITHOUT_SCHOOL = WHOLE.replace('  """The school that gives it (开课学校)"""\n  school: String!\n\n', "")
SCHOOL = '{ moocCourse(id: "M-1001") { school } }'
SCHOOL_AND_ID = '{ moocCourse(id: "M-1001") { id school } }'
"""What no other request asks: one that asked the same would share its request, and wait with it."""
ALWAYS = f"""{{
  certificate(code: "{CERTIFICATE.code}") {{ name preparatoryCourses {{ title }} }}
  regions {{ code }}
}}"""
CLIENTS = 6
RELOADS = 4
UNHURRIED = ClientsGroup(http=HttpSettings(timeout_ms=30_000), patience=PatienceSettings(floor_ms=30_000))
"""Here one interpreter composes, asks and answers: how fast a subgraph answers meanwhile says nothing."""
ASKED_LIMIT = 2_000
"""Questions asked before a change must have been seen: many times the interval."""


class Platform:
    """The demo's platform; while `hold` is set, whoever asks for a school waits for `release`."""

    def __init__(self) -> None:
        self.app = mooc_app(read_courses(Path(str(PLATFORM / "courses.json"))))
        self.hold = False
        self.held = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.hold:
            self.hold = False
            self.held.set()
            await self.release.wait()
        await self.app(scope, receive, send)


class Live:
    """A gateway that looks at its files as often as it may, and the file it looks at."""

    def __init__(self, built: Country, platform: Platform, sdl: Path) -> None:
        self.country, self.platform, self.sdl = built, platform, sdl
        self.url = f"{built.gateway.url}/graphql"

    def write(self, text: str) -> None:
        new = self.sdl.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(self.sdl)

    def problem(self) -> str | None:
        checks = self.country.get("/health/ready").json()["checks"]
        found: str | None = next(one["reason"] for one in checks if one["name"] == "subgraphs' files")
        return found


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    sdl = tmp_path / "mooc.graphql"
    sdl.write_text(WHOLE, encoding="utf-8")
    platform = Platform()
    with Servers() as servers:
        served = servers.start(platform)
        listed = ForeignSubgraph(name="mooc", url=f"{served.url}/graphql", sdl=sdl)
        given: dict[str, Any] = {"subgraphs": (listed,), "reload_interval_ms": 100, "clients": UNHURRIED}
        with country(servers, tmp_path, {}, **given) as built:
            yield Live(built, platform, sdl)


async def ask(client: httpx.AsyncClient, live: Live, query: str) -> dict[str, Any]:
    answer = await client.post(live.url, json={"query": query})
    found: dict[str, Any] = answer.json()
    return found


async def until(client: httpx.AsyncClient, live: Live, *, knows_school: bool) -> None:
    for _ in range(ASKED_LIMIT):
        if ("data" in await ask(client, live, SCHOOL)) is knows_school:
            return
    raise AssertionError("the change was never seen")


@asynccontextmanager
async def load(client: httpx.AsyncClient, live: Live) -> AsyncIterator[list[dict[str, Any]]]:
    """Clients that ask one after the other for as long as the block lasts; yields what they were told."""
    answers: list[dict[str, Any]] = []
    asking = True

    async def keep_asking() -> None:
        while asking:
            answers.append(await ask(client, live, ALWAYS))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CLIENTS):
            tasks.create_task(keep_asking())
        yield answers
        asking = False


async def test_no_request_fails_however_often_the_supergraph_is_replaced(live: Live) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        right = await ask(client, live, ALWAYS)
        assert "errors" not in right
        async with load(client, live) as answers:
            for turn in range(RELOADS):
                knows_school = turn % 2 == 1
                live.write(WHOLE if knows_school else WITHOUT_SCHOOL)
                await until(client, live, knows_school=knows_school)
    assert len(answers) > RELOADS * CLIENTS
    assert [answer for answer in answers if answer != right] == []


async def test_a_request_in_flight_ends_as_it_began(live: Live) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        live.platform.hold = True
        in_flight = asyncio.create_task(ask(client, live, SCHOOL_AND_ID))
        await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(live.platform.held.wait(), live.country.servers.loop)
        )
        live.write(WITHOUT_SCHOOL)
        await until(client, live, knows_school=False)
        live.country.servers.loop.call_soon_threadsafe(live.platform.release.set)
        assert await in_flight == {"data": {"moocCourse": {"id": "M-1001", "school": "东湖职业学院（虚构）"}}}


BAD = {
    "no GraphQL": "type Certificate {",
    "no composition": WHOLE.replace("weeks: Int!", "weeks: Int!\n  levels: [Nowhere!]"),
    "another's field": WHOLE.replace(
        "type Major @key", 'type Region @key(fields: "code") { code: ID! name: String! }\n\ntype Major @key'
    ),
    "nothing": "",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_file_is_refused_with_its_reasons_and_the_old_supergraph_serves(
    live: Live, bad: str
) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        live.write(bad)
        for _ in range(ASKED_LIMIT):
            assert "errors" not in await ask(client, live, SCHOOL)
            if problem := live.problem():
                break
        assert problem
        assert live.country.get("/health/ready").status_code == 200
        live.write(WITHOUT_SCHOOL)
        await until(client, live, knows_school=False)
        assert live.problem() is None


async def test_a_file_that_went_and_came_back_is_no_problem_any_more(live: Live) -> None:
    away = live.sdl.with_suffix(".away")
    live.sdl.rename(away)
    for _ in range(ASKED_LIMIT):
        if problem := live.problem():
            break
    assert "mooc.graphql" in str(problem)
    away.rename(live.sdl)
    for _ in range(ASKED_LIMIT):
        if live.problem() is None:
            return
    raise AssertionError("it is still named as a problem")


async def test_a_supergraph_served_alone_is_followed_likewise(live: Live, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{live.country.servers.start(live.platform.app).port}/graphql"
    file = tmp_path / "supergraph.graphql"
    file.write_text(compose([Subgraph("mooc", url, WHOLE)]).sdl(), encoding="utf-8")
    app = supergraph_app(file, SupergraphSettings(reload_interval_ms=100))
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        alone = Live(live.country, live.platform, file)
        alone.url = f"{live.country.servers.start(app).url}/graphql"
        assert "data" in await ask(client, alone, SCHOOL)
        alone.write(compose([Subgraph("mooc", url, WITHOUT_SCHOOL)]).sdl())
        await until(client, alone, knows_school=False)
        alone.write("no supergraph at all")
        alone.write(compose([Subgraph("mooc", url, WHOLE)]).sdl())
        await until(client, alone, knows_school=True)
