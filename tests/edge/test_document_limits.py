"""The limits of a document: counted as if fragments were written out, at the cost of their text."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, FragmentSpreadNode, GraphQLError, SelectionSetNode, parse
from hypothesis import given
from hypothesis import strategies as st

from edge.document_limits import COUNT_CAP, check_page_sizes, document_check, page_size_variables
from edge.limits import Limits
from edge.parsing import parse_document
from edge.settings import EdgeSettings
from tests.edge.conftest import Program, Start

NONE_ALLOWED = Limits(depth=0, aliases=0, directives=0, root_fields=0, page_size=0)


def found(text: str, limits: Limits = NONE_ALLOWED) -> dict[str, int]:
    """code → what was found, for a document with one operation."""
    errors = document_check(limits)(parse(text))
    return {error.extensions["code"]: error.extensions["found"] for error in errors if error.extensions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a }", {"LIMIT_DEPTH": 1, "LIMIT_ROOT_FIELDS": 1}),
        ("{ a { b { c } } d }", {"LIMIT_DEPTH": 3, "LIMIT_ROOT_FIELDS": 2}),
        ("{ x: a { y: b } }", {"LIMIT_DEPTH": 2, "LIMIT_ALIASES": 2, "LIMIT_ROOT_FIELDS": 1}),
        (
            "query @a { b @c ... @d { e } ...F @g } fragment F on Q { h @i }",
            {"LIMIT_DEPTH": 1, "LIMIT_DIRECTIVES": 5, "LIMIT_ROOT_FIELDS": 3},
        ),
        (
            "{ ...F ...F } fragment F on Q { x: a { b } }",
            {"LIMIT_DEPTH": 2, "LIMIT_ALIASES": 2, "LIMIT_ROOT_FIELDS": 2},
        ),
        ("{ a(first: 7) { b(last: 3) } }", {"LIMIT_DEPTH": 2, "LIMIT_ROOT_FIELDS": 1, "LIMIT_PAGE_SIZE": 3}),
        ("{ a(first: -1, second: 9) }", {"LIMIT_DEPTH": 1, "LIMIT_ROOT_FIELDS": 1}),
    ],
)
def test_each_limit_counts_what_it_says(text: str, expected: dict[str, int]) -> None:
    assert found(text) == expected


def test_a_document_within_its_limits_passes() -> None:
    limits = Limits(depth=2, aliases=1, directives=1, root_fields=2, page_size=5)
    assert found("{ x: a(first: 5) { b @include(if: true) } c }", limits) == {}


def test_fragments_that_spread_each_other_twice_cost_no_more_than_their_text() -> None:
    levels = 300
    chain = " ".join(f"fragment F{n} on Q {{ ...F{n + 1} ...F{n + 1} x: a @d }}" for n in range(levels))
    counted = found(f"{{ ...F0 }} {chain} fragment F{levels} on Q {{ a }}")
    assert counted == {
        "LIMIT_DEPTH": 1,
        "LIMIT_ALIASES": COUNT_CAP,
        "LIMIT_DIRECTIVES": COUNT_CAP,
        "LIMIT_ROOT_FIELDS": COUNT_CAP,
    }


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Q { a ...F }",
        "{ ...F } fragment F on Q { a { ...G } } fragment G on Q { b { ...F } }",
        "{ ...Unknown a }",
    ],
)
def test_fragments_in_a_circle_and_unknown_ones_come_to_an_end(text: str) -> None:
    assert found(text)["LIMIT_ROOT_FIELDS"] == 1


selections = st.recursive(
    st.sampled_from(["a", "x: a", "a @d", "...F0", "...F1", "...F2 @d"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from(["a { %s }", "y: b { %s }", "... @d { %s }", "... on Q { %s }"]).map(
            lambda shape: shape % " ".join(parts)
        )
    ),
    max_leaves=8,
)


@given(st.lists(st.lists(selections, min_size=1, max_size=3).map(" ".join), min_size=4, max_size=4))
def test_counts_agree_with_writing_the_fragments_out(bodies: list[str]) -> None:
    # A fragment may spread only those after it, so that writing them out comes to an end.
    acyclic = [body if number == 0 else _only_later(body, number - 1) for number, body in enumerate(bodies)]
    text = f"{{ {acyclic[0]} }}" + "".join(
        f" fragment F{number} on Q {{ {body} }}" for number, body in enumerate(acyclic[1:])
    )
    document = parse(text)
    fragments = {node.name.value: node.selection_set for node in document.definitions[1:]}  # type: ignore[attr-defined]
    depth, aliases, directives, fields = _written_out(document.definitions[0].selection_set, fragments)  # type: ignore[attr-defined]
    expected = {"LIMIT_DEPTH": depth, "LIMIT_ALIASES": aliases, "LIMIT_DIRECTIVES": directives}
    expected["LIMIT_ROOT_FIELDS"] = fields
    assert found(text) == {code: count for code, count in expected.items() if count}


def _only_later(body: str, number: int) -> str:
    for name in range(number + 1):
        body = body.replace(f"...F{name}", "a")
    return body


def _written_out(
    selection_set: SelectionSetNode | None, fragments: dict[str, SelectionSetNode]
) -> tuple[int, int, int, int]:
    depth = aliases = directives = fields = 0
    for node in selection_set.selections if selection_set else ():
        inner_set: Any = (
            fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node.selection_set  # type: ignore[attr-defined]
        )
        inner = _written_out(inner_set, fragments)
        is_field = isinstance(node, FieldNode)
        depth = max(depth, inner[0] + is_field)
        aliases += inner[1] + (isinstance(node, FieldNode) and node.alias is not None)
        directives += inner[2] + len(node.directives or ())
        fields += 1 if is_field else inner[3]
    return depth, aliases, directives, fields


@pytest.mark.parametrize(
    ("variables", "too_large"),
    [
        ({}, 300),
        ({"n": 5}, None),
        ({"n": 201}, 201),
        ({"n": 1e9}, 1e9),
        ({"n": None}, None),
        ({"n": "9"}, None),
    ],
)
def test_a_page_size_in_a_variable_is_checked_with_its_value(variables: Any, too_large: Any) -> None:
    document = parse("query ($n: Int = 300, $m: Int) { a(first: $n) { b(last: $m, other: $n) } }")
    used = page_size_variables(document)
    assert [(one.name, one.argument, one.default) for one in used] == [
        ("n", "first", 300),
        ("m", "last", None),
    ]
    errors = check_page_sizes(used, variables, Limits())
    assert [(error.extensions or {})["found"] for error in errors] == ([too_large] if too_large else [])


def test_a_number_too_long_for_any_page_is_too_large() -> None:
    assert found("{ a(first: %s) }" % ("9" * 5_000))["LIMIT_PAGE_SIZE"] == COUNT_CAP


def test_tokens_are_limited_while_parsing() -> None:
    assert not isinstance(parse_document("{ a b c }", Limits(tokens=5)), GraphQLError)
    refused = parse_document("{ a b c d }", Limits(tokens=5))
    assert isinstance(refused, GraphQLError)
    assert refused.extensions == {"code": "LIMIT_TOKENS", "limit": 5}


@pytest.mark.parametrize("text", ["{a" * 1_500, "{a(b:" + "[" * 3_000, "query($a:" + "[" * 3_000, '"""' * 99])
def test_nesting_without_end_is_a_syntax_error(text: str) -> None:
    assert isinstance(parse_document(text, Limits()), GraphQLError)


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ inner { inner { inner { hello } } } }", {}, "LIMIT_DEPTH"),
        ("{ a: hello b: hello c: hello }", {}, "LIMIT_ALIASES"),
        ("{ hello me items { id } }", {}, "LIMIT_ROOT_FIELDS"),
        ("{ hello @skip(if: true) me @skip(if: true) @include(if: true) }", {}, "LIMIT_DIRECTIVES"),
        ("{ items(first: 11) { id } }", {}, "LIMIT_PAGE_SIZE"),
        ("query ($n: Int) { items(last: $n) { id } }", {"n": 11}, "LIMIT_PAGE_SIZE"),
        ("{ " + "hello " * 60 + "}", {}, "LIMIT_TOKENS"),
    ],
)
async def test_a_program_refuses_each_with_limit_found_and_what_to_do(
    start: Start, query: str, variables: dict[str, Any], code: str
) -> None:
    limits = Limits(tokens=50, depth=3, aliases=2, directives=2, root_fields=2, page_size=10)
    program: Program = await start(EdgeSettings("test", limits))
    response = await program.post({"query": query, "variables": variables})
    by_code = {error["extensions"]["code"]: error for error in response.json()["errors"]}
    extensions = by_code[code]["extensions"]
    assert "data" not in response.json()
    assert extensions["limit"] < extensions.get("found", 51)
    assert extensions["hint"]
    assert str(extensions["limit"]) in by_code[code]["message"]


async def test_introspection_fits_the_limits_as_they_come(program: Program) -> None:
    from graphql import get_introspection_query

    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert "errors" not in await program.ask(query)
