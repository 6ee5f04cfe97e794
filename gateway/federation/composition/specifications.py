"""The directives composition knows, as their specifications define them, and since which version.

Sources: https://specs.apollo.dev/federation (v2.0–v2.11), /tag, /inaccessible, /cost, /context,
/authenticated, /requiresScopes, /policy; and our own sharding specification (docs/SHARDING.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.federation.composition.definitions import FEDERATION, SHARDING

LINK_URL = "https://specs.apollo.dev/link"
FEDERATION_URL = "https://specs.apollo.dev/federation"
SHARDING_URL = "https://specs.creditbank.example/sharding"
LATEST_FEDERATION = (2, 11)
LATEST_SHARDING = (1, 1)
LATEST_LINK = (1, 0)


@dataclass(frozen=True, slots=True)
class Known:
    """A directive of a known specification. `sdl` names types by their canonical names."""

    name: str
    spec: str
    since: tuple[int, int]
    sdl: str


def _known(spec: str, since: tuple[int, int], *definitions: str) -> list[Known]:
    return [Known(re.split(r"\W", sdl, maxsplit=1)[0], spec, since, sdl) for sdl in definitions]


def _federation(since: tuple[int, int], *definitions: str) -> list[Known]:
    return _known(FEDERATION, since, *definitions)


_ANYWHERE = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE"
    " | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)
_GUARDED = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
_SIZED = "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"

FEDERATION_DIRECTIVES: dict[str, Known] = {
    known.name: known
    for known in (
        *_federation(
            (1, 0),
            "key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE",
            "requires(fields: federation__FieldSet!) on FIELD_DEFINITION",
            "provides(fields: federation__FieldSet!) on FIELD_DEFINITION",
            "external(reason: String) on OBJECT | FIELD_DEFINITION",
            "extends on OBJECT | INTERFACE",
            f"tag(name: String!) repeatable on {_ANYWHERE} | SCHEMA",
            f"inaccessible on {_ANYWHERE}",
        ),
        *_federation(
            (2, 0),
            "shareable repeatable on FIELD_DEFINITION | OBJECT",
            "override(from: String!, label: String) on FIELD_DEFINITION",
        ),
        *_federation((2, 1), "composeDirective(name: String!) repeatable on SCHEMA"),
        *_federation((2, 3), "interfaceObject on OBJECT"),
        *_federation(
            (2, 5),
            f"authenticated on {_GUARDED}",
            f"requiresScopes(scopes: [[federation__Scope!]!]!) on {_GUARDED}",
        ),
        *_federation((2, 6), f"policy(policies: [[federation__Policy!]!]!) on {_GUARDED}"),
        *_federation(
            (2, 8),
            "context(name: String!) repeatable on INTERFACE | OBJECT | UNION",
            "fromContext(field: federation__ContextFieldValue) on ARGUMENT_DEFINITION",
        ),
        *_federation(
            (2, 9),
            f"cost(weight: Int!) on {_SIZED}",
            "listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
            " requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
        ),
    )
}

_EARLIER = [((2, 7), known) for known in _federation((2, 0), "override(from: String!) on FIELD_DEFINITION")]
"""Definitions as they were until a version that added arguments."""

SHARDING_DIRECTIVES: dict[str, Known] = {
    known.name: known
    for known in (
        *_known(
            SHARDING,
            (1, 0),
            "route(argument: String!) on FIELD_DEFINITION",
            "shardKey(field: String!) on OBJECT",
            "spanning on OBJECT",
            "scatter(gather: sharding__Gather!, orderBy: [String!]) on FIELD_DEFINITION",
            "aggregate(op: sharding__Aggregate!, weight: String) on FIELD_DEFINITION",
        ),
        *_known(SHARDING, (1, 1), "member(of: String!, argument: String!) on FIELD_DEFINITION"),
    )
}

SUPPORT_TYPES = {
    "federation__FieldSet": "scalar federation__FieldSet",
    "federation__Scope": "scalar federation__Scope",
    "federation__Policy": "scalar federation__Policy",
    "federation__ContextFieldValue": "scalar federation__ContextFieldValue",
    "sharding__Gather": "enum sharding__Gather { FIRST CONCAT CONNECTION MERGE SUM }",
    "sharding__Aggregate": "enum sharding__Aggregate { SUM MIN MAX MEAN }",
    "link__Import": "scalar link__Import",
    "link__Purpose": "enum link__Purpose { SECURITY EXECUTION }",
}

LINK_DIRECTIVE = (
    "(url: String, as: String, for: link__Purpose, import: [link__Import], feature: String)"
    " repeatable on SCHEMA"
)

FEDERATION_1_NAMES = ("key", "requires", "provides", "external", "extends", "tag")

MACHINERY_TYPES = frozenset({"_Any", "_Entity", "_Service", "_FieldSet"})
MACHINERY_FIELDS = frozenset({"_entities", "_service"})

STANDALONE_SPECS = {
    "https://specs.apollo.dev/tag": ("tag",),
    "https://specs.apollo.dev/inaccessible": ("inaccessible",),
    "https://specs.apollo.dev/authenticated": ("authenticated",),
    "https://specs.apollo.dev/requiresScopes": ("requiresScopes",),
    "https://specs.apollo.dev/policy": ("policy",),
    "https://specs.apollo.dev/cost": ("cost", "listSize"),
    "https://specs.apollo.dev/context": ("context", "fromContext"),
}
"""Specifications that federation repeats, and that a subgraph may also link by themselves."""


def directives_of(identity: str, version: tuple[int, int] | None = None) -> dict[str, Known]:
    """A specification's directives by name, of its latest version unless given; {} for an unknown one."""
    if identity not in (FEDERATION_URL, SHARDING_URL):
        return {name: FEDERATION_DIRECTIVES[name] for name in STANDALONE_SPECS.get(identity, ())}
    every = FEDERATION_DIRECTIVES if identity == FEDERATION_URL else SHARDING_DIRECTIVES
    if version is None:
        return every
    found = {name: known for name, known in every.items() if known.since <= version}
    if identity == SHARDING_URL:
        return found
    return found | {known.name: known for until, known in _EARLIER if known.since <= version < until}


def support_types_of(identity: str) -> dict[str, str]:
    """The types a specification brings with its directives: name there → name here."""
    prefix = {FEDERATION_URL: "federation__", SHARDING_URL: "sharding__", LINK_URL: "link__"}.get(identity)
    if prefix is None:
        return {}
    return {name.removeprefix(prefix): name for name in SUPPORT_TYPES if name.startswith(prefix)}
