"""Selections as text, because a shard is asked some of a fetch's fields, not the fetch's own text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import ListValueNode, ObjectValueNode, ValueNode, VariableNode, print_ast

from gateway.federation.document.operation import Condition
from gateway.federation.planning.plan import SelectedField, Selection


def print_selections(selections: Iterable[Selection]) -> str:
    """Return "{a b{c}}"."""
    return "{" + " ".join(print_selection(each) for each in selections) + "}"


def print_selection(selection: Selection) -> str:
    conditions = "".join(_print_condition(each) for each in selection.conditions)
    inner = print_selections(selection.selections) if selection.selections else ""
    if not isinstance(selection, SelectedField):
        return f"...on {selection.on}{conditions}{inner}"
    alias = f"{selection.key}:" if selection.key != selection.name else ""
    arguments = ",".join(f"{name}:{print_ast(value)}" for name, value in selection.arguments.items())
    return f"{alias}{selection.name}{f'({arguments})' if arguments else ''}{conditions}{inner}"


def print_operation(kind: str, body: str, variables: Iterable[str], types: Mapping[str, str]) -> str:
    """Return an anonymous operation of `body`, fields without braces, that declares `variables`."""
    declared = ",".join(f"${name}:{types[name]}" for name in variables)
    return f"{kind}{f'({declared})' if declared else ''}{{{body}}}"


def variables_of(selections: Iterable[Selection]) -> Iterator[str]:
    """The names of the variables that these selections use, each as often as it stands there."""
    for selection in selections:
        yield from (condition.variable for condition in selection.conditions)
        if isinstance(selection, SelectedField):
            for value in selection.arguments.values():
                yield from _variables_in(value)
        yield from variables_of(selection.selections)


def keys_of(selections: Iterable[Selection]) -> Iterator[str]:
    """Every response key in these selections, at any depth."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection.key
        yield from keys_of(selection.selections)


def _variables_in(value: ValueNode) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from _variables_in(item)
    elif isinstance(value, ObjectValueNode):
        for field in value.fields:
            yield from _variables_in(field.value)


def _print_condition(condition: Condition) -> str:
    return f"@{'include' if condition.value else 'skip'}(if:${condition.variable})"
