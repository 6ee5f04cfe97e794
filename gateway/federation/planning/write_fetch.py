"""Writes a finished draft as a `Fetch`: its operation, its representations, its conditions.

A. select at each visit what it was drafted for: on the type itself where all possible types select
   the same and the subgraph has the field there, in fragments by object type otherwise; `__typename`
   wherever a value's type is not known beforehand;
B. lift conditions that all of the fetch's fields share to the fetch, so that it can be left out;
C. name the variables it uses, and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from graphql import (
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    Visitor,
    print_ast,
    visit,
)

from gateway.federation.composition.supergraph import Kind
from gateway.federation.document.normalise import alternatives
from gateway.federation.document.operation import ALWAYS, Condition, Conditions
from gateway.federation.planning.ancestors import context_variable
from gateway.federation.planning.capability import Capabilities, named_type
from gateway.federation.planning.draft import Branch, Draft, KeyField, Naming, Selected, Visit
from gateway.federation.planning.plan import (
    Fetch,
    OperationKind,
    Representation,
    RepresentationField,
    SelectedField,
    SelectedFragment,
    Selection,
)

TYPENAME_TYPE: Final = NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="String")))
Level = dict[str, tuple[SelectedField, ...]]
"""For one object type, the selections of each key: several where a field has alternative conditions. Types
that select the same have the same one, so its fields get to know their parent only where they are written."""


def write_fetch(capabilities: Capabilities, definition: OperationDefinitionNode, draft: Draft) -> Fetch:
    """The fetch that `draft` became; `after` and `id` are the draft's own numbers."""
    writer = _Writer(capabilities)
    conditions = _shared_conditions(draft.entry)
    selections = writer.visit(draft.entry, bool(draft.namings), conditions)
    variables = tuple(dict.fromkeys(_variables(selections)))
    declarations = declare(definition)
    declarations |= {one.variable: f"${one.variable}: {print_ast(one.type)}" for one in draft.contexts}
    return Fetch(
        id=draft.number,
        subgraph=draft.subgraph,
        kind=draft.kind,
        operation=_print(draft, selections, variables, declarations),
        selections=selections,
        variables=variables,
        path=draft.entry.position.path,
        representations=_representations(draft),
        after=tuple(sorted(one.number for one in draft.after)),
        conditions=conditions,
        contexts=tuple(context_variable(one) for one in draft.contexts),
    )


# A


