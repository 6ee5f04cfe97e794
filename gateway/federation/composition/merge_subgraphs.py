"""Merge validated subgraphs into one schema: the table of contents of the merging passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.federation.composition.definitions import (
    FEDERATION,
    ROOT_TYPES,
    Applied,
    DirectiveDefinition,
    Link,
    SubgraphSchema,
    TypeDefinition,
)
from gateway.federation.composition.field_uses import FieldUses
from gateway.federation.composition.merge_context import (
    Findings,
    MergeContext,
    Overrides,
    find_subtypes,
    join,
    string,
)
from gateway.federation.composition.merge_definitions import (
    composed_links,
    find_composed,
    merge_directive_definitions,
)
from gateway.federation.composition.merge_overrides import find_overrides
from gateway.federation.composition.merge_types import merge_types
from gateway.federation.composition.specifications import SHARDING_URL


@dataclass(frozen=True, slots=True)
class MergedSchema:
    """The supergraph before it is printed. `features`: the federation directives it uses, by name."""

    subgraphs: tuple[SubgraphSchema, ...]
    types: Mapping[str, TypeDefinition]
    directives: Mapping[str, DirectiveDefinition]
    features: tuple[str, ...]
    links: tuple[Link, ...]
    applied: tuple[Applied, ...]
    overrides: Overrides


def merge_subgraphs(
    subgraphs: Sequence[SubgraphSchema], uses: Mapping[str, FieldUses], findings: Findings
) -> MergedSchema:
    """Merge; what does not fit together is noted in `findings`."""
    # A gateway asks every subgraph `_service` and `_entities`, so each has a Query, if an empty one.
    rooted = tuple(_with_query(subgraph) for subgraph in subgraphs)
    composed = find_composed(rooted, findings)
    overrides = find_overrides(rooted, uses, findings)
    context = MergeContext(rooted, uses, overrides, find_subtypes(rooted), composed, findings)
    directives = merge_directive_definitions(context)
    types = merge_types(context)
    if "Query" not in types and not findings.errors:
        findings.error(
            "NO_QUERIES",
            "Query",
            "no subgraph defines a query",
            "Define type Query with at least one field in one of the subgraphs.",
        )
    return MergedSchema(
        subgraphs=rooted,
        types=types,
        directives=directives,
        features=_features(types),
        links=tuple(composed_links(composed)),
        applied=(*_sharding_links(rooted), *_schema_tags(rooted)),
        overrides=overrides,
    )


def _with_query(subgraph: SubgraphSchema) -> SubgraphSchema:
    if ROOT_TYPES[0] in subgraph.types:
        return subgraph
    query = TypeDefinition(name=ROOT_TYPES[0], kind="OBJECT")
    return replace(subgraph, types={ROOT_TYPES[0]: query, **subgraph.types})


def _features(types: Mapping[str, TypeDefinition]) -> tuple[str, ...]:
    """The names of the directives, other than join's, that stand anywhere in the supergraph."""
    names: set[str] = set()
    for definition in types.values():
        elements = [definition, *definition.values.values()]
        for field in definition.fields.values():
            elements += [field, *field.arguments.values()]
        names.update(applied.name for element in elements for applied in element.directives)
    return tuple(sorted(name for name in names if not name.startswith("join__")))


def _sharding_links(subgraphs: Sequence[SubgraphSchema]) -> list[Applied]:
    """Each subgraph's link to the sharding specification, as join v0.5 carries it on the schema."""
    found: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        for link in subgraph.links:
            if link.identity == SHARDING_URL:
                names = ", ".join(string(name) for name, _ in link.imports)
                arguments = f"{{url: {string(link.url)}, import: [{names}]}}"
                found.setdefault(arguments, []).append(subgraph.graph)
    return [
        join("directive", graphs=f"[{', '.join(graphs)}]", name=string("link"), args=arguments)
        for arguments, graphs in found.items()
    ]


def _schema_tags(subgraphs: Sequence[SubgraphSchema]) -> list[Applied]:
    tags = (a for s in subgraphs for a in s.applied if a.spec == FEDERATION and a.name == "tag")
    return [Applied("tag", tag.arguments) for tag in dict.fromkeys(tags)]
