"""Pages of one connection from many shards, made one page by a k-way merge (docs/SHARDING.md, section 5).

The merge knows no sort order: it compares what the rows' cursors say. It decodes the cursors of the
edges it compares and no others, so that a page costs as many as it has rows and shards, however
much each shard sent.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.federation.sharding.coverage import Path
from gateway.federation.sharding.cursors import CursorError, SortKey, read_cursor
from gateway.federation.sharding.gathers import Gather, Parent, Run

FLAGS = ("hasNextPage", "hasPreviousPage")


@dataclass(frozen=True, slots=True)
class PageSize:
    """An argument of the connection: a variable's name, or a literal's value."""

    variable: str | None = None
    literal: int | None = None

    def value(self, variables: Mapping[str, Any]) -> int | None:
        found = self.literal if self.variable is None else variables.get(self.variable, self.literal)
        return found if isinstance(found, int) and found >= 0 else None


@dataclass(frozen=True, slots=True)
class Edges:
    """One `edges` of the selection: its response key, its cursor's, and whether we asked for the latter."""

    key: str
    cursor: str
    cursor_added: bool


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One `pageInfo` of the selection: response key, and each response key in it with its field's name."""

    key: str
    fields: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Shard:
    """One shard's page during the merge. `position` counts from the end it is read from; a page that
    `is_unfit` takes no part."""

    shard: int
    page: Mapping[str, Any]
    edges: list[Any]
    more: bool
    position: int = 0
    key: SortKey = ()
    is_unfit: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """A merged page. `cut` says that rows beyond it were dropped or are known to exist."""

    edges: list[Any]
    cut: bool


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection's gather. `more` is the response key of a pageInfo that holds both flags by name."""

    key: str
    path: Path
    edges: tuple[Edges, ...]
    edges_added: bool
    page_infos: tuple[PageInfo, ...]
    more: str
    rest: tuple[Gather, ...]
    first: PageSize
    last: PageSize

    def gather(self, parents: Sequence[Parent], run: Run) -> Any:
        forward, backward = self.first.value(run.variables), self.last.value(run.variables)
        reverse = forward is None and backward is not None
        limit = backward if reverse else forward
        pages = self._pages(parents, reverse, run)
        merged = [self._merge(each, pages, reverse, limit, run) for each in self.edges]
        answers = [(each.shard, each.page) for each in pages if not each.is_unfit]
        if not answers:
            return None
        connection = {each.key: each.gather(answers, run) for each in self.rest}
        self._describe(connection, merged[0], answers, reverse)
        for each, page in zip(self.edges, merged, strict=True):
            if not self.edges_added:
                connection[each.key] = page.edges
            if each.cursor_added:
                for edge in page.edges:
                    edge.pop(each.cursor, None)
        return connection

    def _pages(self, parents: Sequence[Parent], reverse: bool, run: Run) -> list[_Shard]:
        pages = []
        for shard, parent in parents:
            page = parent.get(self.key)
            if page is None:
                continue
            try:
                after, before = (page[self.more][flag] is True for flag in FLAGS)
                pages.append(_Shard(shard, page, [], before if reverse else after))
            except (TypeError, KeyError):
                run.reject(shard, self.path)
        return pages

    def _merge(
        self, each: Edges, pages: Sequence[_Shard], reverse: bool, limit: int | None, run: Run
    ) -> _Page:
        merge = _Merge(each.cursor, reverse, limit)
        for page in pages:
            if page.is_unfit:
                continue
            edges = page.page.get(each.key)
            page.edges = [edge for edge in edges if edge is not None] if isinstance(edges, list) else []
            page.position = 0
            try:
                if not isinstance(edges, list):
                    raise CursorError("no edges")
                merge.begin(page)
            except CursorError:
                self._set_aside(page, run)
        merge.run()
        if merge.liar is not None:
            self._set_aside(merge.liar, run)
            return self._merge(each, pages, reverse, limit, run)
        return merge.page()

    def _set_aside(self, page: _Shard, run: Run) -> None:
        page.is_unfit = True
        run.reject(page.shard, self.path)

    def _describe(
        self, connection: dict[str, Any], page: _Page, answers: Sequence[Parent], reverse: bool
    ) -> None:
        """Add each `pageInfo` asked for."""
        if not self.page_infos:
            return
        flags = [answer[self.more] for _, answer in answers]
        cursor = self.edges[0].cursor
        facts = {
            "hasNextPage": any(flag["hasNextPage"] is True for flag in flags) or (page.cut and not reverse),
            "hasPreviousPage": any(flag["hasPreviousPage"] is True for flag in flags)
            or (page.cut and reverse),
            "startCursor": page.edges[0][cursor] if page.edges else None,
            "endCursor": page.edges[-1][cursor] if page.edges else None,
            "__typename": "PageInfo",
        }
        for info in self.page_infos:
            connection[info.key] = {key: facts[name] for key, name in info.fields}

    def locate(self, parents: Sequence[Parent], gathered: Mapping[str, Any], shard: int, path: Path) -> Path:
        own, merged = dict(parents)[shard].get(self.key), gathered.get(self.key)
        if len(path) < 2 or not own or not merged:
            return path[:1]
        inner = next((each for each in self.rest if each.key == path[1]), None)
        if inner is not None:
            answers = [(owner, parent[self.key]) for owner, parent in parents if parent.get(self.key)]
            return (self.key, *inner.locate(answers, merged, shard, path[1:]))
        edges = merged.get(path[1])
        if len(path) < 3 or not isinstance(edges, list) or not own.get(path[1]):
            return path[:2] if path[1] in merged else path[:1]
        edge = own[path[1]][path[2]]
        place = next((index for index, each in enumerate(edges) if each is edge), None)
        return path[:2] if place is None else (self.key, path[1], place, *path[3:])


