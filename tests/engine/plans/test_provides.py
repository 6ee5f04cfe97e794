"""Plans: what a subgraph can give on one path only."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph


def test_what_is_provided_needs_no_further_fetch() -> None:
    world = supergraph(
        shop="""
            type Query { goods: [Item] best: Item @provides(fields: "maker { name }") }
            type Item @key(fields: "id") { id: ID! maker: Maker @shareable }
            type Maker @key(fields: "id") { id: ID! name: String @external }
        """,
        makers='type Maker @key(fields: "id") { id: ID! name: String @shareable }',
    )
    assert planned(world, "{ best { maker { name } } }") == golden("""
        1 shop
          {
            best {
              maker {
                name
              }
            }
          }
    """)
    assert planned(world, "{ goods { maker { name } } }") == golden("""
        1 shop
          {
            goods {
              maker {
                id
              }
            }
          }
        2 makers, after 1
          at goods.maker by Maker(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Maker {
                name
              }
            }
          }
    """)


def test_what_is_provided_for_one_type_is_asked_elsewhere_for_another() -> None:
    world = supergraph(
        shop="""
            type Query { best: Thing @provides(fields: "... on Book { title }") }
            union Thing = Book | Film
            type Book @key(fields: "id") { id: ID! title: String @external }
            type Film @key(fields: "id") { id: ID! }
        """,
        library="""
            type Book @key(fields: "id") { id: ID! title: String @shareable }
            type Film @key(fields: "id") { id: ID! title: String }
        """,
    )
    operation = "{ best { ... on Book { title } ... on Film { title } } }"
    assert planned(world, operation) == golden("""
        1 shop
          {
            best {
              __typename
              ... on Book {
                title
              }
              ... on Film {
                id
              }
            }
          }
        2 library, after 1
          at best by Film(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Film {
                title
              }
            }
          }
    """)


def test_a_field_that_is_external_is_asked_of_its_owner() -> None:
    world = supergraph(
        shop="""
            type Query { best: Item }
            type Item @key(fields: "id") {
                id: ID! name: String @external label: String @requires(fields: "name")
            }
        """,
        names='type Item @key(fields: "id") { id: ID! name: String }',
    )
    assert planned(world, "{ best { name } }") == golden("""
        1 shop
          {
            best {
              id
            }
          }
        2 names, after 1
          at best by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                name
              }
            }
          }
    """)


def test_an_overridden_field_is_asked_of_who_took_it_over() -> None:
    world = supergraph(
        shop='type Query { best: Item } type Item @key(fields: "id") { id: ID! name: String }',
        names='type Item @key(fields: "id") { id: ID! name: String @override(from: "shop") }',
    )
    assert planned(world, "{ best { name } }") == golden("""
        1 shop
          {
            best {
              id
            }
          }
        2 names, after 1
          at best by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                name
              }
            }
          }
    """)
