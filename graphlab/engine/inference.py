"""Shapes of everything, and every fault of a graph, found before any array exists.

Fast enough to run after each edit in the window's own process: given what was found of an earlier version, only what
an edit may have changed is looked at again. What one node's shapes and faults are is found in `finding`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from ..graph import Document, Graph, touched
from ..ops import Spec
from .finding import Finding, Problem, Sizes, find
from .flatten import End, Flat, FlatNode, flatten
from .ordering import arranged
from .sharing import share

Pairs = tuple[tuple[End, Any], ...]


class Basis(NamedTuple):
    """What the inference of the next version builds on: what was found of each node, in topological order.

    problems: those of the nodes, without one of the goal. scalars: the nodes that may be the goal. specs, learnables,
    unhealthy: as found node by node, before uses of groups share what they learn.
    """

    flat: Flat = Flat()
    findings: Mapping[str, Finding] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()
    scalars: tuple[str, ...] = ()
    specs: Mapping[End, Spec] = MappingProxyType({})
    learnables: Mapping[End, Sizes] = MappingProxyType({})
    unhealthy: frozenset[str] = frozenset()


@dataclass
class Inference:
    """What is known of a document without running it.

    nodes: all nodes by key, in topological order (see `flatten`); everything else here follows it. aliases: what stands
    for the outputs of groups, ports, reroute points and muted nodes. specs: of each healthy output, aliases too, by
    (key, output). learnables: the shapes of unplugged learnable sockets, by (key, socket). states: those of
    what ops keep from step to step, by (key, name). problems: every fault. unhealthy: nodes that cannot run, because of
    a fault of their own or of one upstream. goal: key of the scalar that training makes small, "" when there is none.
    """

    nodes: dict[str, FlatNode] = field(default_factory=dict)
    specs: dict[End, Spec] = field(default_factory=dict)
    learnables: dict[End, Sizes] = field(default_factory=dict)
    states: dict[End, Sizes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unhealthy: frozenset[str] = frozenset()
    goal: str = ""
    aliases: dict[End, End | None] = field(default_factory=dict)
    basis: Basis = field(default=Basis(), repr=False, compare=False)

    @cached_property
    def order(self) -> list[str]:
        """The keys of all nodes in the order in which the document wants them computed."""
        return arranged(self.nodes, self.basis.flat.document.training.order)

    @property
    def healthy(self) -> list[str]:
        """Those that can run, in that order."""
        return [key for key in self.order if key not in self.unhealthy]

    @property
    def scalars(self) -> tuple[str, ...]:
        """The nodes whose first output is one measured number, so that they may be the goal."""
        return self.basis.scalars

    def parameter_count(self, key: str) -> int:
        """How many learnable numbers the node owns."""
        return self._counts[key]

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The place of each node in that order, from 0."""
        return {key: k for k, key in enumerate(self.order)}

    @cached_property
    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for (owner, _), shape in self.learnables.items():
            counts[owner] += math.prod(shape)
        return counts

    @property
    def total_parameters(self) -> int:
        return self._counts.total()

    def problems_of(self, key: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.node_id == key)


def infer(source: Document | Graph, goal: str | None = None, previous: Inference | None = None) -> Inference:
    """Infers all shapes of a document (or graph). Never raises for a faulty graph: faults are in `.problems`.

    `goal` names a node to take instead of the document's own. `previous` is what was found of another version of the
    document; it makes no difference but to the time it takes.
    """
    document = source.document if isinstance(source, Graph) else source
    before = previous or Inference()
    flat = flatten(document, before.basis.flat)
    found = _together(flat, _look(flat, before), before)
    if not flat.is_plain and any(node.is_shared for node in flat.nodes.values()):
        share(found)
    wish = document.training.goal if goal is None else (document.node(goal).id if goal else "")
    _choose_goal(found, _behind(document, flat, wish))
    _know_aliases(found)
    return found


def _look(flat: Flat, before: Inference) -> dict[str, Finding]:
    """Finds anew what is another node than before, and what takes a value from one whose specs came out different."""
    stale = set(touched(before.basis.flat.nodes, flat.nodes))
    specs = dict(before.basis.specs) if stale else {}
    fresh: dict[str, Finding] = {}
    for key in flat.nodes if stale else ():
        if key not in stale:
            continue
        fresh[key] = new = find(flat.nodes[key], specs)
        old = before.basis.findings.get(key)
        # What takes a value of a node that is new is another node itself.
        if old is not None and old.specs != new.specs:
            stale |= flat.consumers(key)
            for end, _ in old.specs:
                del specs[end]
        specs.update(new.specs)
    return fresh


