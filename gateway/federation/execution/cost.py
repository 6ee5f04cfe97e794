"""What an operation will cost, estimated before anything is fetched: a function of its variables, made once.

Each object counts 1, each leaf 0, a mutation 10, an input object 1, or what `@cost` says instead; a list
counts as many times as `@listSize` says it is long, or as `assumed_list_size`. Of an abstract type's
object types the dearest counts. What does not depend on variables is added up when the plan is made.

Sources: https://ibm.github.io/graphql-specs/cost-spec.html, and Apollo Router's demand control, whose
codes and default weights these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLOutputType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationType,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.utilities import value_from_ast_untyped

from gateway.federation.composition.guards import ListSize
from gateway.federation.composition.supergraph import Field as Definition
from gateway.federation.composition.supergraph import InputValue, Kind, Supergraph
from gateway.federation.document.operation import ALWAYS, Field, Operation, SelectionSet
from gateway.federation.errors import COST_TOO_HIGH, COST_UNKNOWN, DocumentError
from gateway.federation.execution.project import holds
from gateway.federation.planning.capability import named_type

ASSUMED_LIST_SIZE: Final = 10
MUTATION_COST: Final = 10
WEIGHTS: Final = {Kind.OBJECT: 1, Kind.INTERFACE: 1, Kind.UNION: 1, Kind.INPUT: 1}

Variables = Mapping[str, Any]
Amount = int | Callable[[Variables], int]
"""A number, or what gives it once the variables are known."""


def estimate(supergraph: Supergraph, operation: Operation, assumed_list_size: int) -> Amount:
    """What `operation` costs. Calling it raises `DocumentError` where a list is not sized as it must be."""
    base = MUTATION_COST if operation.kind is OperationType.MUTATION else 0
    return _sum([base, _Estimates(supergraph, assumed_list_size).selections(operation.selections, 0)])


def amount(of: Amount, variables: Variables) -> int:
    """The number."""
    return of if isinstance(of, int) else of(variables)


def cost_refusal(estimated: int, budget: int) -> DocumentError:
    """The refusal of an operation that costs more than its caller may spend."""
    message = (
        f"The operation is estimated to cost {estimated}; {budget} are allowed. Ask for fewer fields, for"
        " shorter lists, or in several operations."
    )
    extensions = {"code": COST_TOO_HIGH, "estimated": estimated, "budget": budget}
    return DocumentError(COST_TOO_HIGH, [{"message": message, "extensions": extensions}])


def _sum(parts: Iterable[Amount]) -> Amount:
    fixed, varying = 0, []
    for part in parts:
        if isinstance(part, int):
            fixed += part
        else:
            varying.append(part)
    if not varying:
        return fixed
    return lambda variables: fixed + sum(part(variables) for part in varying)


def _dearest(parts: Iterable[Amount]) -> Amount:
    distinct = list(dict.fromkeys(parts))
    fixed = max((part for part in distinct if isinstance(part, int)), default=0)
    varying = [part for part in distinct if not isinstance(part, int)]
    if not varying:
        return fixed
    return lambda variables: max(fixed, *(part(variables) for part in varying))


def _times(size: Amount, each: Amount) -> Amount:
    if isinstance(size, int) and isinstance(each, int):
        return size * each
    return lambda variables: amount(size, variables) * amount(each, variables)


@dataclass(frozen=True, slots=True)
class _Estimates:
    supergraph: Supergraph
    assumed_list_size: int

    def selections(
        self, selections: SelectionSet, weight: int | None, sizes: Mapping[str, Amount] | None = None
    ) -> Amount:
        """What one object costs with what is selected on it. `weight` is its own, where that is stated;
        `sizes` how long the lists are that the field above has sized.
        """
        return _dearest(
            _sum(
                [
                    max(map(self._type_weight, group.types)) if weight is None else weight,
                    *(self._field(one, group.types, sizes or {}) for one in group.fields),
                ]
            )
            for group in selections.groups
        )

    def _field(self, one: Field, types: tuple[str, ...], sizes: Mapping[str, Amount]) -> Amount:
        if one.name.startswith("__"):
            return 0
        definitions = self._definitions(one, types)
        size, inner_sizes = self._size(one, definitions, sizes)
        weight = max((one.cost for one in definitions if one.cost is not None), default=None)
        if one.selections is not None:
            each = self.selections(one.selections, weight, inner_sizes)
        else:
            each = self._type_weight(get_named_type(one.type).name) if weight is None else weight
        arguments = [
            self._argument(value, definitions[0].arguments[name]) for name, value in one.arguments.items()
        ]
        total = _sum([_times(size, each), *arguments])
        if one.conditions == ALWAYS or total == 0:
            return total
        return lambda variables: amount(total, variables) if holds(one.conditions, variables) else 0

    def _definitions(self, one: Field, types: tuple[str, ...]) -> list[Definition]:
        """The field as each type defines it that it is asked of, or that it was written on."""
        parents = (self.supergraph.types.get(name) for name in dict.fromkeys((*types, *one.written_on)))
        return [parent.fields[one.name] for parent in parents if parent and one.name in parent.fields]

    def _type_weight(self, name: str) -> int:
        type_ = self.supergraph.types.get(name)
        if type_ is None:
            return 0
        return WEIGHTS.get(type_.kind, 0) if type_.cost is None else type_.cost

    # Sizes of lists

    def _size(
        self, one: Field, definitions: list[Definition], sizes: Mapping[str, Amount]
    ) -> tuple[Amount, dict[str, Amount]]:
        """How many values the field gives, and how many each field below gives whose size it tells."""
        told: list[Amount] = []
        below: dict[str, list[Amount]] = {}
        for definition in definitions:
            if definition.list_size is not None:
                expected = self._expected(one, definition, definition.list_size)
                told.append(expected)
                for name in definition.list_size.sized_fields:
                    below.setdefault(name, []).append(expected)
        inner = {name: _dearest(parts) for name, parts in below.items()}
        if not _is_list(one.type):
            return 1, inner
        if one.name in sizes:
            return sizes[one.name], inner
        return (_dearest(told) if told else self.assumed_list_size), inner

    def _expected(self, one: Field, definition: Definition, stated: ListSize) -> Amount:
        otherwise = self.assumed_list_size if stated.assumed is None else stated.assumed
        if not stated.slicing_arguments:
            return otherwise
        readers = [_slicing(one, definition, name) for name in stated.slicing_arguments]
        names, required = " or ".join(stated.slicing_arguments), stated.require_one

        def expected(variables: Variables) -> int:
            given = [value for read in readers if (value := read(variables)) is not None]
            if required and len(given) != 1:
                raise _sizeless(one.key, names, len(given))
            return max(0, *given) if given else otherwise

        if any(_varies(one.arguments.get(name.partition(".")[0])) for name in stated.slicing_arguments):
            return expected
        try:
            return expected({})
        except DocumentError:
            return expected

    # Arguments

    def _argument(self, value: ValueNode, definition: InputValue) -> Amount:
        if isinstance(value, VariableNode):
            name = value.name.value
            if not self._inputs(definition) and not self._input_weight(definition):
                return 0  # a scalar that weighs nothing, or lists of it
            return lambda variables: self._value(variables.get(name), definition)
        if isinstance(value, NullValueNode):
            return 0
        if isinstance(value, ListValueNode):
            return _sum(self._argument(one, definition) for one in value.values)
        if isinstance(value, ObjectValueNode):
            inputs = self._inputs(definition)
            below = [
                self._argument(one.value, inputs[one.name.value])
                for one in value.fields
                if one.name.value in inputs
            ]
            return _sum([self._input_weight(definition), *below])
        return self._input_weight(definition)

    def _value(self, value: Any, definition: InputValue) -> int:
        if value is None:
            return 0
        if isinstance(value, list):
            return sum(self._value(one, definition) for one in value)
        inputs = self._inputs(definition)
        if not isinstance(value, Mapping) or not inputs:
            return self._input_weight(definition)
        below = (self._value(inner, inputs[name]) for name, inner in value.items() if name in inputs)
        return self._input_weight(definition) + sum(below)

    def _inputs(self, definition: InputValue) -> Mapping[str, InputValue]:
        type_ = self.supergraph.types.get(named_type(definition.type))
        return type_.inputs if type_ is not None else {}

    def _input_weight(self, definition: InputValue) -> int:
        return self._type_weight(named_type(definition.type)) if definition.cost is None else definition.cost


def _slicing(one: Field, definition: Definition, path: str) -> Callable[[Variables], int | None]:
    """Reads a slicing argument: given, or else its default."""
    name, *inner = path.split(".")
    argument, node = definition.arguments.get(name), one.arguments.get(name)
    default = _number(_plain(argument.default if argument is not None else None, {}), inner)
    if node is None:
        return lambda variables: default
    if not _varies(node):
        fixed = _number(_plain(node, {}), inner)
        return lambda variables: fixed
    if not isinstance(node, VariableNode):
        return lambda variables: _number(_plain(node, variables), inner)
    variable = node.name.value

    def read(variables: Variables) -> int | None:
        return _number(variables[variable], inner) if variable in variables else default

    return read


def _plain(node: ValueNode | None, variables: Variables) -> Any:
    return None if node is None else value_from_ast_untyped(node, dict(variables))


def _number(value: Any, inner: list[str]) -> int | None:
    """The number at a path inside a value, if there is one."""
    for name in inner:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, int) else None


def _varies(node: ValueNode | None) -> bool:
    """Whether a value as written has variables in it."""
    if isinstance(node, ListValueNode):
        return any(map(_varies, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_varies(one.value) for one in node.fields)
    return isinstance(node, VariableNode)


def _sizeless(key: str, names: str, found: int) -> DocumentError:
    message = (
        f"{key} needs exactly one of the arguments {names}, so that its size is known; {found} were given."
    )
    extensions = {"code": COST_UNKNOWN, "field": key, "arguments": names, "found": found}
    return DocumentError(COST_UNKNOWN, [{"message": message, "extensions": extensions}])


def _is_list(type_: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(type_))
