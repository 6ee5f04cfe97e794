"""Serves the explorer's page, its files, and the examples that the program gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

FILES: Final = Path(__file__).parent / "files"
GRAPHIQL_PACKAGE: Final = "graphene_django_graphiql_static"
"""A package of files only: GraphiQL as its makers build it, so that a closed network needs no CDN."""
GRAPHIQL_FILES: Final = (
    "graphiql.min.css",
    "graphiql.min.js",
    "react.production.min.js",
    "react-dom.production.min.js",
)
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
GRAPHIQL_HEADERS: Final = {
    **HEADERS,
    # GraphiQL's editor writes style elements and carries its fonts and pictures in its style sheet.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
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
    """`page` answers GET /graphql for people, `graphiql` GET /graphiql; `files` is mounted at /explorer."""

    def __init__(self, program: str, examples: Sequence[Example] = ()) -> None:
        self._setup = orjson.dumps({"program": program, "examples": [asdict(one) for one in examples]})
        self.page: ASGIApp = _response(FILES / "explorer.html")
        self.graphiql: ASGIApp = _response(FILES / "graphiql.html", GRAPHIQL_HEADERS)
        package = Path(str(files(GRAPHIQL_PACKAGE))) / "static" / GRAPHIQL_PACKAGE
        served = [file for file in sorted(FILES.iterdir()) if file.suffix != ".html"]
        self.files = Starlette(
            routes=[
                Route("/setup.json", self._setup_answer),
                *(
                    Route(f"/{file.name}", _response(file), methods=["GET"])
                    for file in (*served, *(package / name for name in GRAPHIQL_FILES))
                ),
            ]
        )

    async def _setup_answer(self, _: Request) -> Response:
        return Response(self._setup, headers=HEADERS, media_type="application/json")


def _response(file: Path, headers: Mapping[str, str] = HEADERS) -> Response:
    return Response(file.read_bytes(), headers={**headers, "content-type": CONTENT_TYPES[file.suffix]})