class _Writer:
    def __init__(self, capabilities: Capabilities) -> None:
        self._capabilities = capabilities

    def visit(
        self, visit: Visit, entities: bool = False, lifted: Conditions = ALWAYS
    ) -> tuple[Selection, ...]:
        levels: dict[str, Level] = {}
        for branch, selected in visit.selected.items():
            level = self._level(visit, branch, selected.values(), lifted)
            for name in self._names(visit, branch):
                known = levels.get(name)
                levels[name] = level if known is None else _joined(known, level, name)
        typename = visit.learns_type if entities else visit.position.abstract and visit.typed
        if entities:
            found = [_fragment(name, level) for name, level in levels.items()]
            if not typename:
                return tuple(found)
            return (self._typename("_Entity"), *found)
        return self._at_type(visit, levels, typename)

    def _names(self, visit: Visit, branch: Branch) -> list[str]:
        """What the subgraph calls the objects of the branch: one name for all under an interface object."""
        known = [self._capabilities.known_as(visit.draft.subgraph, name) for name in branch.types]
        return list(dict.fromkeys(name for name in known if name is not None))

    def _level(self, visit: Visit, branch: Branch, selected: Iterable[Selected], lifted: Conditions) -> Level:
        level: Level = {}
        order = {key: index for index, key in enumerate(branch.nodes)}
        for one in sorted(selected, key=lambda each: order[each.node.key]):
            below = self.visit(one.visit) if one.visit is not None else ()
            conditions = ALWAYS if one.conditions == lifted else one.conditions
            join = self._capabilities.join(visit.draft.subgraph, branch.type, one.node.name)
            kind = join.type if join else TYPENAME_TYPE
            level[one.node.key] = tuple(
                SelectedField(
                    one.node.key,
                    one.node.name,
                    branch.type,
                    kind,
                    one.node.arguments,
                    each,
                    below,
                    one.node.stream,
                )
                for each in conditions
            )
        return level

    def _typename(self, parent: str) -> SelectedField:
        return SelectedField("__typename", "__typename", parent, TYPENAME_TYPE, {})

    def _at_type(self, visit: Visit, levels: dict[str, Level], typename: bool) -> tuple[Selection, ...]:
        found: list[Selection] = [self._typename(visit.type)] if typename else []
        own = levels.pop(visit.type, None)
        if own is not None:
            found.extend(_flat(own, visit.type))
        else:
            shared = self._shared(visit, levels)
            found.extend(_flat(shared, visit.type))
            for name, level in levels.items():
                rest = {key: fields for key, fields in level.items() if key not in shared}
                if rest:
                    found.append(_fragment(name, rest))
        return tuple(found) or (self._typename(visit.type),)

    def _shared(self, visit: Visit, levels: dict[str, Level]) -> Level:
        """What every possible type selects alike, and the subgraph has on the abstract type itself."""
        subgraph = visit.draft.subgraph
        supergraph = self._capabilities.supergraph
        possible = supergraph.possible_in(subgraph, visit.type)
        abstract = supergraph.types[visit.type]
        if abstract.kind is not Kind.INTERFACE or not levels or set(possible) != levels.keys():
            return {}
        first, *others = {id(level): level for level in levels.values()}.values()
        shared: Level = {}
        for key, fields in first.items():
            field = abstract.fields.get(fields[0].name)
            join = field.joins.get(subgraph) if field else None
            if join is None or not join.resolvable:
                continue
            alike = all(_same(level.get(key), fields) for level in others)
            if alike and named_type(join.type) == named_type(fields[0].type):
                shared[key] = tuple(
                    SelectedField(
                        one.key,
                        one.name,
                        visit.type,
                        join.type,
                        one.arguments,
                        one.conditions,
                        one.selections,
                        one.stream,
                    )
                    for one in fields
                )
        return shared


def _joined(level: Level, more: Level, parent: str) -> Level:
    """With what another branch asks under the same name: under an interface object, types are one."""
    joined = _of_parent(level, parent)
    for key, fields in _of_parent(more, parent).items():
        known = joined.get(key, ())
        joined[key] = (*known, *(one for one in fields if one not in known))
    return joined


def _of_parent(level: Level, parent: str) -> Level:
    return {key: tuple(_with_parent(one, parent) for one in fields) for key, fields in level.items()}


def _with_parent(one: SelectedField, parent: str) -> SelectedField:
    if one.parent == parent:
        return one
    return replace(one, parent=parent)


def _same(ones: tuple[SelectedField, ...] | None, others: tuple[SelectedField, ...]) -> bool:
    """Whether fields of different parents ask the same."""
    if ones is None or len(ones) != len(others):
        return False
    return all(
        one.name == other.name
        and one.conditions == other.conditions
        and (one.arguments is other.arguments or one.arguments == other.arguments)
        and (one.selections is other.selections or one.selections == other.selections)
        for one, other in zip(ones, others, strict=True)
    )


def print_ast_of(arguments: Mapping[str, ValueNode]) -> str:
    return ", ".join(f"{name}: {print_ast(value)}" for name, value in arguments.items())


def _fragment(name: str, level: Level) -> SelectedFragment:
    return SelectedFragment(name, (), _flat(level, name))


def _flat(level: Level, parent: str) -> tuple[Selection, ...]:
    return tuple(_guarded(_with_parent(field, parent)) for fields in level.values() for field in fields)


def _guarded(field: SelectedField) -> Selection:
    """The field under its conditions: a directive may stand at one place only once."""
    own: dict[bool, Condition] = {}
    more = [one for one in field.conditions if own.setdefault(one.value, one) is not one]
    guarded: Selection = field
    if more:
        guarded = replace(field, conditions=tuple(own.values()))
    for condition in more:
        guarded = SelectedFragment(field.parent, (condition,), (guarded,))
    return guarded


# B


