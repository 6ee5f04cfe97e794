"""The four subgraphs of the federation benchmark that gateways are usually compared by: shop and reviews.

python -m benchmarks.federated_subgraphs      prints {"accounts": port, ...}; ends with its input
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import GraphQLSchema, build_schema, graphql_sync

from benchmarks.stub_server import Execute, serve

LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@external", "@requires", "@provides", "@shareable"])\n'
)
SDL: Final = {
    "accounts": """
type Query { me: User  user(id: ID!): User  users: [User] }
type User @key(fields: "id") { id: ID!  name: String  username: String @shareable  birthday: Int }
""",
    "products": """
type Query { topProducts(first: Int = 5): [Product] }
type Product @key(fields: "upc") { upc: String!  weight: Int  price: Int  name: String }
""",
    "inventory": """
type Product @key(fields: "upc") {
  upc: String!  weight: Int @external  price: Int @external
  inStock: Boolean  shippingEstimate: Int @requires(fields: "price weight")
}
""",
    "reviews": """
type Review @key(fields: "id") {
  id: ID!  body: String  product: Product  author: User @provides(fields: "username")
}
type User @key(fields: "id") { id: ID!  username: String @external  reviews: [Review] }
type Product @key(fields: "upc") { upc: String!  reviews: [Review] }
""",
}
MACHINERY: Final = """
scalar _Any
union _Entity = {entities}
{extend}type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}
"""
ENTITIES: Final = {
    "accounts": "User",
    "products": "Product",
    "inventory": "Product",
    "reviews": "Review | User | Product",
}

WORDS: Final = (
    *("credit", "bank", "region", "learner", "course", "certificate", "level", "outcome"),
    *("verify", "transfer", "ledger", "agreement", "alliance", "assist", "recognise", "convert"),
)
NAMES: Final = ("Ada", "Bo", "Chen", "Dai", "En", "Fang")
PRODUCTS: Final = (
    ("Table", 899, 100),
    ("Couch", 1299, 1000),
    ("Glass", 15, 20),
    ("Chair", 499, 100),
    ("TV", 1299, 1000),
    ("Lamp", 6999, 300),
    ("Grill", 3999, 2000),
    ("Fridge", 100000, 6000),
    ("Sofa", 9999, 800),
)
IN_STOCK: Final = frozenset({"1", "5", "6", "7", "9"})
REVIEWED: Final = (
    *(("1", 66), ("1", 41), ("1", 40), ("1", 21)),
    *(("2", 66), ("2", 41), ("2", 40), ("2", 21)),
    *(("3", 21), ("4", 21), ("4", 120)),
)
"""Which product each review is of, and how many words it has."""

Rows = dict[str, dict[str, Any]]


def text(words: int, seed: int) -> str:
    return " ".join(WORDS[(place * 7 + seed * 3) % len(WORDS)] for place in range(words))


def users() -> Rows:
    return {
        str(number): {
            "__typename": "User",
            "id": str(number),
            "name": f"{name} Example",
            "username": name.lower(),
            "birthday": 1234567890,
        }
        for number, name in enumerate(NAMES, start=1)
    }


def products() -> Rows:
    return {
        str(number): {
            "__typename": "Product",
            "upc": str(number),
            "name": name,
            "price": price,
            "weight": weight,
        }
        for number, (name, price, weight) in enumerate(PRODUCTS, start=1)
    }


def stock(representation: Mapping[str, Any]) -> dict[str, Any]:
    """What the inventory says of a product, given its price and weight where they were sent."""
    estimate = None
    if "price" in representation and "weight" in representation:
        estimate = 0 if representation["price"] > 1000 else representation["weight"] // 2
    return {**representation, "inStock": representation["upc"] in IN_STOCK, "shippingEstimate": estimate}


class Reviews:
    """The reviews, and what they know of users and products."""

    def __init__(self) -> None:
        self._all = {
            str(number): {
                "__typename": "Review",
                "id": str(number),
                "body": text(words, number - 1),
                "product": lambda _, upc=upc: self.product(upc),
                "author": lambda _: self.user("1"),
            }
            for number, (upc, words) in enumerate(REVIEWED, start=1)
        }

    def entity(self, representation: Mapping[str, Any]) -> dict[str, Any]:
        kind = representation["__typename"]
        if kind == "User":
            return self.user(representation["id"])
        return self.product(representation["upc"]) if kind == "Product" else self._all[representation["id"]]

    def user(self, identifier: str) -> dict[str, Any]:
        first = [self._all["1"], self._all["2"]]
        return {"__typename": "User", "id": identifier, "username": NAMES[0].lower(), "reviews": first}

    def product(self, upc: str) -> dict[str, Any]:
        own = [self._all[str(number)] for number, (of, _) in enumerate(REVIEWED, start=1) if of == upc]
        return {"__typename": "Product", "upc": upc, "reviews": own}


def subgraphs() -> dict[str, Execute]:
    """Each subgraph's execution by its name."""
    people, goods, reviews = users(), products(), Reviews()
    roots: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
        "accounts": (
            {"me": people["1"], "user": lambda _, id: people.get(id), "users": list(people.values())},  # noqa: A006 # the schema's word
            lambda one: people.get(one["id"]),
        ),
        "products": (
            {"topProducts": lambda _, first: list(goods.values())[:first]},
            lambda one: goods.get(one["upc"]),
        ),
        "inventory": ({}, stock),
        "reviews": ({}, reviews.entity),
    }
    return {name: _execute(executable(name), root, entity) for name, (root, entity) in roots.items()}


def executable(name: str) -> GraphQLSchema:
    """A subgraph's schema with the root field by which a gateway asks for entities."""
    extend = "extend " if "type Query" in SDL[name] else ""
    machinery = MACHINERY.format(entities=ENTITIES[name], extend=extend)
    return build_schema(SDL[name] + machinery, assume_valid_sdl=True)


def _execute(schema: GraphQLSchema, root: dict[str, Any], entity: Callable[[Any], Any]) -> Execute:
    def entities(_: Any, representations: list[Any]) -> list[Any]:
        return [entity(one) for one in representations]

    def execute(asked: dict[str, Any]) -> Any:
        values = {**root, "_entities": entities}
        return graphql_sync(schema, asked["query"], values, variable_values=asked.get("variables")).formatted

    return execute


if __name__ == "__main__":
    asyncio.run(serve(subgraphs()))
