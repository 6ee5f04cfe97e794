"""Plans: fields that a subgraph computes from what others know."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph

STOCK = """
    type Query { goods: [Item] }
    type Item @key(fields: "id") {
        id: ID!
        weight: Int
        size(unit: String): Int
        box: Box
        shape: Shape
    }
    type Box { depth: Int }
    interface Shape { sides: Int }
    type Round implements Shape { sides: Int @shareable radius: Int }
    type Square implements Shape { sides: Int @shareable edge: Int }
"""


def test_what_is_required_goes_into_the_representation() -> None:
    world = supergraph(
        stock=STOCK,
        post="""
            type Item @key(fields: "id") {
                id: ID!
                weight: Int @external
                box: Box @external
                postage(to: String): Int @requires(fields: "weight box { depth }")
            }
            type Box { depth: Int @external }
        """,
    )
    assert planned(world, "query ($to: String) { goods { postage(to: $to) } }") == golden("""
        1 stock
          {
            goods {
              weight
              box {
                depth
              }
              id
            }
          }
        2 post, after 1
          at goods by Item(id requires weight box { depth })
          query ($representations: [_Any!]!, $to: String) {
            _entities(representations: $representations) {
              ... on Item {
                postage(to: $to)
              }
            }
          }
    """)


def test_a_field_is_computed_in_the_subgraph_that_was_left() -> None:
    world = supergraph(
        post="""
            type Query { parcels: [Item] }
            type Item @key(fields: "id") {
                id: ID!
                weight: Int @external
                postage: Int @requires(fields: "weight")
                label: String
            }
        """,
        stock='type Item @key(fields: "id") { id: ID! weight: Int }',
    )
    assert planned(world, "{ parcels { label postage } }") == golden("""
        1 post
          {
            parcels {
              label
              id
            }
          }
        2 stock, after 1
          at parcels by Item(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                weight
              }
            }
          }
        3 post, after 2
          at parcels by Item(id requires weight)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
    """)


def test_arguments_in_a_requirement_get_an_alias_that_the_representation_undoes() -> None:
    world = supergraph(
        stock=STOCK,
        post="""
            type Item @key(fields: "id") {
                id: ID!
                size(unit: String): Int @external
                postage: Int @requires(fields: "size(unit: \\"cm\\")")
            }
        """,
    )
    assert planned(world, '{ goods { size(unit: "in") postage } }') == golden("""
        1 stock
          {
            goods {
              size(unit: "in")
              _size_1: size(unit: "cm")
              id
            }
          }
        2 post, after 1
          at goods by Item(id requires size from _size_1)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
    """)


def test_requirements_that_contradict_each_other_are_sent_apart() -> None:
    world = supergraph(
        stock=STOCK,
        post="""
            type Item @key(fields: "id") {
                id: ID!
                size(unit: String): Int @external
                postage: Int @requires(fields: "size(unit: \\"cm\\")")
                duty: Int @requires(fields: "size(unit: \\"in\\")")
            }
        """,
    )
    assert planned(world, "{ goods { postage duty } }") == golden("""
        1 stock
          {
            goods {
              _size_1: size(unit: "cm")
              id
              _size_2: size(unit: "in")
            }
          }
        2 post, after 1
          at goods by Item(id requires size from _size_1)
          at goods by Item(id requires size from _size_2)
          query ($representations_0: [_Any!]!, $representations_1: [_Any!]!) {
            _entities_0: _entities(representations: $representations_0) {
              ... on Item {
                postage
              }
            }
            _entities_1: _entities(representations: $representations_1) {
              ... on Item {
                duty
              }
            }
          }
    """)


def test_a_requirement_may_have_fragments() -> None:
    world = supergraph(
        stock=STOCK,
        post="""
            type Item @key(fields: "id") {
                id: ID!
                shape: Shape @external
                postage: Int @requires(fields: "shape { ... on Round { radius } ... on Square { edge } }")
            }
            interface Shape { sides: Int }
            type Round implements Shape { sides: Int @shareable radius: Int @external }
            type Square implements Shape { sides: Int @shareable edge: Int @external }
        """,
    )
    assert planned(world, "{ goods { postage } }") == golden("""
        1 stock
          {
            goods {
              shape {
                __typename
                ... on Round {
                  radius
                }
                ... on Square {
                  edge
                }
              }
              id
            }
          }
        2 post, after 1
          at goods by Item(id requires shape { radius[Round] edge[Square] })
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
    """)


def test_requirements_of_requirements_are_fetched_one_after_the_other() -> None:
    world = supergraph(
        stock='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! weight: Int }',
        post="""
            type Item @key(fields: "id") {
                id: ID! weight: Int @external postage: Int @requires(fields: "weight")
            }
        """,
        bills="""
            type Item @key(fields: "id") {
                id: ID! postage: Int @external total: Int @requires(fields: "postage") number: ID!
            }
        """,
    )
    assert planned(world, "{ goods { number total } }") == golden("""
        1 stock
          {
            goods {
              id
              weight
            }
          }
        2 post, after 1
          at goods by Item(id requires weight)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
        3 bills, after 2
          at goods by Item(id requires postage)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                number
                total
              }
            }
          }
    """)


def test_two_subgraphs_may_require_of_each_other() -> None:
    world = supergraph(
        stock="""
            type Query { goods: [Item] }
            type Item @key(fields: "id") {
                id: ID! weight: Int postage: Int @external bulky: Boolean @requires(fields: "postage")
            }
        """,
        post="""
            type Item @key(fields: "id") {
                id: ID! weight: Int @external postage: Int @requires(fields: "weight")
                bulky: Boolean @external surcharge: Int @requires(fields: "bulky")
            }
        """,
    )
    assert planned(world, "{ goods { surcharge } }") == golden("""
        1 stock
          {
            goods {
              weight
              id
            }
          }
        2 post, after 1
          at goods by Item(id requires weight)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
        3 stock, after 2
          at goods by Item(id requires postage)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                bulky
              }
            }
          }
        4 post, after 3
          at goods by Item(id requires bulky)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                surcharge
              }
            }
          }
    """)


def test_a_requirement_is_fetched_only_if_its_field_is_included() -> None:
    world = supergraph(
        stock='type Query { goods: [Item] } type Item @key(fields: "id") { id: ID! name: String }',
        scales='type Item @key(fields: "id") { id: ID! weight: Int }',
        post="""
            type Item @key(fields: "id") {
                id: ID! weight: Int @external postage: Int @requires(fields: "weight")
            }
        """,
    )
    operation = "query ($full: Boolean!) { goods { name postage @include(if: $full) } }"
    assert planned(world, operation) == golden("""
        1 stock
          query ($full: Boolean!) {
            goods {
              name
              id @include(if: $full)
            }
          }
        2 scales, after 1
          at goods by Item(id), if $full
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                weight
              }
            }
          }
        3 post, after 2
          at goods by Item(id requires weight), if $full
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Item {
                postage
              }
            }
          }
    """)
