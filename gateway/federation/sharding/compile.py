"""Compiles a plan's fetch of a sharded subgraph into a programme, once for the life of the plan.

A. read the types of the variables that the operation declares;
B. each root field: where its route's value is, what one shard alone is asked, and, when it is
   scattered, what each of several is asked and how their answers are gathered;
C. each `_entities`: the same for each type of entity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from graphql import OperationDefinitionNode, ValueNode, parse, print_ast
from graphql.utilities import value_from_ast_untyped

from gateway.federation.document.operation import Conditions, Conjunction
from gateway.federation.planning.plan import Batch, Fetch, SelectedField, SelectedFragment, Selection
from gateway.federation.sharding.additions import Additions
from gateway.federation.sharding.compile_gathers import GatherCompiler, flatten
from gateway.federation.sharding.facts import ShardedSubgraph, is_list
from gateway.federation.sharding.gathers import Merge
from gateway.federation.sharding.programme import (
    ArgumentValue,
    EntityPart,
    MemberValue,
    Part,
    Programme,
    RootPart,
    Wording,
)
from gateway.federation.sharding.rows import Rows
from gateway.federation.sharding.text import keys_of


def compile_fetch(step: Fetch | Batch, facts: ShardedSubgraph) -> Programme:
    """The programme of `step`, which asks the sharded subgraph that `facts` describe."""
    return _Compiler(step, facts).compile()


class _Compiler:
    def __init__(self, step: Fetch | Batch, facts: ShardedSubgraph) -> None:
        self._step = step
        self._facts = facts
        self._fetches = step.fetches if isinstance(step, Batch) else (step,)
        self._types = _variable_types(step.operation)
        taken = frozenset(key for fetch in self._fetches for key in keys_of(fetch.selections))
        additions = Additions(facts, taken)
        self._rows = Rows(facts, additions, self._types)
        self._gathers = GatherCompiler(facts, additions, self._rows)

    def compile(self) -> Programme:
        if isinstance(self._step, Batch):
            parts: tuple[Part, ...] = tuple(
                self._entities(fetch, f"_entities_{index}", f"representations_{index}")
                for index, fetch in enumerate(self._fetches)
            )
        elif self._step.representations:
            parts = (self._entities(self._step, "_entities", "representations"),)
        else:
            parts = tuple(self._root(each, met) for each, met in _root_fields(self._step.selections))
        variables = {index: part.variable for index, part in enumerate(parts) if isinstance(part, EntityPart)}
        return Programme(self._step.kind, parts, self._rows.hops, self._types, variables, self._facts)

    # B

    def _root(self, field: SelectedField, conditions: Conditions) -> RootPart:
        scattered = (field.parent, field.name) in self._facts.scatters
        single = Wording(self._rows.cut((field,), (), gathered=scattered))
        gather, many = None, single
        if scattered:
            gather, several = self._gathers.field(field, ())
            many = Wording(several)
        kind = list if is_list(field.type) else dict if field.selections else object
        route, member = self._route(field), self._member(field)
        return RootPart(field.key, kind, conditions, route, member, gather, single, many)

    def _route(self, field: SelectedField) -> ArgumentValue | None:
        path = self._facts.routes.get((field.parent, field.name))
        return None if path is None else self._argument(field, path)

    def _member(self, field: SelectedField) -> MemberValue | None:
        member = self._facts.members.get((field.parent, field.name))
        return None if member is None else MemberValue(member.type_name, self._argument(field, member.path))

    def _argument(self, field: SelectedField, path: tuple[str, ...]) -> ArgumentValue:
        inputs = self._facts.supergraph.types[field.parent].fields[field.name].arguments
        defaults = []
        for name in path:
            defaults.append(_plain(inputs[name].default))
            type_ = self._facts.type_named(inputs[name].type)
            inputs = type_.inputs if type_ is not None else {}
        return ArgumentValue(field.arguments.get(path[0]), path[1:], tuple(defaults))

    # C

    def _entities(self, fetch: Fetch, key: str, variable: str) -> EntityPart:
        spanning: dict[str, Merge] = {}
        member_keys: dict[str, str] = {}
        single: list[Selection] = []
        many: list[Selection] = []
        for type_name, selections in self._by_type(fetch.selections):
            if type_name not in self._facts.spanning:
                fragment = SelectedFragment(type_name, selections=self._rows.cut(selections, (key,)))
                single.append(fragment)
                many.append(fragment)
                continue
            gathers, asked = self._gathers.fields(type_name, selections, (key,))
            spanning[type_name] = Merge(key, (key,), gathers)
            if (member_key := self._facts.member_key_of(type_name)) is not None:
                member_keys[type_name] = member_key
            kept = self._rows.cut(selections, (key,), gathered=True)
            single.append(SelectedFragment(type_name, selections=kept))
            many.append(SelectedFragment(type_name, selections=asked))
        head = f"{key}{'' if key == '_entities' else ': _entities'}(representations: ${variable})"
        return EntityPart(
            key,
            variable,
            self._facts.shard_keys,
            spanning,
            member_keys,
            Wording(tuple(single), head, variable),
            Wording(tuple(many), head, variable),
        )

    def _by_type(self, selections: Sequence[Selection]) -> Iterator[tuple[str, tuple[SelectedField, ...]]]:
        """Each object type the fragments below `_entities` are for, with what it is asked."""
        names: dict[str, None] = {}
        for selection in selections:
            if isinstance(selection, SelectedFragment):
                names |= dict.fromkeys(self._facts.supergraph.possible_in(self._facts.name, selection.on))
        for name in names:
            yield name, tuple(flatten(self._facts, name, selections))


def _root_fields(selections: Sequence[Selection]) -> list[tuple[SelectedField, Conditions]]:
    """Each root field once, whatever the conditions under which it is asked."""
    fields: dict[str, SelectedField] = {}
    conditions: dict[str, list[Conjunction]] = {}
    for field in _opened(selections, ()):
        fields.setdefault(field.key, replace(field, conditions=()))
        conditions.setdefault(field.key, []).append(field.conditions)
    return [(field, tuple(conditions[key])) for key, field in fields.items()]


def _opened(selections: Sequence[Selection], conditions: Conjunction) -> Iterator[SelectedField]:
    for selection in selections:
        met = (*conditions, *selection.conditions)
        if isinstance(selection, SelectedField):
            yield replace(selection, conditions=met)
        else:
            yield from _opened(selection.selections, met)


def _plain(value: ValueNode | None) -> Any:
    return None if value is None else value_from_ast_untyped(value)


def _variable_types(operation: str) -> dict[str, str]:
    definition = parse(operation, no_location=True).definitions[0]
    declared = definition.variable_definitions if isinstance(definition, OperationDefinitionNode) else ()
    return {each.variable.name.value: print_ast(each.type) for each in declared or ()}
