"""What a plan's fetch asks of shards, compiled once: how each of its fields is routed, asked and gathered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import ValueNode, VariableNode
from graphql.utilities import value_from_ast_untyped

from gateway.federation.document.operation import ALWAYS, Conditions
from gateway.federation.planning.plan import Fetch, Selection
from gateway.federation.sharding.facts import ShardedSubgraph
from gateway.federation.sharding.fit import Fitted, fit
from gateway.federation.sharding.gathers import Gather, Merge
from gateway.federation.sharding.skew import Held, Lacks, Pruner
from gateway.federation.sharding.text import print_operation, print_selections, variables_of

QUESTIONS_LIMIT = (
    256  # kept for one fetch: as many as subsets of its fields, contracts, and values they lack are met
)

Asked = tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class ArgumentValue:
    """Where a value that routing needs is found: an argument as written, then names of input fields.

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
class Wording:
    """What a part asks: root fields, or, with the `head` and the `variable` of an `_entities`, fragments."""

    selections: tuple[Selection, ...]
    head: str = ""
    variable: str = ""

    def body(self) -> str:
        printed = print_selections(self.selections)
        return f"{self.head} {printed}" if self.head else printed[2:-2]

    def variables(self) -> Iterator[str]:
        if self.variable:
            yield self.variable
        yield from variables_of(self.selections)


@dataclass(frozen=True, slots=True)
class Question:
    """The request for some parts to shards of one contract: its text, the variables it uses, the parts left
    in it, and for each part the coordinates left out because those shards lack them."""

    text: str
    variables: tuple[str, ...]
    parts: tuple[int, ...]
    left_out: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberValue:
    """The entity that a root field is about: its type, and where its key is found."""

    type_name: str
    key: ArgumentValue


@dataclass(frozen=True, slots=True)
class RootPart:
    """A root field: `single` for one shard alone, `many` for each of several, read by `gather`.

    `kind` is what an answer that is not null must be: a list, a dict, or an object of any kind.
    """

    key: str
    kind: type
    conditions: Conditions
    route: ArgumentValue | None
    member: MemberValue | None
    gather: Gather | None
    single: Wording
    many: Wording

    def holds(self, variables: Mapping[str, Any]) -> bool:
        return self.conditions == ALWAYS or any(
            all(bool(variables.get(each.variable)) is each.value for each in conjunction)
            for conjunction in self.conditions
        )


@dataclass(frozen=True, slots=True)
class EntityPart:
    """A field `_entities`. A type is in `shard_keys` or, with the gather of its slices, in `spanning`;
    `member_keys` has the field by which shards tell members of a spanning type, where there is one."""

    key: str
    variable: str
    shard_keys: Mapping[str, str]
    spanning: Mapping[str, Merge]
    member_keys: Mapping[str, str]
    single: Wording
    many: Wording


Part = RootPart | EntityPart


@dataclass(frozen=True, slots=True)
class Hop:
    """Fields of a spanning entity met inside a row, which that row's shard alone cannot answer.

    `path` leads to the entity from the reply's root, through lists without saying so. `key` has the names
    a representation wants, each with the added response key that holds it in the row; `composite` are those
    whose value is an object. `fetch` asks every candidate for the fields left out.
    """

    path: tuple[str, ...]
    type_name: str
    key: tuple[tuple[str, str], ...]
    composite: frozenset[str]
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
    facts: ShardedSubgraph
    _questions: dict[tuple[Asked, Lacks, Held], Question] = field(
        default_factory=dict, compare=False, repr=False
    )

    def fit(self, lacks: Lacks, variables: Mapping[str, Any]) -> Fitted:
        """A request's variables for shards that lack `lacks`."""
        return fit(self.facts, lacks, self.types, variables) if lacks else Fitted(variables)

    def question(self, asked: Asked, lacks: Lacks, held: Held) -> Question:
        """The request for these parts, by position, each with whether several shards are asked it."""
        found = self._questions.get((asked, lacks, held))
        if found is None:
            found = self._ask(asked, lacks, held)
            if len(self._questions) < QUESTIONS_LIMIT:
                self._questions[asked, lacks, held] = found
        return found

    def _ask(self, asked: Asked, lacks: Lacks, held: Held) -> Question:
        kept: dict[int, Wording] = {}
        left_out: dict[int, tuple[str, ...]] = {}
        for index, many in asked:
            wording = self.parts[index].many if many else self.parts[index].single
            pruner = Pruner(self.facts, lacks, self.types, held)
            selections = pruner.prune(wording.selections) if lacks else wording.selections
            if selections:
                kept[index] = replace(wording, selections=selections)
            if pruner.left_out:
                left_out[index] = tuple(pruner.left_out)
        variables = tuple(dict.fromkeys(name for wording in kept.values() for name in wording.variables()))
        body = " ".join(wording.body() for wording in kept.values())
        text = print_operation(self.kind, body, variables, self.types)
        return Question(text, variables, tuple(kept), left_out)
