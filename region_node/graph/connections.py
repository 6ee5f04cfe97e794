"""Relay connections over pages of rows: arguments to a request, a page to edges and page information."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import strawberry

from edge.errors import PublicError
from region_node.graph.context import Info
from region_node.graph.cursors import decode_cursor, encode_cursor
from region_node.graph.lookahead import selects
from region_node.service.paging import Order, Page, PageRequest
from schema.paging import PAGE_SIZE_DEFAULT, PAGE_SIZE_LIMIT, PageInfo

N = TypeVar("N")
T = TypeVar("T")
C = TypeVar("C", bound="Connection[Any]")


@strawberry.type(description="One row of a page (分页条目)")
class Edge(Generic[N]):
    node: N = strawberry.field(description="The row (条目)")
    row: strawberry.Private[object]
    order: strawberry.Private[Order]

    @strawberry.field(description="Where the row stands in this order (游标)")
    def cursor(self) -> str:
        return encode_cursor(self.row, self.order)


@strawberry.type(description="A page of rows (分页列表)")
class Connection(Generic[N]):
    edges: list[Edge[N]] = strawberry.field(description="The rows of this page (条目列表)")
    total_count: int | None = strawberry.field(description="How many rows the filter has in all (总数)")
    page: strawberry.Private[Page[Any]]
    order: strawberry.Private[Order]

    @strawberry.field(description="Where the page stands (分页信息)")
    def page_info(self) -> PageInfo:
        page = self.page
        cursors = [encode_cursor(row, self.order) for row in (page.rows[:1] + page.rows[-1:])]
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )


def page_request(
    info: Info, order: Order, first: int | None, after: str | None, last: int | None, before: str | None
) -> PageRequest:
    """Return what the arguments ask for. Raises `PublicError` for a size or a cursor that cannot be.

    For a field of many objects it is worked out once.
    """
    made = info.context.page_requests
    asked = (*map(id, info._raw_info.field_nodes), order, first, after, last, before)
    if asked not in made:
        made[asked] = _page_request(info, order, first, after, last, before)
    return made[asked]


def _page_request(
    info: Info, order: Order, first: int | None, after: str | None, last: int | None, before: str | None
) -> PageRequest:
    if first is not None and last is not None:
        raise PublicError("PAGE_ARGUMENTS_EXCLUSIVE")
    backward = last is not None
    limit = last if last is not None else PAGE_SIZE_DEFAULT if first is None else first
    argument = "last" if backward else "first"
    if limit < 0:
        raise PublicError("PAGE_SIZE_NEGATIVE", argument=argument, found=limit)
    if limit > PAGE_SIZE_LIMIT:
        raise PublicError("LIMIT_PAGE_SIZE", argument=argument, found=limit, limit=PAGE_SIZE_LIMIT)
    raw = info._raw_info
    return PageRequest(
        order=order,
        limit=limit,
        backward=backward,
        after=None if after is None else decode_cursor(after, order),
        before=None if before is None else decode_cursor(before, order),
        with_total=selects(raw, "totalCount"),
        with_neighbours=selects(raw, "pageInfo"),
    )


def connection(kind: type[C], page: Page[T], order: Order, node: Callable[[T], object]) -> C:
    """Return `page` as a connection of type `kind`."""
    return kind(
        edges=[Edge(node=node(row), row=row, order=order) for row in page.rows],
        total_count=page.total,
        page=page,
        order=order,
    )
