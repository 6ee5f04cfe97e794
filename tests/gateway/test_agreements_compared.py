"""What is published of an agreement is held against both regions' copies, by hash; who differs is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.gateway.country import country
from tests.gateway.simulated import PAIRINGS, SimulatedRegions
from tests.gateway.test_national import MANY, ONE, Asked, given
from tests.serving import Servers

WITH_320000, WITH_440000 = PAIRINGS.agreements[0], PAIRINGS.agreements[4]
PUBLISHED = WITH_320000.terms.hash()
OTHER = "e" * 64
MISMATCH = f"AGREEMENT_MISMATCH: P-310000-320000 is published as {PUBLISHED[:12]}"


@pytest.mark.parametrize(
    ("copies", "held"),
    [
        ({}, []),
        ({"310000": PUBLISHED, "320000": PUBLISHED}, []),
        ({"310000": OTHER, "320000": PUBLISHED}, ["310000"]),
        ({"310000": PUBLISHED, "320000": OTHER}, ["320000"]),
        ({"310000": OTHER, "320000": OTHER}, ["310000", "320000"]),
        ({"310000": OTHER}, ["310000"]),
    ],
)
async def test_beside_a_decision(copies: dict[str, str], held: list[str]) -> None:
    asked = Asked(SimulatedRegions(copies=copies))
    reply = await asked.reply(ONE, input=given("310000", "320000"))
    assert reply.data is not None
    # The regions decide by their own copies: what is published only says whom to ask.
    assert reply.data["mutualRecognition"]["decision"] == "RECOGNISED"
    assert [dict(error) for error in reply.errors] == [
        {
            "message": "What is published of agreement P-310000-320000 is not what the regions signed.",
            "path": ["mutualRecognition"],
            "extensions": {
                "code": "AGREEMENT_MISMATCH",
                "agreement": "P-310000-320000",
                "published": PUBLISHED,
                "held": [{"region": region, "hash": OTHER} for region in held],
            },
        }
        for _ in held[:1]
    ]


async def test_once_for_each_agreement() -> None:
    asked = Asked(SimulatedRegions(copies=dict.fromkeys(("310000", "320000", "500000"), OTHER)))
    inputs = [given("440000", "500000"), given("310000", "320000"), given("320000", "310000")]
    reply = await asked.reply(MANY, inputs=inputs)
    told = [(error["path"], error["extensions"]["agreement"]) for error in reply.errors]
    assert told == [
        (["mutualRecognitions", 0], "P-440000-500000"),
        (["mutualRecognitions", 1], "P-310000-320000"),
    ]


def holding(agreements: Any) -> Starlette:
    async def graphql(_: Request) -> JSONResponse:
        return JSONResponse({"data": {"region": None, "agreements": agreements}})

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"])])


def copy(partner: str, hash_: str, status: str = "SIGNED") -> dict[str, str]:
    return {"with": partner, "status": status, "termsHash": hash_}


ENDED = copy("440000", WITH_440000.terms.hash(), "ENDED")


@pytest.mark.parametrize(
    ("agreements", "reason"),
    [
        ([copy("320000", PUBLISHED), ENDED], None),
        # A version more than is published is no fault of the region's.
        ([copy("320000", OTHER), copy("320000", PUBLISHED), ENDED], None),
        (
            [copy("320000", OTHER), ENDED],
            f"{MISMATCH}, and it holds {OTHER[:12]}",
        ),
        (
            [copy("320000", PUBLISHED, "PROPOSED"), ENDED],
            f"{MISMATCH}, and it holds none",
        ),
        (None, None),
        (7, None),
    ],
)
def test_when_the_gateway_is_asked_how_it_stands(
    tmp_path: Path, agreements: object, reason: str | None
) -> None:
    """Also what the published file refuses by itself, so that no region is asked, is found out so."""
    with Servers() as servers:
        node = servers.start(holding(agreements))
        with country(servers, tmp_path, {"310000": node.port}) as built:
            answer = built.get("/health/ready")
    assert answer.status_code == 200
    (check,) = [one for one in answer.json()["checks"] if one["name"] == "region 310000"]
    assert (check["essential"], check["ready"], check["reason"]) == (False, reason is None, reason)
