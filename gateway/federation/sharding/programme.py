"""What a plan's fetch asks of shards, compiled once: how each of its fields is routed, asked and gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ValueNode, VariableNode
from graphql.utilities import value_from_ast_untyped

from gateway.federation.document.operation import Conditions
from gateway.federation.planning.plan import Fetch
from gateway.federation.sharding.gathers import Gather, Merge
from gateway.federation.sharding.text import print_operation

TEXT_LIMIT = 256  # texts kept for one fetch: a fetch of many routed fields has as many as subsets met


@dataclass(frozen=True, slots=True)
class RouteValue:
    """Where a routed field's value is found: an argument as written, then names of input fields.

    `defaults` has the default for the argument and for each further name, None where there is none.
    """

    argument: ValueNode | None
    names: tuple[str, ...]
    defaults: tuple[Any, ...]

    def read(self, variables: Mapping[str, Any]) -> Any:
        value: Any = None
        if isinstance(self.argument, VariableNode):
            value = variables.get(self.argument.name.value, self.defaults[0])
        elif self.argument is not None:
            value = value_from_ast_untyped(self.argument, dict(variables))
        else:
            value = self.defaults[0]
        for name, default in zip(self.names, self.defaults[1:], strict=True):
            if not isinstance(value, Mapping):
                return None
            value = value.get(name, default)
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """A part of an operation, printed, with the variables it uses."""

    body: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RootPart:
    """A root field: `single` for one shard alone, `many` for each of several, read by `gather`."""

    key: str
    conditions: Conditions
    route: RouteValue | None
    gather: Gather | None
    single: Text
    many: Text

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return any(
            all(bool(variables.get(each.variable)) is each.value for each in conjunction)
            for conjunction in self.conditions
        )


@dataclass(frozen=True, slots=True)
class EntityPart:
    """A field `_entities`. A type is in `shard_keys` or, with the gather of its slices, in `spanning`."""

    key: str
    variable: str
    shard_keys: Mapping[str, str]
    spanning: Mapping[str, Merge]
    single: Text
    many: Text


Part = RootPart | EntityPart


@dataclass(frozen=True, slots=True)
class Hop:
    """Fields of a spanning entity met inside a row, which that row's shard alone cannot answer.

    `path` leads to the entity from the reply's root, through lists without saying so. `key` has the names
    a representation wants, each with the added response key that holds it in the row. `fetch` asks every
    candidate for the fields left out.
    """

    path: tuple[str, ...]
    type_name: str
    key: tuple[tuple[str, str], ...]
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class Programme:
    """A fetch, compiled.

    `variables` names the variable of each part that asks for entities, by position; `types` are the
    printed types of the variables that the fetch's operation declares.
    """

    kind: str
    parts: tuple[Part, ...]
    hops: tuple[Hop, ...]
    types: Mapping[str, str]
    variables: Mapping[int, str]
    _texts: dict[tuple[tuple[int, bool], ...], Text] = field(default_factory=dict, compare=False, repr=False)

    def text(self, asked: Sequence[tuple[int, bool]]) -> Text:
        """The operation for these parts, by position, each with whether several shards are asked it."""
        key = tuple(asked)
        found = self._texts.get(key)
        if found is None:
            found = self._print(key)
            if len(self._texts) < TEXT_LIMIT:
                self._texts[key] = found
        return found

    def _print(self, asked: tuple[tuple[int, bool], ...]) -> Text:
        texts = [self.parts[index].many if many else self.parts[index].single for index, many in asked]
        variables = tuple(dict.fromkeys(name for text in texts for name in text.variables))
        body = " ".join(text.body for text in texts)
        return Text(print_operation(self.kind, body, variables, self.types), variables)
