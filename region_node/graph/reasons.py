"""Why something happened, as history shows it: what the bank wrote by code, what people wrote as they did."""

from __future__ import annotations

import strawberry

from region_node.domain.bank_reasons import BankReason, read
from region_node.graph.context import Info


@strawberry.type
class Explained:
    """The reason of an event, mixed into its type. `written` is the text as it is kept."""

    written: strawberry.Private[str]

    @strawberry.field(description="Why; what the bank wrote itself is in the reader's language (原因)")
    def reason(self, info: Info) -> str:
        found = read(self.written)
        return self.written if found is None else found.told(info.context.locale)

    @strawberry.field(description="Code of a reason that the bank wrote itself; null otherwise (原因代码)")
    def reason_code(self) -> BankReason | None:
        found = read(self.written)
        return None if found is None else found.code

    @strawberry.field(description="What such a reason names: a case or an outcome (原因所指)")
    def reason_subject(self) -> strawberry.ID | None:
        found = read(self.written)
        return None if found is None or found.subject is None else strawberry.ID(found.subject)
