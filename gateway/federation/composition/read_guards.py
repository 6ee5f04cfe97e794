"""Reads the directives of authorisation and cost from a supergraph, whatever its links call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import DocumentNode
from graphql.utilities import value_from_ast_untyped

from gateway.federation.composition.guards import Alternatives, ListSize, Requirement
from gateway.federation.composition.read_links import read_links

KNOWN: Final = ("authenticated", "requiresScopes", "policy", "cost", "listSize")

Args = Mapping[str, Any]


class GuardReader:
    """Reads the elements of one supergraph's document."""

    def __init__(self, document: DocumentNode) -> None:
        names, _ = read_links("", document)
        imported = {local.removeprefix("@") for link in names.links for _, local in link.imports}
        self._canonical = {local: name for local, (_, name) in names.directives.items() if name in KNOWN}
        # A guard that nobody linked still guards, unless its name was given to something else.
        linked = set(self._canonical.values())
        for name in KNOWN:
            if name not in linked and name not in imported:
                self._canonical[name] = name

    def requirement(self, node: Any, coordinate: str) -> Requirement | None:
        """What a caller must show to see the element; None where it is open to everyone."""
        found = self._found(node)
        if not found.keys() & {"authenticated", "requiresScopes", "policy"}:
            return None
        scopes = _alternatives(found.get("requiresScopes", {}).get("scopes"))
        policies = _alternatives(found.get("policy", {}).get("policies"))
        return Requirement(coordinate, "authenticated" in found, scopes, policies)

    def cost(self, node: Any) -> int | None:
        """The weight of `@cost`."""
        weight = self._found(node).get("cost", {}).get("weight")
        return None if weight is None else int(weight)

    def list_size(self, node: Any) -> ListSize | None:
        """What `@listSize` says of the field."""
        args = self._found(node).get("listSize")
        if args is None:
            return None
        slicing = tuple(args.get("slicingArguments") or ())
        return ListSize(
            assumed=args.get("assumedSize"),
            slicing_arguments=slicing,
            sized_fields=frozenset(args.get("sizedFields") or ()),
            require_one=bool(slicing) and args.get("requireOneSlicingArgument") is not False,
        )

    def _found(self, node: Any) -> dict[str, Args]:
        """The arguments of each directive on the node that means something here, by canonical name."""
        return {
            name: {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}
            for directive in node.directives or ()
            if (name := self._canonical.get(directive.name.value)) is not None
        }


def _alternatives(value: Any) -> Alternatives:
    return tuple(frozenset(map(str, group)) for group in value or ())
