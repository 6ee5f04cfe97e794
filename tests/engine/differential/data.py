"""Data for any split: every value is a function of where it stands, so all subgraphs agree without talking.

The whole is served by one schema (the API schema) from the same functions: the oracle. A subgraph
knows only what is its own: what is external to it, or was taken over from it, it refuses to give,
and what it computes it computes from the representation it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, execute_sync, parse, validate

from gateway.federation.transport import Reply, ShardRequest
from tests.engine.differential.split import INTERFACE_OBJECT_HOME, SCALARS, FieldPlan, Split
from tests.engine.federation import executable

ENTITIES = 4
NULL = {"{}": 0.15, "{}!": 0.02, "[{}]": 0.15, "[{}!]": 0.05, "[{}!]!": 0.02}


@dataclass
class Data:
    """The values of one split. `faults`: there may be nulls where none may be."""

    split: Split
    seed: int
    faults: bool = True

    @cached_property
    def _faulty(self) -> bool:
        """Whether there are nulls where none may be.

        Not where a field is computed from one below another: a fault beside that one takes the object
        away from the computation too, which no gateway can help, and one server does not see.
        """
        return self.faults and not any(
            made.nested for one in self.split.types.values() for made in one.fields.values()
        )

    def root(self) -> dict[str, Any]:
        return {"__typename": "Query", "id": "root"}

    def entity(self, representation: Mapping[str, Any]) -> dict[str, Any]:
        identity = representation.get("id") or representation["code"].removeprefix("code-")
        name = representation["__typename"]
        if name in self.split.interfaces:
            name = identity.partition("-")[0]
        return {**self.object(name, identity), "sent": representation}

    def object(self, type_name: str, identity: str) -> dict[str, Any]:
        return {"__typename": type_name, "id": identity, "code": f"code-{identity}"}

    def plan(self, type_name: str, field: str) -> FieldPlan:
        shared = self.split.interface_object
        if shared is not None and field in shared.fields:
            return shared.fields[field]
        owner = self.split.query if type_name == "Query" else self.split.types[type_name]
        return owner.fields[field]

    def value(self, source: Mapping[str, Any], field: str, x: int | None) -> Any:
        """What the whole has at a field of an object."""
        if field in ("id", "code"):
            return source[field]
        if field == "qi":
            return [self.object(one.partition("-")[0], one) for one in self.interface_objects()]
        plan = self.plan(source["__typename"], field)
        if plan.requires:
            return self.computed({name: self.value(source, name, None) for name in plan.requires})
        if plan.nested:
            return self.computed_below(self.value(source, plan.nested[0], None), plan.nested[1])
        random = Random(f"{self.seed}/{source['id']}/{field}/{x}")  # noqa: S311
        faults = random.random() if self._faulty else 1.0
        if (random.random() if plan.nullable else faults) < NULL[plan.wrapping]:
            return None
        if not plan.wrapping.startswith("["):
            return self._one(random, plan, source, 0)
        nulls = 0.15 if "{}!" not in plan.wrapping else 0.02 if self._faulty else 0.0
        return [
            None if random.random() < nulls else self._one(random, plan, source, i)
            for i in range(random.randint(0, 3))
        ]

    def computed(self, values: Mapping[str, Any]) -> str:
        return ", ".join(f"{name}={values[name]}" for name in sorted(values))

    def computed_below(self, values: Any, name: str) -> str:
        if isinstance(values, list):
            return f"[{'; '.join(self.computed_below(one, name) for one in values)}]"
        if values is None:
            return "none"
        return str(values[name] if name in values else self.value(values, name, None))

    def interface_objects(self) -> list[Any]:
        """What the interface object's subgraph lists, whose types it does not know."""
        random = Random(f"{self.seed}/qi")  # noqa: S311
        members = self.split.interfaces["I0"]
        return [f"{random.choice(members)}-{random.randint(1, ENTITIES)}" for _ in range(3)]

    def _one(self, random: Random, plan: FieldPlan, source: Mapping[str, Any], index: int) -> Any:
        if plan.type in SCALARS:
            made = (random.randint(-5, 5), f"s{random.randint(0, 99)}", random.random() < 0.5, 1.5, "an-id")
            return made[SCALARS.index(plan.type)]
        name = plan.type
        members = self.split.abstract.get(name)
        if members:
            name = random.choice(members)
        if self.split.types[name].keys:
            return self.object(name, f"{name}-{random.randint(1, ENTITIES)}")
        return self.object(name, f"{source['__typename']}{source['id']}.{plan.name}.{index}")

    def oracle(self, schema: GraphQLSchema, text: str, variables: Mapping[str, Any]) -> Any:
        """The data that one server with everything would answer."""
        result = execute_sync(
            schema,
            parse(text),
            root_value=self.root(),
            variable_values=dict(variables),
            field_resolver=lambda source, info, **args: self.value(source, info.field_name, args.get("x")),
            type_resolver=lambda value, *_: value["__typename"],
        )
        return result.data


class SplitSubgraphs:
    """A transport to the subgraphs of a split."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._schemas = {name: executable(sdl) for name, sdl in data.split.sdls().items()}
        self.sent: list[ShardRequest] = []

    async def send(self, request: ShardRequest) -> Reply:
        self.sent.append(request)
        schema = self._schemas[request.subgraph]
        document = parse(request.query)
        errors = validate(schema, document)
        assert not errors, f"{request.subgraph} was sent an invalid operation: {errors[0]}\n{request.query}"
        result = execute_sync(
            schema,
            document,
            root_value=self._data.root(),
            variable_values=dict(request.variables),
            context_value=request.subgraph,
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value["__typename"],
        )
        return Reply(result.data, tuple(error.formatted for error in result.errors or ()))

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        name, subgraph = info.field_name, info.context
        if name == "_entities":
            if subgraph == INTERFACE_OBJECT_HOME:
                return [self._data.object("I0", one["id"]) for one in args["representations"]]
            return [self._data.entity(one) for one in args["representations"]]
        if name in ("id", "code"):
            return source[name]
        if subgraph == INTERFACE_OBJECT_HOME:
            if name == "qi":
                return [self._data.object("I0", one) for one in self._data.interface_objects()]
            return self._data.value(source, name, None)
        plan = self._data.plan(source["__typename"], name)
        own = subgraph in plan.homes or name == source.get("given")
        assert own, f"{subgraph} was asked for {info.parent_type}.{name}, which is not its own"
        if plan.nested:
            return self._data.computed_below(source["sent"][plan.nested[0]], plan.nested[1])
        if plan.requires:
            sent = source["sent"]
            return self._data.computed({one: sent[one] for one in plan.requires})
        value = self._data.value(source, name, args.get("x"))
        if plan.provides and plan.provides[0] == subgraph:
            return _given(value, plan.provides[1])
        return value


def _given(value: Any, name: str) -> Any:
    """The objects, knowing that their subgraph may give one field more of them here."""
    if isinstance(value, list):
        return [_given(one, name) for one in value]
    return None if value is None else {**value, "given": name}
