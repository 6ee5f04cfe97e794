"""The schema is a contract: every part of it is described in both languages, and every shard is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from region_node.graph.schema import SCHEMA, export_sdl
from tests.node.conftest import Served
from tests.node.databases import REGION

MACHINERY = re.compile(r"_|sharding__|federation__|link__|Boolean|Float|ID|Int|String|Date")
CHINESE = re.compile(r"[（(][^()（）]*[\u4e00-\u9fff][^()（）]*[)）]|[\u4e00-\u9fff]")


def described() -> Iterator[tuple[str, str | None]]:
    """Every coordinate of the schema with its description."""
    for name, type_ in SCHEMA._schema.type_map.items():
        if MACHINERY.match(name):
            continue
        yield name, type_.description
        members: dict[str, Any] = {}
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            members = type_.fields
        elif isinstance(type_, GraphQLEnumType):
            members = type_.values
        for member, definition in members.items():
            if member.startswith("_"):
                continue
            yield f"{name}.{member}", definition.description
            for argument, given in getattr(definition, "args", {}).items():
                yield f"{name}.{member}({argument}:)", given.description


def test_everything_is_described_in_english_and_chinese() -> None:
    seen = list(described())
    assert len(seen) > 300
    assert [
        name for name, text in seen if not text or not CHINESE.search(text) or not re.search("[A-Za-z]", text)
    ] == []


async def test_the_node_tells_its_subgraph(sqlite_served: Served) -> None:
    data = await sqlite_served.public.ask("{ _service { sdl } }")
    assert data["_service"]["sdl"].strip() == export_sdl().strip()


async def test_introspection_is_open(sqlite_served: Served) -> None:
    data = await sqlite_served.public.ask('{ __type(name: "LearningOutcome") { description } }')
    assert "学习成果" in data["__type"]["description"]


async def test_what_a_gateway_may_send_in_parts_a_node_takes_and_answers_whole(sqlite_served: Served) -> None:
    region = f'region(code: "{REGION}")'
    parts = f"{{ {region} {{ code ... @defer {{ catalogueHash organisations @stream {{ code }} }} }} }}"
    plain = f"{{ {region} {{ code catalogueHash organisations {{ code }} }} }}"
    answered = await sqlite_served.public.ask(parts)
    assert answered == await sqlite_served.public.ask(plain)
    assert answered["region"]["catalogueHash"]
    told = await sqlite_served.public.ask("{ __schema { directives { name } } }")
    assert {"defer", "stream"} <= {one["name"] for one in told["__schema"]["directives"]}
