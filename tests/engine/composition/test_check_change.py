"""What a change of a schema breaks: clients, other subgraphs, or nobody; checked against graphql-core."""

from __future__ import annotations

from collections import Counter

import pytest
from graphql import build_schema
from graphql.utilities.find_schema_changes import (
    BreakingChangeType,
    DangerousChangeType,
    SafeChangeType,
    find_schema_changes,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.federation.composition.check_change import compare
from gateway.federation.composition.compose import compose
from gateway.federation.composition.errors import CompositionFailedError
from tests.engine.composition.cases import link, subgraphs

BASE = (
    "type Query { a(x: Int = 1): Int b: [T!] } type T { x: Int }"
    " enum E { A B } union U = T input I { x: Int }"
)


def _only(old: str, new: str) -> tuple[str, str, str]:
    changes = compare(old, new)
    assert len(changes) == 1, changes
    return changes[0].kind, changes[0].code, changes[0].coordinate


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x: Int }", "x: Int y: Int }", ("safe", "FIELD_ADDED", "T.y")),
        ("b: [T!]", "b: [T!]!", ("safe", "FIELD_CHANGED_KIND_SAFE", "Query.b")),
        ("b: [T!]", "b: [T]", ("breaking", "FIELD_CHANGED_KIND", "Query.b")),
        ("x: Int = 1", "x: Int = 2", ("dangerous", "ARG_DEFAULT_VALUE_CHANGE", "Query.a(x:)")),
        ("(x: Int = 1)", "", ("breaking", "ARG_REMOVED", "Query.a(x:)")),
        ("x: Int = 1", "x: Int = 1 y: Int!", ("breaking", "REQUIRED_ARG_ADDED", "Query.a(y:)")),
        ("A B", "A", ("breaking", "VALUE_REMOVED_FROM_ENUM", "E.B")),
        ("A B", "A B C", ("dangerous", "VALUE_ADDED_TO_ENUM", "E.C")),
        ("b: [T!]", "b: [T!] @deprecated", ("safe", "DEPRECATION_ADDED", "Query.b")),
        ("union U = T", "interface U { x: Int }", ("breaking", "TYPE_CHANGED_KIND", "U")),
    ],
)
def test_a_clients_schema(before: str, after: str, expected: tuple[str, str, str]) -> None:
    assert _only(BASE, BASE.replace(before, after, 1)) == expected


DIRECTIVE = f"{BASE} directive @live(every: Int) repeatable on QUERY | FIELD"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("", ("breaking", "DIRECTIVE_REMOVED", "@live")),
        (
            "directive @live(every: Int) repeatable on QUERY",
            ("breaking", "DIRECTIVE_LOCATION_REMOVED", "@live"),
        ),
        (
            "directive @live(every: Int) on QUERY | FIELD",
            ("breaking", "DIRECTIVE_REPEATABLE_REMOVED", "@live"),
        ),
        ("directive @live repeatable on QUERY | FIELD", ("breaking", "ARG_REMOVED", "@live(every:)")),
    ],
)
def test_a_directive_for_operations(after: str, expected: tuple[str, str, str]) -> None:
    safe = {"DIRECTIVE_ADDED", "DIRECTIVE_LOCATION_ADDED", "DIRECTIVE_REPEATABLE_ADDED", "OPTIONAL_ARG_ADDED"}
    assert _only(DIRECTIVE, f"{BASE} {after}") == expected
    (back,) = compare(f"{BASE} {after}", DIRECTIVE)
    assert back.code in safe
    assert back.kind != "breaking"


