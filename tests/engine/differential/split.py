"""A random schema, split at random into subgraphs that overlap.

Entities have one or two keys; a subgraph that has a type has one of its keys at least, one subgraph
has them all. Fields live in one subgraph, in several (`@shareable`), have moved (`@override`), are
provided on one path (`@provides`), or are computed from fields of others (`@requires`), nested ones
too. Interfaces and unions over entities, an interface object, value types, lists, nullable and
non-null fields, fields with arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

INTERFACE_OBJECT_HOME = "extra"
SCALARS = ("Int", "String", "Boolean", "Float", "ID")


@dataclass
class FieldPlan:
    """A field: its type's name and wrapping ("{}", "{}!", "[{}]", ...), where it lives, and how.

    `requires` are fields of the same object, `nested` a field and one below it. `provides` is a
    subgraph and the field of the target that it gives here though it lives elsewhere.
    """

    name: str
    type: str
    wrapping: str
    homes: list[str]
    argument: bool = False
    requires: tuple[str, ...] = ()
    overridden_in: str | None = None
    provides: tuple[str, str] | None = None
    nested: tuple[str, str] | None = None
    provided_in: set[str] = field(default_factory=set)

    @property
    def nullable(self) -> bool:
        return not self.wrapping.endswith("!")

    @property
    def written(self) -> str:
        argument = "(x: Int)" if self.argument else ""
        return f"{self.name}{argument}: {self.wrapping.format(self.type)}"


@dataclass
class TypePlan:
    """An object type. `keys` are its key fields (none: a value type), `keys_in` says which are where."""

    name: str
    keys: tuple[str, ...]
    fields: dict[str, FieldPlan] = field(default_factory=dict)
    keys_in: dict[str, tuple[str, ...]] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()


@dataclass
class Split:
    """All types of the whole, and the subgraphs' names. `abstract` maps interfaces and unions to members."""

    subgraphs: list[str]
    types: dict[str, TypePlan]
    interfaces: dict[str, list[str]]
    unions: dict[str, list[str]]
    query: TypePlan
    interface_object: TypePlan | None = None

    @property
    def abstract(self) -> dict[str, list[str]]:
        return self.interfaces | self.unions

    def sdls(self) -> dict[str, str]:
        written = {name: "\n".join(_Writer(self, name).write()) for name in self.subgraphs}
        if self.interface_object is not None:
            written[INTERFACE_OBJECT_HOME] = self._interface_object(self.interface_object)
        return {name: sdl for name, sdl in written.items() if sdl}

    def _interface_object(self, one: TypePlan) -> str:
        fields = " ".join(made.written for made in one.fields.values())
        return f"""
            type Query {{ qi: [I0] }}
            type I0 @key(fields: "id") @interfaceObject {{ id: ID! {fields} }}
        """


def make_split(random: Random) -> Split:
    subgraphs = [f"s{i}" for i in range(random.randint(2, 4))]
    entities = [f"E{i}" for i in range(random.randint(2, 4))]
    values = [f"V{i}" for i in range(random.randint(0, 2))]
    types = {
        name: TypePlan(name, ("id",) if random.random() < 0.6 else ("id", "code")) for name in entities
    } | {name: TypePlan(name, ()) for name in values}
    interfaces = {}
    unions = {}
    if random.random() < 0.6:
        interfaces["I0"] = sorted(random.sample(entities, random.randint(1, len(entities))))
        for name in interfaces["I0"]:
            types[name].interfaces = ("I0",)
    if random.random() < 0.5:
        unions["U0"] = sorted(random.sample(entities, random.randint(1, len(entities))))
    split = Split(subgraphs, types, interfaces, unions, TypePlan("Query", ()))
    for one in types.values():
        _fill(random, split, one)
    for one in types.values():
        _add_provided(random, split, one)
        if one.keys:
            _add_nested(random, split, one)
    if interfaces and random.random() < 0.5:
        _add_interface_object(random, split)
    for number in range(random.randint(2, 4)):
        made = _reference(random, split, f"q{number}")
        made.wrapping = random.choice(("{}", "[{}]", "[{}!]", "{}"))
        split.query.fields[made.name] = made
    return split


def _homes(random: Random, split: Split) -> list[str]:
    several = random.random() < 0.35
    count = random.randint(2, len(split.subgraphs)) if several else 1
    return sorted(random.sample(split.subgraphs, count))


