"""Refuses sharding directives that could not work, before any request (docs/SHARDING.md, section 2).

Each rule is a generator of errors, named for its subject; `check_facts` runs them all, so that an
owner sees every fault at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import FieldNode, TypeNode

from gateway.federation.composition.errors import CompositionError
from gateway.federation.composition.supergraph import Field, Kind, Type, TypeJoin
from gateway.federation.sharding.facts import ShardedSubgraph, is_list, item_of, name_of

NUMBERS = frozenset({"Int", "Float"})
NOT_ADDED = frozenset({"String", "ID", "Boolean"})
PAGE_FIELDS = frozenset({"edges", "pageInfo", "totalCount", "__typename"})
PAGE_FLAGS = frozenset({"hasNextPage", "hasPreviousPage"})
PAGE_INFO_FIELDS = PAGE_FLAGS | {"startCursor", "endCursor"}

Errors = Iterator[CompositionError]


def check_facts(subgraph: ShardedSubgraph) -> list[CompositionError]:
    """Every misuse of a sharding directive in `subgraph`, in a fixed order."""
    check = _Check(subgraph)
    rules = (
        check.roots,
        check.routes,
        check.members,
        check.scatters,
        check.unspecified,
        check.aggregations,
        check.entities,
    )
    return [error for rule in rules for error in rule()]


class _Check:
    def __init__(self, subgraph: ShardedSubgraph) -> None:
        self._facts = subgraph
        self._types = subgraph.supergraph.types
        self._roots = {name: kind for kind, name in subgraph.supergraph.roots.items() if name in self._types}
        self._gathered = self._gathered_types()

    def _error(self, code: str, coordinate: str, message: str, hint: str) -> CompositionError:
        return CompositionError(code, message, hint, self._facts.name, coordinate)

    def roots(self) -> Errors:
        for name in self._roots:
            for field in self._types[name].fields.values():
                place = (name, field.name)
                placed = place in self._facts.routes or place in self._facts.scatters
                if self._facts.field(*place) and not placed and field.name not in ("_service", "_entities"):
                    yield self._error(
                        "ROOT_FIELD_UNPLACED",
                        ".".join(place),
                        "Nothing says which shards hold what this root field asks for.",
                        "Give it @route(argument:), @scatter(gather:), or both.",
                    )

    def routes(self) -> Errors:
        for (type_name, field_name), path in self._facts.routes.items():
            at = f"{type_name}.{field_name}"
            if type_name not in self._roots:
                yield self._error(
                    "ROUTE_MISPLACED", at, "@route belongs on root fields.", "Use @shardKey on the entity."
                )
                continue
            yield from self._route(at, self._types[type_name].fields[field_name], path)

    def members(self) -> Errors:
        for (type_name, field_name), member in self._facts.members.items():
            at = f"{type_name}.{field_name}"
            if self._roots.get(type_name) != "query" or (type_name, field_name) not in self._facts.scatters:
                yield self._error(
                    "MEMBER_MISPLACED",
                    at,
                    "@member says which of several shards are asked, so it belongs on scattered root fields.",
                    "Add @scatter(gather:), or remove @member.",
                )
            spans = member.type_name in self._facts.spanning
            if not spans or self._facts.member_key_of(member.type_name) is None:
                yield self._error(
                    "MEMBER_TYPE",
                    at,
                    f"{member.type_name} is no @spanning type whose first @key is one scalar field.",
                    "Name the entity whose key the argument holds.",
                )
            field = self._types[type_name].fields[field_name]
            yield from self._path("MEMBER", at, field, member.path)

    def _route(self, at: str, field: Field, path: tuple[str, ...]) -> Errors:
        faults = list(self._path("ROUTE", at, field, path))
        yield from faults
        place = (at.partition(".")[0], field.name)
        if not faults and is_list(self._end_of(field, path)) and place not in self._facts.scatters:
            yield self._error(
                "ROUTE_LIST_WITHOUT_SCATTER",
                at,
                "A list can name several shards, and nothing says how their answers become one.",
                "Add @scatter(gather:).",
            )

    def _path(self, about: str, at: str, field: Field, path: tuple[str, ...]) -> Errors:
        """The fault, if any, of a path from the field's arguments to the value that a directive reads."""
        inputs = field.arguments
        for step, name in enumerate(path):
            found = inputs.get(name)
            if found is None:
                yield self._error(
                    f"{about}_ARGUMENT_UNKNOWN",
                    at,
                    f"The path {'.'.join(path)!r} names nothing at {name!r}.",
                    "Name an argument, or a dotted path from one into input objects.",
                )
                return
            type_ = self._facts.type_named(found.type)
            is_last = step == len(path) - 1
            is_input = type_ is not None and type_.kind is Kind.INPUT
            is_deep = is_list(item_of(found.type)) if is_last else is_list(found.type)
            if is_input is is_last or is_deep:
                yield self._error(
                    f"{about}_ARGUMENT_TYPE",
                    at,
                    f"The path {'.'.join(path)!r} does not end at a scalar, an enum or a list of them.",
                    "A path goes through input objects, not through lists, to the value that is read.",
                )
                return
            inputs = type_.inputs if type_ is not None else {}

    def _end_of(self, field: Field, path: tuple[str, ...]) -> TypeNode:
        """The type at the end of a path without fault."""
        inputs, node = field.arguments, field.type
        for name in path:
            node = inputs[name].type
            type_ = self._facts.type_named(node)
            inputs = type_.inputs if type_ is not None else {}
        return node

    def scatters(self) -> Errors:
        for (type_name, field_name), scatter in self._facts.scatters.items():
            at = f"{type_name}.{field_name}"
            field = self._types[type_name].fields[field_name]
            kind = self._roots.get(type_name)
            if kind in ("mutation", "subscription"):
                yield self._error(
                    "SCATTER_ON_WRITE", at, f"A {kind} goes to one shard.", "Use @route(argument:)."
                )
            elif kind is None and type_name not in self._gathered:
                yield self._error(
                    "SCATTER_MISPLACED",
                    at,
                    f"{type_name} comes whole from one shard, so its fields cannot be scattered.",
                    "Make the type @spanning, or remove @scatter.",
                )
            elif self._is_merged_by_cursor(type_name, field_name):
                yield self._error("SCATTER_MISPLACED", at, _BY_CURSOR, "Remove @scatter.")
            if (reason := self._misfit(scatter.gather, self._facts.type_of(field))) is not None:
                yield self._error("GATHER_TYPE", at, f"{scatter.gather} does not fit: {reason}.", _FITS)
            yield from self._order_by(at, field, scatter.gather, scatter.order_by)

    def _misfit(self, gather: str, node: TypeNode) -> str | None:
        type_ = self._facts.type_named(node)
        fields = type_.fields if type_ is not None and type_.kind is Kind.OBJECT else {}
        if gather == "CONCAT" and not is_list(node):
            return "the field is no list"
        if gather == "CONNECTION":
            return "the field is a list" if is_list(node) else self._page_misfit(fields)
        if gather == "MERGE" and not (fields and (not is_list(node) or self._facts.merges(node))):
            return "the field is neither an object nor a list of objects with a @key"
        if gather == "SUM" and (is_list(node) or not (fields or self._adds(node))):
            return "the field is neither a number nor an object of numbers"
        return None

    def _page_misfit(self, fields: Mapping[str, Field]) -> str | None:
        """What a page of these fields lacks for pages to be merged (docs/SHARDING.md, 5.1)."""
        if not {"edges", "pageInfo"} <= fields.keys():
            return "the field's type has no edges and pageInfo"
        if "cursor" not in self._edge_fields(fields["edges"]):
            return "its edges have no cursor"
        info = fields["pageInfo"].type
        known = self._types.get("PageInfo")
        named = {name for name in known.fields if self._facts.field("PageInfo", name)} if known else set()
        if is_list(info) or name_of(info) != "PageInfo" or not PAGE_FLAGS <= named <= PAGE_INFO_FIELDS:
            return "its pageInfo is no PageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        total = fields["totalCount"].type if "totalCount" in fields else None
        if total is not None and (is_list(total) or name_of(total) != "Int"):
            return "its totalCount is no Int"
        return None

    def _edge_fields(self, edges: Field) -> set[str]:
        type_ = self._facts.type_named(edges.type)
        return set(type_.fields) if type_ is not None and is_list(edges.type) else set()

    def _order_by(self, at: str, field: Field, gather: str, names: tuple[str, ...]) -> Errors:
        row = self._facts.type_named(field.type)
        if row is not None and gather == "CONNECTION" and "edges" in row.fields:
            edge = self._facts.type_named(row.fields["edges"].type)
            node = edge.fields.get("node") if edge is not None else None
            row = self._facts.type_named(node.type) if node is not None else None
        known = row.fields if row is not None else {}
        for name in names:
            by = known.get(name.removeprefix("-"))
            if gather not in ("CONCAT", "CONNECTION") or by is None or not self._is_leaf(by.type):
                yield self._error(
                    "ORDER_BY_UNKNOWN",
                    at,
                    f"orderBy {name!r} means nothing here.",
                    'With CONCAT or CONNECTION, name scalars of the row, "-" before one for descending.',
                )

    def unspecified(self) -> Errors:
        for type_name, gathers in self._gathered.items():
            for field in self._types[type_name].fields.values():
                place = (type_name, field.name)
                if self._facts.field(*place) is None or self._is_placed(place):
                    continue
                if any(self._is_unspecified(field, gather) for gather in gathers):
                    yield self._error(
                        "GATHER_UNSPECIFIED",
                        ".".join(place),
                        "Shards give different values here, and nothing says how they become one.",
                        "Add @scatter(gather:) or @aggregate(op:).",
                    )

    def _is_unspecified(self, field: Field, gather: str) -> bool:
        """Of a field without directive, whose object is gathered so."""
        if gather == "CONNECTION" and field.name in PAGE_FIELDS:
            return False
        node = self._facts.type_of(field)
        is_loose_list = is_list(node) and not self._facts.merges(node)
        return is_loose_list or (gather == "SUM" and name_of(node) in NUMBERS)

    def _is_merged_by_cursor(self, type_name: str, field_name: str) -> bool:
        return field_name in ("edges", "pageInfo") and "CONNECTION" in self._gathered.get(type_name, ())

    def _is_placed(self, place: tuple[str, str]) -> bool:
        return place in self._facts.scatters or place in self._facts.aggregations

    def aggregations(self) -> Errors:
        for (type_name, field_name), aggregation in self._facts.aggregations.items():
            at = f"{type_name}.{field_name}"
            siblings = self._types[type_name].fields
            node = self._facts.type_of(siblings[field_name])
            if type_name not in self._gathered:
                yield self._error(
                    "AGGREGATE_MISPLACED",
                    at,
                    f"{type_name} comes whole from one shard, so there is nothing to aggregate.",
                    "Gather the type by MERGE or SUM, make it @spanning, or remove @aggregate.",
                )
            elif self._is_merged_by_cursor(type_name, field_name):
                yield self._error("AGGREGATE_MISPLACED", at, _BY_CURSOR, "Remove @aggregate.")
            elif (type_name, field_name) in self._facts.scatters:
                yield self._error(
                    "AGGREGATE_MISPLACED",
                    at,
                    "@scatter says already how the values become one.",
                    "Remove @aggregate or @scatter.",
                )
            adds = aggregation.op in ("SUM", "MEAN")
            if (
                not self._is_leaf(node)
                or (adds and not self._adds(node))
                or (aggregation.op == "MEAN" and name_of(node) == "Int")
            ):
                yield self._error(
                    "AGGREGATE_TYPE",
                    at,
                    f"{aggregation.op} does not fit the type {name_of(node)}.",
                    "SUM takes numbers, MEAN numbers other than Int, MIN and MAX any scalar.",
                )
            weight = siblings.get(aggregation.weight or "")
            fits = weight is not None and self._adds(self._facts.type_of(weight))
            if fits if aggregation.op != "MEAN" else not fits:
                yield self._error(
                    "AGGREGATE_WEIGHT",
                    at,
                    "MEAN, and only MEAN, has a weight: a numeric field of the same type.",
                    "A mean of means is wrong unless each counts as much as it stands for.",
                )

    def _is_leaf(self, node: TypeNode) -> bool:
        """Whether values of this type are scalars or enum values."""
        type_ = self._facts.type_named(node)
        return not is_list(node) and (type_ is None or type_.kind in (Kind.SCALAR, Kind.ENUM))

    def _adds(self, node: TypeNode) -> bool:
        """Whether values of this type can be added: numbers, and custom scalars that say decimals."""
        type_ = self._facts.type_named(node)
        is_scalar = type_ is None or type_.kind is Kind.SCALAR
        return is_scalar and not is_list(node) and name_of(node) not in NOT_ADDED

    def entities(self) -> Errors:
        for type_ in self._types.values():
            join = type_.joins.get(self._facts.name)
            if join is None or type_.kind is not Kind.OBJECT:
                continue
            keyed, spanning = type_.name in self._facts.shard_keys, type_.name in self._facts.spanning
            if keyed and spanning:
                yield self._error(
                    "ENTITY_PLACED_TWICE",
                    type_.name,
                    "An entity lives in one shard or spans many, not both.",
                    "Remove @shardKey or @spanning.",
                )
            if keyed:
                yield from self._shard_key(type_, join)
            if spanning and not (join.keys and join.keys[0].resolvable):
                yield self._error(
                    "SPANNING_WITHOUT_KEY",
                    type_.name,
                    "Shards are asked for its slices by its first @key, which is missing or not resolvable.",
                    "Give it a resolvable @key first, or remove @spanning.",
                )
            if not keyed and not spanning and any(key.resolvable for key in join.keys):
                yield self._error(
                    "ENTITY_UNPLACED",
                    type_.name,
                    "Nothing says which shards can resolve this entity.",
                    "Give it @shardKey(field:) or @spanning, or make its @key resolvable: false.",
                )

    def _shard_key(self, type_: Type, join: TypeJoin) -> Errors:
        name = self._facts.shard_keys[type_.name]
        keys = [key.fields.selections for key in join.keys if key.resolvable]
        named = [{s.name.value for s in key.selections if isinstance(s, FieldNode)} for key in keys]
        is_in_all = bool(join.keys) and all(name in names for names in named)
        if not is_in_all or name not in type_.fields or not self._is_leaf(type_.fields[name].type):
            yield self._error(
                "SHARD_KEY_UNKNOWN",
                type_.name,
                f"{name!r} is no scalar field that is part of every resolvable @key of {type_.name}.",
                "A reference must hold the field that names its shard.",
            )

    def _gathered_types(self) -> dict[str, list[str]]:
        """The types whose fields are gathered one by one, each with the gathers that lead to it."""
        found: dict[str, list[str]] = {}
        queue = [(name, "MERGE") for name in sorted(self._facts.spanning)]
        queue += [
            (name_of(self._types[place[0]].fields[place[1]].type), scatter.gather)
            for place, scatter in self._facts.scatters.items()
            if scatter.gather in ("MERGE", "SUM", "CONNECTION")
        ]
        while queue:
            name, gather = queue.pop(0)
            type_ = self._types.get(name)
            if gather in found.get(name, ()) or type_ is None or type_.kind is not Kind.OBJECT:
                continue
            found.setdefault(name, []).append(gather)
            for field in type_.fields.values():
                place = (name, field.name)
                if self._facts.field(*place) is None or self._is_placed(place):
                    continue
                paged = gather == "CONNECTION" and field.name in PAGE_FIELDS
                if not paged and self._facts.merges(node := self._facts.type_of(field)):
                    queue.append((name_of(item_of(node)), "MERGE" if gather == "CONNECTION" else gather))
        return found


_FITS = "FIRST fits anything, CONCAT lists, CONNECTION Relay connections, MERGE objects, SUM numbers."
_BY_CURSOR = "The pages of a connection are merged by their cursors, and their flags with them."
