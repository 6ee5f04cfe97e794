"""A page of another site cannot make a visitor's browser ask on its behalf."""

from __future__ import annotations

import pytest

from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

QUERY = {"query": "{ hello }"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/page"},
        {"cookie": "session=1"},
    ],
)
async def test_a_get_that_a_foreign_page_may_have_sent_is_refused(
    program: Program, headers: dict[str, str]
) -> None:
    response = await program.client.get("/graphql", params=QUERY, headers=headers)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "CSRF_REFUSED"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "graphql-require-preflight": "1"},
        {"origin": "https://evil.example", "apollo-require-preflight": "1"},
        {"origin": "https://evil.example", "content-type": "application/json"},
    ],
)
async def test_a_get_that_no_foreign_page_can_have_sent_unasked_is_answered(
    program: Program, headers: dict[str, str]
) -> None:
    response = await program.client.get("/graphql", params=QUERY, headers=headers)
    assert response.status_code == 200


async def test_a_page_of_our_own_may_ask(program: Program) -> None:
    response = await program.client.get("/graphql", params=QUERY, headers={"origin": program.url})
    assert response.status_code == 200


async def test_every_get_needs_the_header_when_that_is_set(start: Start) -> None:
    program = await start(EdgeSettings("test", strict_csrf=True))
    assert (await program.client.get("/graphql", params=QUERY)).status_code == 403
    named = {"graphql-require-preflight": "1"}
    assert (await program.client.get("/graphql", params=QUERY, headers=named)).status_code == 200
