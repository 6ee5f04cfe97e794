"""Plans: arguments that are filled from what stands above (`@context`, `@fromContext`)."""

from __future__ import annotations

from typing import Any

from tests.engine.federation import by_key, golden, planned, supergraph, world

USERS = """
    type Query { users: [User] }
    type User @key(fields: "id") @context(name: "user") { id: ID! currency: String! basket: Basket }
    type Basket { items: [Item] }
    type Item @key(fields: "id") {
        id: ID!
        price(in: String @fromContext(field: "$user { currency }")): String
    }
"""
ELSEWHERE = """
    type Query { users: [User] }
    type User @key(fields: "id") @context(name: "user") {
        id: ID!
        currency: String! @external
        label: String @requires(fields: "currency")
        items: [Item]
    }
    type Item @key(fields: "id") {
        id: ID!
        price(in: String @fromContext(field: "$user { currency }")): String
    }
"""


def test_the_value_is_a_variable_of_a_fetch_of_its_own() -> None:
    operation = "{ users { basket { items { cost: price } } } }"
    assert planned(supergraph(shop=USERS), operation) == golden("""
        1 shop
          {
            users {
              basket {
                items {
                  id
                }
              }
              currency
            }
          }
        2 shop, after 1
          at users.basket.items by Item(id) with $_in_1 from users.currency
          query ($representations: [_Any!]!, $_in_1: String) {
            _entities(representations: $representations) {
              ... on Item {
                cost: price(in: $_in_1)
              }
            }
          }
    """)


def test_the_value_may_come_from_another_subgraph() -> None:
    settings = 'type User @key(fields: "id") { id: ID! currency: String! }'
    operation = "{ users { items { price } } }"
    assert planned(supergraph(shop=ELSEWHERE, settings=settings), operation) == golden("""
        1 shop
          {
            users {
              items {
                id
              }
              id
            }
          }
        2 settings, after 1
          at users by User(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on User {
                currency
              }
            }
          }
        3 shop, after 2
          at users.items by Item(id) with $_in_1 from users.currency
          query ($representations: [_Any!]!, $_in_1: String) {
            _entities(representations: $representations) {
              ... on Item {
                price(in: $_in_1)
              }
            }
          }
    """)


async def test_entities_below_different_values_are_asked_for_apart() -> None:
    def item(identity: str) -> dict[str, Any]:
        return {"__typename": "Item", "id": identity, "price": lambda **given: f"{identity} in {given['in']}"}

    items = [item("1"), item("2"), item("3")]
    users = [
        {"id": "a", "currency": "CNY", "basket": {"items": [items[0], items[1]]}},
        {"id": "b", "currency": "HKD", "basket": {"items": [items[1], None, items[2]]}},
        {"id": "c", "currency": "CNY", "basket": None},
        {"id": "d", "currency": "CNY", "basket": {"items": [items[0]]}},
    ]
    shop = world({"shop": (USERS, {"users": users}, by_key(items, "id"))})
    response = await shop.ask("{ users { basket { items { price } } } }")
    assert response.errors == ()
    baskets = [user["basket"] or {"items": []} for user in (response.data or {})["users"]]
    assert [[one and one["price"] for one in basket["items"]] for basket in baskets] == [
        ["1 in CNY", "2 in CNY"],
        ["2 in HKD", None, "3 in HKD"],
        [],
        ["1 in CNY"],
    ]
    assert shop.subgraphs.asked == ["shop"] * 3
