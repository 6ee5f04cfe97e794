"""The floor of the federation benchmark: the one query answered by hand, in the fewest requests.

It decodes, joins and encodes what a gateway must, and nothing else: seven requests as any good plan has
them, no parsing, no planning, no checks of any value.

    python -m benchmarks.federated_floor PORTS       (a JSON object: {"accounts": port, ...})

prints {"port": …} and ends with its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.bare_endpoint import serve_route
from benchmarks.reqwest import ReqwestExchange

HEADERS: Final = (("content-type", "application/json"), ("accept", "application/json"))
TIMEOUT_S: Final = 10.0

INNER: Final = "reviews { id body author { id username reviews { id body product { upc } } } }"
OUTER: Final = f"reviews {{ id body product {{ upc {INNER} }} }}"
USERS: Final = "{ users { id username name } }"
TOP: Final = "{ topProducts { upc name price weight } }"
REVIEWS: Final = (
    "query($u: [_Any!]!, $p: [_Any!]!) {"
    f" u: _entities(representations: $u) {{ ... on User {{ {OUTER} }} }}"
    f" p: _entities(representations: $p) {{ ... on Product {{ {INNER} }} }} }}"
)
ENTITIES: Final = "query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {} }} }}"
NAMES: Final = ENTITIES.format("User { name }")
GOODS: Final = ENTITIES.format("Product { name price weight }")
STOCK: Final = ENTITIES.format("Product { inStock shippingEstimate }")

Found = dict[str, Any]


class Floor:
    def __init__(self, ports: Mapping[str, int]) -> None:
        self._urls = {name: f"http://127.0.0.1:{port}/{name}" for name, port in ports.items()}
        self._exchange = ReqwestExchange()

    async def answer(self) -> bytes:
        """The response's bytes."""
        users, top = await asyncio.gather(self._ask("accounts", USERS), self._ask("products", TOP))
        people, tops = users["users"], top["topProducts"]
        asked = {
            "u": [{"__typename": "User", "id": one["id"]} for one in people],
            "p": [{"__typename": "Product", "upc": one["upc"]} for one in tops],
        }
        goods = {one["upc"]: one for one in tops}
        reviews, _ = await asyncio.gather(self._ask("reviews", REVIEWS, asked), self._stock(goods))
        others, authors = _met(reviews)
        await asyncio.gather(self._names(authors), self._goods(others))
        join = _Join({**goods, **others}, authors)
        data = {
            "users": [
                {**_user(one), "reviews": [join.deep(each) for each in found["reviews"]]}
                for one, found in zip(people, reviews["u"], strict=True)
            ],
            "topProducts": [
                {**join.product(one["upc"]), "reviews": [join.review(each) for each in found["reviews"]]}
                for one, found in zip(tops, reviews["p"], strict=True)
            ],
        }
        return orjson.dumps({"data": data})

    async def _names(self, authors: dict[str, str]) -> None:
        asked = [{"__typename": "User", "id": one} for one in authors]
        found = await self._ask("accounts", NAMES, {"r": asked})
        authors.update({one: each["name"] for one, each in zip(authors, found["_entities"], strict=True)})

    async def _goods(self, others: dict[str, Found]) -> None:
        asked = [{"__typename": "Product", "upc": one} for one in others]
        found = await self._ask("products", GOODS, {"r": asked})
        for one, each in zip(others, found["_entities"], strict=True):
            others[one] = {"upc": one, **each}
        await self._stock(others)

    async def _stock(self, goods: dict[str, Found]) -> None:
        asked = [
            {"__typename": "Product", "upc": one["upc"], "price": one["price"], "weight": one["weight"]}
            for one in goods.values()
        ]
        found = await self._ask("inventory", STOCK, {"r": asked})
        for one, each in zip(goods.values(), found["_entities"], strict=True):
            one.update(each)

    async def _ask(self, name: str, query: str, variables: Found | None = None) -> Found:
        body = orjson.dumps({"query": query, "variables": variables or {}})
        answered = await self._exchange.post(self._urls[name], HEADERS, body, TIMEOUT_S)
        data: Found = orjson.loads(answered)["data"]
        return data


class _Join:
    def __init__(self, goods: Mapping[str, Found], authors: Mapping[str, str]) -> None:
        self._goods = goods
        self._authors = authors

    def deep(self, review: Found) -> Found:
        product = review["product"]
        inner = [self.review(each) for each in product["reviews"]]
        return {
            "id": review["id"],
            "body": review["body"],
            "product": {**self.product(product["upc"]), "reviews": inner},
        }

    def review(self, review: Found) -> Found:
        author = review["author"]
        own = [
            {"id": each["id"], "body": each["body"], "product": self.product(each["product"]["upc"])}
            for each in author["reviews"]
        ]
        user = {"id": author["id"], "username": author["username"], "name": self._authors[author["id"]]}
        return {"id": review["id"], "body": review["body"], "author": {**user, "reviews": own}}

    def product(self, upc: str) -> Found:
        one = self._goods[upc]
        return {
            "inStock": one["inStock"],
            "name": one["name"],
            "price": one["price"],
            "shippingEstimate": one["shippingEstimate"],
            "upc": upc,
            "weight": one["weight"],
        }


def _user(one: Found) -> Found:
    return {"id": one["id"], "username": one["username"], "name": one["name"]}


def _met(reviews: Found) -> tuple[dict[str, Found], dict[str, str]]:
    """The products and authors met in reviews, not filled yet."""
    others: dict[str, Found] = {}
    authors: dict[str, str] = {}

    def visit(review: Found) -> None:
        authors[review["author"]["id"]] = ""
        for each in review["author"]["reviews"]:
            others[each["product"]["upc"]] = {}

    for found in reviews["u"]:
        for review in found["reviews"]:
            others[review["product"]["upc"]] = {}
            for inner in review["product"]["reviews"]:
                visit(inner)
    for found in reviews["p"]:
        for review in found["reviews"]:
            visit(review)
    return others, authors


if __name__ == "__main__":
    floor = Floor(json.loads(sys.argv[1]))

    async def endpoint(request: Request) -> Response:
        await request.body()
        return Response(await floor.answer(), media_type="application/json")

    serve_route(endpoint)
