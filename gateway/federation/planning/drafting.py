"""Drafts the fetches of an operation: decides for every field which subgraph is to give it.

  A. begin at the root position, whose objects every subgraph with root fields can give;
  B. at each branch take the fields with the fewest possible subgraphs first: they fix visits that
     the others can then share;
  C. list a field's options: the subgraphs that resolve it, each with the price of getting there
     (`routes`) and the guessed price of what is below (`estimate`); take the cheapest;
  D. follow the route, drafting the fetches it needs: a visit from above, a root fetch, or an entity
     fetch, joined to one that is drafted for the same position unless each would wait for the other;
  E. what a field requires is wanted first, of the same branch, and goes into the representation;
  F. go down: the field's child position is visited by the draft that selects the field.

A mutation's root fields are drafted one after the other; each draft waits for all before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from graphql import FieldNode, NameNode, SelectionSetNode, VariableNode

from gateway.federation.composition.read_supergraph import read_field_set
from gateway.federation.composition.supergraph import ContextArgument, FieldJoin
from gateway.federation.document.operation import ALWAYS, Conditions, Operation
from gateway.federation.errors import PLAN_LIMIT_EXCEEDED, PlanningError
from gateway.federation.planning.ancestors import context_branch
from gateway.federation.planning.capability import Capabilities, named_type
from gateway.federation.planning.draft import (
    Branch,
    Context,
    Draft,
    KeyField,
    Node,
    Position,
    Visit,
    widen,
)
from gateway.federation.planning.estimate import Estimates
from gateway.federation.planning.naming import contradict, name_entities
from gateway.federation.planning.options import Options
from gateway.federation.planning.plan import OperationKind
from gateway.federation.planning.positions import Positions
from gateway.federation.planning.refusals import no_type, no_way
from gateway.federation.planning.routes import Route, Routes

WORK_LIMIT: Final = 20_000
"""Pieces of work (branches laid out, guesses made, rounds of a search) that one operation may cost."""


@dataclass(slots=True)
class Drafting:
    """The drafting of one operation. `draft()` fills `root` and `drafts`."""

    capabilities: Capabilities
    operation: Operation
    work_limit: int = WORK_LIMIT
    drafts: list[Draft] = field(default_factory=list)
    positions: Positions = field(init=False)
    estimates: Estimates = field(init=False)
    routes: Routes = field(init=False)
    options: Options = field(init=False)
    root: Position = field(init=False)
    _work: int = 0
    _variables: int = 0
    _in_progress: set[Node] = field(default_factory=set)

    def draft(self) -> None:
        """Raises `PlanningError` (PLAN_IMPOSSIBLE, PLAN_LIMIT_EXCEEDED)."""
        self.positions = Positions(self.capabilities, self._tick)
        self.estimates = Estimates(self.capabilities, self._tick)
        query_root = self.capabilities.supergraph.roots.get("query", "")
        self.routes = Routes(self.capabilities, self.estimates, query_root, self._tick)
        self.options = Options(
            self.capabilities, self.positions, self.estimates, self.routes, self.kind == "query"
        )
        self.root = self.positions.root(self.operation.selections)
        branch = self.root.branches[0]
        if self.kind == "query":
            self._complete(branch)
        else:
            self._complete_in_order(branch)

    @property
    def kind(self) -> OperationKind:
        return self.operation.kind.value

    def _tick(self) -> None:
        self._work += 1
        if self._work > self.work_limit:
            message = "The operation is too complex to plan. Ask for fewer fields or types at once."
            raise PlanningError(PLAN_LIMIT_EXCEEDED, message)

    # A

    def _complete_in_order(self, branch: Branch) -> None:
        current: Visit | None = None
        for node in list(branch.nodes.values()):
            options = self.options.all(branch, node)
            if current is None or current.draft.subgraph not in options:
                subgraph = min(options, key=lambda one: options[one], default=None)
                if subgraph is None:
                    raise no_way(node)
                current = self._root_visit(branch, subgraph, self.kind, self.drafts)
            self._select(current, branch, node, node.conditions)
            self._go_down(node)

    def _root_visit(
        self, branch: Branch, subgraph: str, kind: OperationKind, after: Iterable[Draft] = ()
    ) -> Visit:
        draft = self._new_draft(subgraph, kind, after)
        draft.entry = Visit(draft, branch.position, branch.type, typed=True)
        self._arrive(draft.entry, branch)
        return draft.entry

    # B

    def _complete(self, branch: Branch) -> None:
        if branch.typename or branch.position.told_apart:
            self._learn_type(branch)
        nodes = list(branch.nodes.values())
        counts = {node: sum(1 for _ in self.capabilities.resolvers(branch.type, node.name)) for node in nodes}
        for node in sorted(nodes, key=lambda one: counts[one]):
            self._resolve(branch, node, node.conditions)
        for node in nodes:
            self._go_down(node)

    def _go_down(self, node: Node) -> None:
        if node.child is not None:
            for branch in node.child.branches:
                if branch.visits:
                    self._complete(branch)

    def _learn_type(self, branch: Branch) -> None:
        if not branch.position.abstract or any(visit.typed for visit in branch.visits):
            return
        routes = self.routes.all(branch)
        typed = [routes[name] for name in routes if self.capabilities.is_typed(name, branch.type)]
        if typed:
            cheapest = min(typed, key=lambda route: route.price)
            self._ask_type(self._follow(branch, cheapest, ALWAYS), branch)
        elif branch.typename:
            raise no_type(branch)

    def _ask_type(self, visit: Visit, branch: Branch) -> None:
        """Have the visit tell the type, whatever the conditions of its fields are."""
        visit.learns_type = True
        self._widen_needed(visit, branch, ALWAYS)

    # C

    def _resolve(self, branch: Branch, node: Node, conditions: Conditions) -> None:
        if node.sources:
            self._widen(node, conditions)
            return
        if node in self._in_progress:
            raise no_way(node)
        self._in_progress.add(node)
        options = self.options.all(branch, node)
        if not options:
            raise no_way(node)
        subgraph = min(options, key=lambda one: options[one])
        join = self.capabilities.join(subgraph, branch.type, node.name)
        route = self.options.route(branch, node, subgraph, join) if join is not None else None
        if join is None or route is None:
            raise no_way(node)
        if join.needs_more and route.visit is None:
            visit = self._visit_with(branch, subgraph, join, node, conditions)
        else:
            visit = self._follow(branch, route, conditions)
        self._select(visit, branch, node, conditions)
        self._in_progress.discard(node)

    # D

    def _follow(self, branch: Branch, route: Route, conditions: Conditions) -> Visit:
        if route.visit is not None:
            return route.visit
        if route.entry is not None:
            return self._enter(branch, route, conditions)
        if route.above:
            return self._from_above(branch, route.subgraph)
        visit = self._root_visit(branch, route.subgraph, "query")
        if branch.position.node is not None:
            visit.draft.wait_for(min((s.draft for s in branch.position.node.sources), key=lambda d: d.level))
        return visit

    def _from_above(self, branch: Branch, subgraph: str) -> Visit:
        node, parent = branch.position.node, branch.position.parent
        if node is None or parent is None:
            raise no_type(branch)
        visit = self._follow(parent, self.routes.all(parent)[subgraph], node.conditions)
        child = self._select(visit, parent, node, node.conditions)
        if child is None:
            raise no_way(node)
        return child

    def _enter(
        self,
        branch: Branch,
        route: Route,
        conditions: Conditions,
        required: list[KeyField] | None = None,
        providers: Iterable[Draft] = (),
    ) -> Visit:
        """The visit of an entity fetch at the branch's position, its representation naming all it must."""
        if route.entry is None:
            raise no_type(branch)
        after = dict.fromkeys(providers)
        key: list[KeyField] = []
        needed: list[Node] = []
        for source in route.sources:
            source_route = self.routes.all(branch)[source.subgraph]
            visit = self._follow(branch, source_route, conditions)
            if source.node is None:
                self._ask_type(visit, branch)
            else:
                key.append(self._read_key(visit, branch, source.node, conditions, after))
                needed.append(key[-1].node)
            after[visit.draft] = None
        draft = self._joinable(branch, route.subgraph, after, required or []) or self._entity_draft(
            branch, route.subgraph
        )
        for one in after:
            draft.wait_for(one)
        draft.needed.update(dict.fromkeys(needed))
        draft.needed.update(dict.fromkeys(one.node for one in required or ()))
        for selected in list(draft.entry.selected.get(branch, {}).values()):
            # A draft that was joined may be sent when the new field is not: it must still be named whole.
            self._widen_needed(draft.entry, branch, selected.conditions)
        if draft.entry.learns_type:
            self._widen_needed(draft.entry, branch, ALWAYS)
        name_entities(draft, branch, route.entry, route.by_type, key, required or [])
        self._arrive(draft.entry, branch)
        return draft.entry

    def _joinable(
        self, branch: Branch, subgraph: str, after: Iterable[Draft], required: list[KeyField]
    ) -> Draft | None:
        for draft in branch.position.drafts:
            if (
                draft.subgraph == subgraph
                and not any(one.depends_on(draft) for one in after)
                and not any(contradict(naming.required, required) for naming in draft.namings_of(branch))
            ):
                return draft
        return None

    def _entity_draft(self, branch: Branch, subgraph: str) -> Draft:
        draft = self._new_draft(subgraph, "query")
        known = self.capabilities.known_as(subgraph, branch.type) or branch.type
        typed = self.capabilities.is_typed(subgraph, branch.type)
        draft.entry = Visit(draft, branch.position, known, typed)
        branch.position.drafts.append(draft)
        return draft

    def _read_key(
        self,
        visit: Visit,
        branch: Branch,
        ast: FieldNode,
        conditions: Conditions,
        providers: dict[Draft, None],
    ) -> KeyField:
        """Have a key's field read from the visit; what is below it and cannot be, from wherever it can."""
        arguments = {one.name.value: one.value for one in ast.arguments or ()}
        node = self.positions.wanted(branch, ast.name.value, arguments, conditions)
        child = self._select(visit, branch, node, conditions)
        providers[visit.draft] = None
        parts: list[tuple[Branch, list[KeyField]]] = []
        if child is not None and ast.selection_set is not None:
            reached = [below for below in child.position.branches if child in below.visits]
            parts = [(one, self._read_below(child, one, ast.selection_set, providers)) for one in reached]
        return KeyField(ast.name.value, node, parts)

    def _read_below(
        self, visit: Visit, branch: Branch, selections: SelectionSetNode, providers: dict[Draft, None]
    ) -> list[KeyField]:
        found = []
        for ast in self.capabilities.flat(selections, branch.type):
            name = ast.name.value
            if self.routes.can_select(visit, visit.draft.subgraph, branch, name):
                found.append(self._read_key(visit, branch, ast, ALWAYS, providers))
            elif name != "__typename":
                one = SelectionSetNode(selections=(ast,))
                found.extend(self._want(branch, one, ALWAYS, providers))
        return found

    # E

    def _visit_with(
        self, branch: Branch, subgraph: str, join: FieldJoin, node: Node, conditions: Conditions
    ) -> Visit:
        providers: dict[Draft, None] = {}
        wanted = join.requires.selections if join.requires is not None else SelectionSetNode(selections=())
        required = self._want(branch, wanted, conditions, providers)
        contexts = [self._context(branch, node, one, providers) for one in join.context_arguments]
        route = self.routes.by_key(branch, subgraph)
        if route is None:
            raise no_way(node)
        visit = self._enter(branch, route, conditions, required, providers)
        visit.draft.contexts.extend(contexts)
        return visit

    def _context(
        self, branch: Branch, node: Node, argument: ContextArgument, providers: dict[Draft, None]
    ) -> Context:
        """Have an argument's value resolved on the object above that is its context."""
        above = context_branch(self.capabilities, branch, argument.context)
        selections = read_field_set(argument.selection).selections
        fields = self._want(above, selections, ALWAYS, providers) if above is not None else []
        if above is None or not fields:
            raise no_way(node)
        self._variables += 1
        variable = f"_{argument.name}_{self._variables}"
        node.arguments = {**node.arguments, argument.name: VariableNode(name=NameNode(value=variable))}
        return Context(variable, argument.type, above, fields[0])

    def _want(
        self,
        branch: Branch,
        selections: SelectionSetNode,
        conditions: Conditions,
        providers: dict[Draft, None],
    ) -> list[KeyField]:
        """Have a required selection resolved, from wherever; `providers` collects the drafts that give it."""
        found = []
        for ast in self.capabilities.flat(selections, branch.type):
            if ast.name.value == "__typename":
                continue
            arguments = {one.name.value: one.value for one in ast.arguments or ()}
            node = self.positions.wanted(branch, ast.name.value, arguments, conditions)
            self._resolve(branch, node, conditions)
            providers[node.sources[0].draft] = None
            parts: list[tuple[Branch, list[KeyField]]] = []
            if ast.selection_set is not None:
                reached = [below for below in self.positions.below(node).branches if below.visits]
                parts = [(one, self._want(one, ast.selection_set, ALWAYS, providers)) for one in reached]
            found.append(KeyField(ast.name.value, node, parts))
        return found

    # F

    def _select(self, visit: Visit, branch: Branch, node: Node, conditions: Conditions) -> Visit | None:
        """Have the visit select the node; the visit of the node's child position, if it has one."""
        known = visit.find(branch, node)
        if known is not None:
            self._widen(node, conditions)
            return known.visit
        self._widen_needed(visit, branch, conditions)
        subgraph = visit.draft.subgraph
        join = self.capabilities.join(subgraph, branch.type, node.name)
        definition = self.capabilities.field_type(branch.type, node.name)
        kind = self.capabilities.supergraph.types.get(named_type(definition))
        if join is None or kind is None or not (kind.fields or kind.members):
            visit.select(branch, node, conditions, None)
            return None
        position = self.positions.below(node)
        provided = self.capabilities.provided(visit.provided, branch.type, node.name) or ()
        if join.provides is not None:
            provided = (*provided, join.provides.selections)
        name = named_type(join.type)
        members = self.options.members(branch, node, subgraph)
        typed = any(self.capabilities.is_typed(subgraph, member) for member in members)
        child = Visit(visit.draft, position, name, typed, provided)
        visit.select(branch, node, conditions, child)
        for below in position.branches:
            if below.type in members:
                below.visits.append(child)
        return child

    def _arrive(self, visit: Visit, branch: Branch) -> None:
        if visit not in branch.visits:
            branch.visits.append(visit)

    def _widen(self, node: Node, conditions: Conditions) -> None:
        """Let the node be fetched under these conditions too, and with it all that its fetch is named by."""
        for visit in node.sources:
            selected = visit.find(node.branch, node)
            if selected is None or (wider := widen(selected.conditions, conditions)) == selected.conditions:
                continue
            selected.conditions = wider
            self._widen_needed(visit, node.branch, conditions)

    def _widen_needed(self, visit: Visit, branch: Branch, conditions: Conditions) -> None:
        if visit is visit.draft.entry:
            for needed in visit.draft.needed:
                if needed.branch is branch:
                    self._widen(needed, conditions)

    def _new_draft(self, subgraph: str, kind: OperationKind, after: Iterable[Draft] = ()) -> Draft:
        draft = Draft(len(self.drafts), subgraph, kind)
        for one in after:
            draft.wait_for(one)
        self.drafts.append(draft)
        return draft
