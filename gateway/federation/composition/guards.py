"""What may be asked of an element, and at what price: authorisation and cost as a supergraph states them.

Sources: https://specs.apollo.dev/authenticated, /requiresScopes, /policy (all v0.1), /cost/v0.1.
"""

from __future__ import annotations

from dataclasses import dataclass

Alternatives = tuple[frozenset[str], ...]
"""Any of these sets, each of them whole; no alternative at all asks for nothing."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a caller has shown, in words that mean the same to every supergraph.

    `policies` are the names of `@policy` that hold for the caller.
    """

    authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Requirement:
    """What `@authenticated`, `@requiresScopes` and `@policy` on one element demand together.

    `coordinate` is the element: `Type` or `Type.field`.
    """

    coordinate: str
    authenticated: bool = False
    scopes: Alternatives = ()
    policies: Alternatives = ()

    def met_by(self, claims: Claims) -> bool:
        """Whether a caller with these claims may see the element."""
        return (
            (claims.authenticated or not self.authenticated)
            and _any_of(self.scopes, claims.scopes)
            and _any_of(self.policies, claims.policies)
        )


@dataclass(frozen=True, slots=True)
class ListSize:
    """`@listSize` of a field. Names of arguments may be paths into input objects (`page.first`)."""

    assumed: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    sized_fields: frozenset[str] = frozenset()
    require_one: bool = True


def _any_of(alternatives: Alternatives, held: frozenset[str]) -> bool:
    return not alternatives or any(one <= held for one in alternatives)
