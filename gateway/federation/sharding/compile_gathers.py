"""Compiles a selection that many shards answer: what to ask each, and how their answers become one.

What a gather needs and the client did not ask is added under aliases of our own (docs/SHARDING.md,
4.7). Fields of an object gathered field by field are asked without conditions, since a cursor or a
weight must be there whatever the variables say; the response leaves out what the client left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from graphql import FieldNode, IntValueNode, VariableNode

from gateway.federation.composition.supergraph import Kind
from gateway.federation.planning.plan import SelectedField, SelectedFragment, Selection
from gateway.federation.sharding.additions import Additions
from gateway.federation.sharding.connections import Connection, Edges, PageInfo, PageSize
from gateway.federation.sharding.facts import Scatter, ShardedSubgraph, is_list, name_of
from gateway.federation.sharding.gathers import (
    Aggregate,
    Concat,
    First,
    Gather,
    Merge,
    MergeRows,
    OrderBy,
)
from gateway.federation.sharding.rows import Path, Rows

Selections = tuple[Selection, ...]
Compiled = tuple[Gather, tuple[SelectedField, ...]]
"""A field's gather, and what each shard is asked for it: the field and what was added beside it."""


class GatherCompiler:
    """Compiles the gathers of one fetch. `rows` cuts what one shard cannot answer out of its rows."""

    def __init__(self, facts: ShardedSubgraph, additions: Additions, rows: Rows) -> None:
        self._facts = facts
        self._additions = additions
        self._rows = rows

    def fields(
        self, type_name: str, selections: Selections, path: Path, in_connection: bool = False
    ) -> tuple[tuple[Gather, ...], Selections]:
        """The gathers of an object's fields, and what to select from it."""
        once = {each.key: each for each in flatten(self._facts, type_name, selections)}
        compiled = [self.field(each, path, in_connection) for each in once.values()]
        return tuple(gather for gather, _ in compiled), tuple(s for _, asked in compiled for s in asked)

    def field(self, field: SelectedField, parent_path: Path, in_connection: bool = False) -> Compiled:
        """One field of an object that is gathered."""
        place = (field.parent, field.name)
        path = (*parent_path, field.key)
        field = replace(field, conditions=())
        scatter = self._facts.scatters.get(place)
        if scatter is not None:
            return self._scattered(field, scatter, path)
        if place in self._facts.aggregations:
            return self._aggregated(field, path)
        if in_connection and field.name == "totalCount":
            return Aggregate(field.key, path, "SUM", is_int=True), (field,)
        if field.name != "__typename" and self._facts.merges(field.type):
            return self._merged(field, path)
        return First(field.key, self._is_same(field)), (self._row(field, path),)

    def _is_same(self, field: SelectedField) -> bool:
        """Whether all slices of an object have the same value there: its type's name, and its key."""
        key = self._facts.key_of(field.parent)
        names = [node.name.value for node in key.selections if isinstance(node, FieldNode)] if key else []
        return field.name == "__typename" or (field.name in names and not field.selections)

    def _scattered(self, field: SelectedField, scatter: Scatter, path: Path) -> Compiled:
        if scatter.gather == "CONCAT":
            return self._concatenated(field, scatter, path)
        if scatter.gather == "CONNECTION":
            return self._paged(field, path)
        if scatter.gather == "SUM" and not field.selections:
            return Aggregate(field.key, path, "SUM", is_int=name_of(field.type) == "Int"), (field,)
        if scatter.gather == "FIRST":
            return First(field.key), (self._row(field, path),)
        return self._merged(field, path)

    def _row(self, field: SelectedField, path: Path) -> SelectedField:
        return replace(field, selections=self._rows.cut(field.selections, path))

    def _aggregated(self, field: SelectedField, path: Path) -> Compiled:
        aggregation = self._facts.aggregations[field.parent, field.name]
        is_int = name_of(field.type) == "Int"
        if aggregation.weight is None:
            return Aggregate(field.key, path, aggregation.op, is_int=is_int), (field,)
        weight = self._additions.field(field.parent, aggregation.weight)
        return Aggregate(field.key, path, aggregation.op, weight.key, is_int), (field, weight)

    def _merged(self, field: SelectedField, path: Path) -> Compiled:
        fields, asked = self.fields(name_of(field.type), field.selections, path)
        merge = Merge(field.key, path, fields)
        if not is_list(field.type):
            return merge, (replace(field, selections=asked),)
        added = self._additions.key(name_of(field.type))
        rows = MergeRows(field.key, path, tuple(each.key for each in added), merge)
        return rows, (replace(field, selections=(*asked, *added)),)

    def _concatenated(self, field: SelectedField, scatter: Scatter, path: Path) -> Compiled:
        selections = self._rows.cut(field.selections, path)
        order = []
        for name in scatter.order_by:
            by = _selected(selections, name.removeprefix("-"))
            added = by is None
            if by is None:
                by = self._additions.field(name_of(field.type), name.removeprefix("-"))
                selections = (*selections, by)
            order.append(OrderBy(by.key, name.startswith("-"), added))
        gather = Concat(field.key, path, tuple(order), field.stream)
        return gather, (replace(field, selections=selections),)

    def _paged(self, field: SelectedField, path: Path) -> Compiled:
        type_name = name_of(field.type)
        chosen = list({each.key: each for each in flatten(self._facts, type_name, field.selections)}.values())
        infos = tuple(
            PageInfo(
                each.key, tuple((s.key, s.name) for s in flatten(self._facts, "PageInfo", each.selections))
            )
            for each in chosen
            if each.name == "pageInfo"
        )
        edges = [each for each in chosen if each.name == "edges"]
        rest = tuple(each for each in chosen if each.name not in ("edges", "pageInfo"))
        gathers, asked = self.fields(type_name, rest, path, in_connection=True)
        if not edges and not infos:
            return Merge(field.key, path, gathers), (replace(field, selections=asked),)
        pages = [self._edges(each, path) for each in edges or (self._additions.field(type_name, "edges"),)]
        more = self._flags(type_name)
        gather = Connection(
            field.key,
            path,
            edges=tuple(page for page, _ in pages),
            edges_added=not edges,
            page_infos=infos,
            more=more.key,
            rest=gathers,
            first=self._page_size(field, "first"),
            last=self._page_size(field, "last"),
        )
        return gather, (replace(field, selections=(*asked, *(edge for _, edge in pages), more)),)

    def _edges(self, field: SelectedField, path: Path) -> tuple[Edges, SelectedField]:
        selections = self._rows.cut(field.selections, (*path, field.key))
        cursor = _selected(selections, "cursor")
        added = cursor is None
        if cursor is None:
            cursor = self._additions.field(name_of(field.type), "cursor")
            selections = (*selections, cursor)
        edges = Edges(field.key, cursor.key, added)
        return edges, replace(field, conditions=(), selections=selections)

    def _flags(self, type_name: str) -> SelectedField:
        info = self._additions.field(type_name, "pageInfo")
        fields = self._facts.supergraph.types[name_of(info.type)].fields
        flags = tuple(
            SelectedField(name, name, name_of(info.type), fields[name].type, {})
            for name in ("hasNextPage", "hasPreviousPage")
        )
        return replace(info, selections=flags)

    def _page_size(self, field: SelectedField, argument: str) -> PageSize:
        known = self._facts.supergraph.types[field.parent].fields[field.name].arguments.get(argument)
        default = known.default if known is not None else None
        fallback = int(default.value) if isinstance(default, IntValueNode) else None
        given = field.arguments.get(argument)
        if isinstance(given, VariableNode):
            return PageSize(given.name.value, fallback)
        if given is None:
            return PageSize(None, fallback)
        return PageSize(None, int(given.value) if isinstance(given, IntValueNode) else None)


def flatten(
    facts: ShardedSubgraph, type_name: str, selections: Sequence[Selection]
) -> Iterator[SelectedField]:
    """The fields that an object of `type_name` has in `selections`, fragments opened and conditions kept."""
    for selection in selections:
        if isinstance(selection, SelectedField):
            yield selection
        elif applies(facts, selection, type_name):
            for field in flatten(facts, type_name, selection.selections):
                yield replace(field, conditions=(*selection.conditions, *field.conditions))


def applies(facts: ShardedSubgraph, fragment: SelectedFragment, type_name: str) -> bool:
    type_ = facts.supergraph.types.get(fragment.on)
    if type_ is None or type_.kind is Kind.OBJECT:
        return fragment.on == type_name
    return type_name in facts.supergraph.possible_in(facts.name, fragment.on)


def _selected(selections: Sequence[Selection], name: str) -> SelectedField | None:
    """The plain, unconditional selection of field `name`, if there is one."""
    for each in selections:
        if (
            isinstance(each, SelectedField)
            and each.name == name
            and not each.conditions
            and not each.arguments
        ):
            return each
    return None
