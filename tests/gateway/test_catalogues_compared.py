"""A region that decides by another catalogue than the gateway's is named, and served all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from catalogue.sample import load_sample
from tests.gateway.country import country
from tests.serving import Servers


def holding(region: object) -> Starlette:
    async def graphql(_: Request) -> JSONResponse:
        return JSONResponse({"data": {"region": region}})

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ({"catalogueHash": load_sample().hash}, None),
        ({"catalogueHash": "f" * 64}, "its catalogue is ffffffffffff, the gateway's "),
        ({"catalogueHash": None}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_region_with_another_catalogue_is_named(tmp_path: Path, region: object, reason: str | None) -> None:
    with Servers() as servers:
        node = servers.start(holding(region))
        with country(servers, tmp_path, {"310000": node.port}) as built:
            answer = built.get("/health/ready")
    assert answer.status_code == 200
    (check,) = [one for one in answer.json()["checks"] if one["name"] == "region 310000"]
    assert (check["essential"], check["ready"]) == (False, reason is None)
    assert str(check["reason"]).startswith(str(reason))