def _shared_conditions(entry: Visit) -> Conditions:
    """When the fetch has anything to ask; a draft without fields of its own always has."""
    found = [
        conjunction
        for selected in entry.selected.values()
        for one in selected.values()
        for conjunction in one.conditions
    ]
    return alternatives(found) if found and not entry.learns_type else ALWAYS


# C


def _print(
    draft: Draft,
    selections: tuple[Selection, ...],
    variables: tuple[str, ...],
    declarations: Mapping[str, str],
) -> str:
    body = print_selections(selections)
    if draft.namings:
        return print_entities({"": body}, variables, declarations)
    return _print_head(draft.kind, [], variables, declarations) + body


def declare(definition: OperationDefinitionNode) -> dict[str, str]:
    """How each of the client's variables is declared, its default included."""
    return {one.variable.name.value: print_ast(one) for one in definition.variable_definitions or ()}


def print_entities(
    bodies: Mapping[str, str], variables: Iterable[str], declarations: Mapping[str, str]
) -> str:
    """A query for entities: for each suffix the field `_entities<suffix>` and `$representations<suffix>`."""
    fields = []
    for suffix, body in bodies.items():
        alias = f"_entities{suffix}: " if suffix else ""
        fields.append(f"{alias}_entities(representations: $representations{suffix}) {body}")
    own = [f"$representations{suffix}: [_Any!]!" for suffix in bodies]
    return f"{_print_head('query', own, variables, declarations)}{{ {' '.join(fields)} }}"


def _print_head(
    kind: OperationKind, own: list[str], variables: Iterable[str], declarations: Mapping[str, str]
) -> str:
    signature = [*own, *(declarations[name] for name in variables)]
    if signature:
        return f"{kind}({', '.join(signature)}) "
    return "" if kind == "query" else f"{kind} "


def print_selections(selections: Iterable[Selection]) -> str:
    """The selections on one line, in braces."""
    return f"{{ {' '.join(_print_selection(one) for one in selections)} }}"


def _print_selection(one: Selection) -> str:
    if isinstance(one, SelectedFragment):
        return f"... on {one.on}{_print_conditions(one.conditions)} {print_selections(one.selections)}"
    alias = "" if one.key == one.name else f"{one.key}: "
    arguments = f"({print_ast_of(one.arguments)})" if one.arguments else ""
    below = f" {print_selections(one.selections)}" if one.selections else ""
    return f"{alias}{one.name}{arguments}{_print_conditions(one.conditions)}{below}"


def _print_conditions(conditions: Iterable[Condition]) -> str:
    return "".join(f" @{'include' if one.value else 'skip'}(if: ${one.variable})" for one in conditions)


def _variables(selections: Iterable[Selection]) -> Iterator[str]:
    for one in selections:
        yield from (condition.variable for condition in one.conditions)
        if isinstance(one, SelectedField):
            for value in one.arguments.values():
                yield from variables_in(value)
        yield from _variables(one.selections)


def variables_in(node: Node) -> list[str]:
    """The variables that an argument's value, or anything else, uses."""
    finder = _VariableFinder()
    visit(node, finder)
    return finder.found


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found.append(node.name.value)


def _representations(draft: Draft) -> tuple[Representation, ...]:
    """Those that require most come first: where types are not known, the first that can be built is sent."""
    found = dict.fromkeys(_representation(naming) for naming in draft.namings)
    return tuple(sorted(found, key=lambda one: -len(one.required)))


def _representation(naming: Naming) -> Representation:
    types = frozenset(naming.branch.types) if naming.by_type else None
    return Representation(types, naming.typename, _fields(naming.key), _fields(naming.required))


def _fields(fields: list[KeyField]) -> tuple[RepresentationField, ...]:
    return tuple(_field(one, None) for one in fields)


def _field(one: KeyField, types: frozenset[str] | None) -> RepresentationField:
    inner: list[RepresentationField] = []
    for branch, fields in one.parts:
        kinds = frozenset(branch.types) if branch.position.abstract else None
        inner.extend(_field(each, kinds) for each in fields)
    return RepresentationField(one.name, one.node.key, tuple(dict.fromkeys(inner)), types)
