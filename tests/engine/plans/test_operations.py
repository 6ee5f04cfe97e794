"""Plans: what an operation is, whatever federation does."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph

SHOP = """
    type Query { goods: [Item] }
    type Mutation { add(name: String!): Item }
    type Item @key(fields: "id") { id: ID! name: String }
"""
STOCK = """
    type Mutation { restock(id: ID!): Item }
    type Item @key(fields: "id") { id: ID! count: Int }
"""


def test_mutations_run_one_after_the_other() -> None:
    operation = """
        mutation ($name: String! = "a") {
            one: add(name: $name) { id count }
            two: restock(id: 1) { count name }
            three: add(name: "c") { name }
        }
    """
    assert planned(supergraph(shop=SHOP, stock=STOCK), operation) == golden("""
        1 shop
          mutation ($name: String! = "a") {
            one: add(name: $name) {
              id
            }
          }
        2 stock, after 1
          at one by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                count
              }
            }
          }
        3 stock, after 2
          mutation {
            two: restock(id: 1) {
              count
              id
            }
          }
        4 shop, after 3
          at two by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                name
              }
            }
          }
        5 shop, after 4
          mutation {
            three: add(name: "c") {
              name
            }
          }
    """)


def test_conditions_are_sent_on_or_decide_whether_to_fetch() -> None:
    operation = """
        query ($a: Boolean!, $b: Boolean!) {
            goods { name @include(if: $a) ... @skip(if: $b) { name count } }
        }
    """
    assert planned(supergraph(shop=SHOP, stock=STOCK), operation) == golden("""
        1 shop
          query ($a: Boolean!, $b: Boolean!) {
            goods {
              name @include(if: $a)
              name @skip(if: $b)
              id @skip(if: $b)
            }
          }
        2 stock, after 1
          at goods by Item(id), if not $b
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                count
              }
            }
          }
    """)


def test_introspection_is_for_the_gateway_itself() -> None:
    operation = (
        '{ __typename __schema { queryType { name } } goods { id } kind: __type(name: "Item") { name } }'
    )
    assert planned(supergraph(shop=SHOP), operation) == golden("""
        the gateway itself: introspection
        1 shop
          {
            goods {
              id
            }
          }
    """)


def test_fragments_are_written_out_and_merged() -> None:
    operation = """
        query { goods { ...A ... on Item { n: name id } } }
        fragment A on Item { id ...B } fragment B on Item { n: name }
    """
    assert planned(supergraph(shop=SHOP), operation) == golden("""
        1 shop
          {
            goods {
              id
              n: name
            }
          }
    """)


def test_what_may_come_later_says_which_requests_it_waits_for() -> None:
    operation = "{ goods @stream { id ... @defer { name count } } }"
    assert planned(supergraph(shop=SHOP, stock=STOCK), operation) == golden("""
        1 shop
          {
            goods {
              id
              name
            }
          }
        2 stock, after 1
          at goods by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                count
              }
            }
          }
        streamed: goods with 1
        deferred: goods.name with 1
        deferred: goods.count with 2
    """)
