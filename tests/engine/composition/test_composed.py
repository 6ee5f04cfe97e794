"""What composition makes of subgraphs, stated fact by fact."""

from __future__ import annotations

import pytest

from gateway.federation.composition.compose import Subgraph, compose
from gateway.federation.composition.errors import CompositionFailedError
from gateway.federation.composition.read_supergraph import read_supergraph
from tests.engine.composition.cases import Case, read_cases, subgraphs
from tests.engine.composition.supergraph_difference import facts

CASES = list(read_cases("composed"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_composed(case: Case) -> None:
    found = " \n".join(["", *facts(compose(case.subgraphs).sdl()), ""])
    assert case.expected
    for line in case.expected:
        if line.startswith("no "):
            assert f"\n{line.removeprefix('no ')}" not in found
        else:
            assert f"\n{line} \n" in found, line


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_composed_can_be_read_and_does_not_depend_on_the_order(case: Case) -> None:
    sdl = compose(case.subgraphs).sdl()
    assert compose(case.subgraphs[::-1]).sdl() == sdl
    assert set(read_supergraph(sdl).subgraphs) == {subgraph.name for subgraph in case.subgraphs}


def test_hints_name_what_may_not_be_meant() -> None:
    text = """
--- a 2.3
type Query { f(x: Int, y: Int = 1): Int @shareable e(e: E): Int n: Int @shareable }
enum E { A B }
directive @live on QUERY
input I { a: Int b: Int }
--- b 2.3
type Query { f(y: Int): Int @shareable g(e: E, i: I): Int n: Int! @shareable z: Int @override(from: "c")
  m: Int o: Int @shareable @deprecated(reason: "old") }
enum E { B }
input I { a: Int }
--- d 2.3
type Query { m: Int @override(from: "b") k: Int @override(from: "b")
  o: Int @shareable @deprecated(reason: "gone") }
"""
    result = compose(subgraphs(text))
    assert result.errors == ()
    assert {(hint.code, hint.coordinate) for hint in result.hints} == {
        ("INCONSISTENT_ARGUMENT_PRESENCE", "Query.f(x:)"),
        ("INCONSISTENT_DEFAULT_VALUE_PRESENCE", "Query.f(y:)"),
        ("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", "E.A"),
        ("INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE", "Query.n"),
        ("FROM_SUBGRAPH_DOES_NOT_EXIST", "Query.z"),
        ("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", "@live"),
        ("INCONSISTENT_INPUT_OBJECT_FIELD", "I.b"),
        ("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "Query.k"),
        ("OVERRIDDEN_FIELD_CAN_BE_REMOVED", "Query.m"),
        ("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "Query.o"),
    }


def test_every_error_is_reported_with_its_place_and_cure() -> None:
    text = """
--- a 2.3
type Query { t: T }

type T @key(fields: "idd") { id: ID! x: Int @provides(fields: "y") }
--- b 2.3
type Query { y: Missing }
"""
    with pytest.raises(CompositionFailedError) as failure:
        compose(subgraphs(text)).sdl()
    assert str(failure.value).splitlines() == [
        "INVALID_GRAPHQL [b:1]: Unknown type 'Missing'.",
        "  Mend the SDL so that it is valid GraphQL by itself.",
        'KEY_INVALID_FIELDS [a:3] T: @key(fields: "idd"): T has no field idd',
        '  Did you mean "id"?',
        "PROVIDES_ON_NON_OBJECT_FIELD [a:3] T.x: the field has type Int, which has no fields",
        "  Use @provides only on a field of an object, interface or union type.",
    ]


def test_an_unreachable_field_is_refused_with_a_query_and_each_subgraphs_reason() -> None:
    text = """
--- a 2.3
type Query { shop(at: Point!, kind: Kind!): Shop }
type Shop { items: [Item!]! }
interface Item { id: ID! }
type Book implements Item @key(fields: "id") { id: ID! }
input Point { x: Float! y: Float! label: String }
enum Kind { ANY }
--- b 2.3
type Book @key(fields: "isbn") { isbn: ID! @inaccessible pages: Int }
--- c 2.3
type Book { id: ID! @shareable pages: Int @external weight: Int @requires(fields: "pages") @inaccessible }
"""
    (error,) = [e for e in compose(subgraphs(text)).errors if e.coordinate == "Book.pages"]
    assert error.code == "SATISFIABILITY_ERROR"
    assert error.message.splitlines()[1:] == [
        "{",
        "  shop(at: { x: 3.14, y: 3.14 }, kind: ANY) {",
        "    items {",
        "      ... on Book {",
        "        pages",
        "      }",
        "    }",
        "  }",
        "}",
        '- "a": does not define Book.pages',
        '- "b": cannot be entered by @key(fields: "isbn"), whose fields cannot all be had from a',
    ]


def test_two_subgraphs_cannot_have_one_name() -> None:
    same = Subgraph("a", "", "type Query { x: Int }")
    assert [error.code for error in compose([same, same]).errors] == ["INVALID_SUBGRAPH_NAME"]


def test_a_supergraph_that_would_take_too_long_to_check_is_refused() -> None:
    text = "\n--- a 2.3\ntype Query { t: T }\ntype T { u: U }\ntype U { x: Int }\n"
    assert [error.code for error in compose(subgraphs(text), state_limit=2).errors] == [
        "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    ]
    assert compose(subgraphs(text), state_limit=3).errors == ()