def _wrapping(random: Random) -> str:
    return random.choice(("{}", "{}", "{}", "{}!", "[{}]", "[{}!]", "[{}!]!"))


def _fill(random: Random, split: Split, one: TypePlan) -> None:
    if one.keys:
        both = random.choice(split.subgraphs)
        for subgraph in split.subgraphs:
            chosen = (
                one.keys
                if subgraph == both
                else tuple(random.sample(one.keys, random.randint(1, len(one.keys))))
            )
            one.keys_in[subgraph] = tuple(key for key in one.keys if key in chosen)
    for number in range(random.randint(1, 3)):
        made = FieldPlan(f"c{number}", random.choice(SCALARS), _wrapping(random), _homes(random, split))
        made.argument = random.random() < 0.25
        if "I0" in one.interfaces:
            made.type, made.wrapping, made.argument = SCALARS[number], "{}", False
        if one.keys and len(made.homes) == 1 and random.random() < 0.15:
            others = [name for name in split.subgraphs if name != made.homes[0]]
            made.overridden_in = random.choice(others)
        one.fields[made.name] = made
    for number in range(random.randint(0, 2)):
        made = _reference(random, split, f"r{number}_{one.name.lower()}")
        if not one.keys:
            made.homes = list(split.subgraphs)
        one.fields[made.name] = made
    if not one.keys:
        shared = random.random() < 0.7
        for made in one.fields.values():
            made.homes = list(split.subgraphs) if shared else made.homes
        return
    _add_computed(random, split, one)


def _reference(random: Random, split: Split, name: str) -> FieldPlan:
    target = random.choice([*split.types, *split.abstract])
    made = FieldPlan(name, target, _wrapping(random), _homes(random, split))
    made.argument = random.random() < 0.1
    return made


def _add_computed(random: Random, split: Split, one: TypePlan) -> None:
    for number in range(random.randint(0, 2)):
        home = random.choice(split.subgraphs)
        sources = [
            made.name
            for made in one.fields.values()
            if home not in made.homes
            and made.overridden_in is None
            and made.type in SCALARS
            and made.wrapping in ("{}", "[{}]")
            and not made.argument
        ]
        if sources:
            requires = tuple(sorted(random.sample(sources, random.randint(1, min(2, len(sources))))))
            name = f"x{number}"
            one.fields[name] = FieldPlan(name, "String", "{}", [home], requires=requires)


def _add_provided(random: Random, split: Split, one: TypePlan) -> None:
    """Let some references give a field of their target that lives elsewhere."""
    for made in one.fields.values():
        target = split.types.get(made.type)
        if target is None or not target.keys or random.random() < 0.6:
            continue
        home = random.choice(made.homes)
        fields = [
            each
            for each in target.fields.values()
            if each.name.startswith("c")
            and home not in each.homes
            and each.overridden_in is None
            and not each.argument
        ]
        if fields:
            given = random.choice(fields)
            given.provided_in.add(home)
            made.provides = (home, given.name)


def _add_nested(random: Random, split: Split, one: TypePlan) -> None:
    """Compute a field from a field of another object."""
    home = random.choice(split.subgraphs)
    for made in list(one.fields.values()):
        target = split.types.get(made.type)
        if target is None or not target.keys or made.argument or home in made.homes or made.provides:
            continue
        fields = [
            each.name
            for each in target.fields.values()
            if each.name.startswith("c")
            and home not in each.homes
            and each.overridden_in is None
            and each.wrapping == "{}"
            and not each.argument
        ]
        if fields and made.wrapping in ("{}", "[{}]") and random.random() < 0.5:
            nested = (made.name, random.choice(fields))
            one.fields["n0"] = FieldPlan("n0", "String", "{}", [home], nested=nested)
            return


def _add_interface_object(random: Random, split: Split) -> None:
    fields = {f"y{i}": FieldPlan(f"y{i}", random.choice(SCALARS), "{}", []) for i in range(2)}
    split.interface_object = TypePlan("I0", ("id",), fields)
    for name in split.interfaces["I0"]:
        for subgraph, keys in split.types[name].keys_in.items():
            if "id" not in keys:
                split.types[name].keys_in[subgraph] = ("id", *keys)


