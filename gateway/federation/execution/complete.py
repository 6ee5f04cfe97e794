"""Completes a response in which something is not as the schema says: the slow, exact way.

CompleteValue of the specification (section 6.4.3) over the result tree. A null where there must be
none makes its parent null, and so on up; an error says where it began, unless a subgraph's error
about that place has said it already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import ListTypeNode, NonNullTypeNode, TypeNode

from gateway.federation.composition.supergraph import Kind
from gateway.federation.errors import INVALID_SUBGRAPH_VALUE, NULL_IN_NON_NULL
from gateway.federation.execution.completeness import Gap, incomplete
from gateway.federation.execution.project import LEAF_CLASSES, PublicTypes, held_in_order, item_type
from gateway.federation.planning.capability import named_type
from gateway.federation.planning.plan import Output

Place = tuple[str | int, ...]


class NullBubble(Exception):  # noqa: N818 # the specification's own word for what goes up, not an error
    """A null that its place does not allow, on its way up."""


@dataclass(slots=True)
class Completer:
    """Completes one response. `known` are the places that errors speak of already; `errors` are added.

    `missing` is what makes a field null that is wanted whole or not at all."""

    types: PublicTypes
    variables: Mapping[str, Any]
    known: Iterable[Place]
    missing: Sequence[Gap] = ()
    errors: list[dict[str, Any]] = field(default_factory=list)

    def response(
        self, value: Any, root: str, outputs: tuple[Output, ...], place: Place = ()
    ) -> dict[str, Any] | None:
        """The data of a response, or of its part at `place`; None when a null reached the top."""
        try:
            return self._object(value, root, outputs, place)
        except NullBubble:
            return None

    def item(self, value: Any, output: Output, place: Place) -> Any:
        """One item of the output's list. Raises `NullBubble` when it is null and may not be."""
        return self._value(value, item_type(output), replace(output, first=None), place)

    def _object(
        self, value: Any, declared: str, outputs: tuple[Output, ...], place: Place
    ) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self._refuse(f"Expected an object of type {declared}.", place)
            return None
        typename = declared
        if self.types.kinds.get(declared) is not Kind.OBJECT:
            told = value.get("__typename")
            if told is None and any(one.types is not None or one.field == "__typename" for one in outputs):
                self._explain(f"No subgraph told the type of a {declared} here.", place)
                return None
            typename = told or declared
            possible = self.types.possible.get(declared) or frozenset((declared,))
            if typename not in possible and typename != declared:
                self._refuse(f"An object at this place is of no type that {declared} can have.", place)
                return None
        result = {}
        for one in held_in_order(outputs, self.variables):
            if one.types is None or typename in one.types:
                found = typename if one.field == "__typename" else value.get(one.key)
                if one.complete:
                    found = self._whole(found, (*place, one.name))
                result[one.name] = self._value(found, one.type, one, (*place, one.name))
        return result

    def _value(self, value: Any, kind: TypeNode, output: Output, place: Place) -> Any:
        if output.field.startswith("__"):
            return value  # introspection, complete already
        if isinstance(kind, NonNullTypeNode):
            completed = self._value(value, kind.type, output, place)
            if completed is None:
                self._explain(
                    f"Cannot return null for non-nullable field {output.parent}.{output.field}.", place
                )
                raise NullBubble
            return completed
        if value is None:
            return None
        try:
            return self._nullable(value, kind, output, place)
        except NullBubble:
            return None

    def _whole(self, value: Any, place: Place) -> Any:
        """The value, or None and an error where some of it is missing."""
        missing = [gap for gap in self.missing if gap.concerns(place)]
        if not missing:
            return value
        self.errors.append(incomplete(missing, place))
        return None

    def _nullable(self, value: Any, kind: TypeNode, output: Output, place: Place) -> Any:
        if isinstance(kind, ListTypeNode):
            if not isinstance(value, list):
                return self._refuse("Expected a list.", place)
            items = value if output.first is None else value[: output.first]
            inner = output if output.first is None else replace(output, first=None)
            return [self._value(one, kind.type, inner, (*place, i)) for i, one in enumerate(items)]
        name = named_type(kind)
        if output.outputs or self.types.kinds.get(name) in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION):
            return self._object(value, name, output.outputs, place)
        if name in LEAF_CLASSES and value.__class__ not in LEAF_CLASSES[name]:
            return self._refuse(f"Expected a value of type {name}.", place)
        public = self.types.enum_values.get(name)
        if public is not None and (not isinstance(value, str) or value not in public):
            return self._refuse(f"Expected a value of type {name}.", place)
        return value

    def _refuse(self, message: str, place: Place) -> None:
        entry = {"message": message, "path": list(place), "extensions": {"code": INVALID_SUBGRAPH_VALUE}}
        self.errors.append(entry)

    def _explain(self, message: str, place: Place) -> None:
        """Say why something is null, unless an error about this place, or one below or above it, says so."""
        spoken = [*self.known, *(tuple(entry["path"]) for entry in self.errors)]
        for other in spoken:
            shorter = min(len(other), len(place))
            if other[:shorter] == place[:shorter]:
                return
        entry = {"message": message, "path": list(place), "extensions": {"code": NULL_IN_NON_NULL}}
        self.errors.append(entry)
