"""What a query costs by Linear's published rule (linear.app/developers/rate-limiting).

A property costs 0.1, an object 1, a connection multiplies what it holds by its page size (`first`, 50 without it), and
the sum is rounded up. Introspection is free here: Linear's own limit on it is not published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
)

PAGE = 50
MOST = 10_000
_PROPERTY, _OBJECT = 1, 10  # tenths of a point, so that the sum is exact


def complexity(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], operation: str | None = None
) -> int:
    """Points of one operation of a valid document."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found = get_operation_ast(document, operation)
    if found is None or schema.query_type is None:
        return 0
    defaults = _defaults(found)
    tenths = _Cost(fragments, {**defaults, **variables}).of(found.selection_set, schema.query_type)
    return -(-tenths // 10)


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        node.variable.name.value: int(node.default_value.value)
        for node in operation.variable_definitions
        if isinstance(node.default_value, IntValueNode)
    }


class _Cost:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables

    def of(self, selection: SelectionSetNode | None, parent: GraphQLObjectType) -> int:
        total = 0
        for node in self._fields(selection):
            name = node.name.value
            if name.startswith("__"):
                continue
            kind = get_named_type(parent.fields[name].type)
            if not isinstance(kind, GraphQLObjectType):
                total += _PROPERTY
            elif kind.name.endswith("Connection"):
                total += self._page(node, kind)
            else:
                total += _OBJECT + self.of(node.selection_set, kind)
        return total

    def _page(self, node: FieldNode, kind: GraphQLObjectType) -> int:
        size, total = self._size(node), 0
        for inner in self._fields(node.selection_set):
            name = inner.name.value
            if name.startswith("__"):
                continue
            held = get_named_type(kind.fields[name].type)
            cost = self.of(inner.selection_set, held) if isinstance(held, GraphQLObjectType) else 0
            if name == "nodes":
                total += size * (_OBJECT + cost)
            else:
                total += size * cost if name == "edges" else _OBJECT + cost
        return total

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments:
            if argument.name.value in ("first", "last"):
                value = argument.value
                given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
                if isinstance(value, IntValueNode):
                    given = int(value.value)
                if isinstance(given, int):
                    return given
        return PAGE

    def _fields(self, selection: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self._fragments[node.name.value].selection_set)
            else:
                yield from self._fields(node.selection_set)  # type: ignore[attr-defined]
