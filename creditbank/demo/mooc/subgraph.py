"""The platform's courses as a Federation 2 subgraph, written with Ariadne: SDL first, then resolvers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypedDict

from ariadne import QueryType
from ariadne.asgi import GraphQL
from ariadne.contrib.federation import FederatedObjectType, make_federated_schema
from graphql import GraphQLResolveInfo
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SDL: Final = (files(__package__) / "schema.graphql").read_text(encoding="utf-8")


class MoocCourse(TypedDict):
    """One course of the platform's file. `certificates` and `majors` are national codes."""

    id: str
    title: str
    school: str
    weeks: int
    certificates: list[str]
    majors: list[str]


Courses = Sequence[MoocCourse]
Reference = Mapping[str, str]
Info = GraphQLResolveInfo[Any]


def read_courses(file: Path) -> Courses:
    """Raises OSError or ValueError for a file that cannot be read."""
    courses: list[MoocCourse] = json.loads(file.read_text(encoding="utf-8"))
    return courses


def mooc_app(courses: Courses) -> Starlette:
    """The platform: `/graphql`, and `/health/ready` for whoever started it."""
    by_id = {course["id"]: course for course in courses}
    query, course = QueryType(), FederatedObjectType("MoocCourse")
    certificate, major = FederatedObjectType("Certificate"), FederatedObjectType("Major")

    query.set_field("moocCourse", lambda _, info, id: by_id.get(id))  # noqa: A006 - the argument's name

    @query.field("moocCourses")
    def mooc_courses(_: object, info: Info, search: str | None = None) -> Courses:
        return [course for course in courses if search is None or search in course["title"]]

    @course.field("preparesFor")
    def prepares_for(course: MoocCourse, info: Info) -> list[Reference]:
        return [{"__typename": "Certificate", "code": code} for code in course["certificates"]]

    @certificate.field("preparatoryCourses")
    def preparatory_courses(reference: Reference, info: Info) -> Courses:
        return [course for course in courses if reference["code"] in course["certificates"]]

    @major.field("moocCourses")
    def courses_of_major(reference: Reference, info: Info) -> Courses:
        return [course for course in courses if reference["code"] in course["majors"]]

    course.reference_resolver(lambda _, info, reference: by_id.get(reference["id"]))
    for extended in (certificate, major):
        extended.reference_resolver(lambda _, info, reference: reference)

    schema = make_federated_schema(SDL, query, course, certificate, major)
    graphql = GraphQL(schema, explorer=None)
    return Starlette(routes=[Route("/graphql", graphql), Route("/health/ready", _ready)])


async def _ready(_: Request) -> JSONResponse:
    return JSONResponse({"ready": True})
