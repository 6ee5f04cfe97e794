"""A delivery service in many depots: each node of it holds its own depot's parcels and no others.

The oracle of these tests is the same node holding every depot's parcels at once.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, build_schema, execute_sync, parse, validate

SDL = Path(__file__).with_name("parcels.graphql").read_text()
SERVED = (
    SDL.partition(")\n\n")[2].replace(
        "type Query {", "type Query { _entities(representations: [_Any!]!): [_Entity]!"
    )
    + """
scalar _Any
union _Entity = Depot | Parcel | Customer
directive @key(fields: String!, resolvable: Boolean) on OBJECT
directive @route(argument: String!) on FIELD_DEFINITION
directive @shardKey(field: String!) on OBJECT
directive @spanning on OBJECT
directive @scatter(gather: String, orderBy: [String!]) on FIELD_DEFINITION
directive @aggregate(op: String, weight: String) on FIELD_DEFINITION
directive @member(of: String!, argument: String!) on FIELD_DEFINITION
"""
)
ORDERS = {
    "BY_SIZE": [("size", "A"), ("id", "A")],
    "BY_SIZE_DOWN": [("size", "D"), ("id", "A")],
    "BY_LABEL": [("label", "A"), ("id", "A")],
    "BY_LABEL_DOWN": [("label", "D"), ("id", "D")],
}


@dataclass(frozen=True)
class Parcel:
    id: str
    size: int
    label: str | None
    weight: str | None
    sender: str


class _Reversed:
    """Turns an ordering round, for keys that cannot be negated."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Reversed) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and other.key == self.key


def comparable(keys: Sequence[tuple[Any, str]]) -> list[Any]:
    """The order of docs/SHARDING.md, 5.2, written as plainly as possible."""
    plain = [((0, "") if value is None else (1, value), direction) for value, direction in keys]
    return [key if direction == "A" else _Reversed(key) for key, direction in plain]


def encode(keys: Sequence[tuple[Any, str]]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps({"k": [list(key) for key in keys]})).rstrip(b"=").decode()


def decode(cursor: str) -> list[tuple[Any, str]]:
    return [tuple(key) for key in orjson.loads(base64.urlsafe_b64decode(cursor + "=="))["k"]]


