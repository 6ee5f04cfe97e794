"""Compare the directives on one element: federation's own may break a composition that the types do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.federation.composition.change import Change, Severity
from gateway.federation.composition.definitions import FEDERATION, SHARDING, Applied, Element
from gateway.federation.composition.field_sets import parse_field_set, print_field_set

_FEDERATION: Mapping[str, tuple[Severity, Severity]] = {
    "key": ("safe", "breaking"),
    "shareable": ("safe", "breaking"),
    "inaccessible": ("breaking", "safe"),
    "interfaceObject": ("breaking", "breaking"),
    "external": ("dangerous", "dangerous"),
    "requires": ("dangerous", "dangerous"),
    "provides": ("dangerous", "dangerous"),
    "override": ("dangerous", "dangerous"),
    "context": ("safe", "breaking"),
    "fromContext": ("dangerous", "breaking"),
    "authenticated": ("breaking", "dangerous"),
    "requiresScopes": ("breaking", "dangerous"),
    "policy": ("breaking", "dangerous"),
    "cost": ("dangerous", "dangerous"),
    "listSize": ("dangerous", "dangerous"),
    "tag": ("safe", "safe"),
    "extends": ("safe", "safe"),
}
"""How much adding and removing each hurts. A requirement removed is dangerous: what it guarded is open."""

_REASONS = {
    "key": "other subgraphs may enter by it",
    "shareable": "other subgraphs may resolve it too",
    "inaccessible": "clients see it only without",
    "authenticated": "it decides who may ask",
    "requiresScopes": "it decides who may ask",
    "policy": "it decides who may ask",
}


def compare_directives(place: str, old: Element, new: Element) -> Iterator[Change]:
    """Directives that only one version has, arguments included."""
    before = {_normal(applied): applied for applied in old.directives}
    after = {_normal(applied): applied for applied in new.directives}
    for text, applied in before.items():
        if text not in after:
            yield from _change(place, applied, text, "removed")
    for text, applied in after.items():
        if text not in before:
            yield from _change(place, applied, text, "added")


def _normal(applied: Applied) -> str:
    """The directive as text, its field set and defaults in one form."""
    arguments = dict(applied.arguments)
    if applied.spec == FEDERATION and applied.name in ("key", "requires", "provides"):
        arguments["fields"] = print_field_set(parse_field_set(applied.value("fields")))
        if arguments.get("resolvable") == "true":
            del arguments["resolvable"]
    return str(Applied(applied.name, tuple(sorted(arguments.items()))))


def _change(place: str, applied: Applied, text: str, what: str) -> Iterator[Change]:
    if applied.name == "deprecated":
        verb = "is deprecated" if what == "added" else "is not deprecated any more, or otherwise"
        yield Change("safe", f"DEPRECATION_{what.upper()}", place, verb)
    elif applied.spec == FEDERATION and applied.name in _FEDERATION:
        added, removed = _FEDERATION[applied.name]
        reason = f": {_REASONS[applied.name]}" if applied.name in _REASONS else ""
        kind = added if what == "added" else removed
        yield Change(kind, f"{_upper(applied.name)}_{what.upper()}", place, f"{text} was {what}{reason}")
    elif applied.spec == SHARDING:
        message = f"{text} was {what}: requests go to other shards, or are gathered otherwise"
        yield Change("dangerous", f"{_upper(applied.name)}_{what.upper()}", place, message)
    elif applied.name not in ("specifiedBy", "oneOf"):
        yield Change("safe", f"DIRECTIVE_APPLICATION_{what.upper()}", place, f"{text} was {what}")


def _upper(name: str) -> str:
    """A directive's name as part of a code: `requiresScopes` → REQUIRES_SCOPES."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)
