"""Another team's subgraph beside the banks: its fields join theirs, and its silence is its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from creditbank.demo.mooc.subgraph import mooc_app, read_courses
from edge.caller import Role
from gateway.federation.composition.errors import CompositionFailedError
from gateway.settings import ForeignSubgraph
from gateway.sources import Sources
from tests.gateway.country import Country, country
from tests.gateway.simulated import CERTIFICATE
from tests.serving import Served, Servers, listen

PLATFORM = files("creditbank.demo.mooc")
COURSES = read_courses(Path(str(PLATFORM / "courses.json")))
SDL = Path(str(PLATFORM / "schema.graphql"))
ACROSS = f"""{{
  certificate(code: "{CERTIFICATE.code}") {{ name preparatoryCourses {{ title }} }}
  moocCourse(id: "M-1002") {{ title preparesFor {{ name organisation }} }}
  regions {{ code }}
}}"""


class Platform:
    """The demo's platform, noting the headers of what it is asked."""

    def __init__(self) -> None:
        self.app = mooc_app(COURSES)
        self.headers: list[dict[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await self.app(scope, receive, send)


class Joined:
    def __init__(self, built: Country, platform: Platform, served: Served) -> None:
        self.country, self.platform, self.served = built, platform, served


def listed(served: Served, name: str = "mooc", **more: Any) -> ForeignSubgraph:
    return ForeignSubgraph(name=name, url=f"{served.url}/graphql", sdl=SDL, **more)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    platform = Platform()
    with Servers() as servers:
        served = servers.start(platform)
        with country(servers, tmp_path_factory.mktemp("joined"), {}, subgraphs=(listed(served),)) as built:
            yield Joined(built, platform, served)


def test_its_fields_stand_on_the_banks_types_and_theirs_on_its_own(joined: Joined) -> None:
    before = len(joined.served.requests)
    answer = joined.country.post(ACROSS).json()
    assert "errors" not in answer
    assert answer["data"]["certificate"] == {
        "name": "网店运营推广",
        "preparatoryCourses": [{"title": "网店运营入门"}, {"title": "店铺推广与数据复盘"}],
    }
    prepares_for = answer["data"]["moocCourse"]["preparesFor"]
    assert [one["name"] for one in prepares_for] == ["网店运营推广", "电子商务数据分析"]
    assert len(joined.served.requests) == before + 2


def test_it_gets_the_callers_language_and_trace_but_no_token(joined: Joined) -> None:
    del joined.platform.headers[:]
    joined.country.post("{ moocCourses { id } }", Role.PORTAL, {"accept-language": "zh"})
    [headers] = joined.platform.headers
    assert headers["accept-language"] == "zh"
    assert "traceparent" in headers
    assert "authorization" not in headers


def test_it_gets_the_token_where_the_operator_trusts_it(tmp_path: Path) -> None:
    platform = Platform()
    with Servers() as servers:
        served = servers.start(platform)
        trusted = listed(served, trusted_with_token=True)
        with country(servers, tmp_path, {}, subgraphs=(trusted,)) as built:
            built.post("{ moocCourses { id } }", Role.PORTAL)
    [headers] = platform.headers
    assert headers["authorization"].startswith("Bearer ")


def test_its_silence_costs_its_own_fields_and_readiness_names_it(tmp_path: Path) -> None:
    with Servers() as servers:
        served = servers.start(Platform())
        with country(servers, tmp_path, {}, subgraphs=(listed(served),)) as built:
            assert _check(built, "subgraph mooc")["ready"]
            servers.stop(served)
            answer = built.post(ACROSS).json()
            assert answer["data"]["certificate"] == {"name": "网店运营推广", "preparatoryCourses": None}
            assert answer["data"]["moocCourse"] is None
            assert len(answer["data"]["regions"]) == 6
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"SHARD_UNREACHABLE"}
            assert {error["extensions"]["service"] for error in answer["errors"]} == {"mooc"}
            check = _check(built, "subgraph mooc")
            assert (check["ready"], check["essential"]) == (False, False)
            assert built.get("/health/ready").status_code == 200


def test_what_it_says_of_its_own_faults_stays_with_us(tmp_path: Path) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Request(scope, receive).body()
            error = {"message": "password=secret", "path": ["moocCourses"]}
            await JSONResponse({"data": {"moocCourses": None}, "errors": [error]})(scope, receive, send)

    with Servers() as servers:
        served = servers.start(broken)
        with country(servers, tmp_path, {}, subgraphs=(listed(served),)) as built:
            answer = built.post("{ moocCourses { id } }")
    assert "secret" not in answer.text
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "service": "mooc"}


def test_the_gateway_starts_without_it(tmp_path: Path) -> None:
    with Servers() as servers, listen() as bound:
        absent = ForeignSubgraph(name="mooc", url=f"http://127.0.0.1:{bound.getsockname()[1]}/x", sdl=SDL)
        bound.close()
        with country(servers, tmp_path, {}, subgraphs=(absent,)) as built:
            answer = built.post("{ catalogue { counts { regions } } moocCourses { id } }").json()
    assert answer["data"] == {"catalogue": {"counts": {"regions": 34}}, "moocCourses": None}


def test_one_that_does_not_fit_is_named_with_the_reason(tmp_path: Path) -> None:
    sdl = tmp_path / "bad.graphql"
    sdl.write_text('type Certificate @key(fields: "serial") { serial: ID! organisation: Int }', "utf-8")
    bad = ForeignSubgraph(name="bad", url="http://bad.example/graphql", sdl=sdl)
    with pytest.raises(CompositionFailedError) as raised:
        Sources(foreign=(bad,)).compose()
    assert "FIELD_TYPE_MISMATCH" in {error.code for error in raised.value.errors}


@pytest.mark.parametrize("name", ["region", "national"])
def test_it_cannot_take_the_banks_place(name: str, tmp_path: Path) -> None:
    taken = ForeignSubgraph(name=name, url="http://mooc.example/graphql", sdl=SDL)
    with pytest.raises(CompositionFailedError, match=name):
        Sources(foreign=(taken,)).compose()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "mooc platform"},
        {"url": "ftp://mooc.example/graphql"},
        {"url": "http://me:secret@mooc.example/graphql"},
        {"token": True},
    ],
)
def test_a_setting_of_it_that_cannot_hold_is_refused(given: dict[str, Any]) -> None:
    right: dict[str, Any] = {"name": "mooc", "url": "http://mooc.example/graphql", "sdl": SDL}
    ForeignSubgraph(**right)
    with pytest.raises(ValidationError):
        ForeignSubgraph(**{**right, **given})


def _check(built: Country, name: str) -> dict[str, Any]:
    checks: list[dict[str, Any]] = built.get("/health/ready").json()["checks"]
    return next(check for check in checks if check["name"] == name)
