"""Finds the objects of the result tree that an entity fetch is for, and names each one once.

Paths and representations are compiled when the plan is; a request only runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from gateway.federation.planning.plan import Fetch, Path, Representation, RepresentationField

Object = dict[str, Any]
Located = tuple[Object, tuple[str | int, ...]]
Build = Callable[[Object], Object]


@dataclass(frozen=True, slots=True)
class Entities:
    """What to ask for: each representation once, and for each the objects it stands for."""

    representations: list[Object]
    objects: list[list[Object]]


class Gatherer:
    """Gathers for one entity fetch."""

    def __init__(self, fetch: Fetch) -> None:
        self._paths = fetch.paths
        self._names = [(one.types, *_compile(one)) for one in fetch.representations]

    def gather(self, root: Object) -> Entities:
        """The entities that the fetch asks for, in the order of the result tree."""
        return self.name([one for path in self._paths for one in objects_at(root, path)])

    def name(self, objects: Iterable[Object]) -> Entities:
        """The entities that the objects are."""
        found: dict[Any, int] = {}
        representations: list[Object] = []
        stand_for: list[list[Object]] = []
        for one in objects:
            identity, build = self._name(one)
            if build is None:
                continue
            try:
                index = found.get(identity)
            except TypeError:  # a value of some scalar that is a list or an object
                identity = identity_of(build(one))
                index = found.get(identity)
            if index is None:
                found[identity] = len(stand_for)
                representations.append(build(one))
                stand_for.append([one])
            else:
                stand_for[index].append(one)
        return Entities(representations, stand_for)

    def _name(self, one: Object) -> tuple[Any, Build | None]:
        """What tells the entity from others, and how to make its representation; no way if it has none."""
        typename = one.get("__typename")
        for types, identify, build in self._names:
            if types is None or typename in types:
                identity = identify(one)
                if identity is not None:
                    return identity, build
        return None, None


def objects_at(root: Object, path: Path) -> list[Object]:
    """The objects at `path`, lists opened; those of another type than a step wants are left out."""
    found = [root]
    for step in path:
        key, types = step.key, step.types
        below: list[Object] = []
        for one in found:
            value = one.get(key)
            if value.__class__ is dict:
                below.append(value)
            elif value.__class__ is list:
                _open(value, below)
        found = below if types is None else [one for one in below if may_be(one, types)]
    return found


def may_be(one: Object, types: frozenset[str]) -> bool:
    """Whether the object is of one of the types, or of a type that nobody asked for."""
    return "__typename" not in one or one["__typename"] in types


def _open(values: list[Any], into: list[Object]) -> None:
    for value in values:
        if value.__class__ is dict:
            into.append(value)
        elif value.__class__ is list:
            _open(value, into)


def located_at(root: Object, path: Path) -> Iterator[Located]:
    """As `objects_at`, each object with its place in the result tree: only errors need to know it."""
    found: list[Located] = [(root, ())]
    for step in path:
        below = [inner for one, place in found for inner in _opened(one.get(step.key), (*place, step.key))]
        found = [(one, place) for one, place in below if step.types is None or may_be(one, step.types)]
    yield from found


def _opened(value: Any, place: tuple[str | int, ...]) -> Iterator[Located]:
    if isinstance(value, dict):
        yield value, place
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _opened(one, (*place, index))


def identity_of(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, identity_of(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(identity_of(inner) for inner in value)
    return value


def _compile(representation: Representation) -> tuple[Callable[[Object], Any], Build]:
    """What identifies an object's representation, and what builds it.

    There is no identity where the object lacks a part of its key, or what is required never came.
    """
    typename = representation.typename
    key = [(one.name, one.key, _compile_value(one)) for one in representation.key]
    required = [(one.name, one.key, _compile_value(one)) for one in representation.required]

    def build(one: Object) -> Object:
        built: Object = {"__typename": typename if typename is not None else one.get("__typename")}
        for name, source, value in (*key, *required):
            found = one[source]
            built[name] = found if value is None else value(found)
        return built

    def identify(one: Object) -> Any:
        if any(one.get(source) is None for _, source, _ in key):
            return None
        if any(source not in one for _, source, _ in required):
            return None
        return identity_of(build(one))

    if any(value is not None for _, _, value in (*key, *required)):
        return identify, build
    read = itemgetter(*(source for _, source, _ in (*key, *required)))
    count, single = len(key), len(key) + len(required) == 1

    def identify_by_leaves(one: Object) -> Any:
        try:
            values = read(one)
        except KeyError:
            return None
        if single:
            return None if values is None else (typename or one.get("__typename"), values)
        return None if None in values[:count] else (typename or one.get("__typename"), *values)

    return identify_by_leaves, build


def _compile_value(field: RepresentationField) -> Callable[[Any], Any] | None:
    """How the value of a field of a representation is copied; None for a leaf, which is taken as it is."""
    if not field.fields:
        return None
    inner = [(one.name, one.key, one.types, _compile_value(one)) for one in field.fields]

    def copy(value: Any) -> Any:
        if isinstance(value, list):
            return [copy(one) for one in value]
        if not isinstance(value, dict):
            return value
        typename = value.get("__typename")
        built = {} if typename is None else {"__typename": typename}
        for name, source, types, below in inner:
            if types is None or typename is None or typename in types:
                found = value.get(source)
                built[name] = below(found) if below is not None else found
        return built

    return copy
