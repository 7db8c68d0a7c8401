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
from typing import Any, NamedTuple

from ..graph import Document, Graph, touched
from ..ops import Spec
from .finding import Finding, Problem, Sizes, find
from .flatten import End, Flat, FlatNode, flatten

Pairs = tuple[tuple[End, Any], ...]


class Basis(NamedTuple):
    """What the inference of the next version builds on: what was found of each node, in topological order.

    problems: those of the nodes, without one of the goal. scalars: the nodes that may be the goal.
    """

    flat: Flat = Flat()
    findings: Mapping[str, Finding] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()
    scalars: tuple[str, ...] = ()


@dataclass
class Inference:
    """What is known of a document without running it.

    nodes: all nodes by key, in topological order; everything else here follows that order. specs: of each healthy
    output, by (key, output). learnables: the shapes of unplugged learnable sockets, by (key, socket). states: those of
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
    basis: Basis = field(default=Basis(), repr=False, compare=False)

    @property
    def order(self) -> list[str]:
        return list(self.nodes)

    @property
    def healthy(self) -> list[str]:
        return [key for key in self.nodes if key not in self.unhealthy]

    def parameter_count(self, key: str) -> int:
        """How many learnable numbers the node owns."""
        return self._counts[key]

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
    wish = document.training.goal if goal is None else (document.node(goal).id if goal else "")
    _choose_goal(found, wish)
    return found


def _look(flat: Flat, before: Inference) -> dict[str, Finding]:
    """Finds anew what is another node than before, and what takes a value from one whose specs came out different."""
    stale = set(touched(before.nodes, flat.nodes))
    specs = dict(before.specs) if stale else {}
    fresh: dict[str, Finding] = {}
    for key in flat.nodes if stale else ():
        if key not in stale:
            continue
        fresh[key] = new = find(flat.nodes[key], specs)
        old = before.basis.findings.get(key)
        if (
            old is not None and old.specs != new.specs
        ):  # what takes a value of a node that is new is new itself
            stale |= flat.consumers(key)
            for end, _ in old.specs:
                del specs[end]
        specs.update(new.specs)
    return fresh


def _together(flat: Flat, fresh: dict[str, Finding], before: Inference) -> Inference:
    """What was found of all nodes, with what was found anew in its place; the goal is still to be chosen."""
    old, basis = before.basis.findings, before.basis
    findings: Mapping[str, Finding] = {**old, **fresh}
    in_place = list(flat.nodes) == list(old)
    if not in_place:
        findings = {key: findings[key] for key in flat.nodes}

    def stays(part: Callable[[Finding], Any]) -> bool:
        """Whether all nodes follow one another as they did, and that part of them is what it was."""
        return in_place and all(part(fresh[key]) == part(old[key]) for key in fresh)

    def joined(part: Callable[[Finding], Pairs], known: dict[End, Any]) -> dict[End, Any]:
        if stays(lambda finding: [end for end, _ in part(finding)]):
            return known | dict(chain.from_iterable(map(part, fresh.values())))
        return dict(chain.from_iterable(map(part, findings.values())))

    problems, scalars, unhealthy = basis.problems, basis.scalars, before.unhealthy
    if not stays(lambda finding: finding.problems):
        problems = tuple(problem for finding in findings.values() for problem in finding.problems)
    if not stays(lambda finding: finding.is_scalar):
        scalars = tuple(key for key, finding in findings.items() if finding.is_scalar)
    if not stays(lambda finding: finding.is_healthy):
        unhealthy = frozenset(key for key, finding in findings.items() if not finding.is_healthy)
    return Inference(
        nodes=flat.nodes,
        specs=joined(lambda finding: finding.specs, before.specs),
        learnables=joined(lambda finding: finding.learnables, before.learnables),
        states=joined(lambda finding: finding.states, before.states),
        problems=problems,
        unhealthy=unhealthy,
        basis=Basis(flat, findings, problems, scalars),
    )


def _choose_goal(found: Inference, wish: str) -> None:
    """Sets `goal`: the node wished for when it can be one; without a wish, the last loss or scalar end."""
    if not wish:
        found.goal = _last_loss(found)
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
    scalars = found.basis.scalars[::-1]
    losses = (key for key in scalars if (op := found.nodes[key].op) is not None and op.scalar_loss)
    loss = next(losses, "")
    if loss:
        return loss
    ends = [key for key in scalars if not found.basis.flat.consumers(key)]
    computed = (key for key in ends if found.nodes[key].inputs)
    return next(computed, ends[0] if ends else "")