class _Writer:
    """Writes the SDL of one subgraph: the fields that live there, and every type that they lead to."""

    def __init__(self, split: Split, subgraph: str) -> None:
        self._split = split
        self._subgraph = subgraph

    def write(self) -> Iterator[str]:
        needed = self._needed()
        for name, members in self._split.interfaces.items():
            if name in needed:
                common = list(self._common(members))
                key = ' @key(fields: "id")' if self._split.interface_object else ""
                yield f"interface {name}{key} {{ {' '.join(['id: ID!', *common])} }}"
        for name, members in self._split.unions.items():
            if name in needed:
                yield f"union {name} = {' | '.join(members)}"
        for one in self._split.types.values():
            if one.name in needed:
                yield self._type(one, needed)
        roots = [
            self._field(one, {}) for one in self._split.query.fields.values() if self._subgraph in one.homes
        ]
        if roots:
            yield f"type Query {{ {' '.join(roots)} }}"

    def _needed(self) -> set[str]:
        """The types that have fields here or that fields here lead to."""
        found = {
            one.name
            for one in self._split.types.values()
            if one.keys and any(self._here(field) for field in one.fields.values())
        }
        roots = [one for one in self._split.query.fields.values() if self._subgraph in one.homes]
        queue = [one.type for one in roots] + list(found)
        seen: set[str] = set()
        while queue:
            name = queue.pop()
            if name in seen or name in SCALARS:
                continue
            seen.add(name)
            queue.extend(self._split.abstract.get(name, ()))
            if name in self._split.types:
                fields = self._split.types[name].fields.values()
                queue.extend(field.type for field in fields if self._subgraph in field.homes)
                queue.extend(
                    self._split.types[name].fields[field.nested[0]].type
                    for field in fields
                    if field.nested and self._subgraph in field.homes
                )
        return seen

    def _here(self, one: FieldPlan) -> bool:
        return self._subgraph in one.homes or one.overridden_in == self._subgraph

    def _common(self, members: list[str]) -> Iterator[str]:
        first = self._split.types[members[0]]
        for one in first.fields.values():
            if not one.name.startswith("c"):
                continue
            fields = [self._split.types[name].fields.get(one.name) for name in members]
            if all(f is not None and self._subgraph in f.homes and f.overridden_in is None for f in fields):
                yield one.written

    def _external(self, one: TypePlan, made: FieldPlan) -> Iterator[str]:
        """The fields of the type that are here only because of this one."""
        if self._subgraph in made.homes:
            yield from made.requires
            yield from (made.nested or ())[:1]
        if self._subgraph in made.provided_in:
            yield made.name
        for other in self._split.types.values():
            for each in other.fields.values():
                leads_here = each.nested and other.fields[each.nested[0]].type == one.name
                if each.nested and leads_here and self._subgraph in each.homes:
                    yield each.nested[1]

    def _type(self, one: TypePlan, needed: set[str]) -> str:
        external = {name for each in one.fields.values() for name in self._external(one, each)}
        parts = [
            f"{key}: ID!{' @shareable' if not one.keys_in else ''}"
            for key in one.keys_in.get(self._subgraph, ())
        ]
        if "id" not in one.keys_in.get(self._subgraph, ()) and any(i in needed for i in one.interfaces):
            parts.append("id: ID! @shareable")
        here = [each for each in one.fields.values() if self._here(each) or each.name in external]
        parts.extend(self._field(each, external) for each in here)
        keys = "".join(f' @key(fields: "{key}")' for key in one.keys_in.get(self._subgraph, ()))
        shared = "" if one.keys else " @shareable"
        interfaces = [name for name in one.interfaces if name in needed]
        implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
        return f"type {one.name}{implements}{keys}{shared} {{ {' '.join(parts)} }}"

    def _field(self, one: FieldPlan, external: set[str] | dict[str, str]) -> str:
        written = one.written
        if one.name in external:
            return f"{written} @external"
        if one.requires:
            written += f' @requires(fields: "{" ".join(one.requires)}")'
        if one.nested:
            written += f' @requires(fields: "{one.nested[0]} {{ {one.nested[1]} }}")'
        if one.provides and one.provides[0] == self._subgraph:
            written += f' @provides(fields: "{one.provides[1]}")'
        if one.overridden_in is not None and one.overridden_in != self._subgraph:
            written += f' @override(from: "{one.overridden_in}")'
        if len(one.homes) > 1 or one.provided_in:
            written += " @shareable"
        return written
