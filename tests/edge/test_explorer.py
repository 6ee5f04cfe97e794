"""The explorer is served whole from the program itself, under a strict content policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.explorer import Example, Explorer
from edge.explorer.page import FILES, GRAPHIQL_FILES
from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


async def test_a_browser_gets_both_pages_and_everything_they_name(program: Program) -> None:
    page = await program.client.get("/graphql", headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    named = ["graphql"]
    seen = set(named)
    while named:
        response = await program.client.get("/" + named.pop(), headers=BROWSER)
        assert response.status_code == 200
        assert response.headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self';"
        )
        if response.headers["content-type"].startswith("text/html"):
            found = re.findall(r'(?:src|href)="([^"]+)"', response.text)
        else:
            found = [f"explorer/{module}" for module in re.findall(r'from "\./([^"]+)"', response.text)]
        named += [one for one in found if one not in seen]
        seen.update(found)
    files = {file.name for file in FILES.iterdir() if file.suffix != ".html"}
    assert seen == {"graphql", "graphiql", *(f"explorer/{name}" for name in (*files, *GRAPHIQL_FILES))}


async def test_the_bare_address_leads_to_the_page(program: Program) -> None:
    page = await program.client.get("/", headers=BROWSER, follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/graphql")
    assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_examples_are_the_programs_own(start: Start) -> None:
    example = Example("Say hello", "打招呼", "query ($to: String) { hello(name: $to) }", '{"to": "z"}')
    program = await start(explorer=Explorer("node 310000", [example]))
    setup = (await program.client.get("/explorer/setup.json")).json()
    assert setup["program"] == "node 310000"
    assert setup["examples"] == [
        {
            "title": "Say hello",
            "title_zh": "打招呼",
            "query": example.query,
            "variables": '{"to": "z"}',
            "headers": "{}",
        }
    ]


async def test_the_explorer_can_be_switched_off(start: Start) -> None:
    program = await start(EdgeSettings("test", explorer=False))
    page = await program.client.get("/graphql", headers=BROWSER)
    assert page.status_code == 400
    assert page.json()["errors"][0]["extensions"]["code"] == "QUERY_MISSING"
    assert (await program.client.get("/explorer/explorer.js")).status_code == 404
    assert (await program.client.get("/graphiql")).status_code == 404
    assert (await program.client.get("/")).status_code == 404


async def test_programs_that_also_take_html_still_get_json(program: Program) -> None:
    for accept in ("application/json, text/html;q=0.9", "*/*"):
        response = await program.client.get(
            "/graphql", params={"query": "{ hello }"}, headers={"accept": accept}
        )
        assert response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.parametrize("file", sorted(FILES.iterdir()), ids=lambda file: file.name)
def test_a_file_of_the_page_names_no_other_host_and_holds_nothing_inline(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.count("\n") < 400
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)|(?<!:)//[a-z0-9.-]+\.", text)
    assert not re.findall(r"<style|<script>|\son\w+=|style=|innerHTML|eval\(", text)


def test_the_pages_words_are_the_same_in_both_languages() -> None:
    text = (FILES / "words.js").read_text("utf-8")
    english, chinese = (
        re.findall(
            r"^    (\w+):", text.partition(f"  {language}: {{")[2].partition("\n  },")[0], re.MULTILINE
        )
        for language in ("en", "zh")
    )
    assert english == chinese
    html = (FILES / "explorer.html").read_text("utf-8")
    assert set(re.findall(r'data-word="([^"]+)"', html)) <= set(english)
