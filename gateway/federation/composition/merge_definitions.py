"""Which directive definitions the supergraph has: executable ones of all subgraphs, and composed ones.

`@composeDirective` (federation 2.1) keeps a subgraph's own type-system directive, if a `@link` says which
specification it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.federation.composition.definitions import (
    DirectiveDefinition,
    Link,
    SubgraphSchema,
)
from gateway.federation.composition.merge_context import (
    Findings,
    MergeContext,
    described,
    listed,
)
from gateway.federation.composition.merge_values import merge_arguments
from gateway.federation.composition.specifications import directives_of

_EXECUTABLE = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)


def find_composed(subgraphs: Sequence[SubgraphSchema], findings: Findings) -> dict[str, str]:
    """The directives that `@composeDirective` keeps: name → identity of the specification."""
    composed: dict[str, str] = {}
    majors: dict[str, tuple[int, str]] = {}
    for subgraph in subgraphs:
        for applied in subgraph.applied:
            if applied.name != "composeDirective":
                continue
            text = applied.value("name")
            link = _composable(subgraph, str(text))
            if isinstance(link, str):
                hint = "Name a directive that this subgraph defines and imports with @link."
                findings.error("DIRECTIVE_COMPOSITION_ERROR", str(text), link, hint, subgraph, applied)
                continue
            name = str(text).removeprefix("@")
            other = composed.setdefault(name, link.identity)
            major, first = majors.setdefault(link.identity, (link.version[0], subgraph.name))
            if other != link.identity or major != link.version[0]:
                findings.error(
                    "DIRECTIVE_COMPOSITION_ERROR",
                    f"@{name}",
                    f'is another specification or major version in "{first}" than in "{subgraph.name}"'
                    if other == link.identity
                    else f"means {other} in one subgraph and {link.identity} in another",
                    "Link the same major version of one specification in all subgraphs that compose it.",
                    subgraph,
                    applied,
                )
    return composed


def _composable(subgraph: SubgraphSchema, text: str) -> Link | str:
    """The link that brings a directive into a subgraph, or why it cannot be composed."""
    if not text.startswith("@"):
        return f'the name of a directive begins with "@": @{text}?'
    name = text.removeprefix("@")
    for link in subgraph.links:
        local = [mine for _, mine in link.imports]
        if text in local or name == link.namespace or name.startswith(f"{link.namespace}__"):
            if directives_of(link.identity):
                return f"{text} belongs to {link.identity}, which is composed as that specification says"
            return link if name in subgraph.directives else f"{text} is not defined"
    return f"{text} comes from no linked specification"


def composed_links(subgraphs: Sequence[SubgraphSchema], composed: Mapping[str, str]) -> Iterator[Link]:
    """A link for each composed specification: its latest minor version, importing what is composed."""
    for identity in sorted(set(composed.values())):
        names = {name for name, of in composed.items() if of == identity}
        links = [link for s in subgraphs for link in s.links if link.identity == identity]
        latest = max(links, key=lambda link: link.version)
        imports = dict.fromkeys(
            (theirs, ours)
            for link in links
            for theirs, ours in link.imports
            if ours.removeprefix("@") in names
        )
        yield replace(latest, imports=tuple(imports))


def merge_directive_definitions(context: MergeContext) -> dict[str, DirectiveDefinition]:
    """The supergraph's own directive definitions, by name."""
    merged: dict[str, DirectiveDefinition] = {}
    names = sorted({name for subgraph in context.subgraphs for name in subgraph.directives})
    for name in names:
        found = [(s, s.directives[name]) for s in context.subgraphs if name in s.directives]
        if name in context.composed:
            merged[name] = _latest(context, name)
        elif len(found) == len(context.subgraphs):
            shared = set.intersection(*(set(definition.locations) for _, definition in found))
            locations = tuple(place for place in found[0][1].locations if place in shared & _EXECUTABLE)
            if locations:
                merged[name] = DirectiveDefinition(
                    name=name,
                    description=described(found),
                    locations=locations,
                    repeatable=all(definition.repeatable for _, definition in found),
                    arguments=merge_arguments(context, f"@{name}", found, directive=True),
                )
        elif any(set(definition.locations) & _EXECUTABLE for _, definition in found):
            missing = listed(s.name for s in context.subgraphs if name not in s.directives)
            message = f"is left out of the supergraph, since {missing} does not define it"
            context.findings.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", f"@{name}", message)
    return merged


def _latest(context: MergeContext, name: str) -> DirectiveDefinition:
    """The definition in the subgraph that links the latest version of the directive's specification."""
    identity = context.composed[name]
    candidates = [
        (link.version, subgraph.directives[name])
        for subgraph in context.subgraphs
        for link in subgraph.links
        if link.identity == identity and name in subgraph.directives
    ]
    return max(candidates, key=lambda candidate: candidate[0])[1]
