"""Read a schema's `@link`s: which specifications it uses, in which version, and what it calls their parts.

Source: https://specs.apollo.dev/link/v1.0. A subgraph without a link to federation is Federation 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DirectiveNode, DocumentNode, SchemaDefinitionNode, SchemaExtensionNode
from graphql import value_from_ast_untyped as untyped

from gateway.federation.composition.definitions import FEDERATION, Link
from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.specifications import (
    FEDERATION_1_NAMES,
    FEDERATION_URL,
    LATEST_FEDERATION,
    LATEST_LINK,
    LATEST_SHARDING,
    LINK_URL,
    SHARDING_URL,
    Known,
    directives_of,
    support_types_of,
)

_URL = re.compile(r"^(?P<identity>\S+?/(?P<name>[^/\s]+))/v(?P<major>\d+)\.(?P<minor>\d+)/?$")
_NAME = re.compile(r"^[_A-Za-z][_0-9A-Za-z]*$")
LINK_SPEC = "link"
_LATEST = {FEDERATION_URL: LATEST_FEDERATION, SHARDING_URL: LATEST_SHARDING, LINK_URL: LATEST_LINK}


@dataclass(frozen=True, slots=True)
class Names:
    """What the schema calls things. `directives`: local name → (specification, canonical name)."""

    links: tuple[Link, ...]
    federation: tuple[int, int]
    directives: Mapping[str, tuple[str, str]]
    types: Mapping[str, str]
    known: Mapping[str, Known]
    """Local name → the definition to use for it."""
    link_directive: str


def schema_directives(document: DocumentNode) -> tuple[DirectiveNode, ...]:
    """The directives applied to the schema, definition and extensions together."""
    return tuple(
        directive
        for node in document.definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for directive in node.directives or ()
    )


def _arguments(directive: DirectiveNode) -> dict[str, Any]:
    return {argument.name.value: untyped(argument.value) for argument in directive.arguments or ()}


def _line(directive: DirectiveNode) -> int:
    return directive.loc.start_token.line if directive.loc else 0


def _link_directive(directives: Sequence[DirectiveNode]) -> str:
    """The name `@link` goes by: a schema may rename it in the link to the link specification itself."""
    for directive in directives:
        arguments = _arguments(directive)
        url = arguments.get("url")
        if isinstance(url, str) and url.startswith(f"{LINK_URL}/"):
            name = arguments.get("as") or "link"
            for item in arguments.get("import") or ():
                if isinstance(item, Mapping) and item.get("name") == "@link":
                    name = str(item.get("as", "@link")).removeprefix("@")
            if directive.name.value == name:
                return str(name)
    return "link"


def _imports(value: Any) -> Iterator[tuple[str, str]]:
    for item in value if isinstance(value, list) else ([] if value is None else [value]):
        if isinstance(item, str):
            yield item, item
        elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
            yield item["name"], str(item.get("as", item["name"]))
        else:
            yield "", str(item)


def _link(subgraph: str, directive: DirectiveNode) -> Link | CompositionError:
    def refuse(code: str, message: str, hint: str) -> CompositionError:
        return CompositionError(code, message, hint, subgraph, "@link", _line(directive))

    arguments = _arguments(directive)
    url = arguments.get("url")
    match = _URL.match(url) if isinstance(url, str) else None
    if not isinstance(url, str) or match is None:
        return refuse(
            "INVALID_LINK_IDENTIFIER",
            f"@link needs a URL that ends in a name and a version, not {url!r}",
            'Write it like @link(url: "https://specs.apollo.dev/federation/v2.3").',
        )
    imports = tuple(_imports(arguments.get("import")))
    for name, local in imports:
        if (
            not name
            or name.startswith("@") != local.startswith("@")
            or not _NAME.match(local.removeprefix("@"))
        ):
            return refuse(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f"cannot import {local!r}{f' for {name!r}' if name and name != local else ''}",
                'Import names as "@directive" or "Type", or { name: "@directive", as: "@other" }.',
            )
    namespace = arguments.get("as") or match["name"]
    if not _NAME.match(namespace):
        namespace = re.sub(r"\W", "_", namespace)
    version = (int(match["major"]), int(match["minor"]))
    return Link(url, match["identity"], match["name"], version, namespace, imports, _line(directive))


def _link_faults(subgraph: str, link: Link) -> Iterator[CompositionError]:
    """What is wrong with a link to a specification that we know."""

    def refuse(code: str, message: str, hint: str) -> CompositionError:
        return CompositionError(code, message, hint, subgraph, "@link", link.line)

    known = directives_of(link.identity)
    latest = _LATEST.get(link.identity)
    if latest and (link.version > latest or link.version[0] != latest[0]):
        yield refuse(
            "UNKNOWN_FEDERATION_LINK_VERSION" if link.identity == FEDERATION_URL else "UNKNOWN_LINK_VERSION",
            f"{link.name} v{link.version[0]}.{link.version[1]} is not known",
            f"Link a version from v{latest[0]}.0 to v{latest[0]}.{latest[1]}.",
        )
        return
    if not known:
        return
    types = support_types_of(link.identity)
    for name, local in link.imports:
        directive = known.get(name.removeprefix("@")) if name.startswith("@") else None
        if link.identity == FEDERATION_URL and directive is not None and directive.since > link.version:
            yield refuse(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f"{name} is not in {link.name} v{link.version[0]}.{link.version[1]}",
                f"Link {link.identity}/v{directive.since[0]}.{directive.since[1]} or later.",
            )
        elif directive is None and name not in types:
            near = f"@{name}" if not name.startswith("@") and name in known else ""
            yield refuse(
                "INVALID_LINK_DIRECTIVE_USAGE",
                f"{link.name} has nothing named {name}{f' (imported as {local})' if local != name else ''}",
                f'Did you mean "{near}"?' if near else f"It has {', '.join(f'@{item}' for item in known)}.",
            )


def read_links(subgraph: str, document: DocumentNode) -> tuple[Names, list[CompositionError]]:
    """Read the links of one subgraph's document, with everything wrong about them."""
    applied = schema_directives(document)
    link_directive = _link_directive(applied)
    links: list[Link] = []
    errors: list[CompositionError] = []
    for directive in applied:
        if directive.name.value != link_directive:
            continue
        link = _link(subgraph, directive)
        if isinstance(link, CompositionError):
            errors.append(link)
            continue
        errors.extend(_link_faults(subgraph, link))
        if any(link.identity == other.identity for other in links):
            message = f"{link.identity} is linked twice"
            hint = "Keep one @link for each specification."
            errors.append(
                CompositionError("INVALID_LINK_DIRECTIVE_USAGE", message, hint, subgraph, "@link", link.line)
            )
            continue
        links.append(link)
    return _names(tuple(links), link_directive), errors


def _names(links: tuple[Link, ...], link_directive: str) -> Names:
    federation = next((link.version for link in links if link.identity == FEDERATION_URL), (1, 0))
    directives: dict[str, tuple[str, str]] = {
        link_directive: (LINK_SPEC, "link"),
        "core": (LINK_SPEC, "core"),
    }
    known: dict[str, Known] = {}
    types: dict[str, str] = {}
    for link in links:
        for name, definition in directives_of(link.identity, link.version).items():
            local = link.local_directive(name)
            directives[local] = (definition.spec, name)
            known[local] = definition
        imported = dict(link.imports)
        for name, canonical in support_types_of(link.identity).items():
            types[imported.get(name, f"{link.namespace}__{name}")] = canonical
    if federation < (2, 0):
        linked = {canonical for _, canonical in directives.values()}
        for name in FEDERATION_1_NAMES:
            if name not in linked:
                directives[name] = (FEDERATION, name)
                known[name] = directives_of(FEDERATION_URL)[name]
        types |= {"_FieldSet": "federation__FieldSet", "FieldSet": "federation__FieldSet"}
    return Names(links, federation, directives, types, known, link_directive)
