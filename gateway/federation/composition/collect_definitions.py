"""Fold a subgraph's document into definitions: one per type, extensions in, every name canonical."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    EnumValueDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    Node,
    TypeDefinitionNode,
    TypeExtensionNode,
    print_ast,
)

from gateway.federation.composition.definitions import (
    BUILT_IN,
    Applied,
    DirectiveDefinition,
    Element,
    Field,
    Kind,
    TypeDefinition,
)
from gateway.federation.composition.read_links import Names
from gateway.federation.composition.specifications import MACHINERY_FIELDS, MACHINERY_TYPES

_KINDS: Mapping[str, Kind] = {
    "scalar": "SCALAR",
    "object": "OBJECT",
    "interface": "INTERFACE",
    "union": "UNION",
    "enum": "ENUM",
    "input": "INPUT_OBJECT",
}


def _line(node: Node) -> int:
    return node.loc.start_token.line if node.loc else 0


def _description(node: Any) -> str | None:
    return node.description.value if getattr(node, "description", None) else None


class Collector:
    """Reads nodes of one document; `roots` maps local root type names to Query, Mutation, Subscription."""

    def __init__(self, names: Names, roots: Mapping[str, str]) -> None:
        self._names = names
        self._roots = roots

    def types(self, definitions: Iterable[DefinitionNode]) -> dict[str, TypeDefinition]:
        """The types in the order in which they first appear."""
        found: dict[str, TypeDefinition] = {}
        for node in definitions:
            if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
                part = self._part(node)
                if part.name in MACHINERY_TYPES:
                    continue
                whole = found.get(part.name)
                found[part.name] = part if whole is None else _joined(whole, part)
        return found

    def directive_definitions(self, definitions: Iterable[DefinitionNode]) -> dict[str, DirectiveDefinition]:
        """The directives the subgraph defines itself."""
        return {
            node.name.value: DirectiveDefinition(
                name=node.name.value,
                description=_description(node),
                line=_line(node),
                locations=tuple(location.value for location in node.locations),
                repeatable=node.repeatable,
                arguments=self._inputs(node.arguments or ()),
            )
            for node in definitions
            if isinstance(node, DirectiveDefinitionNode)
        }

    def applied(self, nodes: Sequence[DirectiveNode], *, extension: bool = False) -> tuple[Applied, ...]:
        """Directives as applied, under their canonical names."""
        found = []
        for node in nodes:
            spec, name = self._names.directives.get(node.name.value, (BUILT_IN, node.name.value))
            arguments = tuple(self._argument(item) for item in node.arguments or ())
            found.append(Applied(name, arguments, spec, extension, _line(node)))
        return tuple(found)

    def _argument(self, node: ArgumentNode) -> tuple[str, str]:
        """Name and literal; Federation 1 took the name of a key's field without quotes, too."""
        name, text = node.name.value, print_ast(node.value)
        if name == "fields" and isinstance(node.value, EnumValueNode) and self._names.federation < (2, 0):
            return name, f'"{text}"'
        return name, text

    def _part(self, node: Any) -> TypeDefinition:
        extension = isinstance(node, TypeExtensionNode)
        kind = _KINDS[node.kind.split("_")[0]]
        fields: dict[str, Field] = {}
        if kind in ("OBJECT", "INTERFACE"):
            fields = {
                item.name.value: self._field(item)
                for item in node.fields or ()
                if item.name.value not in MACHINERY_FIELDS
            }
        elif kind == "INPUT_OBJECT":
            fields = self._inputs(node.fields or ())
        return TypeDefinition(
            name=self._type_name(node.name.value),
            description=_description(node),
            directives=self.applied(node.directives or (), extension=extension),
            line=_line(node),
            kind=kind,
            extension=extension,
            interfaces=tuple(item.name.value for item in getattr(node, "interfaces", None) or ()),
            fields=fields,
            members=tuple(self._type_name(item.name.value) for item in getattr(node, "types", None) or ()),
            values=self._values(getattr(node, "values", None) or ()),
        )

    def _field(self, node: FieldDefinitionNode) -> Field:
        return Field(
            name=node.name.value,
            description=_description(node),
            directives=self.applied(node.directives or ()),
            line=_line(node),
            type=self._type(node.type),
            arguments=self._inputs(node.arguments or ()),
        )

    def _inputs(self, nodes: Iterable[InputValueDefinitionNode]) -> dict[str, Field]:
        return {
            node.name.value: Field(
                name=node.name.value,
                description=_description(node),
                directives=self.applied(node.directives or ()),
                line=_line(node),
                type=self._type(node.type),
                default=print_ast(node.default_value) if node.default_value else None,
            )
            for node in nodes
        }

    def _values(self, nodes: Iterable[EnumValueDefinitionNode]) -> dict[str, Element]:
        return {
            node.name.value: Element(
                name=node.name.value,
                description=_description(node),
                directives=self.applied(node.directives or ()),
                line=_line(node),
            )
            for node in nodes
        }

    def _type_name(self, local: str) -> str:
        return self._roots.get(local, local)

    def _type(self, node: Node) -> str:
        text = print_ast(node)
        local = text.strip("[]!")
        return text.replace(local, self._type_name(local))


def _joined(whole: TypeDefinition, part: TypeDefinition) -> TypeDefinition:
    """Two parts of one type as one; the plain definition gives the line and the description."""
    base = part if whole.extension and not part.extension else whole
    return replace(
        whole,
        description=whole.description or part.description,
        directives=(*whole.directives, *part.directives),
        line=base.line,
        extension=whole.extension and part.extension,
        interfaces=(*whole.interfaces, *part.interfaces),
        fields={**whole.fields, **part.fields},
        members=(*whole.members, *part.members),
        values={**whole.values, **part.values},
    )
