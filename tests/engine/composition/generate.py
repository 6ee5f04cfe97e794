"""Make random subgraphs that are plausible: entities spread over subgraphs by keys of several forms, with
shared, external, required, provided and overridden fields, interfaces, unions and interface objects.

About a third compose; the others are refused for a reason that a team might meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from gateway.federation.composition.compose import Subgraph
from tests.engine.composition.cases import link

ENTITIES = ("T", "U", "V")
FIELDS = "abcdef"
TYPES = ("Int", "Int", "String", "T", "U", "I", "N", "W", "[T]", "[U!]", "[I!]!")
KEYS = (("id",), ("id",), ("id",), ("id", "k"), ("k",), ("w { id }", "id"), ("id k",), ())


@dataclass
class _Part:
    """One subgraph in the making. `fields`: entity → field → its definition."""

    name: str
    fields: dict[str, dict[str, str]]
    keys: dict[str, list[str]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    stands_in: bool = False


class Generator:
    """Makes the subgraphs of one supergraph from one source of chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._entities = ENTITIES[: random.randint(2, 3)]
        self._implementing = {name for name in self._entities if self._chance(0.6)}
        self._members = [name for name in self._entities if self._chance(0.7)]
        self._types = {
            (name, letter): random.choice(TYPES)
            for name in self._entities
            for letter in FIELDS[: random.randint(2, 6)]
        }
        self._stand_in = self._chance(0.35)
        self._parts = [_Part(name, self._present()) for name in "abcd"[: random.randint(2, 4)]]

    def subgraphs(self) -> list[Subgraph]:
        """The subgraphs, each with its SDL."""
        if self._stand_in:
            last = self._parts[-1]
            last.stands_in = True
            last.fields = {name: {} for name in last.fields if name not in self._implementing}
        for part in self._parts:
            self._add_keys(part)
        for (entity, letter), type_name in self._types.items():
            self._add_owners(entity, letter, type_name)
        for part in self._parts:
            self._add_externals(part)
        return [Subgraph(part.name, "", link("2.8") + self._sdl(part)) for part in self._parts]

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _present(self) -> dict[str, dict[str, str]]:
        return {name: {} for name in self._entities if self._chance(0.8)}

    def _knows(self, part: _Part, type_name: str) -> bool:
        """Whether a subgraph can have a field of this type."""
        name = type_name.strip("[]!")
        if name == "I":
            return part.stands_in or bool(self._implementing & set(part.fields))
        if name == "N":
            return any(member in part.fields for member in self._members)
        return name not in ENTITIES or name in part.fields

    def _add_keys(self, part: _Part) -> None:
        for entity, fields in part.fields.items():
            keys = list(self._random.choice(KEYS))
            if self._stand_in and entity in self._implementing and "id" not in keys:
                keys.append("id")
            part.keys[entity] = keys
            fields["id"] = "id: ID! @shareable"
            if any("k" in key for key in keys) or self._chance(0.3):
                fields["k"] = "k: ID @shareable"
            if any("w" in key for key in keys):
                fields["w"] = "w: W @shareable"

    def _add_owners(self, entity: str, letter: str, type_name: str) -> None:
        able = [p for p in self._parts if entity in p.fields and self._knows(p, type_name)]
        if not able:
            return
        owners = [part for part in able if self._chance(0.3)] or [self._random.choice(able)]
        for part in owners:
            shared = " @shareable" if len(owners) > 1 or self._chance(0.8) else ""
            part.fields[entity][letter] = f"{letter}: {type_name}{shared}"
        others = [part for part in able if part not in owners]
        if others and len(owners) == 1 and self._chance(0.15):
            label = f', label: "percent({self._random.randint(0, 100)})"' if self._chance(0.4) else ""
            override = f'@override(from: "{owners[0].name}"{label})'
            self._random.choice(others).fields[entity][letter] = f"{letter}: {type_name} {override}"

    def _add_externals(self, part: _Part) -> None:
        for entity, fields in part.fields.items():
            for (owner, letter), type_name in self._types.items():
                resolved = any(letter in other.fields.get(entity, {}) for other in self._parts)
                if owner != entity or letter in fields or not resolved or not self._knows(part, type_name):
                    continue
                if not self._chance(0.35):
                    continue
                fields[letter] = f"{letter}: {type_name} @external"
                selection = self._selection(part, letter, type_name)
                requires = self._chance(0.8)
                if requires:
                    name = f"r{letter}{part.name}"
                    fields[name] = f'{name}: Int @requires(fields: "{selection}")'
                if not requires or self._chance(0.3):
                    name = f"p{entity}{letter}{part.name}"
                    part.roots.append(f'{name}: {entity} @provides(fields: "{selection}")')

    def _selection(self, part: _Part, letter: str, type_name: str) -> str:
        name = type_name.strip("[]!")
        if name == "N":
            member = next(member for member in self._members if member in part.fields)
            return f"{letter} {{ ... on {member} {{ id }} }}"
        return letter if name in ("Int", "String") else f"{letter} {{ id }}"

    def _sdl(self, part: _Part) -> str:
        lines = []
        for entity, fields in part.fields.items():
            implements = " implements I" if entity in self._implementing and not part.stands_in else ""
            keys = " ".join(self._key(key) for key in part.keys[entity])
            lines.append(f"type {entity}{implements} {keys} {{ {' '.join(fields.values())} }}")
        if part.stands_in:
            lines.append('type I @interfaceObject @key(fields: "id") { id: ID! seen: Int }')
        elif self._implementing & set(part.fields):
            key = ' @key(fields: "id")' if self._stand_in and self._chance(0.6) else ""
            lines.append(f"interface I{key} {{ id: ID! }}")
        members = [member for member in self._members if member in part.fields]
        if members:
            lines.append(f"union N = {' | '.join(members)}")
        lines.append("type W { id: ID @shareable }")
        return "\n".join([*lines, f"type Query {{ {' '.join(self._roots(part, members))} }}"])

    def _key(self, key: str) -> str:
        unresolvable = ", resolvable: false" if self._chance(0.05) else ""
        return f'@key(fields: "{key}"{unresolvable})'

    def _roots(self, part: _Part, members: list[str]) -> list[str]:
        roots = [*part.roots, f"{part.name}: Int"]
        for entity in part.fields:
            roots += [f"q{entity}{part.name}: {entity}"] if self._chance(0.5) else []
            roots += [f"s{entity}: {entity} @shareable"] if self._chance(0.2) else []
        if self._knows(part, "I") and self._chance(0.5):
            roots.append(f"i{part.name}: I")
        if members and self._chance(0.4):
            roots.append(f"n{part.name}: N")
        return roots
