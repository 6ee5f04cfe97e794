"""Any supergraph is served over real sockets, without the banks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import strawberry
from strawberry.asgi import GraphQL

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.errors import SupergraphError
from gateway.foreign import supergraph_app
from tests.serving import Served, Servers


@strawberry.federation.type(keys=["id"], name="Course")
class ListedCourse:
    id: strawberry.ID
    title: str


@strawberry.type(name="Query")
class ListQuery:
    @strawberry.field
    def courses(self) -> list[ListedCourse]:
        return [ListedCourse(id=strawberry.ID(key), title=key.upper()) for key in ("a", "b")]

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("password=secret")


@strawberry.federation.type(keys=["id"], name="Course")
class RatedCourse:
    id: strawberry.ID

    @strawberry.field
    def stars(self, info: strawberry.Info) -> int:
        return len(info.context["request"].headers.get("authorization", ""))

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> RatedCourse:  # noqa: A002 - the key's name
        return cls(id=id)


@strawberry.type(name="Query")
class RatingQuery:
    rating: str | None = "stars"


LISTS = strawberry.federation.Schema(query=ListQuery, types=[ListedCourse])
RATINGS = strawberry.federation.Schema(query=RatingQuery, types=[RatedCourse])


@dataclass(frozen=True)
class World:
    servers: Servers
    lists: Served
    ratings: Served
    gateway: Served


@pytest.fixture
def world() -> Iterator[World]:
    with Servers() as servers:
        lists, ratings = servers.start(GraphQL(LISTS)), servers.start(GraphQL(RATINGS))
        supergraph = compose(
            [
                Subgraph("lists", lists.url, LISTS.as_str()),
                Subgraph("ratings", ratings.url, RATINGS.as_str()),
            ]
        )
        gateway = servers.start(supergraph_app(supergraph.sdl()))
        yield World(servers, lists, ratings, gateway)


def ask(world: World, query: str, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{world.gateway.url}/graphql", json={"query": query}, headers=headers)


def test_an_entity_is_put_together_from_two_subgraphs_with_the_callers_own_token(world: World) -> None:
    answer = ask(world, "{ courses { title stars } }", authorization="Bearer x").json()
    assert answer == {"data": {"courses": [{"title": "A", "stars": 8}, {"title": "B", "stars": 8}]}}
    assert (len(world.lists.requests), len(world.ratings.requests)) == (1, 1)


def test_what_a_subgraph_says_of_its_own_faults_stays_with_us(world: World) -> None:
    answer = ask(world, "{ broken }")
    assert "secret" not in answer.text
    [error] = answer.json()["errors"]
    assert error["path"] == ["broken"]
    assert error["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "service": "lists"}


def test_a_subgraph_that_is_gone_costs_its_own_fields(world: World) -> None:
    world.servers.stop(world.ratings)
    answer = ask(world, "{ courses { title } rating }").json()
    assert answer["data"] == {"courses": [{"title": "A"}, {"title": "B"}], "rating": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"SHARD_UNREACHABLE"}


def test_what_is_no_supergraph_is_refused() -> None:
    with pytest.raises(SupergraphError):
        supergraph_app("type Query { a: Int }")
