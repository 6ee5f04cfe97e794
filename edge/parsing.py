"""Text to a document, with the parser's own limits told as coded errors."""

from __future__ import annotations

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationType,
    get_operation_ast,
    parse,
)

from edge.errors import coded_error
from edge.limits import Limits


def parse_document(text: str, limits: Limits) -> DocumentNode | GraphQLError:
    """The document, or the one error why it cannot be read (GRAPHQL_PARSE_FAILED, LIMIT_TOKENS)."""
    try:
        return parse(text, max_tokens=limits.tokens)
    except GraphQLSyntaxError as error:
        # The parser tells this apart from a mistake only in its message; tests hold it to that.
        if "tokens. Parsing aborted" in error.message:
            return coded_error("LIMIT_TOKENS", limit=limits.tokens)
        return error


def operation_kind(text: str, operation_name: str | None, limits: Limits) -> OperationType | None:
    """What a request would run, or None where that cannot be said (the executor then says why).

    A text without the other keywords holds only queries, which spares nearly all requests the parsing.
    """
    if "mutation" not in text and "subscription" not in text:
        return OperationType.QUERY
    document = parse_document(text, limits)
    if isinstance(document, GraphQLError):
        return None
    operation = get_operation_ast(document, operation_name)
    return operation.operation if operation else None
