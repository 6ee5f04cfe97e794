"""The planner's working drawing: the places of the result tree, and the fetches that fill them.

A *position* is a place in the result tree; its *branches* are the sets of object types treated alike
there; a branch has *nodes*, the fields wanted of it. A *draft* is a fetch in the making; where it
passes a position it makes a *visit*, which selects nodes. The tree of a draft's visits is its operation.
All this is mutable and lives only while one operation is planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import TypeNode, ValueNode

from gateway.federation.document.normalise import alternatives
from gateway.federation.document.operation import Conditions, Stream
from gateway.federation.planning.capability import Provided
from gateway.federation.planning.plan import OperationKind, Path, Step


@dataclass(slots=True, eq=False)
class Position:
    """A place in the result tree. `type` is its declared type in the supergraph.

    `names` says which field each key stands for: one key never means two things at a place.
    `told_apart`: the client selects different things for different types.
    """

    type: str
    abstract: bool
    path: Path
    parent: Branch | None
    node: Node | None
    branches: list[Branch] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    told_apart: bool = False


@dataclass(slots=True, eq=False)
class Branch:
    """The objects of some types at a position. `typename` says that the client wants `__typename`."""

    position: Position
    types: tuple[str, ...]
    nodes: dict[str, Node] = field(default_factory=dict)
    by_signature: dict[str, Node] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    typename: bool = False

    @property
    def type(self) -> str:
        """One of the types, to ask about: they are alike."""
        return self.types[0]

    @property
    def path(self) -> Path:
        path = self.position.path
        if not self.position.abstract or not path:
            return path
        return (*path[:-1], Step(path[-1].key, frozenset(self.types)))


@dataclass(slots=True, eq=False)
class Node:
    """A field wanted of a branch. It stands at `key` in the result tree; `sources` select it.

    `wanted_as` is the client's response key, if the client wants it; `stream` how its items may come.
    """

    branch: Branch
    key: str
    name: str
    signature: str
    arguments: Mapping[str, ValueNode]
    conditions: Conditions
    wanted_as: str | None = None
    child: Position | None = None
    sources: list[Visit] = field(default_factory=list)
    stream: Stream | None = None


@dataclass(slots=True, eq=False)
class Selected:
    """A node in a visit, with the visit of its child position."""

    node: Node
    conditions: Conditions
    visit: Visit | None


@dataclass(slots=True, eq=False)
class Visit:
    """A draft at a position. `type` is what the subgraph calls the values there.

    `typed` says that `__typename` can be asked there; `learns_type` that an entity visit must.
    """

    draft: Draft
    position: Position
    type: str
    typed: bool
    provided: Provided = ()
    learns_type: bool = False
    selected: dict[Branch, dict[str, Selected]] = field(default_factory=dict)

    def select(self, branch: Branch, node: Node, conditions: Conditions, child: Visit | None) -> None:
        self.selected.setdefault(branch, {})[node.key] = Selected(node, conditions, child)
        node.sources.append(self)

    def find(self, branch: Branch, node: Node) -> Selected | None:
        return self.selected.get(branch, {}).get(node.key)


@dataclass(slots=True, eq=False)
class KeyField:
    """A field of a representation, and the node it is read from; `parts` are the fields of child branches."""

    name: str
    node: Node
    parts: list[tuple[Branch, list[KeyField]]]


@dataclass(slots=True, eq=False)
class Naming:
    """How a branch's objects are named to a subgraph. `by_type`: only those known to be of its types."""

    branch: Branch
    typename: str | None
    by_type: bool
    key: list[KeyField]
    required: list[KeyField] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Context:
    """A variable of a draft whose value is a field of objects above the entities it asks for."""

    variable: str
    type: TypeNode
    branch: Branch
    field: KeyField


@dataclass(slots=True, eq=False)
class Draft:
    """A fetch in the making. `entry` is its topmost visit; a draft with `namings` asks for entities there.

    `step` is the step of the plan that it is sent with, once that is decided.
    """

    number: int
    subgraph: str
    kind: OperationKind
    entry: Visit = field(init=False)
    namings: list[Naming] = field(default_factory=list)
    after: dict[Draft, None] = field(default_factory=dict)
    before: dict[Draft, None] = field(default_factory=dict)
    needed: dict[Node, None] = field(default_factory=dict)
    contexts: list[Context] = field(default_factory=list)
    level: int = 0
    step: int = -1

    def namings_of(self, branch: Branch) -> list[Naming]:
        return [naming for naming in self.namings if naming.branch is branch]

    def wait_for(self, other: Draft) -> None:
        """Run only after `other`. `level`, the number of waves before a draft, follows."""
        self.after[other] = None
        other.before[self] = None
        late = [self]
        for draft in late:
            level = 1 + max(one.level for one in draft.after)
            if level > draft.level:
                draft.level = level
                late.extend(draft.before)

    def depends_on(self, other: Draft) -> bool:
        """Whether `other` must be done before it, or is itself."""
        found = {self: None}
        stack = [self]
        while stack:
            draft = stack.pop()
            if draft is other:
                return True
            new = [one for one in draft.after if one not in found]
            found.update(dict.fromkeys(new))
            stack.extend(new)
        return False


def widen(conditions: Conditions, more: Conditions) -> Conditions:
    """Either the one or the other."""
    return conditions if conditions == more else alternatives([*conditions, *more])


def walk(visit: Visit) -> Iterator[Visit]:
    """The visit and those below it."""
    yield visit
    for selected in visit.selected.values():
        for one in selected.values():
            if one.visit is not None:
                yield from walk(one.visit)
