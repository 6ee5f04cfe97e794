"""Takes out of an operation what its caller may not see, so that nothing is planned or fetched for it.

  A. list what the operation's elements demand of a caller: once for each operation;
  B. mark each field that this caller may not see, be it for its own demands, its type's, or those of
     the types it is asked of: through an interface a field is shown to those only who may see it on
     every type, and where a whole type may not be seen, the field that leads to the interface goes;
  C. mark what is null for certain because of it: a null that a field's type forbids takes the parent;
  D. drop the marked fields from what is fetched; they stay in what is shown, as null.

Whatever stays is answered as if the resolvers of the marked fields had refused.
Source: https://www.apollographql.com/docs/graphos/routing/security/authorization
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from graphql import (
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
)

from gateway.federation.composition.guards import Requirement
from gateway.federation.composition.supergraph import Kind, Supergraph
from gateway.federation.document.operation import (
    ALWAYS,
    Defer,
    Field,
    Group,
    Operation,
    SelectionSet,
    Withheld,
)

Demands = dict[Requirement, None]
"""What elements demand, each once, in the order of the operation."""

Defers = frozenset[Defer | None]
NOT_DEFERRED: Final[Defers] = frozenset((None,))


@dataclass(frozen=True, slots=True)
class Authorised:
    """What one class of callers gets of an operation: `operation` is fetched, `shown` is the response."""

    operation: Operation
    shown: SelectionSet


@dataclass(slots=True)
class Guards:
    """What the types and fields of one supergraph demand. `schema` is what its clients see."""

    supergraph: Supergraph
    schema: GraphQLSchema
    _stated: dict[str, tuple[Requirement, ...]] = field(init=False)
    _ranges: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stated = dict(_stated(self.supergraph))

    @property
    def is_open(self) -> bool:
        """Whether nothing is demanded anywhere."""
        return not self._stated

    def demands(self, operation: Operation) -> tuple[Requirement, ...]:
        """Everything that some part of `operation` demands; empty when all of it is open to everyone."""
        if self.is_open:
            return ()
        found: Demands = {}
        self._list(operation.selections, found)
        return tuple(found)

    def authorise(self, operation: Operation, unmet: frozenset[Requirement]) -> Authorised:
        """The operation for a caller who does not meet the demands `unmet`."""
        if not unmet:
            return Authorised(operation, operation.selections)
        shown, lost = _Marking(self, unmet).selections(operation.selections)
        if lost:  # The response is null whatever is fetched.
            shown = replace(shown, groups=tuple(_only_withheld(group) for group in shown.groups))
        return Authorised(replace(operation, selections=_visible(shown)), shown)

    # A

    def _list(self, selections: SelectionSet, found: Demands) -> None:
        for group in selections.groups:
            for one in group.fields:
                if not one.name.startswith("__"):
                    found.update(dict.fromkeys(self.of_types_asked(one, selections.type)))
                    found.update(dict.fromkeys(self.of_field(one, selections.type)))
                if one.selections is not None:
                    self._list(one.selections, found)

    def of_field(self, one: Field, parent: str) -> Iterator[Requirement]:
        """What the field demands itself, wherever it was written and whatever it is asked of."""
        for on in one.written_on:
            yield from self._of(on, one.name)
            if on not in (range_ := self._range(on, parent)):
                for name in range_:
                    yield from self._of(name, one.name)
        yield from self._of(get_named_type(one.type).name)

    def of_types_asked(self, one: Field, parent: str) -> Iterator[Requirement]:
        """What the types demand of which the field is asked: the one it was written on, and all behind it."""
        for on in one.written_on:
            yield from self._of(on)
        yield from self.of_types_behind(one, parent)

    def of_types_behind(self, one: Field, parent: str) -> Iterator[Requirement]:
        """What the types demand of which the field is asked through an interface."""
        for on in one.written_on:
            if on not in (range_ := self._range(on, parent)):
                for name in range_:
                    yield from self._of(name)

    def _of(self, type_name: str, field_name: str | None = None) -> tuple[Requirement, ...]:
        return self._stated.get(type_name if field_name is None else f"{type_name}.{field_name}", ())

    def _range(self, on: str, parent: str) -> tuple[str, ...]:
        """The object types that a value of type `parent` can have where it is also of type `on`."""
        ask = (on, parent)
        if ask not in self._ranges:
            allowed = frozenset(self._possible(parent))
            self._ranges[ask] = tuple(name for name in self._possible(on) if name in allowed)
        return self._ranges[ask]

    def _possible(self, name: str) -> tuple[str, ...]:
        type_ = self.schema.type_map[name]
        if not is_abstract_type(type_):
            return (name,)
        return tuple(one.name for one in self.schema.get_possible_types(type_))


def leave_out(authorised: Authorised, keys: frozenset[str]) -> Authorised:
    """Fetch nothing for the root fields with these response keys; they stay in what is shown, as null."""
    if not keys:
        return authorised
    operation = authorised.operation
    fetched = replace(
        operation.selections,
        groups=tuple(
            replace(group, fields=tuple(one for one in group.fields if one.key not in keys))
            for group in operation.selections.groups
        ),
    )
    shown = replace(
        authorised.shown,
        groups=tuple(
            replace(group, fields=tuple(_emptied(one) if one.key in keys else one for one in group.fields))
            for group in authorised.shown.groups
        ),
    )
    return Authorised(replace(operation, selections=fetched), shown)


def _emptied(one: Field) -> Field:
    return replace(one, selections=None, withheld=())


def _stated(supergraph: Supergraph) -> Iterator[tuple[str, tuple[Requirement, ...]]]:
    """What each type and field demands that demands anything, by coordinate.

    What an interface demands and none of its types does (older compositions allow it; an interface object
    has no types to say it on) holds on all of them: naming a type must be no way around it.
    """
    for type_ in supergraph.types.values():
        above = [supergraph.types[name] for name in type_.implements] if type_.kind is Kind.OBJECT else []
        peers = {
            one.name: [supergraph.types[name] for name in supergraph.possible[one.name]] for one in above
        }
        inherited = (
            one.requirement for one in above if not any(peer.requirement for peer in peers[one.name])
        )
        if found := _given(type_.requirement, *inherited):
            yield type_.name, found
        for name, own in type_.fields.items():
            inherited = (
                one.fields[name].requirement
                for one in above
                if name in one.fields
                and not any(name in peer.fields and peer.fields[name].requirement for peer in peers[one.name])
            )
            if found := _given(own.requirement, *inherited):
                yield f"{type_.name}.{name}", found


def _given(*requirements: Requirement | None) -> tuple[Requirement, ...]:
    return tuple(one for one in requirements if one is not None)


# B, C


@dataclass(frozen=True, slots=True)
class _Marking:
    """Marks what a caller may not see who does not meet `unmet`."""

    guards: Guards
    unmet: frozenset[Requirement]

    def selections(
        self, selections: SelectionSet, defers: Defers = NOT_DEFERRED
    ) -> tuple[SelectionSet, tuple[Withheld, ...]]:
        """The selections, marked; and, if an object that they are made on is null for certain, why.

        `defers` are the deferred fragments that the object was asked for in.
        """
        groups = tuple(
            replace(group, fields=tuple(self._field(one, selections.type) for one in group.fields))
            for group in selections.groups
        )
        lost = [_lost(group, defers) for group in groups]
        certain = dict.fromkeys(why for whys in lost for why in whys) if all(lost) else {}
        return SelectionSet(selections.type, groups), tuple(certain)

    def _field(self, one: Field, parent: str) -> Field:
        if one.name.startswith("__"):
            return one
        refused = self._refusal(one, parent)
        if refused is not None:
            return replace(one, selections=None, withheld=(Withheld((), refused),))
        if one.selections is None:
            return one
        below, lost = self.selections(one.selections, frozenset(place.defer for place in one.places))
        if lost and not _is_list(one.type):
            return replace(one, selections=None, withheld=lost)
        return replace(one, selections=below)

    def _refusal(self, one: Field, parent: str) -> str | None:
        """The coordinate of what the caller may not see of the field, if anything."""
        demands = [*self.guards.of_types_asked(one, parent), *self.guards.of_field(one, parent)]
        if one.selections is not None:
            for group in one.selections.groups:
                for inner in group.fields:
                    if not inner.name.startswith("__"):
                        demands.extend(self.guards.of_types_behind(inner, one.selections.type))
        return next((demand.coordinate for demand in demands if demand in self.unmet), None)


def _lost(group: Group, defers: Defers) -> tuple[Withheld, ...]:
    """Why objects of the group are null for certain; empty when they are not.

    A field that comes later than its object takes away nothing but what comes with it.
    """
    return tuple(
        Withheld((one.key, *why.path), why.coordinate)
        for one in group.fields
        if is_non_null_type(one.type) and one.conditions == ALWAYS
        if defers <= {place.defer for place in one.places}
        for why in one.withheld
    )


def _is_list(type_: GraphQLOutputType) -> bool:
    """Whether values are lists: they may be empty, so that nothing below them is null for certain."""
    return is_list_type(get_nullable_type(type_))


# D


def _visible(selections: SelectionSet) -> SelectionSet:
    return replace(
        selections,
        groups=tuple(
            replace(
                group,
                fields=tuple(
                    one if one.selections is None else replace(one, selections=_visible(one.selections))
                    for one in group.fields
                    if not one.withheld
                ),
            )
            for group in selections.groups
        ),
    )


def _only_withheld(group: Group) -> Group:
    return replace(group, fields=tuple(one for one in group.fields if one.withheld))