class _Merge:
    """The merge itself: a heap of each shard's next edge, emptied until the page is full.

    A shard whose edges run out while it has more ends the page: what it holds beyond is not known.
    """

    def __init__(self, cursor: str, reverse: bool, limit: int | None) -> None:
        self._cursor = cursor
        self._reverse = reverse
        self._limit = limit
        self._heap: list[tuple[SortKey, int, _Shard]] = []
        self._ways: str | None = None
        self._edges: list[Any] = []
        self._cut = False
        self.liar: _Shard | None = None

    def begin(self, shard: _Shard) -> None:
        """Add a shard; raises `CursorError` when its page cannot be merged."""
        if shard.edges:
            shard.key = self._key(shard)
            self._heap.append((shard.key, shard.shard, shard))
        elif shard.more and self._limit != 0:
            raise CursorError("more rows, yet none given")

    def run(self) -> None:
        heapq.heapify(self._heap)
        last: SortKey | None = None
        while self._heap:
            key, _, shard = self._heap[0]
            if key != last:
                if len(self._edges) == self._limit:
                    self._cut = True
                    return
                self._edges.append(self._edge(shard))
                last = key
            shard.position += 1
            if shard.position == len(shard.edges):
                heapq.heappop(self._heap)
                if shard.more:
                    self._cut = True
                    return
            elif self._advance(shard):
                heapq.heapreplace(self._heap, (shard.key, shard.shard, shard))
            else:
                return

    def page(self) -> _Page:
        if self._reverse:
            self._edges.reverse()
        return _Page(self._edges, self._cut)

    def _advance(self, shard: _Shard) -> bool:
        try:
            key = self._key(shard)
        except CursorError:
            self.liar = shard
            return False
        if key < shard.key:
            self.liar = shard
            return False
        shard.key = key
        return True

    def _edge(self, shard: _Shard) -> Any:
        return shard.edges[-1 - shard.position if self._reverse else shard.position]

    def _key(self, shard: _Shard) -> SortKey:
        edge = self._edge(shard)
        key, ways = read_cursor(edge.get(self._cursor) if type(edge) is dict else None, self._reverse)
        if ways != self._ways:
            if self._ways is not None:
                raise CursorError("another order than the other shards'")
            self._ways = ways
        return key