@dataclass
class Node:
    """One node, or the oracle. `depots` are the names it answers for."""

    depots: Sequence[str]
    parcels: list[Parcel]
    names: Mapping[str, str] = field(default_factory=dict)
    tariffs: Mapping[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def answer(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        document = _checked(query)
        if not isinstance(document, DocumentNode):
            return {"errors": [error.formatted for error in document]}
        result = execute_sync(
            SCHEMA, document, root_value=_Root(self), variable_values=dict(variables), context_value=self
        )
        return dict(result.formatted)

    def page(self, parcels: Sequence[Parcel], order: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """A Relay page by keyset: it resumes from any cursor, its own or another node's."""
        rows = sorted(
            (([(getattr(parcel, name), way) for name, way in ORDERS[order]], parcel) for parcel in parcels),
            key=lambda row: comparable(row[0]),
        )
        after, before = args.get("after"), args.get("before")
        low = comparable(decode(after)) if after else None
        high = comparable(decode(before)) if before else None
        inside = [
            (keys, parcel)
            for keys, parcel in rows
            if (low is None or low < comparable(keys)) and (high is None or comparable(keys) < high)
        ]
        first, last = args.get("first"), args.get("last")
        chosen = inside[:first] if first is not None else inside[-last:] if last else inside
        if last == 0 and first is None:
            chosen = []
        start = (
            rows.index(chosen[0]) if chosen else sum(1 for r in rows if low and not low < comparable(r[0]))
        )
        end = start + len(chosen)
        edges = [{"cursor": encode(keys), "node": self.parcel(parcel)} for keys, parcel in chosen]
        return {
            "edges": edges,
            "pageInfo": {
                "hasNextPage": end < len(rows),
                "hasPreviousPage": start > 0,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
            "totalCount": len(rows),
        }

    def parcel(self, parcel: Parcel) -> dict[str, Any]:
        return {
            "__typename": "Parcel",
            "id": parcel.id,
            "size": parcel.size,
            "label": lambda _info: self._label(parcel),
            "weight": parcel.weight,
            "sender": lambda _info: self.customer(parcel.sender),
        }

    def _label(self, parcel: Parcel) -> str | None:
        if parcel.id in self.broken:
            raise GraphQLError("The label is torn.", extensions={"code": "TORN"})
        return parcel.label

    def customer(self, customer_id: str) -> dict[str, Any] | None:
        own = [parcel for parcel in self.parcels if parcel.sender == customer_id]
        if not own and customer_id not in self.names:
            return None
        weights = [Decimal(parcel.weight) for parcel in own if parcel.weight is not None]
        labels = list(dict.fromkeys(parcel.label for parcel in own if parcel.label is not None))
        return {
            "__typename": "Customer",
            "id": customer_id,
            "name": self.names.get(customer_id),
            "parcels": [self.parcel(parcel) for parcel in own],
            "history": lambda _info, **args: self.page(own, "BY_SIZE", args),
            "totalWeight": str(sum(weights)) if weights else None,
            "lightest": str(min(weights)) if weights else None,
            "longestLabel": max(labels, default=None),
            "meanSize": sum(parcel.size for parcel in own) / len(own) if own else None,
            "parcelCount": len(own),
            "labels": [
                {"label": label, "uses": sum(1 for parcel in own if parcel.label == label)}
                for label in labels
            ],
            "address": {"street": self.names.get(customer_id), "city": self.depots[0]},
        }

    def holds(self, customer_id: str) -> bool:
        return customer_id in self.names or any(parcel.sender == customer_id for parcel in self.parcels)

    def entity(self, representation: Mapping[str, Any]) -> dict[str, Any] | None:
        key = representation["id"]
        if representation["__typename"] == "Customer":
            return self.customer(key)
        if representation["__typename"] == "Depot":
            return {"__typename": "Depot", "id": key, "name": key.title()} if key in self.depots else None
        return next((self.parcel(parcel) for parcel in self.parcels if parcel.id == key), None)


class _Root:
    """The root fields, as graphql-core's default resolver finds them."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def _entities(self, _info: Any, representations: list[dict[str, Any]]) -> list[Any]:
        return [self._node.entity(representation) for representation in representations]

    def depot(self, _info: Any, id: str) -> Any:  # noqa: A002 - the argument's name in the schema
        return self._node.entity({"__typename": "Depot", "id": id})

    def depots(self, _info: Any) -> Any:
        return [{"id": name, "name": name.title()} for name in self._node.depots]

    def largestFirst(self, _info: Any) -> Any:  # noqa: N802 - the field's name in the schema
        rows = sorted(self._node.parcels, key=lambda parcel: (-parcel.size, parcel.id))
        return [self._node.parcel(parcel) for parcel in rows]

    def parcel(self, _info: Any, id: str) -> Any:  # noqa: A002 - likewise
        return self._node.entity({"__typename": "Parcel", "id": id})

    def parcelsById(self, _info: Any, ids: list[str]) -> Any:  # noqa: N802 - likewise
        return [self._node.parcel(parcel) for parcel in self._node.parcels if parcel.id in ids]

    def parcels(self, _info: Any, order: str = "BY_SIZE", depot: str | None = None, **args: Any) -> Any:
        own = [p for p in self._node.parcels if depot is None or p.id.startswith(f"{depot}-")]
        return self._node.page(own, order, args)

    def pricedBy(self, _info: Any, input: dict[str, Any]) -> Any:  # noqa: A002, N802 - likewise
        return self.tariff(_info, input.get("code") or "standard")

    def tariff(self, _info: Any, code: str) -> Any:
        price = self._node.tariffs.get(code)
        return None if price is None else {"code": code, "price": price}

    def customer(self, _info: Any, id: str) -> Any:  # noqa: A002 - likewise
        return self._node.customer(id)

    def sentBy(self, _info: Any, input: dict[str, Any]) -> Any:  # noqa: A002, N802 - likewise
        wanted = input.get("customers")
        return [self._node.parcel(p) for p in self._node.parcels if wanted is None or p.sender in wanted]

    def statistics(self, _info: Any) -> Any:
        parcels = self._node.parcels
        weights = [Decimal(parcel.weight) for parcel in parcels if parcel.weight is not None]
        sizes = [parcel.size for parcel in parcels]
        return {
            "parcels": len(parcels),
            "weight": str(sum(weights)) if weights else None,
            "smallest": min(sizes, default=None),
            "greatest": max(sizes, default=None),
            "asOf": "2026-06-01",
        }

    def relabel(self, _info: Any, id: str, label: str | None = None) -> Any:  # noqa: A002 - likewise
        parcels = self._node.parcels
        for index, parcel in enumerate(parcels):
            if parcel.id == id:
                parcels[index] = Parcel(id, parcel.size, label, parcel.weight, parcel.sender)
                return self._node.parcel(parcels[index])
        return None


SCHEMA = build_schema(SERVED, assume_valid_sdl=True)


@lru_cache(1024)
def _checked(query: str) -> DocumentNode | list[GraphQLError]:
    """The document, or why it is none of this schema; nodes are asked the same again and again."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(SCHEMA, document) or document
