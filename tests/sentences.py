"""The sentences that source code can raise, read from the source itself."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path


def assigned(tree: ast.AST) -> Mapping[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def sentences(node: ast.expr, names: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Every sentence that an expression can be, with `{…}` for what is known only when it is raised."""
    if isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            f"{{{ast.unparse(part.value)}}}"
            if isinstance(part, ast.FormattedValue)
            else ast.literal_eval(part)
            for part in node.values
        )
    elif isinstance(node, ast.BinOp):
        for left, right in itertools.product(sentences(node.left, names), sentences(node.right, names)):
            yield left + right
    elif isinstance(node, ast.IfExp):
        yield from sentences(node.body, names)
        yield from sentences(node.orelse, names)
    elif isinstance(node, ast.Name) and node.id in names:
        for value in names[node.id]:
            yield from sentences(value, names)
    else:
        yield f"{{{ast.unparse(node)}}}"


def raised(source: Path, raised_by: Mapping[str, int]) -> set[str]:
    """The sentences handed to the callables `raised_by`, each with the place of the sentence among its
    arguments. What is known only when it is raised stands as `{…}`.
    """
    tree = ast.parse(source.read_text("utf-8"))
    found: set[str] = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {**assigned(tree), **assigned(function)}
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
                    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
                    place = raised_by.get(name, len(call.args))
                    if place < len(call.args):
                        found.update(sentences(call.args[place], names))
    return found


def assigned_sentences(source: Path, name: str) -> set[str]:
    """The sentences that a module ever calls `name`."""
    tree = ast.parse(source.read_text("utf-8"))
    names = assigned(tree)
    return {sentence for value in names.get(name, ()) for sentence in sentences(value, names)}
