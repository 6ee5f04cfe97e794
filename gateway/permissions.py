"""Who may ask what, at the gateway: before any region is asked for something that this caller cannot have.

Catalogue, rules, agreements and recognition of certificates are public; whatever is about a learner
is not. Each node enforces the same again for its own rows, and knows more: whose account it is.
What of an operation concerns learners follows from its text (`concerns`), and is worked out once for
each text; who asks, and the variables, differ from request to request (`refusals`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import OperationType, ValueNode, VariableNode, get_named_type, is_non_null_type

from edge.caller import Caller, Role
from gateway.federation.document.operation import Field, Operation, SelectionSet
from schema.ids import is_region_code, region_of

PERSONAL_TYPES: Final = frozenset(
    {
        "Account",
        "AccountEvent",
        "AccountNews",
        "Learner",
        "LearningOutcome",
        "LedgerEntry",
        "OutcomeEvent",
        "FraudCase",
        "Transfer",
    }
)
"""Types whose objects are about a learner; their connections and edges are, too."""
WRITERS: Final = frozenset({Role.LEARNER, Role.OFFICER})
"""Who may change anything at all: learners hand in outcomes, officers keep their region's books."""
REGIONAL: Final = frozenset({Role.OFFICER, Role.AUDITOR})
"""Who may see the learners of one region only."""

Routes = Mapping[tuple[str, str], tuple[str, ...]]
"""Where a root field's arguments name a region: (root type, field) → the argument, and the fields inside."""

PLACES: Final[Routes] = {
    ("Query", "region"): ("code",),
    ("Query", "learner"): ("id",),
    ("Mutation", "transfer"): ("input", "outcome"),
}
"""Likewise for fields that are not routed: what `learner` names is a learner."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One root field that is about learners, or writes. `place` names its region, or the learner.

    `whole` is whether refusing it refuses the operation: a change is made wholly or not at all, and
    a root field that may not be null leaves no other an answer.
    """

    key: str
    name: str
    writes: bool
    whole: bool
    place: ValueNode | None
    inner: tuple[str, ...] = ()


def concerns(operation: Operation, routes: Routes) -> tuple[Concern, ...]:
    """Return the root fields of `operation` that not everybody may ask."""
    root = operation.selections.type
    writes = operation.kind is OperationType.MUTATION
    reads = operation.kind is OperationType.QUERY
    found: dict[str, Concern] = {}
    for field in _fields(operation.selections):
        if writes or _is_personal(field):
            path = PLACES.get((root, field.name)) or routes.get((root, field.name)) or ("",)
            place = field.arguments.get(path[0])
            whole = not reads or is_non_null_type(field.type)
            found[field.key] = Concern(field.key, field.name, writes, whole, place, path[1:])
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One root field that a caller may not ask, and why. `whole`: the operation is refused with it."""

    key: str
    code: str
    whole: bool

    def told(self) -> dict[str, Any]:
        """The entry of the response's `errors`."""
        return {"message": self.code, "path": [self.key], "extensions": {"code": self.code}}


def refusals(found: Sequence[Concern], variables: Mapping[str, Any], caller: Caller) -> list[Refusal]:
    """Return the root fields that `caller` may not ask; empty: all may go ahead."""
    return [
        Refusal(concern.key, code, concern.whole)
        for concern in found
        if (code := _refusal(concern, variables, caller)) is not None
    ]


def _refusal(concern: Concern, variables: Mapping[str, Any], caller: Caller) -> str | None:
    if caller.is_public:
        return "UNAUTHENTICATED"
    if concern.writes and caller.role not in WRITERS:
        return "FORBIDDEN"
    named = list(_named(concern, variables))
    if concern.name == "learner":
        allowed = all(caller.may_read_learner(str(learner)) for learner in named or ("",))
        return None if allowed else "FORBIDDEN"
    if caller.role in REGIONAL:
        regions = {region for value in named if (region := _region(value)) is not None}
        return None if regions <= {caller.region} else "FORBIDDEN"
    return None


def _region(value: object) -> str | None:
    text = str(value)
    return text if is_region_code(text) else region_of(text)


def _named(concern: Concern, variables: Mapping[str, Any]) -> Iterator[object]:
    """The values that name a region or a learner: one, several from a list, or none."""
    value = plain_value(concern.place, variables)
    for name in concern.inner:
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, list | tuple):
        yield from value
    elif value is not None:
        yield value


def plain_value(node: ValueNode | None, variables: Mapping[str, Any]) -> Any:
    """The plain value of a value as written, variables filled in."""
    if node is None:
        return None
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    values, fields = getattr(node, "values", None), getattr(node, "fields", None)
    if values is not None:
        return [plain_value(value, variables) for value in values]
    if fields is not None:
        return {field.name.value: plain_value(field.value, variables) for field in fields}
    return getattr(node, "value", None)


def _is_personal(field: Field) -> bool:
    name = get_named_type(field.type).name
    if name.removesuffix("Connection").removesuffix("Edge") in PERSONAL_TYPES:
        return True
    return field.selections is not None and any(map(_is_personal, _fields(field.selections)))


def _fields(selections: SelectionSet) -> Iterator[Field]:
    for group in selections.groups:
        yield from group.fields
