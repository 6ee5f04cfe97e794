"""Selections as text, because a shard is asked some of a fetch's fields, not the fetch's own text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.federation.planning.plan import SelectedField, Selection
from gateway.federation.planning.write_fetch import print_selections as print_selections
from gateway.federation.planning.write_fetch import variables_in


def print_operation(kind: str, body: str, variables: Iterable[str], types: Mapping[str, str]) -> str:
    """Return an anonymous operation of `body`, fields without braces, that declares `variables`."""
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    return f"{kind}{f'({declared})' if declared else ''} {{ {body} }}"


def variables_of(selections: Iterable[Selection]) -> Iterator[str]:
    """The names of the variables that these selections use, each as often as it stands there."""
    for selection in selections:
        yield from (condition.variable for condition in selection.conditions)
        if isinstance(selection, SelectedField):
            for value in selection.arguments.values():
                yield from variables_in(value)
        yield from variables_of(selection.selections)


def keys_of(selections: Iterable[Selection]) -> Iterator[str]:
    """Every response key in these selections, at any depth."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection.key
        yield from keys_of(selection.selections)
