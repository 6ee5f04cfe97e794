"""The plan of one operation: which subgraph is asked what, after what, and what becomes of the answers.

A plan is a set of steps with their dependencies, not a tree of sequences: a step starts as soon as
those it comes `after` are done, so nothing waits that need not. Shards do not appear in it, nor do
variables' values: the same plan serves every request of its operation. Everything is frozen.

Objects of the result tree are addressed by *keys*. A key is the client's response key, or an alias
of the planner's own where the client's cannot be used; `Output` leads from keys back to response keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Literal

from graphql import DocumentNode, TypeNode, ValueNode

from gateway.federation.document.operation import ALWAYS, Condition, Conditions, Place, Stream, Withheld

OperationKind = Literal["query", "mutation", "subscription"]

NOWHERE = ""
"""The key of what is withheld: no reply can have it, so that its output is null."""


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field in a fetch's operation. `key` is its name or alias in the reply.

    `parent` and `type` are the parent's name and the field's type as the subgraph knows them.
    `arguments` are values as written: literals, or variables of the client's operation. `stream` says
    how its items may come; it is not part of the subgraph's operation.
    """

    key: str
    name: str
    parent: str
    type: TypeNode
    arguments: Mapping[str, ValueNode]
    conditions: tuple[Condition, ...] = ()
    selections: tuple[Selection, ...] = ()
    stream: Stream | None = None


@dataclass(frozen=True, slots=True)
class SelectedFragment:
    """An inline fragment in a fetch's operation."""

    on: str
    conditions: tuple[Condition, ...] = ()
    selections: tuple[Selection, ...] = ()


Selection = SelectedField | SelectedFragment


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path through the result tree; lists are walked through without saying so.

    `types`, where given, keeps the objects whose `__typename` is one of them.
    """

    key: str
    types: frozenset[str] | None = None


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RepresentationField:
    """`name` of a representation, read from `key` of the object; only for objects of `types`, if given."""

    name: str
    key: str
    fields: tuple[RepresentationField, ...] = ()
    types: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Representation:
    """How an object of one of `types` is named to a subgraph.

    `typename` is sent as its `__typename`; None sends the object's own. `required` fields may be
    null; when a field of the key is null, the entity cannot be named and is not asked for.
    """

    types: frozenset[str] | None
    typename: str | None
    key: tuple[RepresentationField, ...]
    required: tuple[RepresentationField, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextVariable:
    """A variable of a fetch that the result tree has a value for, above the entities that are asked for.

    The value is that of `keys`, one below the other, of the object `depth` steps along the path.
    Entities with different values are asked for in requests of their own.
    """

    name: str
    type: TypeNode
    depth: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One GraphQL operation for one subgraph.

    With `representations` it asks for entities: those found at `path`, told apart by type, go in the
    variable `$representations`; `selections` are then fragments below `_entities`. Without, it is a
    root operation, and its value belongs at `path` (`()`: the root of the result). Entities at the
    paths `also_at` are asked for in the same way, and with the others.
    `variables` are those of the client's operation that the text uses. It runs once the steps
    `after` are done, and only if `conditions` hold.
    """

    id: int
    subgraph: str
    kind: OperationKind
    operation: str
    selections: tuple[Selection, ...]
    variables: tuple[str, ...] = ()
    path: Path = ()
    representations: tuple[Representation, ...] = ()
    after: tuple[int, ...] = ()
    conditions: Conditions = ALWAYS
    also_at: tuple[Path, ...] = ()
    contexts: tuple[ContextVariable, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        return (self.path, *self.also_at)


@dataclass(frozen=True, slots=True)
class Batch:
    """Entity fetches of one wave to one subgraph that share one request.

    The fetch of index i has the field `_entities_i` and the variable `$representations_i`. `fetches`
    say what each is for; only `operation` is sent.
    """

    id: int
    subgraph: str
    kind: OperationKind
    operation: str
    fetches: tuple[Fetch, ...]
    variables: tuple[str, ...] = ()
    after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A field of the response: what the client calls it (`name`), and where the result tree has it (`key`).

    `type` is the type in the API schema; `types` are the object types it is for (None: all that the
    parent can be). `field` is its name in the schema; "__typename" gives the object's type. Among its
    siblings it comes at `place`, or at the first of `places` whose conditions hold. `withheld` says
    what the caller may not see of it; its `key` is then NOWHERE. `complete`: it is null where a shard's part
    is missing.
    Of an operation with deferred fragments, `places` also say in which of them the field is, and `steps`
    which steps give it: its value, and the types of the objects that it leads to. `stream` says how the
    items of a list may come; once that is decided for a request, only the `first` of them are read with it.
    """

    name: str
    key: str
    field: str
    parent: str = dataclass_field(compare=False)
    type: TypeNode
    conditions: Conditions = ALWAYS
    outputs: tuple[Output, ...] = ()
    types: frozenset[str] | None = None
    place: int = dataclass_field(default=0, compare=False)
    places: tuple[Place, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    steps: frozenset[int] = dataclass_field(default=frozenset(), compare=False)
    stream: Stream | None = None
    first: int | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of an operation. `introspection` is the part the gateway answers from the API schema.

    `deferred`: some of the response may come later than the rest.
    """

    kind: OperationKind
    steps: tuple[Fetch | Batch, ...]
    outputs: tuple[Output, ...]
    root: str
    introspection: DocumentNode | None = None
    deferred: bool = False

    @property
    def requests(self) -> int:
        """How many requests the plan sends when every step finds something to ask."""
        return len(self.steps)
