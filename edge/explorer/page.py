"""Serves the explorer's page, its files, and the examples that the program gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

FILES: Final = Path(__file__).parent / "files"
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
    "vary": "Accept",
}


@dataclass(frozen=True, slots=True)
class Example:
    """An operation ready to run, with its title in English and Chinese. `variables` is JSON text."""

    title: str
    title_zh: str
    query: str
    variables: str = "{}"
    headers: str = "{}"


class Explorer:
    """`page` answers GET /graphql for people, `files` is mounted beside it at /explorer."""

    def __init__(self, program: str, examples: Sequence[Example] = ()) -> None:
        self._setup = orjson.dumps({"program": program, "examples": [asdict(one) for one in examples]})
        self.page: ASGIApp = _response(FILES / "explorer.html")
        self.files = Starlette(
            routes=[
                Route("/setup.json", self._setup_answer),
                *(
                    Route(f"/{file.name}", _response(file), methods=["GET"])
                    for file in sorted(FILES.iterdir())
                    if file.suffix != ".html"
                ),
            ]
        )

    async def _setup_answer(self, _: Request) -> Response:
        return Response(self._setup, headers=HEADERS, media_type="application/json")


def _response(file: Path) -> Response:
    return Response(file.read_bytes(), headers={**HEADERS, "content-type": CONTENT_TYPES[file.suffix]})
