"""Random operations on a schema: aliases, arguments, variables, fragments, conditions, in any nesting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
)

VARIABLES = {"$yes": "Boolean!", "$no": "Boolean!", "$x": "Int = 7"}
VALUES = {"yes": True, "no": False}
CONDITIONS = (
    "@include(if: $yes)",
    "@include(if: $no)",
    "@skip(if: $no)",
    "@skip(if: $yes)",
    "@skip(if: false)",
)


def x_arguments(random: Random, definition: GraphQLField) -> str:
    """For schemas whose fields take `x` or nothing."""
    if not definition.args or random.random() >= 0.7:
        return ""
    return random.choice(("(x: 1)", "(x: $x)", "(x: null)"))


@dataclass
class Operations:
    """Makes operations. `fields_left` bounds one operation's size; `defers` is how many fragments in a
    hundred are deferred, and `streams` how many lists are streamed."""

    random: Random
    schema: GraphQLSchema
    arguments: Callable[[Random, GraphQLField], str] = x_arguments
    variables: dict[str, str] = field(default_factory=lambda: VARIABLES)
    fields_left: int = 30
    aliases: int = 0
    fragments: dict[str, str] = field(default_factory=dict)
    defers: int = 0
    streams: int = 0
    labels: int = 0

    def make(self) -> str:
        query = self.schema.query_type
        assert query is not None
        body = self._selections(query, 4)
        text = "\n".join([body, *self.fragments.values()])
        used = [f"{name}: {kind}" for name, kind in self.variables.items() if name in text]
        return f"query ({', '.join(used)}) {text}" if used else f"query {text}"

    def _selections(self, parent: GraphQLCompositeType, depth: int) -> str:
        parts = [self._selection(parent, depth) for _ in range(self.random.randint(1, 4))]
        chosen = [part for part in parts if part]
        return f"{{ {' '.join(chosen or ['__typename'])} }}"

    def _selection(self, parent: GraphQLCompositeType, depth: int) -> str:
        chance = self.random.random()
        if chance < 0.08:
            return "__typename"
        fragments = max(0.6 if is_abstract_type(parent) else 0.16, self.defers / 250)
        if depth > 0 and chance < fragments:
            return self._fragment(parent, depth)
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            name, definition = self.random.choice(list(parent.fields.items()))
            return self._field(name, definition, depth)
        return "__typename"

    def _field(self, name: str, definition: GraphQLField, depth: int) -> str:
        self.fields_left -= 1
        named = get_named_type(definition.type)
        if is_composite_type(named) and (depth == 0 or self.fields_left < 0):
            return ""
        arguments = self.arguments(self.random, definition)
        alias = ""
        if arguments or self.random.random() < 0.15:
            self.aliases += 1
            alias = f"{self.random.choice(('id', 'c0', 'a'))}{self.aliases}: "
            if not arguments and self.random.random() < 0.2:
                alias = self.random.choice(("id: ", "c0: ", "code: "))
        below = self._selections(named, depth - 1) if is_composite_type(named) else ""
        return f"{alias}{name}{arguments} {self._condition()} {self._stream(definition)} {below}"

    def _fragment(self, parent: GraphQLCompositeType, depth: int) -> str:
        if is_abstract_type(parent):
            on: GraphQLCompositeType = self.random.choice([*self.schema.get_possible_types(parent), parent])
        else:
            assert isinstance(parent, GraphQLObjectType)
            on = self.random.choice([parent, *parent.interfaces])
        body = self._selections(on, depth - 1)
        if self.random.random() < 0.3:
            name = f"F{len(self.fragments)}"
            self.fragments[name] = f"fragment {name} on {on.name} {body}"
            return f"...{name} {self._condition()} {self._defer()}"
        return f"... on {on.name} {self._condition()} {self._defer()} {body}"

    def _defer(self) -> str:
        if self.random.random() * 100 >= self.defers:
            return ""
        self.labels += 1
        condition = self.random.choice(("", "", "if: $yes, ", "if: $no, "))
        return f'@defer({condition}label: "d{self.labels}")'

    def _stream(self, definition: GraphQLField) -> str:
        if not is_list_type(get_nullable_type(definition.type)) or self.random.random() * 100 >= self.streams:
            return ""
        self.labels += 1
        condition = self.random.choice(("", "", "if: $yes, ", "if: $no, "))
        count = self.random.choice(("", "initialCount: 1, ", "initialCount: 2, "))
        return f'@stream({condition}{count}label: "s{self.labels}")'

    def _condition(self) -> str:
        return self.random.choice(CONDITIONS) if self.random.random() < 0.12 else ""
