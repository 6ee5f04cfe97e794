"""Plans: interfaces and unions, which differ from subgraph to subgraph."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph

SHOP = """
    type Query { goods: [Thing] either: Either }
    interface Thing { id: ID! name: String }
    type Book implements Thing @key(fields: "id") { id: ID! name: String pages: Int }
    type Film implements Thing @key(fields: "id") { id: ID! name: String minutes: Int }
    union Either = Book | Film
"""


def test_a_field_is_asked_on_the_interface_where_all_types_have_it() -> None:
    assert planned(supergraph(shop=SHOP), "{ goods { name } }") == golden("""
        1 shop
          {
            goods {
              __typename
              name
            }
          }
    """)


def test_fields_of_some_types_are_asked_in_fragments() -> None:
    operation = "{ goods { name ... on Book { pages } } either { __typename ... on Film { minutes } } }"
    assert planned(supergraph(shop=SHOP), operation) == golden("""
        1 shop
          {
            goods {
              __typename
              name
              ... on Book {
                pages
              }
            }
            either {
              __typename
              ... on Film {
                minutes
              }
            }
          }
    """)


def test_types_that_are_entered_alike_are_entered_together() -> None:
    world = supergraph(
        shop=SHOP,
        stock="""
            interface Thing { id: ID! inStock: Boolean }
            type Book implements Thing @key(fields: "id") { id: ID! inStock: Boolean }
            type Film implements Thing @key(fields: "id") { id: ID! inStock: Boolean }
        """,
    )
    assert planned(world, "{ goods { ... on Thing { inStock } } }") == golden("""
        1 shop
          {
            goods {
              __typename
              id
            }
          }
        2 stock, after 1
          at goods by Book|Film(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Book {
                inStock
              }
              ... on Film {
                inStock
              }
            }
          }
    """)


def test_a_field_that_one_type_has_elsewhere_is_fetched_for_that_type() -> None:
    world = supergraph(
        shop=SHOP,
        library='type Book @key(fields: "id") { id: ID! shelf: Int }',
    )
    assert planned(world, "{ goods { name ... on Book { shelf } } }") == golden("""
        1 shop
          {
            goods {
              __typename
              name
              ... on Book {
                id
              }
            }
          }
        2 library, after 1
          at goods by Book(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Book {
                shelf
              }
            }
          }
    """)


def test_fields_of_one_name_and_different_types_do_not_meet() -> None:
    world = supergraph(
        shop="""
            type Query { either: Either }
            union Either = Book | Film
            type Book @key(fields: "id") { id: ID! rating: Int! @shareable }
            type Film { rating: Int }
        """,
        critics='type Book @key(fields: "id") { id: ID! rating: Int @shareable }',
    )
    operation = "{ either { ... on Book { rating } ... on Film { rating } } }"
    assert planned(world, operation) == golden("""
        1 shop
          {
            either {
              __typename
              ... on Book {
                rating
              }
              ... on Film {
                _rating_1: rating
              }
            }
          }
    """)


def test_a_shared_union_keeps_the_members_that_all_have() -> None:
    world = supergraph(
        east="""
            type Query { either: Either @shareable mine: Either }
            union Either = Book | Film
            type Book @shareable { title: String }
            type Film { title: String }
        """,
        west="""
            type Query { either: Either @shareable }
            union Either = Book | Song
            type Book @shareable { title: String }
            type Song { title: String }
        """,
    )
    selection = "{ ... on Book { title } ... on Film { title } ... on Song { title } }"
    assert planned(world, f"{{ either {selection} mine {selection} }}") == golden("""
        1 east
          {
            either {
              __typename
              ... on Book {
                title
              }
            }
            mine {
              __typename
              ... on Book {
                title
              }
              ... on Film {
                title
              }
            }
          }
    """)
