"""Answers what clients ask of the schema itself.

The usual question takes 50 ms, and its answer never changes: the last answers are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, execute_sync, print_ast

from gateway.federation.document.cache import Apart, LruCache
from gateway.federation.planning.write_fetch import variables_in

ANSWERS_LIMIT: Final = 16
"""Answers kept. Each may be as large as the schema; tools ask two or three."""

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaQuestion:
    """A document with nothing but `__schema` and `__type`, its text, and the variables that it uses."""

    document: DocumentNode
    text: str
    variables: tuple[str, ...]


def schema_question(document: DocumentNode) -> SchemaQuestion:
    """The question that the document is."""
    used: dict[str, None] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            used |= dict.fromkeys(variables_in(definition.selection_set))
    return SchemaQuestion(document, print_ast(document), tuple(used))


class Introspection:
    """What is said of one schema."""

    def __init__(self, schema: GraphQLSchema, apart: Apart) -> None:
        self.schema = schema
        self._answers: LruCache[tuple[object, ...], Object] = LruCache(ANSWERS_LIMIT, apart)

    def answer(self, question: SchemaQuestion, variables: Mapping[str, Any]) -> Object:
        """The answer, at the client's names. It is shared: nobody may change it."""
        key = _key(question, variables)
        return self._answers.get(key, lambda: self._execute(question, variables))

    async def work_out(self, question: SchemaQuestion, variables: Mapping[str, Any]) -> None:
        """Have the answer at hand, worked out in a thread. Raises `CacheBusyError`."""
        key = _key(question, variables)
        await self._answers.get_apart(key, lambda: self._execute(question, variables))

    def _execute(self, question: SchemaQuestion, variables: Mapping[str, Any]) -> Object:
        result = execute_sync(self.schema, question.document, variable_values=dict(variables))
        return dict(result.data or {})


def _key(question: SchemaQuestion, variables: Mapping[str, Any]) -> tuple[object, ...]:
    """Names and conditions are all that these fields take from variables: texts and booleans."""
    return (question.text, *(variables.get(name) for name in question.variables))
