"""Compare two supergraphs for meaning: order, formatting and the version of the join specification aside.

Each becomes a set of facts, one line each (`User.id: ID!`, `User @join__type(graph: A, key: "id")`); the
comparison lists the facts that only one of them states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    parse,
    print_ast,
    value_from_ast_untyped,
)

_OWN_SPECS = ("https://specs.apollo.dev/link/", "https://specs.apollo.dev/join/")
_FIELD_SETS = ("key", "requires", "provides")


def differences(expected: str, actual: str) -> list[str]:
    """The facts stated by one supergraph only: "- fact" by `expected`, "+ fact" by `actual`."""
    left, right = set(facts(expected)), set(facts(actual))
    return [f"- {fact}" for fact in sorted(left - right)] + [f"+ {fact}" for fact in sorted(right - left)]


def facts(sdl: str) -> Iterator[str]:
    """What a supergraph states, apart from the definitions that the join and link specifications bring."""
    for node in parse(sdl, no_location=True).definitions:
        if isinstance(node, SchemaDefinitionNode):
            yield from (f"schema {line}" for line in _directives(node.directives))
            yield from (f"schema {print_ast(operation)}" for operation in node.operation_types)
        elif isinstance(node, DirectiveDefinitionNode):
            if not node.name.value.startswith("join__") and node.name.value != "link":
                yield _directive_definition(node)
        elif isinstance(node, TypeDefinitionNode) and (
            node.name.value == "join__Graph" or not node.name.value.startswith(("join__", "link__"))
        ):
            yield from _type(node)


def _directive_definition(node: DirectiveDefinitionNode) -> str:
    arguments = sorted(print_ast(argument) for argument in node.arguments or ())
    places = sorted(location.value for location in node.locations)
    repeatable = " repeatable" if node.repeatable else ""
    return f"directive @{node.name.value}({', '.join(arguments)}){repeatable} on {places}"


def _type(node: Any) -> Iterator[str]:
    name = node.name.value
    yield f"{node.kind} {name}"
    yield from _element(name, node)
    yield from (f"{name} implements {item.name.value}" for item in getattr(node, "interfaces", None) or ())
    yield from (f"{name} = {item.name.value}" for item in getattr(node, "types", None) or ())
    for value in getattr(node, "values", None) or ():
        yield f"{name}.{value.name.value}"
        yield from _element(f"{name}.{value.name.value}", value)
    for field in getattr(node, "fields", None) or ():
        yield from _field(f"{name}.{field.name.value}", field)


def _field(coordinate: str, node: Any) -> Iterator[str]:
    default = f" = {print_ast(node.default_value)}" if getattr(node, "default_value", None) else ""
    yield f"{coordinate}: {print_ast(node.type)}{default}"
    yield from _element(coordinate, node)
    for argument in getattr(node, "arguments", None) or ():
        yield from _field(f"{coordinate}({argument.name.value}:)", argument)


def _element(coordinate: str, node: Any) -> Iterator[str]:
    if node.description:
        yield f'{coordinate} "{node.description.value}"'
    yield from (f"{coordinate} {line}" for line in _directives(node.directives))


def _directives(nodes: Sequence[ConstDirectiveNode] | None) -> Iterator[str]:
    for node in nodes or ():
        values = {item.name.value: item.value for item in node.arguments or ()}
        arguments = {name: " ".join(print_ast(value).split()) for name, value in values.items()}
        if node.name.value == "link" and arguments["url"].strip('"').startswith(_OWN_SPECS):
            continue
        for name in _FIELD_SETS:
            if name in arguments and node.name.value.startswith("join__"):
                arguments[name] = _field_set(value_from_ast_untyped(values[name]))
        yield f"@{node.name.value}({', '.join(f'{name}: {arguments[name]}' for name in sorted(arguments))})"


def _field_set(text: str) -> str:
    return " ".join(print_ast(parse(f"{{ {text} }}", no_location=True)).split())
