"""Plans: values without a key, and how to get at them in several subgraphs."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph


def test_a_shared_root_is_asked_of_each_in_parallel() -> None:
    world = supergraph(
        east="type Query { shop: Shop @shareable } type Shop { name: String @shareable city: String }",
        west="type Query { shop: Shop @shareable } type Shop { name: String @shareable phone: String }",
    )
    assert planned(world, "{ shop { name city phone } }") == golden("""
        1 east
          {
            shop {
              name
              city
            }
          }
        2 west
          {
            shop {
              phone
            }
          }
    """)


def test_a_value_is_got_at_through_its_parents_key() -> None:
    world = supergraph(
        shop="""
            type Query { goods: [Item] }
            type Item @key(fields: "id") { id: ID! box: Box @shareable }
            type Box { depth: Int }
        """,
        stock="""
            type Item @key(fields: "id") { id: ID! box: Box @shareable }
            type Box { height: Int }
        """,
    )
    assert planned(world, "{ goods { box { depth height } } }") == golden("""
        1 shop
          {
            goods {
              box {
                depth
              }
              id
            }
          }
        2 stock, after 1
          at goods by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                box {
                  height
                }
              }
            }
          }
    """)


def test_of_several_owners_the_one_that_needs_the_fewest_fetches_is_asked() -> None:
    world = supergraph(
        east="""
            type Query { best: Item @shareable }
            type Item @key(fields: "id") { id: ID! name: String @shareable }
        """,
        west="""
            type Query { best: Item @shareable }
            type Item @key(fields: "id") { id: ID! name: String @shareable price: Int }
        """,
    )
    assert planned(world, "{ best { name price } }") == golden("""
        1 west
          {
            best {
              name
              price
            }
          }
    """)
