"""How a database means to answer a node's statements: each is explained, and none may read a table whole."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
import sqlalchemy as sa

from benchmarks.bank_at_size import SizedBank
from benchmarks.filled_bank import REGION
from edge.caller import Caller, Role
from edge.limits import Limits
from edge.operation import CallContext, ExecutionResult, Operation, Trace
from region_node.graph.executor import NodeExecutor

OFFICER: Final = Caller(Role.OFFICER, "benchmark", region=REGION)
WHOLE: Final = re.compile(
    r"Seq Scan on (\w+)|^SCAN (accounts|outcomes|ledger_entries|log_\w+)(?! USING)", re.MULTILINE
)


async def explained(bank: SizedBank, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the statements of one request, and that all are by index. Raises AssertionError if not."""
    seen: list[tuple[str, Any]] = []

    def saw(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append((statement, parameters))

    readers = bank.node.database.engines[0].sync_engine
    sa.event.listen(readers, "before_cursor_execute", saw)
    try:
        context = CallContext(OFFICER, float("inf"), Trace("0" * 32, "0" * 16))
        answer = await NodeExecutor(bank.node.bank, Limits()).execute(Operation(query, variables), context)
    finally:
        sa.event.remove(readers, "before_cursor_execute", saw)
    assert isinstance(answer, ExecutionResult)
    assert not answer.errors, orjson.dumps([str(one) for one in answer.errors])
    explain = "EXPLAIN QUERY PLAN " if bank.node.database.is_sqlite else "EXPLAIN "
    for statement, parameters in seen:
        async with bank.node.database.read() as connection:
            if not bank.node.database.is_sqlite:  # a small table is read whole because that is quicker
                await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
        plan = "\n".join(str(row[-1]) for row in rows)
        whole = WHOLE.search(plan)
        assert whole is None, f"a table is read whole:\n{statement}\n{plan}"
    return {"statements": len(seen), "index": "yes"}
