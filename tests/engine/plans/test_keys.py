"""Plans: entities entered by their keys, however the keys are made and wherever they lead."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph


def test_an_entity_is_entered_by_its_key() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! name: String }',
        stock='type Item @key(fields: "id") { id: ID! inStock: Boolean }',
    )
    assert planned(world, "{ goods { name inStock } }") == golden("""
        1 shop
          {
            goods {
              name
              id
            }
          }
        2 stock, after 1
          at goods by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_a_key_may_have_several_and_nested_fields() -> None:
    world = supergraph(
        shop="""
            type Query { goods: [Item] }
            type Item @key(fields: "sku maker { id }") { sku: ID! maker: Maker @shareable }
            type Maker @shareable { id: ID! }
        """,
        stock="""
            type Item @key(fields: "sku maker { id }") { sku: ID! maker: Maker @shareable inStock: Boolean }
            type Maker @shareable { id: ID! }
        """,
    )
    assert planned(world, "{ goods { inStock } }") == golden("""
        1 shop
          {
            goods {
              sku
              maker {
                id
              }
            }
          }
        2 stock, after 1
          at goods by Item(sku maker { id })
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_keys_chain_through_a_subgraph_that_knows_both() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "sku") { sku: ID! }',
        register='type Item @key(fields: "sku") @key(fields: "ean") { sku: ID! ean: ID! }',
        stock='type Item @key(fields: "ean") { ean: ID! inStock: Boolean }',
    )
    assert planned(world, "{ goods { inStock } }") == golden("""
        1 shop
          {
            goods {
              sku
            }
          }
        2 register, after 1
          at goods by Item(sku)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                ean
              }
            }
          }
        3 stock, after 2
          at goods by Item(ean)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_the_key_that_is_at_hand_is_preferred() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "ean") { ean: ID! }',
        register='type Item @key(fields: "sku") @key(fields: "ean") { sku: ID! ean: ID! }',
        stock='type Item @key(fields: "sku") @key(fields: "ean") { sku: ID! ean: ID! inStock: Boolean }',
    )
    assert planned(world, "{ goods { inStock } }") == golden("""
        1 shop
          {
            goods {
              ean
            }
          }
        2 stock, after 1
          at goods by Item(ean)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_a_nested_key_may_itself_need_a_fetch() -> None:
    world = supergraph(
        shop="""
            type Query { basket: Basket }
            type Basket @key(fields: "items { id }") { items: [Item!]! @shareable }
            type Item @key(fields: "id") { id: ID! }
        """,
        register='type Item @key(fields: "id") { id: ID! code: ID! @shareable }',
        prices="""
            type Basket @key(fields: "items { id code }") { items: [Item!]! @shareable total: Int }
            type Item @key(fields: "id code") { id: ID! code: ID! @shareable }
        """,
    )
    assert planned(world, "{ basket { total } }") == golden("""
        1 shop
          {
            basket {
              items {
                id
              }
            }
          }
        2 register, after 1
          at basket.items by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                code
              }
            }
          }
        3 prices, after 2
          at basket by Basket(items { id code })
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Basket {
                total
              }
            }
          }
    """)


def test_fetches_that_do_not_need_each_other_share_a_wave() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! }',
        stock='type Item @key(fields: "id") { id: ID! inStock: Boolean }',
        prices='type Item @key(fields: "id") { id: ID! price: Int }',
    )
    assert planned(world, "{ goods { inStock price } }") == golden("""
        1 shop
          {
            goods {
              id
            }
          }
        2 prices, after 1
          at goods by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                price
              }
            }
          }
        3 stock, after 1
          at goods by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_places_that_want_the_same_share_a_fetch_and_others_a_request() -> None:
    world = supergraph(
        shop="""
            type Query { goods: [Item] best: Item }
            type Item @key(fields: "id") { id: ID! related: [Item] }
        """,
        stock='type Item @key(fields: "id") { id: ID! inStock: Boolean shelf: Int }',
    )
    assert planned(world, "{ goods { inStock } best { inStock related { shelf } } }") == golden("""
        1 shop
          {
            goods {
              id
            }
            best {
              related {
                id
              }
              id
            }
          }
        2 stock, after 1
          at goods and best by Item(id)
          at best.related by Item(id)
          query ($representations_0: [_Any!]!, $representations_1: [_Any!]!) {
            _entities_0: _entities(representations: $representations_0) {
              ... on Item {
                inStock
              }
            }
            _entities_1: _entities(representations: $representations_1) {
              ... on Item {
                shelf
              }
            }
          }
    """)


def test_an_alias_of_the_client_does_not_stand_in_the_way_of_a_key() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! name: String }',
        stock='type Item @key(fields: "id") { id: ID! inStock: Boolean }',
    )
    assert planned(world, "{ goods { id: name inStock } }") == golden("""
        1 shop
          {
            goods {
              id: name
              _id_1: id
            }
          }
        2 stock, after 1
          at goods by Item(id from _id_1)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                inStock
              }
            }
          }
    """)


def test_a_key_that_nobody_resolves_leads_nowhere() -> None:
    world = supergraph(
        shop='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! }',
        stock="""
            type Query { shelf: Item }
            type Item @key(fields: "id", resolvable: false) { id: ID! }
        """,
    )
    assert planned(world, "{ shelf { id } }") == golden("""
        1 stock
          {
            shelf {
              id
            }
          }
    """)