def _together(flat: Flat, fresh: dict[str, Finding], before: Inference) -> Inference:
    """What was found of all nodes, with what was found anew in its place; the goal is still to be chosen."""
    change = _Change.between(flat, fresh, before.basis.findings)
    findings, problems, scalars = change.findings, before.basis.problems, before.basis.scalars
    if change.affects(lambda finding: finding.problems):
        problems = tuple(problem for finding in findings.values() for problem in finding.problems)
    if change.affects(lambda finding: finding.is_scalar):
        scalars = tuple(key for key, finding in findings.items() if finding.is_scalar)
    basis = before.basis
    unhealthy = frozenset(key for key, finding in fresh.items() if not finding.is_healthy)
    unhealthy = basis.unhealthy - fresh.keys() - change.went.keys() | unhealthy
    specs = change.joined(basis.specs, lambda finding: finding.specs)
    learnables = change.joined(basis.learnables, lambda finding: finding.learnables)
    return Inference(
        nodes=flat.nodes,
        specs=specs if flat.is_plain else dict(specs),
        learnables=learnables if flat.is_plain else dict(learnables),
        states=change.joined(before.states, lambda finding: finding.states),
        problems=problems,
        unhealthy=unhealthy,
        aliases=flat.aliases,
        basis=Basis(flat, findings, problems, scalars, specs, learnables, unhealthy),
    )


def _behind(document: Document, flat: Flat, wish: str) -> str:
    """The node that computes the goal wished for: of a group, or of what only hands a value on, the one behind it."""
    node = document.nodes.get(wish)
    if wish in flat.nodes or node is None or not node.is_known:
        return wish
    ends = (flat.aliases.get((wish, output)) for output in node.make().results())
    return next((end[0] for end in ends if end is not None), wish)


def _know_aliases(found: Inference) -> None:
    """What stands for an output tells its spec."""
    for end, real in found.aliases.items():
        if real is not None and real in found.specs:
            found.specs[end] = found.specs[real]


class _Change(NamedTuple):
    """From the findings of before to those of now, which are `findings`, in topological order.

    came, went: what was found of nodes that are new or gone. again: what was and is found of those looked at again.
    keeps_order: those that stayed follow one another as they did, and what came comes last.
    """

    findings: Mapping[str, Finding]
    came: dict[str, Finding]
    went: dict[str, Finding]
    again: list[tuple[Finding, Finding]]
    keeps_order: bool

    @classmethod
    def between(cls, flat: Flat, fresh: dict[str, Finding], old: Mapping[str, Finding]) -> Self:
        findings = {**old, **fresh}
        is_any_gone = len(findings) > len(flat.nodes)
        went = {key: old[key] for key in old if key not in flat.nodes} if is_any_gone else {}
        for key in went:
            del findings[key]
        keeps_order = list(flat.nodes) == list(findings)
        if not keeps_order:
            findings = {key: findings[key] for key in flat.nodes}
        came = {key: fresh[key] for key in fresh if key not in old}
        return cls(findings, came, went, [(old[k], fresh[k]) for k in fresh if k in old], keeps_order)

    def affects(self, part: Callable[[Finding], Any]) -> bool:
        """Whether that part of all findings, strung together, may be another than it was."""
        stays = self.keeps_order and all(part(old) == part(new) for old, new in self.again)
        return not stays or any(map(part, (*self.came.values(), *self.went.values())))

    def joined(self, known: Mapping[End, Any], part: Callable[[Finding], Pairs]) -> dict[End, Any]:
        """That part of all findings as one dict; `known` is that of before, whose entries keep their places."""
        stay = (_ends(part(old)) == _ends(part(new)) for old, new in self.again)
        if not self.keeps_order or not all(stay):
            return dict(chain.from_iterable(map(part, self.findings.values())))
        found = dict(known)
        for finding in self.went.values():
            for end in _ends(part(finding)):
                del found[end]
        for finding in (*(new for _, new in self.again), *self.came.values()):
            found.update(part(finding))
        return found


def _ends(pairs: Pairs) -> list[End]:
    return [end for end, _ in pairs]


def _choose_goal(found: Inference, wish: str) -> None:
    """Sets `goal`: the node wished for when it can be one; without a wish, the last loss or scalar end."""
    if not wish:
        found.goal = _last_loss(found)
        return
    if wish not in found.nodes or wish in found.unhealthy:
        return
    finding, path = found.basis.findings[wish], found.nodes[wish].path
    if finding.is_scalar:
        found.goal = wish
    elif finding.is_healthy:
        spec = finding.specs[0][1] if finding.specs else None
        message = f"The goal must be one number; {path} is {spec}."
        found.problems += (Problem(wish, path, "", message, "Add a Sum, a Mean or a loss."),)


def _last_loss(found: Inference) -> str:
    """The last loss; without one, the last scalar that nothing takes, a computed one before one that lies about."""
    latest_first = [key for key in found.basis.scalars[::-1] if key not in found.unhealthy]

    def is_loss(key: str) -> bool:
        op = found.nodes[key].op
        return op is not None and op.scalar_loss

    def is_end(key: str) -> bool:
        return not found.basis.flat.consumers(key)

    def is_computed_end(key: str) -> bool:
        return bool(found.nodes[key].inputs) and is_end(key)

    kinds = (is_loss, is_computed_end, is_end)
    return next((key for is_kind in kinds for key in latest_first if is_kind(key)), "")
