"""One shape for a schema's definitions, used for subgraphs and for the supergraph alike.

Extensions are folded in, and a directive is known by the specification it belongs to, whatever
a subgraph calls it (`@key`, `@federation__key`, `@pk`), so later passes never look at names twice.
Types and constant values are kept as GraphQL literals ("[User!]!", "{ a: 1 }"): they compare as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from graphql import parse_const_value, value_from_ast_untyped

Kind = Literal["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT"]

FEDERATION = "federation"
SHARDING = "sharding"
BUILT_IN = ""  # GraphQL's own directives, and those that a subgraph defines for itself

BUILT_IN_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
ROOT_TYPES = ("Query", "Mutation", "Subscription")


@lru_cache(maxsize=4096)
def constant(literal: str) -> Any:
    """Read a constant's literal as a Python value; an enum value becomes its name. Do not mutate it."""
    return value_from_ast_untyped(parse_const_value(literal))


@dataclass(frozen=True, slots=True)
class Applied:
    """A directive as applied. `arguments` are literals in the order written."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()
    spec: str = BUILT_IN
    extension: bool = field(default=False, compare=False)
    line: int = field(default=0, compare=False)

    def literal(self, argument: str) -> str | None:
        """The argument as written, None when absent."""
        return next((text for name, text in self.arguments if name == argument), None)

    def value(self, argument: str, default: Any = None) -> Any:
        """The argument as a Python value."""
        literal = self.literal(argument)
        return default if literal is None else constant(literal)

    def __str__(self) -> str:
        if not self.arguments:
            return f"@{self.name}"
        return f"@{self.name}({', '.join(f'{name}: {text}' for name, text in self.arguments)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Whatever may carry a description and directives. `line` counts from 1; 0 is unknown."""

    name: str
    description: str | None = None
    directives: tuple[Applied, ...] = ()
    line: int = field(default=0, compare=False)

    def applied(self, name: str, spec: str = FEDERATION) -> tuple[Applied, ...]:
        """The applications of one directive, in order."""
        return tuple(item for item in self.directives if item.name == name and item.spec == spec)

    def has(self, name: str, spec: str = FEDERATION) -> bool:
        """Whether the directive is applied here."""
        return any(item.name == name and item.spec == spec for item in self.directives)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Element):
    """A field, an input field or an argument: they differ only in which parts are used."""

    type: str
    default: str | None = None
    arguments: Mapping[str, Field] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """For an input: whether a caller must give it."""
        return self.type.endswith("!") and self.default is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDefinition(Element):
    """A named type with its extensions folded in. `extension`: the subgraph never defines it plainly."""

    kind: Kind
    extension: bool = False
    interfaces: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    values: Mapping[str, Element] = field(default_factory=dict)

    @property
    def is_interface_object(self) -> bool:
        """Whether this object type stands for an interface of another subgraph."""
        return self.kind == "OBJECT" and self.has("interfaceObject")

    @property
    def is_composite(self) -> bool:
        """Whether the type has fields to select."""
        return self.kind in ("OBJECT", "INTERFACE", "UNION")

    @property
    def is_entity(self) -> bool:
        """Whether the type has a key."""
        return self.has("key")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectiveDefinition(Element):
    """`locations` in the order written."""

    locations: tuple[str, ...]
    repeatable: bool = False
    arguments: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """An `@link` of a schema. `imports`: name in the specification → name here, directives with "@"."""

    url: str
    identity: str
    name: str
    version: tuple[int, int]
    namespace: str
    imports: tuple[tuple[str, str], ...] = ()
    line: int = field(default=0, compare=False)

    def local_directive(self, directive: str) -> str:
        """What the schema calls the specification's directive (without "@")."""
        for name, local in self.imports:
            if name == f"@{directive}":
                return local.removeprefix("@")
        return self.namespace if directive == self.name else f"{self.namespace}__{directive}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgraphSchema:
    """A subgraph, read. `graph`: its name in `join__Graph`; `federation`: (1, 0) when it links none."""

    name: str
    url: str
    graph: str
    federation: tuple[int, int]
    links: tuple[Link, ...]
    types: Mapping[str, TypeDefinition]
    directives: Mapping[str, DirectiveDefinition]
    applied: tuple[Applied, ...] = ()

    @property
    def is_federation_1(self) -> bool:
        """Whether the rules of Federation 1 apply to it."""
        return self.federation < (2, 0)

    def fields(self) -> Iterator[tuple[TypeDefinition, Field]]:
        """Every field of every object and interface type, in order."""
        for definition in self.types.values():
            if definition.kind in ("OBJECT", "INTERFACE"):
                for item in definition.fields.values():
                    yield definition, item

    def possible_types(self, name: str) -> tuple[str, ...]:
        """The object types that a composite type may turn out to be in this subgraph."""
        definition = self.types[name]
        if definition.kind == "UNION":
            return definition.members
        if definition.kind == "INTERFACE":
            return tuple(t.name for t in self.types.values() if t.kind == "OBJECT" and name in t.interfaces)
        return (name,)


def named(type_text: str) -> str:
    """The named type inside lists and non-null marks."""
    return type_text.strip("[]!")


def nullable(type_text: str) -> str:
    """The type without its outer non-null mark."""
    return type_text.removesuffix("!")


def coordinate(*names: str, argument: str | None = None) -> str:
    """A schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`."""
    return ".".join(names) + (f"({argument}:)" if argument else "")
