"""`python -m creditbank.demo.mooc --courses FILE --port PORT`: the platform as a program of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from creditbank.demo.mooc.subgraph import mooc_app, read_courses


def main() -> None:
    parser = argparse.ArgumentParser(prog="mooc", description="Serve a MOOC platform's courses.")
    parser.add_argument("--courses", type=Path, required=True, help="The platform's file of courses.")
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(mooc_app(read_courses(given.courses)), port=given.port, log_level="warning")


main()
