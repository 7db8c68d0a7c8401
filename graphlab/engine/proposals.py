"""What is worth trying against a fault: edits that at the node itself, or at what feeds it, seem to make things fit.

There are two sources of ideas. Operations that say of themselves that they adapt values are put into the wires that
lead to the fault; params that say a size, an axis or a form are set to what is wired beside it, or said in the fault's
own words. The op alone is asked first whether that would do (`trial`), which is cheap; `fixes` then infers the whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import ShapeError
from ..graph import Document
from ..ops import Op, Spec, by_category, make
from .copy_faults import step_fixes, told_at
from .finding import Problem, kind_fits
from .flatten import End, FlatNode
from .inference import Inference
from .mending import Change, Fix, Insert, Place, Replace, carriers, node_at, place_of
from .trial import asked, drawn, outcome
from .variants import Clues, Setting, Words, settings, sizes_of, text_of, with_param

FARTHEST = 12  # nodes upstream of a fault that are looked at
Specs = Mapping[str, Spec]


class Proposal(NamedTuple):
    """A fix to be tried. rank: the smaller, the likelier. family: of several in one, the first that does is enough."""

    rank: float
    fix: Fix
    family: tuple[Any, ...]


class _Upstream(NamedTuple):
    """A node from which the faulty one is fed: by which of its outputs, into which socket, and how far away it is."""

    node: FlatNode
    op: Op
    end: End
    socket: str
    away: int


def proposals(document: Document, inference: Inference, problem: Problem) -> list[Proposal]:
    """What is worth trying, the likeliest first."""
    node = inference.nodes.get(problem.node_id)
    if node is None or node.op is None or node_at(document, place_of(node)) is None:
        return []
    ideas = _Ideas(document, inference, problem, node, node.op)
    if told_at(node.key) is not None:
        return list(ideas.around_copies())
    lacking = {s.name for s in node.op.sockets() if s.must_be_wired and s.name not in node.inputs}
    if problem.socket in lacking:
        return list(ideas.fewer_sockets())
    found = [
        *ideas.at_the_node(),
        *ideas.in_its_wires(),
        *ideas.at_sources(),
        *ideas.further_up(),
        *ideas.in_two_steps(),
    ]
    return sorted(found, key=lambda proposal: proposal.rank)


class _Ideas:
    """Thinks of proposals for one fault."""

    def __init__(
        self, document: Document, inference: Inference, problem: Problem, node: FlatNode, op: Op
    ) -> None:
        self._document, self._inference, self._node, self._op = document, inference, node, op
        self._at = place_of(node)
        self._specs = self._known(node)
        self._asked = asked(op, self._specs)
        wired = list(self._specs)
        self._faulty = [problem.socket] if problem.socket in wired else wired
        self._sockets = [*self._faulty, *(name for name in wired if name not in self._faulty)]
        self._words = Words(f"{problem.message} {problem.hint}")
        self._other_faults = {p.socket for p in inference.problems_of(node.key) if p != problem} - {""}

    def _known(self, node: FlatNode) -> dict[str, Spec]:
        specs = self._inference.specs
        return {
            socket: specs[end] for socket, end in drawn(self._inference.nodes, node).items() if end in specs
        }

    def _beside(self, socket: str) -> list[Spec]:
        """What else is wired to the faulty node, and what it asks for at that socket."""
        others = [spec for name, spec in self._specs.items() if name != socket]
        return [*others, *([self._asked[socket]] if socket in self._asked else [])]

    # What stands around the copies of a cell

    def around_copies(self) -> Iterator[Proposal]:
        """The Unroll node set to what it is given, or what feeds it to what is asked for."""
        for fix in step_fixes(self._node, self._specs):
            yield Proposal(0.0, fix, ("steps",))
        yield from self.at_sources()

    # Params

    def at_the_node(self) -> Iterator[Proposal]:
        """Its own params."""
        sizes = sizes_of([*self._specs.values(), *self._asked.values()])
        axes = max((spec.ndim for spec in self._specs.values()), default=0)
        for setting in settings(self._op, Clues(sizes, axes=axes), self._words):
            if self._suits(setting.op, self._specs):
                yield self._set(self._node, setting, setting.rank)
        for cls in _siblings(self._op):
            if self._suits(cls(), self._specs):
                fix = Fix(f"Replace by {cls.__name__}", "", (Replace(self._at, cls.__name__),))
                yield Proposal(2.2, fix, ("replace",))

    def fewer_sockets(self) -> Iterator[Proposal]:
        """As many sockets as there are wires, where one is left over."""
        name, wired = self._op.grows, len(drawn(self._inference.nodes, self._node))
        changed = with_param(self._op, name, wired) if name and wired else None
        if changed is not None and {s.name for s in changed.sockets()} == set(self._node.inputs):
            setting = Setting(self._op.params_of[name], wired, changed, 0.0, True)
            yield self._set(self._node, setting, 0.0)

    def at_sources(self) -> Iterator[Proposal]:
        """The params of what feeds it, near or far, that say the size, kind or form of what arrives."""
        for source in self._upstream():
            for setting, result in self._forms(source):
                near = source.away == 0
                if near and not self._suits(self._op, {**self._specs, source.socket: result}):
                    continue
                yield self._set(source.node, setting, setting.rank + 0.25 * source.away)

    def _forms(self, source: _Upstream) -> Iterator[tuple[Setting, Spec]]:
        """What of a source could be set so that something else comes out of it."""
        beside, here = self._beside(source.socket), self._specs[source.socket]
        own = set(sizes_of([here]))
        wanted = [size for size in sizes_of(beside) if size not in own]
        clues = Clues(wanted, own, beside)
        inputs, before = self._known(source.node), self._inference.specs.get(source.end)
        for setting in settings(source.op, clues, self._words):
            result = _result(setting.op, inputs, source.end[1])
            if result is not None and result != before:
                yield setting, result

    def _set(self, node: FlatNode, setting: Setting, rank: float) -> Proposal:
        at, name = place_of(node), setting.param.name
        whose = "" if node is self._node else f" of {self._name(node)}"
        label = f"Set {name}{whose} to {text_of(setting.value)}"
        return Proposal(rank, Fix(label, "", (Change(at, ((name, setting.value),)),)), ("set", at, name))

    def _name(self, node: FlatNode) -> str:
        """What to call a node: by its name on the sheet of the fault, by its path elsewhere."""
        return node.path.rpartition("/")[2] if place_of(node).path == self._at.path else node.path

    # Operations put into wires

    def in_its_wires(self) -> Iterator[Proposal]:
        """Between the faulty node and what feeds it, also outside the group that it stands in."""
        for socket in self._sockets:
            given, aside = self._specs[socket], 0.0 if socket in self._faulty else 0.5
            for op, result, rank in self._adapters(given, self._beside(socket)):
                if not self._suits(self._op, {**self._specs, socket: result}):
                    continue
                rank += aside + _merged(given, result)
                for k, wire in enumerate(carriers(self._document, self._at._replace(socket=socket))):
                    node = node_at(self._document, wire)
                    where = f" before {node.name}" if k and node is not None else ""
                    yield self._put(op, result, wire, rank + 0.5 * k, where)

    def further_up(self) -> Iterator[Proposal]:
        """Before one of the nodes upstream."""
        for source in self._upstream():
            inputs, before = self._known(source.node), self._inference.specs.get(source.end)
            for socket, given in inputs.items():
                for op, result, rank in self._adapters(given, ()):
                    after = _result(source.op, {**inputs, socket: result}, source.end[1])
                    if after is None or before is None or after == before:
                        continue
                    wire = place_of(source.node)._replace(socket=socket)
                    # The nearer to where the wrong shape comes from, the better, but before a layer that weighs it.
                    plain = not any(s.learnable for s in source.op.sockets())
                    rank += 0.5 - 0.1 * source.away + 0.3 * plain + _merged(before, after)
                    yield self._put(op, result, wire, rank, f" before {self._name(source.node)}")

    def _adapters(self, given: Spec, beside: Sequence[Spec]) -> Iterator[tuple[Op, Spec, float]]:
        """Ops that make another shape or kind of a value: (op, what it makes, rank); of equal results the first."""
        ways = [
            (cls.__name__, params, k)
            for family in by_category().values()
            for cls in family
            if cls.adapts
            for k, params in enumerate(cls.adaptations(given, beside))
        ]
        seen = {given}
        for name, params, k in sorted(ways, key=lambda way: len(way[1])):  # the plain ones first
            op = make(name, params)
            result = _result(op, {op.sockets()[0].name: given}, op.results()[0])
            if result is not None and result not in seen:
                seen.add(result)
                yield op, result, 2.2 + 0.1 * k - 1.5 * self._words.name(name)

    def _put(self, op: Op, result: Spec, wire: Place, rank: float, where: str) -> Proposal:
        name = type(op).__name__
        step = _insertion(op, wire)
        return Proposal(rank, Fix(f"Insert {name}{where}", str(result), (step,)), ("insert", name))

    # Two at once

    def in_two_steps(self) -> Iterator[Proposal]:
        """A source set to the other kind of numbers, and then its shape adapted, or set as well."""
        for source in self._upstream():
            for setting, result in self._forms(source) if not source.away else ():
                changed = {**self._specs, source.socket: result}
                other_kind = result.kind != self._specs[source.socket].kind
                asked_for = setting.said or not self._takes_kinds(self._specs)
                if not (other_kind and asked_for and self._takes_kinds(changed)):
                    continue
                if not self._suits(self._op, changed):
                    yield from self._then_inserted(source, setting, result)
                    yield from self._then_set(source, setting, result)

    def _takes_kinds(self, specs: Specs) -> bool:
        return all(kind_fits(s, specs[s.name]) for s in self._op.sockets() if s.name in specs)

    def _then_inserted(self, source: _Upstream, setting: Setting, result: Spec) -> Iterator[Proposal]:
        first, wire = self._set(source.node, setting, setting.rank), self._at._replace(socket=source.socket)
        for op, adapted, rank in self._adapters(result, self._beside(source.socket)):
            if self._suits(self._op, {**self._specs, source.socket: adapted}):
                name = type(op).__name__
                fix = Fix(
                    f"{first.fix.label}, insert {name}",
                    str(adapted),
                    (*first.fix.steps, _insertion(op, wire)),
                )
                yield Proposal(first.rank + rank, fix, (*first.family, name))

    def _then_set(self, source: _Upstream, first: Setting, result: Spec) -> Iterator[Proposal]:
        for second, after in self._forms(source._replace(op=first.op)):
            suits = self._suits(self._op, {**self._specs, source.socket: after})
            if second.param is first.param or after == result or not suits:
                continue
            names = first.param.name, second.param.name
            values = text_of(first.value), text_of(second.value)
            whole = ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
            label = f"Set {self._name(source.node)} to {whole}"
            at = place_of(source.node)
            step = Change(at, ((names[0], first.value), (names[1], second.value)))
            yield Proposal(first.rank + second.rank, Fix(label, "", (step,)), ("set", at, *names))

    # Around the node

    def _suits(self, op: Op, specs: Specs) -> bool:
        """Whether the op as such takes these inputs, but for its other faults, or too little is known to tell."""
        sockets = {socket.name for socket in op.sockets()}
        if not sockets >= set(drawn(self._inference.nodes, self._node)):
            return False
        try:
            outcome(op, specs)
        except ShapeError as error:
            return error.socket in self._other_faults
        return True

    def _upstream(self) -> Iterator[_Upstream]:
        """What the faulty node is fed by, nearest first, each node once."""
        nodes = self._inference.nodes
        queue = deque((self._node.inputs[socket], socket, 0) for socket in self._sockets)
        seen: set[str] = set()
        while queue and len(seen) < FARTHEST:
            end, socket, away = queue.popleft()
            node = nodes.get(end[0])
            if node is None or node.key in seen or node.op is None:
                continue
            seen.add(node.key)
            queue.extend((before, socket, away + 1) for before in drawn(self._inference.nodes, node).values())
            if node_at(self._document, place_of(node)) is not None:
                yield _Upstream(node, node.op, end, socket, away)


def _siblings(op: Op) -> list[type[Op]]:
    """The same operation for another number of axes: what BatchNorm1d is to BatchNorm2d."""
    name = _without_number(type(op).__name__)
    family = by_category().get(type(op).category, [])
    return [cls for cls in family if cls is not type(op) and _without_number(cls.__name__) == name]


def _without_number(name: str) -> str:
    return re.sub(r"\d+d$", "", name)


def _insertion(op: Op, wire: Place) -> Insert:
    usual = type(op).params_of
    params = tuple((name, value) for name, value in op.params.items() if value != usual[name].default)
    return Insert(wire, type(op).__name__, params, op.sockets()[0].name)


def _result(op: Op, specs: Specs, output: str) -> Spec | None:
    """What would come out there; None when the op refuses those inputs, or has no such output."""
    try:
        found = outcome(op, specs)
    except ShapeError:
        return None
    return dict(zip(op.results(), found or (), strict=False)).get(output)


def _merged(before: Spec, after: Spec) -> float:
    """What it costs a proposal that a fixed last size goes up in another: it was chosen, as that of classes is."""
    ends = [spec.shape[-1] for spec in (before, after) if spec.ndim]
    fixed = [size for size in ends if isinstance(size, int)]
    return 1.5 if after.ndim < before.ndim and len(set(fixed)) > 1 else 0.0
