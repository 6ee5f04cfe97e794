"""Text to a document, with the parser's own limits told as coded errors; and a document in one piece."""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    GraphQLStreamDirective,
    GraphQLSyntaxError,
    OperationType,
    Visitor,
    VisitorAction,
    get_operation_ast,
    parse,
    visit,
)

from edge.errors import coded_error
from edge.limits import Limits

INCREMENTAL: Final = frozenset({GraphQLDeferDirective.name, GraphQLStreamDirective.name})
"""The directives by which a client lets parts of the response come later."""


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


def with_parts(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema, by which clients may defer and stream."""
    given = schema.to_kwargs()
    known = [one for one in given["directives"] or () if one.name not in INCREMENTAL]
    given["directives"] = (*known, GraphQLDeferDirective, GraphQLStreamDirective)
    made = GraphQLSchema(**given)
    # Libraries note things on a schema: Strawberry finds its own by such a note.
    vars(made).update({name: value for name, value in vars(schema).items() if name not in vars(made)})
    return made


def in_one_piece(document: DocumentNode) -> DocumentNode:
    """The document, valid, with nothing deferred or streamed: the very same where nothing was.

    A server may always answer so; the directives only allow it to be late with some of it.
    """
    whole: DocumentNode = visit(document, _Whole())
    return whole


class _Whole(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: Any) -> VisitorAction:
        return REMOVE if node.name.value in INCREMENTAL else None
