"""Relay pages as both subgraphs have them: the arguments, the page information, the size limits."""

from __future__ import annotations

from typing import Annotated, Final

import strawberry
from strawberry.federation.schema_directives import Shareable

PAGE_SIZE_DEFAULT: Final = 20
PAGE_SIZE_LIMIT: Final = 200

First = Annotated[
    int | None,
    strawberry.argument(description="How many rows from the start; 20 when neither is given (前若干条)"),
]
Last = Annotated[int | None, strawberry.argument(description="How many rows from the end (后若干条)")]
After = Annotated[str | None, strawberry.argument(description="Only rows after this cursor (此游标之后)")]
Before = Annotated[str | None, strawberry.argument(description="Only rows before this cursor (此游标之前)")]


@strawberry.type(description="Where a page stands among all rows (分页信息)", directives=[Shareable()])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Rows follow this page (是否有下一页)")
    has_previous_page: bool = strawberry.field(description="Rows precede this page (是否有上一页)")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row (起始游标)")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row (结束游标)")