SUBGRAPH = (
    link("2.6")
    + 'type Query { t: T } type T @key(fields: "id owner { id }") { id: ID owner: T x: Int @shareable }'
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ('@key(fields: "id owner { id }")', "", ("breaking", "KEY_REMOVED", "T")),
        ("type T", 'type T @key(fields: "id")', ("safe", "KEY_ADDED", "T")),
        ("@shareable }", "}", ("breaking", "SHAREABLE_REMOVED", "T.x")),
        ("@shareable }", "@shareable @inaccessible }", ("breaking", "INACCESSIBLE_ADDED", "T.x")),
        (
            "@shareable }",
            '@shareable @requiresScopes(scopes: [["s"]]) }',
            ("breaking", "REQUIRES_SCOPES_ADDED", "T.x"),
        ),
        ("@shareable }", '@shareable @tag(name: "x") }', ("safe", "TAG_ADDED", "T.x")),
    ],
)
def test_a_subgraph(before: str, after: str, expected: tuple[str, str, str]) -> None:
    assert _only(SUBGRAPH, SUBGRAPH.replace(before, after, 1)) == expected


def test_how_a_field_set_is_written_is_no_change() -> None:
    assert compare(SUBGRAPH, SUBGRAPH.replace("id owner { id }", "{ id  owner{id} }")) == []


def test_a_supergraph_is_compared_as_its_api() -> None:
    text = "\n--- a 2.3\ntype Query { t: T }\ntype T { id: ID x: Int }\n--- b 2.3\ntype Query { y: Int }"
    old = compose(subgraphs(text)).sdl()
    new = compose(subgraphs(text.replace("x: Int", "x: Int @inaccessible"))).sdl()
    assert _only(old, new) == ("breaking", "FIELD_REMOVED", "T.x")


def test_the_worst_comes_first() -> None:
    new = BASE.replace("x: Int }", "y: Int }", 1).replace("A B", "A B C")
    assert [change.kind for change in compare(BASE, new)] == ["breaking", "dangerous", "safe"]


def test_what_is_no_schema_is_refused_with_the_reason() -> None:
    with pytest.raises(CompositionFailedError, match="Unknown type"):
        compare(BASE, "type Query { x: Missing }")


_OUTPUTS = st.sampled_from(["Int", "Int!", "[Int]", "[Int!]!", "String", "T", "T!", "U", "E", "J"])
_INPUTS = st.sampled_from(["Int", "Int!", "[Int]", "[Int!]", "Int = 1", "Int! = 2", "E", "E = A", "I"])


@st.composite
def _schemas(draw: st.DrawFn) -> str:
    def chosen(names: str, types: st.SearchStrategy[str]) -> list[str]:
        return [f"{name}: {draw(types)}" for name in names if draw(st.booleans())]

    def fields(first: str) -> str:
        parts = [first]
        for field in chosen("abc", _OUTPUTS):
            name, _, kind = field.partition(":")
            arguments = " ".join(chosen("xy", _INPUTS))
            parts.append(f"{name}({arguments}):{kind}" if arguments else field)
        return " ".join(parts)

    implements = " implements J" if draw(st.booleans()) else ""
    inputs = " ".join(chosen("pqr", _INPUTS.filter(lambda kind: kind != "I")))
    members = " | ".join(["T", *(["V"] if draw(st.booleans()) else [])])
    values = " ".join(["A", *(value for value in "BC" if draw(st.booleans()))])
    extra = "type W { x: Int }" if draw(st.booleans()) else ""
    return f"""
        type Query {{ {fields("t: T")} }}
        interface J {{ id: ID }}
        type T{implements} {{ {fields("id: ID")} }}
        type V {{ id: ID }}
        union U = {members}
        enum E {{ {values} }}
        input I {{ z: Int {inputs} }}
        {extra}
    """


_SEVERITY = {BreakingChangeType: "breaking", DangerousChangeType: "dangerous", SafeChangeType: "safe"}


@given(_schemas(), _schemas())
def test_it_finds_what_graphql_core_finds(old: str, new: str) -> None:
    theirs = find_schema_changes(build_schema(old), build_schema(new))
    expected = Counter((_SEVERITY[type(change.type)], change.type.name) for change in theirs)
    assert Counter((change.kind, change.code) for change in compare(old, new)) == expected
