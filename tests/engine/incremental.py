"""What a client makes of a response in parts, and what it may rely on.

Source of the format: https://github.com/graphql/graphql-spec/pull/1110
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_nullable_type,
    is_list_type,
    parse,
    print_ast,
    visit,
)
from graphql.language import ConstArgumentNode, ConstDirectiveNode

from gateway.federation.engine import Delivered, Engine, Request, RequestContext, Response
from gateway.federation.transport import Reply, ShardRequest, Transport, Unparsed


def merged(payloads: Sequence[Mapping[str, Any]]) -> Any:
    """The data of all payloads (as they are written), put together. Asserts that they keep to the format."""
    data = copy.deepcopy(payloads[0].get("data"))
    known: dict[str, Mapping[str, Any]] = {}
    is_open: set[str] = set()
    for number, payload in enumerate(payloads):
        assert payload.get("hasNext", False) is (number < len(payloads) - 1), payload
        assert ("data" in payload) is (number == 0), payload
        for one in payload.get("pending", ()):
            assert one["id"] not in known, f"{one['id']} was announced twice"
            known[one["id"]] = one
            is_open.add(one["id"])
        for one in payload.get("incremental", ()):
            assert one["id"] in is_open, f"data for {one['id']}, which is not pending"
            target = _at(data, [*known[one["id"]]["path"], *one.get("subPath", ())])
            if "items" in one:
                assert one["items"], "an entry without items says nothing"
                target.extend(copy.deepcopy(one["items"]))
            else:
                _merge(target, one["data"])
        for one in payload.get("pending", ()):
            _at(data, one["path"])  # which may have come with this very payload
        for one in payload.get("completed", ()):
            is_open.remove(one["id"])
        assert number == 0 or any(payload.get(name) for name in ("pending", "incremental", "completed"))
    assert not is_open, f"{is_open} never completed"
    return data


async def delivered(engine: Engine, request: Request) -> list[dict[str, Any]]:
    """The payloads of an answer, as they are written."""
    answer = await engine.stream(request, RequestContext())
    if isinstance(answer, Delivered):
        return [answer.first.formatted(), *[one.formatted() async for one in answer.rest]]
    assert isinstance(answer, Response)
    return [answer.formatted()]


def failed(payloads: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some part could not be delivered."""
    return any("errors" in one for payload in payloads for one in payload.get("completed", ()))


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        data = data[step]
    assert isinstance(data, dict | list), f"nothing can come at {path}"
    return data


def _merge(target: dict[str, Any], data: Mapping[str, Any]) -> None:
    for key, value in data.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            assert key not in target, f"{key} was delivered twice"
            target[key] = copy.deepcopy(value)


def in_parts(schema: GraphQLSchema, text: str, random: Random) -> str:
    """The operation with some of what it selects deferred, and some of its lists streamed."""
    types = TypeInfo(schema)
    return print_ast(visit(parse(text), TypeInfoVisitor(types, _Dividing(types, random))))


def unordered(value: Any) -> Any:
    """The value with its lists in an order of their own: a streamed list has the order of arrival."""
    if isinstance(value, dict):
        return {key: unordered(one) for key, one in sorted(value.items())}
    return sorted(map(unordered, value), key=repr) if isinstance(value, list) else value


class _Dividing(Visitor):
    def __init__(self, types: TypeInfo, random: Random) -> None:
        super().__init__()
        self._types = types
        self._random = random

    def leave_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        kind = get_nullable_type(self._types.get_type())
        if not is_list_type(kind) or self._random.random() < 0.5:
            return None
        count = ConstArgumentNode(
            name=NameNode(value="initialCount"), value=IntValueNode(value=str(self._random.randint(0, 3)))
        )
        stream = ConstDirectiveNode(name=NameNode(value="stream"), arguments=(count,))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=node.arguments,
            directives=(*(node.directives or ()), stream),
            selection_set=node.selection_set,
        )

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode | None:
        if self._random.random() < 0.5:
            return None
        at = self._random.randint(0, len(node.selections) - 1)
        fragment = InlineFragmentNode(
            directives=(ConstDirectiveNode(name=NameNode(value="defer"), arguments=()),),
            selection_set=SelectionSetNode(selections=node.selections[at:]),
        )
        return SelectionSetNode(selections=(*node.selections[:at], fragment))


@dataclass
class Unpunctual:
    """A transport whose answers overtake each other."""

    transport: Transport
    random: Random = field(default_factory=Random)

    async def send(self, request: ShardRequest) -> Reply | Unparsed:
        for _ in range(self.random.randint(0, 12)):
            await asyncio.sleep(0)
        return await self.transport.send(request)
