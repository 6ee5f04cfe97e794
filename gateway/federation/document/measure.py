"""Measures a document before anything looks at it closely: fragments in fragments grow exponentially.

Validation compares the fields that fragments bring together, and normalisation writes them out; both
would run on for ages where a small text stands for millions of fields. Counting them is quick.
"""

from __future__ import annotations

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


def fields_written_out(document: DocumentNode) -> int:
    """The fields of the document's largest operation with every fragment written out where it is spread.

    A fragment that contains itself counts as empty there: validation refuses it.
    """
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    counts: dict[str, int] = {}

    def count(selections: SelectionSetNode) -> int:
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += 1 + (count(node.selection_set) if node.selection_set else 0)
            elif isinstance(node, InlineFragmentNode):
                total += count(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                total += spread(node.name.value)
        return total

    def spread(name: str) -> int:
        if name not in counts:
            counts[name] = 0
            counts[name] = count(fragments[name]) if name in fragments else 0
        return counts[name]

    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return max((count(node.selection_set) for node in operations), default=0)
