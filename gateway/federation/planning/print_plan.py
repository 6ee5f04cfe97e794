"""A plan for people (`print_plan`) and for programs (`plan_to_json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import parse, print_ast

from gateway.federation.document.operation import ALWAYS, Conditions, Defer
from gateway.federation.planning.plan import (
    Batch,
    ContextVariable,
    Fetch,
    Output,
    Path,
    Plan,
    Representation,
    RepresentationField,
)


def print_plan(plan: Plan) -> str:
    """The plan as text: a paragraph for each request, in the order in which they can be sent.

        2 inventory, after 1
          at products[Book] by Book(id requires dimensions { size }), if $full
          query ($representations: [_Any!]!) { ... }

    `at` says where in the result tree the entities are, `by` what names them, `if` when they are asked for.
    Then come the fields that may come later than their objects, each with the requests that it waits for;
    and last those that are withheld from the caller, with what may not be seen of them.
    """
    lines = []
    if plan.introspection is not None:
        lines.append("the gateway itself: introspection")
    for step in plan.steps:
        after = f", after {', '.join(str(one + 1) for one in step.after)}" if step.after else ""
        lines.append(f"{step.id + 1} {step.subgraph}{after}")
        for fetch in step.fetches if isinstance(step, Batch) else (step,):
            lines.extend(f"  {line}" for line in _about(fetch))
        lines.extend(f"  {line}" for line in print_ast(parse(step.operation)).splitlines())
    for path, steps, how in later(plan.outputs):
        requests = f" with {', '.join(map(str, steps))}" if steps else ""
        lines.append(f"{how}: {path}{requests}")
    lines.extend(f"withheld: {path} ({coordinate})" for path, coordinate in withheld(plan.outputs))
    return "\n".join(lines) + "\n"


def later(
    outputs: tuple[Output, ...], above: str = "", within: frozenset[Defer | None] = frozenset((None,))
) -> list[tuple[str, tuple[int, ...], str]]:
    """What may come later than its object: where it is, the requests that it waits for, and by what.

    `within` are the deferred fragments that the object comes with.
    """
    found: dict[tuple[str, tuple[int, ...], str], None] = {}
    for one in outputs:
        path = f"{above}{one.name}"
        steps = tuple(sorted(step + 1 for step in one.steps))
        fragments = frozenset(place.defer for place in one.places) or within
        if None not in fragments and fragments != within:
            found[path, steps, "deferred"] = None
        if one.stream is not None:
            found[path, steps, "streamed"] = None
        found |= dict.fromkeys(later(one.outputs, f"{path}.", fragments))
    return list(found)


def withheld(outputs: tuple[Output, ...], above: str = "") -> list[tuple[str, str]]:
    """Where the response has null because the caller may not see what stands there, and what that is."""
    found: dict[tuple[str, str], None] = {}
    for one in outputs:
        path = f"{above}{one.name}"
        found |= {(".".join((path, *why.path)), why.coordinate): None for why in one.withheld}
        found |= dict.fromkeys(withheld(one.outputs, f"{path}."))
    return list(found)


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain values: {"kind", "introspection", "requests": [{"id", ...}], "later", "withheld"}."""
    return {
        "kind": plan.kind,
        "introspection": plan.introspection is not None,
        "requests": [
            {
                "id": step.id + 1,
                "subgraph": step.subgraph,
                "kind": step.kind,
                "after": [one + 1 for one in step.after],
                "operation": step.operation,
                "variables": list(step.variables),
                "fetches": [
                    {
                        "paths": [_path(path) for path in fetch.paths],
                        "representations": [_representation(one) for one in fetch.representations],
                        "conditions": _conditions(fetch.conditions),
                        "contexts": {one.name: _context(fetch, one) for one in fetch.contexts},
                    }
                    for fetch in (step.fetches if isinstance(step, Batch) else (step,))
                ],
            }
            for step in plan.steps
        ],
        "later": [
            {"path": path, "requests": list(steps), "by": how} for path, steps, how in later(plan.outputs)
        ],
        "withheld": [{"path": path, "coordinate": what} for path, what in withheld(plan.outputs)],
    }


def _about(fetch: Fetch) -> Iterator[str]:
    parts = []
    if fetch.path:
        parts.append("at " + " and ".join(_path(path) for path in fetch.paths))
    if fetch.representations:
        parts.append("by " + " or ".join(_representation(one) for one in fetch.representations))
    parts.extend(f"with ${one.name} from {_context(fetch, one)}" for one in fetch.contexts)
    text = " ".join(parts)
    if fetch.conditions != ALWAYS:
        text = f"{text}, if {_conditions(fetch.conditions)}".lstrip(", ")
    if text:
        yield text


def _context(fetch: Fetch, one: ContextVariable) -> str:
    return ".".join((*(step.key for step in fetch.path[: one.depth]), *one.keys))


def _path(path: Path) -> str:
    return ".".join(
        f"{step.key}[{'|'.join(sorted(step.types))}]" if step.types else step.key for step in path
    )


def _representation(one: Representation) -> str:
    name = one.typename or "|".join(sorted(one.types or ()))
    required = f" requires {_fields(one.required)}" if one.required else ""
    return f"{name}({_fields(one.key)}{required})"


def _fields(fields: tuple[RepresentationField, ...]) -> str:
    texts = []
    for one in fields:
        source = "" if one.key == one.name else f" from {one.key}"
        below = f" {{ {_fields(one.fields)} }}" if one.fields else ""
        types = f"[{'|'.join(sorted(one.types))}]" if one.types else ""
        texts.append(f"{one.name}{types}{source}{below}")
    return " ".join(texts)


def _conditions(conditions: Conditions) -> str:
    if conditions == ALWAYS:
        return ""
    alternatives = (
        " and ".join(f"{'' if one.value else 'not '}${one.variable}" for one in alternative)
        for alternative in conditions
    )
    return " or ".join(alternatives)
