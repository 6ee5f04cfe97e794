"""Operation text → a valid, plain `Operation`: the only way into the planner.

A. parse, within a number of tokens;
B. run the injected checks, cheap ones that need no schema (the edge's limits are such);
C. validate against the API schema by the specification's rules (of these, `merging` first);
D. choose the operation and normalise it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from gateway.federation.document.measure import fields_written_out
from gateway.federation.document.merging import all_fields_merge
from gateway.federation.document.normalise import FIELDS_LIMIT, normalise, too_many_fields
from gateway.federation.document.operation import Operation
from gateway.federation.errors import (
    DOCUMENT_LIMIT_EXCEEDED,
    OPERATION_UNRESOLVED,
    PARSE_FAILED,
    TOO_MANY_TOKENS,
    VALIDATION_FAILED,
    DocumentError,
)

DocumentCheck = Callable[[DocumentNode], Sequence[GraphQLError]]

TOKENS_LIMIT: Final = 15_000
VALIDATION_ERRORS_LIMIT: Final = 20
RULES_BUT_MERGING: Final = tuple(
    one for one in specified_rules if one is not OverlappingFieldsCanBeMergedRule
)


def prepare(
    schema: GraphQLSchema,
    text: str,
    operation_name: str | None = None,
    checks: Iterable[DocumentCheck] = (),
    tokens_limit: int = TOKENS_LIMIT,
) -> Operation:
    """The plain form of the operation `operation_name` of `text`, or of its only operation.

    Raises `DocumentError` with GRAPHQL_PARSE_FAILED, LIMIT_TOKENS, GRAPHQL_VALIDATION_FAILED,
    OPERATION_RESOLUTION_FAILURE or DOCUMENT_LIMIT_EXCEEDED.
    """
    try:
        document = parse(text, max_tokens=tokens_limit, no_location=True, allow_empty_selection_sets=False)
        if _mistakes(schema, document, checks):
            # Only whoever is told of a mistake needs to know where each word stands; what is kept, does not.
            located = parse(text, max_tokens=tokens_limit, allow_empty_selection_sets=False)
            _refuse(_mistakes(schema, located, checks))
        return normalise(schema, document, _choose(document, operation_name))
    except GraphQLError as error:
        # The parser tells this apart from a mistake only in its message; tests hold it to that.
        if "tokens. Parsing aborted" in error.message:
            entry = {"message": error.message, "extensions": {"limit": tokens_limit}}
            raise DocumentError(TOO_MANY_TOKENS, [entry]) from None
        raise DocumentError(PARSE_FAILED, [error.formatted]) from error
    except RecursionError:
        message = "The operation is nested too deeply. Ask for fewer levels at once."
        raise DocumentError(DOCUMENT_LIMIT_EXCEEDED, [{"message": message}]) from None


def _mistakes(
    schema: GraphQLSchema, document: DocumentNode, checks: Iterable[DocumentCheck]
) -> Sequence[GraphQLError]:
    for check in checks:
        if errors := check(document):
            return errors
    if fields_written_out(document) > FIELDS_LIMIT:
        raise too_many_fields()
    rules = RULES_BUT_MERGING if all_fields_merge(schema, document) else None
    return validate(schema, document, rules, max_errors=VALIDATION_ERRORS_LIMIT)


def _refuse(errors: Sequence[GraphQLError]) -> None:
    if errors and isinstance(errors[0], ValidationAbortedError):
        message = "The operation's fragments are nested too deeply. Write fewer into each other."
        raise DocumentError(DOCUMENT_LIMIT_EXCEEDED, [{"message": message}])
    if errors:
        raise DocumentError(VALIDATION_FAILED, [error.formatted for error in errors])


def _choose(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if name is not None and operation.name is not None and operation.name.value == name:
            return operation
    message = (
        f"The document has no operation {name!r}."
        if name is not None
        else "The document has several operations: say with operationName which one is meant."
        if operations
        else "The document has no operation."
    )
    raise DocumentError(OPERATION_UNRESOLVED, [{"message": message}])
