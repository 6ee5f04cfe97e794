"""Print a merged schema as supergraph SDL (join v0.5, link v1.0), formatted by graphql-core's printer.

Sources: https://specs.apollo.dev/join/v0.5, https://specs.apollo.dev/link/v1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import StringValueNode, parse, print_ast

from gateway.federation.composition.definitions import (
    ROOT_TYPES,
    Applied,
    DirectiveDefinition,
    Element,
    Field,
    Link,
    SubgraphSchema,
    TypeDefinition,
)
from gateway.federation.composition.merge_context import string
from gateway.federation.composition.merge_subgraphs import MergedSchema
from gateway.federation.composition.specifications import FEDERATION_DIRECTIVES

_KEYWORDS = {
    "SCALAR": "scalar",
    "OBJECT": "type",
    "INTERFACE": "interface",
    "UNION": "union",
    "ENUM": "enum",
    "INPUT_OBJECT": "input",
}

_LINKS = {
    "tag": '@link(url: "https://specs.apollo.dev/tag/v0.3")',
    "inaccessible": '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)',
    "authenticated": '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
    "requiresScopes": '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)',
    "policy": '@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)',
    "cost": '@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])',
    "context": '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)',
}

_JOIN = """
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
"""  # noqa: E501 - the definitions as the specification has them, one a line

_JOIN_TYPES = '''
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__DirectiveArguments
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY
  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}
'''


def render_supergraph(merged: MergedSchema) -> str:
    """The supergraph's SDL. The same merged schema always gives the same text."""
    parts = [
        _schema(merged),
        *_feature_definitions(merged.features),
        _JOIN,
        *(_directive_definition(definition) for definition in merged.directives.values()),
        _JOIN_TYPES,
        _graphs(merged.subgraphs),
        *(_type(definition) for definition in merged.types.values()),
    ]
    return print_ast(parse("\n".join(parts), no_location=True)) + "\n"


def _schema(merged: MergedSchema) -> str:
    features = {"cost" if name == "listSize" else name for name in merged.features}
    links = [
        '@link(url: "https://specs.apollo.dev/link/v1.0")',
        '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)',
        *(text for name, text in _LINKS.items() if name in features),
        *(_link(link) for link in merged.links),
    ]
    roots = " ".join(f"{name.lower()}: {name}" for name in ROOT_TYPES if name in merged.types)
    return f"schema {' '.join(links)} {_directives(merged.applied)} {{ {roots} }}"


def _link(link: Link) -> str:
    imports = ", ".join(
        string(theirs) if theirs == ours else f"{{name: {string(theirs)}, as: {string(ours)}}}"
        for theirs, ours in link.imports
    )
    renamed = f", as: {string(link.namespace)}" if link.namespace != link.name else ""
    return f"@link(url: {string(link.url)}{renamed}{f', import: [{imports}]' if imports else ''})"


def _feature_definitions(features: Iterable[str]) -> Iterator[str]:
    """Definitions of the federation directives in use, with their scalars."""
    scalars = {"requiresScopes": "Scope", "policy": "Policy", "context": "ContextFieldValue"}
    for name in features:
        known = FEDERATION_DIRECTIVES.get(name)
        if known is None:
            continue
        yield f"directive @{known.sdl}".replace("federation__", f"{name}__")
        if name == "context":
            from_context = FEDERATION_DIRECTIVES["fromContext"].sdl
            yield f"directive @context__{from_context}".replace("federation__", "context__")
        if name in scalars:
            yield f"scalar {name}__{scalars[name]}"


def _graphs(subgraphs: Iterable[SubgraphSchema]) -> str:
    values = (f"{s.graph} @join__graph(name: {string(s.name)}, url: {string(s.url)})" for s in subgraphs)
    return f"enum join__Graph {{ {' '.join(values)} }}"


def _description(element: Element) -> str:
    if not element.description:
        return ""
    return f"{print_ast(StringValueNode(value=element.description, block=True))}\n"


def _directives(applied: Iterable[Applied]) -> str:
    return " ".join(str(item) for item in applied)


def _directive_definition(definition: DirectiveDefinition) -> str:
    repeatable = " repeatable" if definition.repeatable else ""
    arguments = _arguments(definition.arguments)
    places = " | ".join(definition.locations)
    return f"{_description(definition)}directive @{definition.name}{arguments}{repeatable} on {places}"


def _arguments(arguments: Mapping[str, Field]) -> str:
    return f"({' '.join(_field(argument) for argument in arguments.values())})" if arguments else ""


def _field(field: Field) -> str:
    default = f" = {field.default}" if field.default is not None else ""
    head = f"{_description(field)}{field.name}{_arguments(field.arguments)}: {field.type}{default}"
    return f"{head} {_directives(field.directives)}\n"


def _type(definition: TypeDefinition) -> str:
    head = f"{_description(definition)}{_KEYWORDS[definition.kind]} {definition.name}"
    if definition.interfaces:
        head += f" implements {' & '.join(definition.interfaces)}"
    head += f" {_directives(definition.directives)}"
    if definition.kind == "UNION":
        return f"{head} = {' | '.join(definition.members)}"
    if definition.kind == "SCALAR":
        return head
    if definition.kind == "ENUM":
        body = " ".join(
            f"{_description(value)}{value.name} {_directives(value.directives)}\n"
            for value in definition.values.values()
        )
    else:
        body = " ".join(_field(field) for field in definition.fields.values())
    return f"{head} {{ {body} }}"
