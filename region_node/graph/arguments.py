"""Arguments that many root fields share, described once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

RegionCode = Annotated[strawberry.ID, strawberry.argument(description="GB/T 2260 code (区域代码)")]
Identifier = Annotated[strawberry.ID, strawberry.argument(description="Its identifier (编号)")]
AsOf = Annotated[date | None, strawberry.argument(description="The day; today when absent (查询日期)")]
KnownAt = Annotated[
    datetime | None,
    strawberry.argument(description="By what was known at this instant; now when absent (已知时刻)"),
]
IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Names this request: a repeat gets the first answer, 1 to 128 characters (幂等键)"
    ),
]
