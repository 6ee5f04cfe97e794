"""The engine's refusals, each with a code that never changes and is never translated.

    FederationError
    ├── SupergraphError      a supergraph SDL that cannot be read        INVALID_SUPERGRAPH
    ├── DocumentError        an operation refused before it is run       GRAPHQL_VALIDATION_FAILED,
    │                                                                    COST_ESTIMATED_TOO_EXPENSIVE, ...
    └── PlanningError        a valid operation that cannot be planned    PLAN_IMPOSSIBLE, PLAN_LIMIT_EXCEEDED,
                                                                         PLANNER_BUSY

What goes wrong while a plan runs is no exception: it is an entry of the response's `errors`;
so is what is withheld from a caller.
Subgraphs that do not fit together have errors of their own (`composition.errors`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

INVALID_SUPERGRAPH: Final = "INVALID_SUPERGRAPH"
PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
DOCUMENT_LIMIT_EXCEEDED: Final = "DOCUMENT_LIMIT_EXCEEDED"
TOO_MANY_TOKENS: Final = "LIMIT_TOKENS"
OPERATION_UNRESOLVED: Final = "OPERATION_RESOLUTION_FAILURE"
BAD_VARIABLES: Final = "BAD_USER_INPUT"
PLAN_IMPOSSIBLE: Final = "PLAN_IMPOSSIBLE"
PLAN_LIMIT_EXCEEDED: Final = "PLAN_LIMIT_EXCEEDED"
PLANNER_BUSY: Final = "PLANNER_BUSY"
NULL_IN_NON_NULL: Final = "NULL_IN_NON_NULL"
INVALID_SUBGRAPH_VALUE: Final = "INVALID_SUBGRAPH_VALUE"
CONTEXTS_LIMIT_EXCEEDED: Final = "CONTEXTS_LIMIT_EXCEEDED"
SUBSCRIPTION_NOT_STREAMED: Final = "SUBSCRIPTION_NOT_STREAMED"
INCOMPLETE: Final = "INCOMPLETE"
DEADLINE_EXCEEDED: Final = "DEADLINE_EXCEEDED"
UNAUTHORISED: Final = "UNAUTHORIZED_FIELD_OR_TYPE"
INTROSPECTION_REFUSED: Final = "INTROSPECTION_DISABLED"
COST_TOO_HIGH: Final = "COST_ESTIMATED_TOO_EXPENSIVE"
COST_UNKNOWN: Final = "COST_QUERY_PARSE_FAILURE"


class FederationError(Exception):
    """Something the engine refuses. `message` is for people and says what to do; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def formatted(self) -> list[dict[str, Any]]:
        """The refusal as entries of a GraphQL response's `errors`."""
        return [{"message": self.message, "extensions": {"code": self.code}}]


class SupergraphError(FederationError):
    """A supergraph SDL that is not one, or that uses a version of a specification we do not know."""

    def __init__(self, message: str) -> None:
        super().__init__(INVALID_SUPERGRAPH, message)


class DocumentError(FederationError):
    """An operation refused before it is run. `entries` are ready entries of the response's `errors`."""

    def __init__(self, code: str, entries: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(code, "; ".join(str(entry["message"]) for entry in entries))
        self.entries = tuple(entries)

    def formatted(self) -> list[dict[str, Any]]:
        return [
            {**entry, "extensions": {"code": self.code, **(entry.get("extensions") or {})}}
            for entry in self.entries
        ]


class PlanningError(FederationError):
    """A valid operation for which there is no plan, or none within the planner's limits."""
