"""Plans: interfaces that a subgraph extends without knowing their types."""

from __future__ import annotations

from tests.engine.federation import golden, planned, supergraph

MEDIA = """
    type Query { media: [Media] }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
"""
REVIEWS = """
    type Query { reviewed: [Media] }
    type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }
"""


def test_all_types_are_entered_by_the_name_of_the_interface() -> None:
    world = supergraph(media=MEDIA, reviews=REVIEWS)
    assert planned(world, "{ media { title score } }") == golden("""
        1 media
          {
            media {
              __typename
              title
              id
            }
          }
        2 reviews, after 1
          at media by Media(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Media {
                score
              }
            }
          }
    """)


def test_what_needs_no_type_asks_for_none() -> None:
    world = supergraph(media=MEDIA, reviews=REVIEWS)
    assert planned(world, "{ reviewed { id score } }") == golden("""
        1 reviews
          {
            reviewed {
              id
              score
            }
          }
    """)


def test_the_type_is_asked_of_a_subgraph_that_knows_it() -> None:
    world = supergraph(media=MEDIA, reviews=REVIEWS)
    assert planned(world, "{ reviewed { __typename score } }") == golden("""
        1 reviews
          {
            reviewed {
              score
              id
            }
          }
        2 media, after 1
          at reviewed by Media(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              __typename
            }
          }
    """)
    assert planned(world, "{ reviewed { ... on Book { pages } } }") == golden("""
        1 reviews
          {
            reviewed {
              id
            }
          }
        2 media, after 1
          at reviewed by Media(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              __typename
              ... on Book {
                pages
              }
            }
          }
    """)


def test_an_interface_object_may_require() -> None:
    world = supergraph(
        media=MEDIA,
        reviews="""
            type Query { reviewed: [Media] }
            type Media @key(fields: "id") @interfaceObject {
                id: ID!
                title: String @external
                blurb: String @requires(fields: "title")
            }
        """,
    )
    assert planned(world, "{ reviewed { blurb } }") == golden("""
        1 reviews
          {
            reviewed {
              id
            }
          }
        2 media, after 1
          at reviewed by Media(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Book {
                title
              }
              ... on Film {
                title
              }
            }
          }
        3 reviews, after 2
          at reviewed by Media(id requires title)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Media {
                blurb
              }
            }
          }
    """)
