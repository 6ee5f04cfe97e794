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
    ComposedBy,
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


def find_composed(
    subgraphs: Sequence[SubgraphSchema], findings: Findings
) -> dict[str, tuple[ComposedBy, ...]]:
    """The directives that `@composeDirective` keeps, by name, with the subgraphs that ask for it."""
    composed: dict[str, list[ComposedBy]] = {}
    for subgraph in subgraphs:
        for applied in subgraph.applied:
            if applied.name != "composeDirective":
                continue
            text = str(applied.value("name"))
            link = _composable(subgraph, text)
            if isinstance(link, str):
                hint = "Name a directive that this subgraph defines and imports with @link."
                findings.error("DIRECTIVE_COMPOSITION_ERROR", text, link, hint, subgraph, applied)
            else:
                composed.setdefault(text.removeprefix("@"), []).append((subgraph, link))
    _check_links(composed, findings)
    return {name: tuple(by) for name, by in composed.items()}


def _check_links(composed: Mapping[str, Sequence[ComposedBy]], findings: Findings) -> None:
    """All subgraphs must mean the same directive of the same major version by the same name."""
    names: dict[tuple[str, str], tuple[str, SubgraphSchema]] = {}
    majors: dict[str, tuple[int, SubgraphSchema]] = {}
    for name, by in composed.items():
        for subgraph, link in by:
            first, other = by[0]
            if first is not subgraph and other.identity != link.identity:
                message = f'means {other.identity} in "{first.name}" and {link.identity} in "{subgraph.name}"'
                hint = "Rename one of them where it is linked."
                findings.error("DIRECTIVE_COMPOSITION_ERROR", f"@{name}", message, hint, subgraph, None)
                continue
            major, there = majors.setdefault(link.identity, (link.version[0], subgraph))
            if major != link.version[0]:
                message = f'is v{major} in "{there.name}" but v{link.version[0]} in "{subgraph.name}"'
                hint = "Link the same major version in all subgraphs that compose it."
                findings.error("DIRECTIVE_COMPOSITION_ERROR", f"@{name}", message, hint, subgraph, None)
            theirs = next((t for t, ours in link.imports if ours == f"@{name}"), f"@{name}")
            known, where = names.setdefault((link.identity, theirs), (name, subgraph))
            if known != name:
                message = f'is imported as @{known} in "{where.name}" but as @{name} in "{subgraph.name}"'
                hint = "Import it under the same name in all subgraphs that compose it."
                findings.error("LINK_IMPORT_NAME_MISMATCH", theirs, message, hint, subgraph, None)


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


def composed_links(composed: Mapping[str, Sequence[ComposedBy]]) -> Iterator[Link]:
    """A link for each composed specification: its latest minor version, importing what is composed."""
    by_identity: dict[str, list[Link]] = {}
    for by in composed.values():
        for _, link in by:
            by_identity.setdefault(link.identity, []).append(link)
    for _, links in sorted(by_identity.items()):
        latest = max(links, key=lambda link: link.version)
        imports = dict.fromkeys(
            (theirs, ours)
            for link in links
            for theirs, ours in link.imports
            if ours.removeprefix("@") in composed
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
    """The definition of the subgraph that composes the latest version."""
    subgraph, _ = max(context.composed[name], key=lambda by: by[1].version)
    return subgraph.directives[name]
